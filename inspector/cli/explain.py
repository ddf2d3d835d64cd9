"""`inspector explain`: the whole chain behind one finding."""

import sys
from pathlib import Path
from typing import Any

import click

from inspector.cli.exit_codes import Exit
from inspector.cli.outputs import Target, targets, write
from inspector.cli.policy import wants_color
from inspector.errors import UsageError

NOT_THERE = frozenset({"differs", "not-reached"})


@click.command("explain")
@click.argument("profile", type=click.Path(path_type=Path))
@click.argument("finding")
@click.argument("artifact", type=click.Path(path_type=Path), required=False)
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help="terminal or json.")
@click.option(
    "-n", "--evidence", "most", type=click.IntRange(1, 50), default=5, show_default=True, help="Pieces shown."
)
@click.option("--code", is_flag=True, help="With ARTIFACT: show the code there, as androguard or LIEF reads it.")
def command(
    profile: Path, finding: str, artifact: Path | None, formats: tuple[str, ...], most: int, code: bool
) -> None:
    """Show why FINDING (an id, its beginning, or a subject) stands in PROFILE, and how to check it by hand.

    With ARTIFACT its bytes are read again at every place shown; exit code 3 says that they are not there.
    """
    from inspector.knowledge import load_knowledge
    from inspector.profile.explain import explain, find_finding
    from inspector.profile.stored import read_profile

    outputs = targets(formats, ("terminal", "json")) or [Target("terminal")]
    document = read_profile(profile)
    told = explain(document, find_finding(document, finding), load_knowledge(()), most)
    if artifact is not None:
        _read_again(told, artifact, {node["format"] for node in document["tree"]}, code=code)
    for name, target in outputs:
        write(_rendered(name, told, target is None), target)
    if any(item.get("reread", {}).get("found") in NOT_THERE for item in told["evidence"]):
        sys.exit(Exit.FAILED)


def _read_again(told: dict[str, Any], artifact: Path, formats: set[str], *, code: bool) -> None:
    """Add to each evidence what stands at its place now, and make its lines to check by hand as whole as can be."""
    from inspector.folders import as_source, home_of
    from inspector.profile.by_hand import lines
    from inspector.reread import file_sha256, reread

    try:
        if file_sha256(artifact) != told["artifact"]["sha256"]:
            told["notes"].append("This artifact is not the one of the profile: its SHA-256 differs.")
        results = reread(artifact, told["artifact"]["name"], told["evidence"], code=code)
    except OSError as error:
        raise UsageError(f"cannot read {str(artifact)!r}: {error.strerror}") from error
    folder = home_of(as_source(artifact))
    for item, result in zip(told["evidence"], results, strict=True):
        item["reread"] = {"found": result.found, "start": result.start, "hex": result.raw.hex()}
        item["code"] = list(result.code)
        place = item["location"]
        item["by_hand"] = lines(place["path"], place["offset"], formats, result.cuts, str(folder or ""))


def _rendered(name: str, told: dict[str, Any], on_stdout: bool) -> str:
    if name == "json":
        from inspector.report.json import written

        return written(told).decode()
    from inspector.report.explain import render_explanation

    return render_explanation(told, on_stdout and wants_color())
