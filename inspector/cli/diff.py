"""`inspector diff`: what an update changes."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from inspector.cli.exit_codes import RATINGS, Exit
from inspector.cli.outputs import Target, targets, write
from inspector.cli.policy import wants_color
from inspector.cli.profiles import Source

FORMATS: Final = ("terminal", "json", "html")


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help="terminal, json or html.")
@click.option("--fail-on-new", type=click.Choice(RATINGS[1:]), help="Exit 1 when something new is rated so or higher.")
@click.option("--lang", type=click.Choice(["en", "cs"]), default="en", show_default=True, help="Language of the page.")
def command(old: Path, new: Path, formats: tuple[str, ...], fail_on_new: str | None, lang: str) -> None:
    """Compare OLD and NEW, each an artifact or a profile, and show what came, went and changed."""
    from inspector.profile.diff import difference, worst_news

    outputs = targets(formats, FORMATS) or [Target("terminal")]
    source = Source()
    before, after = source.profile(old), source.profile(new)
    diff = difference(before, after)
    for name, target in outputs:
        write(_rendered(name, diff, lang, target is None), target)
    if "failed" in (before["verdict"]["status"], after["verdict"]["status"]):
        sys.exit(Exit.FAILED)
    if fail_on_new and worst_news(diff).rank >= RATINGS.index(fail_on_new):
        sys.exit(Exit.POLICY)


def _rendered(name: str, diff: Mapping[str, Any], language: str, on_stdout: bool) -> str:
    if name == "json":
        from inspector.report.json import written

        return written(diff).decode()
    if name == "html":
        from inspector.report.diff_page import render_diff_page

        return render_diff_page(diff, language)
    from inspector.report.diff import render_diff

    return render_diff(diff, on_stdout and wants_color())
