"""dnsmasq configuration: listed names (and what lies below them) answer NXDOMAIN; answers with listed addresses too."""

from typing import Any

from inspector.report.blocklists.selection import entries, head
from inspector.report.presentation import Presentation


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the file for `conf-dir`; `bogus-nxdomain` turns answers with a listed address into NXDOMAIN."""
    listed = entries(document, how)
    lines = head(document, listed, "#")
    for entry in listed:
        text = f"bogus-nxdomain={entry.value}" if entry.address else f"address=/{entry.value}/"
        lines += [f"# {entry.note()} #", text]
    return "\n".join(lines) + "\n"
