"""One report over many profiles: what `inspector report` does with a folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from inspector.cli.outputs import Target, write
from inspector.cli.policy import wants_color

FORMATS: Final = ("terminal", "json", "html")


def roll_up(files: Sequence[tuple[Path, Path]], outputs: Sequence[Target], language: str) -> list[dict[str, Any]]:
    """Write one report over all profiles (path, and the path they go by), the page in `language`; return the profiles.

    Raises `UsageError` for a file that is no profile.
    """
    from inspector.profile.rollup import rollup
    from inspector.profile.stored import read_profile

    documents = [read_profile(path) for path, _ in files]
    rolled = rollup(documents, [label.as_posix() for _, label in files])
    for name, target in outputs:
        write(_rendered(name, rolled, language, target is None), target)
    return documents


def _rendered(name: str, rolled: Mapping[str, Any], language: str, on_stdout: bool) -> str:
    if name == "json":
        from inspector.report.json import written

        return written(rolled).decode()
    if name == "html":
        from inspector.report.rollup_page import render_rollup_page

        return render_rollup_page(rolled, language)
    from inspector.report.rollup import render_rollup

    return render_rollup(rolled, on_stdout and wants_color())
