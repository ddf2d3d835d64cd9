"""Many profiles as one self-contained page, in the dress of the profile page. English only."""

from collections.abc import Mapping
from typing import Any

from inspector.report.language import words
from inspector.report.page.environment import page


def render_rollup_page(rolled: Mapping[str, Any]) -> str:
    """Return the page; text from the artifacts stands between tags only."""
    rows = [(row, {cell["artifact"]: cell["rating"] for cell in row["artifacts"]}) for row in rolled["vendors"]]
    return page("rollup.html.j2", words("en"), d=rolled, rows=rows)
