"""All output formats. A reporter's module loads only when its format is asked for."""

import importlib
from typing import Any, Final

REPORTERS: Final = {
    "terminal": "inspector.report.terminal",
    "json": "inspector.report.json",
    "html": "inspector.report.html",
}
"""Format → module with `render(document, color) -> str`."""


def render(name: str, document: dict[str, Any], color: bool = False) -> str:
    """Return the document in one format. Raises `KeyError` for an unknown format."""
    text: str = importlib.import_module(REPORTERS[name]).render(document, color)
    return text
