"""`inspector report`: saved profiles in any format, without inspecting again."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from inspector.cli.inputs import Input
from inspector.cli.outputs import Outputs, Target, targets
from inspector.errors import UsageError


@click.command("report")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help="Output; repeat for several.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for one report each.")
@click.option("--lang", type=click.Choice(["en", "cs"]), default="en", show_default=True, help="Language of reports.")
@click.option("--answers", type=click.Path(path_type=Path, dir_okay=False), help="TOML file with the vendor's answers.")
@click.option("--include-shared", is_flag=True, help="Block lists also name hosts that serve others than the vendor.")
def command(paths: Sequence[Path], **chosen: Any) -> None:
    """Render the profiles in PATHS (files, or folders of .json) again. They are checked as untrusted input."""
    from inspector.profile.stored import read_profile
    from inspector.report.questions import load_answers

    answers = load_answers(chosen["answers"]) if chosen["answers"] else {}
    wanted = targets(chosen["formats"]) or [Target("terminal")]
    outputs = Outputs(wanted, chosen["output"], chosen["lang"], answers=answers, shared_too=chosen["include_shared"])
    files = list(_files(paths))
    if len(files) > 1:
        outputs.refuse_collisions()
    try:
        for path in files:
            outputs.write(read_profile(path), Input(path, Path(path.stem)))
        outputs.close()
    except BaseException:
        outputs.abandon()
        raise


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.json"))
            if not found:
                raise UsageError(f"no profiles (*.json) in {str(path)!r}")
            yield from found
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"no such file: {str(path)!r}")
