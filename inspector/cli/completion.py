"""`inspector completion`: the script that lets a shell complete commands, options and their values."""

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash  inspector completion bash > ~/.local/share/bash-completion/completions/inspector
    zsh   inspector completion zsh > "${fpath[1]}/_inspector"
    fish  inspector completion fish > ~/.config/fish/completions/inspector.fish
    """
    from click.shell_completion import get_completion_class

    from inspector.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(cli, {}, "inspector", "_INSPECTOR_COMPLETE").source())
