"""The command group. Commands load when they are called: `--help` costs no more than click itself."""

import atexit
import contextlib
import gc
import importlib
import logging
import os
import sys
from typing import Any, Final, NoReturn

import click

from inspector import __version__
from inspector.cli.exit_codes import Exit

logger = logging.getLogger(__name__)

COMMANDS: Final = {
    "scan": "Inspect files and directories.",
    "diff": "Compare two artifacts or profiles.",
    "explain": "Show the whole chain behind a finding, and check it.",
    "report": "Write saved profiles in another format.",
    "formats": "List the formats that are read, and how far.",
    "lookup": "Say who is behind a host, an address, a package, a library.",
    "bundle": "Put a profile, its reports and a signed statement into one zip.",
    "verify": "Check such a bundle; with the artifact, inspect it again and compare.",
    "completion": "Print the completion script of a shell.",
    "doctor": "Show what this machine offers: sandbox, engines, external extractors.",
    "selftest": "Attack this installation with hostile files and show what holds.",
    "signatures": "Look at the knowledge base, check it, import other lists.",
}
"""Name → short help; each lives in `inspector.cli.<name>` as `command`."""


COLLECT_AFTER: Final = 50_000
"""New objects after which cycles are looked for: what loads at the start makes many objects and hardly a cycle."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command runs or shows its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"inspector.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of its output that has seen enough is no error.

        Click itself would end with 1, which says that a policy was hit.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            from inspector.cli.outputs import to_nowhere

            to_nowhere()
            sys.exit(Exit.DONE)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="inspector")
def cli() -> None:
    """Inspect firmware images and mobile apps before they are put into service.

    The answer: what leads to the People's Republic of China or to entities based there, where exactly the evidence is,
    and what could not be seen.
    """


def main() -> Any:
    """Run the command line; errors become one line on stderr, never a traceback (`-vv` shows that of a bug)."""
    from inspector.errors import InspectorError

    gc.set_threshold(COLLECT_AFTER)
    atexit.register(gc.freeze)  # what is loaded need not be searched for cycles once more before it goes
    _fill_standard_streams()
    try:
        return cli(prog_name="inspector")
    except InspectorError as error:
        _end(Exit.USAGE, str(error))
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:  # left alone, Python would exit with 1, which says that a policy was hit
        logger.debug("internal error", exc_info=True)
        _end(Exit.FAILED, f"internal error: {type(error).__name__}: {error}")


def _end(code: Exit, message: str) -> NoReturn:
    with contextlib.suppress(OSError):  # the log may lie on the disk that is full
        click.echo(f"inspector: {message}", err=True)
    sys.exit(code)


def _fill_standard_streams() -> None:
    """Put something in the place of standard streams that are closed: their numbers must not go to a child's pipes.

    What is written to a closed standard output fails, as with other programs; messages and progress are just lost.
    """
    for number, name, flags in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        if getattr(sys, name) is None and os.open(os.devnull, flags) == number:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115 - as long as we live
