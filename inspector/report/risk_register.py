"""Risk-register entries as Markdown, one table of two columns for each."""

from typing import Any

from inspector.report.language import words
from inspector.report.markup import plain, row
from inspector.report.presentation import Presentation
from inspector.report.risk import COLUMNS, risks


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the entries; a cell to be filled in by the organisation holds an ellipsis."""
    t = words(how.language)
    lines = [f"# {plain(t('risk.title'))}: {plain(document['artifact']['name'])}", "", f"_{plain(t('yardstick'))}_"]
    listed = list(risks(document, how, t))
    if not listed:
        lines += ["", plain(t.sentence(document["verdict"]["headline"])[0])]
    for number, risk in enumerate(listed, 1):
        lines += ["", f"## {number}. {plain(risk.cells['finding'])}", "", row([" ", " "]), row(["---", "---"])]
        lines += [row([plain(t(f"risk.{name}")), plain(risk.cells[name]) or "…"]) for name in COLUMNS]
    return "\n".join(lines) + "\n"
