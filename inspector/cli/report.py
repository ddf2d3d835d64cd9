"""`inspector report`: saved profiles in any format, without inspecting again."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from inspector.cli.exit_codes import Exit, worst
from inspector.cli.inputs import Input, NamedPath
from inspector.cli.outputs import Outputs, Target, targets
from inspector.cli.policy import announce, gate, policy_options
from inspector.cli.roll_up import FORMATS, roll_up
from inspector.errors import UsageError, no_file


@click.command("report")
@click.argument("paths", nargs=-1, required=True, type=NamedPath())
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help="Output; repeat for several.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for one report each.")
@click.option("--lang", type=click.Choice(["en", "cs"]), default="en", show_default=True, help="Language of reports.")
@click.option("--answers", type=click.Path(path_type=Path, dir_okay=False), help="TOML file with the vendor's answers.")
@click.option("--each", is_flag=True, help="Report each profile of a folder instead of all of them together.")
@policy_options
@click.option("--include-shared", is_flag=True, help="Block lists also name hosts that serve others than the vendor.")
def command(paths: Sequence[Path], **chosen: Any) -> None:
    """Render the profiles in PATHS (files, or folders with all .json below them) again, checked as untrusted input.

    A folder makes one roll-up of all its profiles (terminal, json, html): who appears where, what is shared, the worst
    first. With -o, --each or another format there is one report for each profile.
    """
    from inspector.profile.stored import read_stored
    from inspector.report.questions import load_answers

    answers = load_answers(chosen["answers"]) if chosen["answers"] else {}
    wanted = targets(chosen["formats"]) or [Target("terminal")]
    decider = gate(chosen)
    if _together(paths, wanted, chosen):
        documents = roll_up(list(_files(paths)), wanted, chosen["lang"])
        _end([announce(decider.decide(document), document) for document in documents] if decider else [])
        return
    outputs = Outputs(wanted, chosen["output"], chosen["lang"], answers=answers, shared_too=chosen["include_shared"])
    files = list(_files(paths))
    if len(files) > 1:
        outputs.refuse_collisions()
    try:
        codes = []
        unmatched = set(answers)
        for path, label in files:
            document, original = read_stored(path)
            unmatched -= {finding["id"] for finding in document["findings"]}
            outputs.write(document, Input(path, label), original)
            if decider is not None:
                codes.append(announce(decider.decide(document), document, on_stdout=outputs.on_terminal))
        outputs.close()
        if unmatched:
            click.echo(
                f"inspector: answers to findings that no profile here has: {', '.join(sorted(unmatched))}", err=True
            )
    except BaseException:
        outputs.abandon()
        raise
    _end(codes)


def _end(codes: Sequence[Exit]) -> None:
    if code := worst(codes):
        sys.exit(code)


def _together(paths: Sequence[Path], wanted: Sequence[Target], chosen: dict[str, Any]) -> bool:
    """Tell whether to roll up: a folder is named, and nothing asks for single reports."""
    single = chosen["each"] or chosen["output"] or any(target.format not in FORMATS for target in wanted)
    return not single and any(path.is_dir() for path in paths)


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield each profile with the path its reports go by; `scan -o` mirrors folders, so a folder means all below it."""
    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*.json") if one.is_file())
            if not found:
                raise UsageError(f"no profiles (*.json) in {str(path)!r}")
            yield from ((one, one.relative_to(path).with_suffix("")) for one in found)
        elif path.is_file():
            yield path, Path(path.stem)
        else:
            raise no_file(path)
