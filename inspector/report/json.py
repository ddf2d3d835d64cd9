"""The profile document itself: UTF-8 JSON, two spaces, a newline at the end. Text is kept raw."""

from typing import Any

import orjson

from inspector.report.presentation import Presentation


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return the document as JSON."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
