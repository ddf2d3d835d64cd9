"""All output formats. A reporter's module loads only when its format is asked for."""

import importlib
from typing import Any, Final

from inspector.report.presentation import Presentation

REPORTERS: Final = {
    "terminal": "inspector.report.terminal",
    "json": "inspector.report.json",
    "html": "inspector.report.html",
}
"""Format → module with `render(document, how) -> str | bytes`."""


def render(name: str, document: dict[str, Any], how: Presentation | None = None) -> str | bytes:
    """Return the document in one format; bytes for the binary ones. Raises `KeyError` for an unknown format."""
    written: str | bytes = importlib.import_module(REPORTERS[name]).render(document, how or Presentation())
    return written
