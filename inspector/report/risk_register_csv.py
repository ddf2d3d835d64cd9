"""Risk-register entries as a table, to be pasted into a register."""

from typing import Any

from inspector.report.language import words
from inspector.report.presentation import Presentation
from inspector.report.risk import COLUMNS, risks
from inspector.report.spreadsheet import table


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the table, headings in the reader's language."""
    t = words(how.language)
    head = [t(f"risk.{name}") for name in COLUMNS]
    return table(head, ([risk.cells[name] for name in COLUMNS] for risk in risks(document, how, t)))
