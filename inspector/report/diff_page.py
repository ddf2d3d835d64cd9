"""The difference of two profiles as one self-contained page, in the dress of the profile page. English only."""

from collections.abc import Mapping
from typing import Any

from inspector.report.diff import MARKS, SHOWN, TITLES
from inspector.report.language import words
from inspector.report.page.environment import page


def render_diff_page(diff: Mapping[str, Any]) -> str:
    """Return the page; text from the artifacts stands between tags only."""
    signs = {which: mark for which, (mark, _) in MARKS.items()}
    return page("diff.html.j2", words("en"), d=diff, titles=TITLES, signs=signs, shown=SHOWN)
