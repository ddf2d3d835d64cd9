"""The gate for CSV: every field quoted, nothing that a spreadsheet would take for a formula, no control characters."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from inspector.report.page.environment import visible

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def field(value: object) -> str:
    """Return the text of a field: a leading apostrophe keeps a formula from running (CWE-1236); JSON keeps it raw."""
    text = visible(value)
    return "'" + text if text.lstrip(" ").startswith(_STARTS_FORMULA) else text


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return the table after RFC 4180: CRLF line ends, a head line, every field quoted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([field(value) for value in row] for row in rows)
    return out.getvalue()
