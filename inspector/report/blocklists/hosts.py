"""A hosts file: names lead to 0.0.0.0. Pi-hole and AdGuard Home take it as a list; addresses stand as comments only."""

from typing import Any

from inspector.report.blocklists.selection import entries, head
from inspector.report.presentation import Presentation


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the file; a hosts file cannot block addresses, so they are named for a packet filter."""
    listed = entries(document, how)
    lines = head(document, listed, "#")
    for entry in listed:
        text = f"# address, for a packet filter: {entry.value}" if entry.address else f"0.0.0.0 {entry.value}"
        lines += [f"# {entry.note()} #", text]
    return "\n".join(lines) + "\n"
