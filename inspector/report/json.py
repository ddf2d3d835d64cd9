"""The profile document itself: UTF-8 JSON, two spaces, a newline at the end.

Text is kept whole. Characters that a terminal or an editor would act on (C1 controls, marks of direction, invisible
ones) are written as JSON escapes, which every parser reads as the same text.
"""

import re
from typing import Any, Final

import orjson

from inspector.report.presentation import Presentation

_ACTING: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
)
"""DEL, C1, the Arabic letter mark, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F and the byte-order mark."""


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return the document as JSON."""
    return written(document).decode()


def written(value: Any, *, indent: bool = True) -> bytes:
    """Return any value as JSON with a newline at its end; keys may be numbers. Outside of texts JSON is ASCII."""
    option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if indent else 0)
    return _ACTING.sub(lambda found: f"\\u{ord(found[0].decode()):04x}".encode(), orjson.dumps(value, option=option))
