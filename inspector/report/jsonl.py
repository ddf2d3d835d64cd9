"""JSON Lines: the profile on one line, so that many profiles make one stream."""

from typing import Any

from inspector.report.json import written
from inspector.report.presentation import Presentation


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return the document as one line of JSON with a newline at its end."""
    return written(document, indent=False).decode()
