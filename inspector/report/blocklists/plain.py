"""A plain list: one name or address a line, notes as comments; for proxies and firewalls that take such lists."""

from typing import Any

from inspector.report.blocklists.selection import entries, head
from inspector.report.presentation import Presentation


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the list."""
    listed = entries(document, how)
    lines = head(document, listed, "#")
    for entry in listed:
        lines += [f"# {entry.note()} #", entry.value]
    return "\n".join(lines) + "\n"
