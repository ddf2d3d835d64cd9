"""`inspector selftest`: replay hostile files on this machine and print what held."""

import sys

import click

from inspector.cli.exit_codes import Exit


@click.command("selftest")
@click.argument("words", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Include the slow ones.")
@click.option("--without-sandbox", is_flag=True, help="Run even where the sandbox is incomplete.")
@click.option("-v", "--verbose", is_flag=True, help="Show what the children log.")
def command(words: tuple[str, ...], everything: bool, without_sandbox: bool, verbose: bool) -> None:
    """Attack this installation with its own corpus of hostile files and broken readers.

    With WORDS only attacks whose number or title holds one of them. Exit 3 when something did not hold.
    """
    import logging

    from inspector.knowledge import load_knowledge
    from inspector.knowledge.addresses import AddressTables
    from inspector.report.printable import printable
    from inspector.selftest import ATTACKS
    from inspector.selftest.mock import MockToolbox
    from inspector.selftest.replay import replay

    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL, stream=sys.stderr)
    chosen = [
        attack for attack in ATTACKS if (everything or not attack.slow) and _wanted(attack.id + attack.title, words)
    ]
    knowledge = load_knowledge(())
    toolbox = MockToolbox(knowledge, AddressTables(knowledge))
    broken = 0
    for verdict in replay(chosen, toolbox, require_sandbox=not without_sandbox):
        broken += bool(verdict.complaints)
        word = "BROKEN" if verdict.complaints else "held"
        click.echo(f"{word:7}{verdict.attack.id:24}{verdict.seconds:6.1f} s  {verdict.attack.title}")
        for complaint in verdict.complaints:
            click.echo(f"       {printable(complaint)}")
    click.echo(f"{len(chosen) - broken} of {len(chosen)} held.")
    sys.exit(Exit.FAILED if broken else Exit.NOTHING if not chosen else Exit.DONE)


def _wanted(text: str, words: tuple[str, ...]) -> bool:
    return not words or any(word.lower() in text.lower() for word in words)
