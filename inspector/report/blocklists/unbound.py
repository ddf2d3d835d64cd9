"""Unbound configuration: listed names (and what lies below them) answer NXDOMAIN.

Limits: addresses stand as comments; Unbound blocks them through a response-policy zone (-f rpz).
"""

from typing import Any

from inspector.report.blocklists.selection import entries, head
from inspector.report.presentation import Presentation


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the file to be included; it opens its own `server:` clause."""
    listed = entries(document, how)
    lines = [*head(document, listed, "#"), "server:"]
    for entry in listed:
        text = f'local-zone: "{entry.value}." always_nxdomain'
        text = f"# address, for a packet filter: {entry.value}" if entry.address else text
        lines += [f"    # {entry.note()} #", f"    {text}"]
    return "\n".join(lines) + "\n"
