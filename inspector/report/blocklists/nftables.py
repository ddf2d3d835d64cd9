"""nftables: one set of addresses for each protocol version and a chain that counts, logs and rejects what goes there.

Limits: nftables knows no names; names stand as comments, for a name server's list.
"""

from typing import Any, Final

from inspector.report.blocklists.selection import Entry, entries, head
from inspector.report.presentation import Presentation

TABLE: Final = "inspector_exposure"


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return a script for `nft -f` that replaces its own table and touches no other."""
    listed = entries(document, how)
    lines = ["#!/usr/sbin/nft -f", *head(document, listed, "#")]
    names = [entry for entry in listed if not entry.address]
    lines += [f"# host name, for a name server: {entry.value} ({entry.note()}) #" for entry in names]
    lines += [f"table inet {TABLE}", f"delete table inet {TABLE}", f"table inet {TABLE} {{"]
    for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        lines += _set(f"exposed{version}", kind, [entry for entry in listed if entry.version == version])
    for hook in ("output", "forward"):
        lines += _chain(hook)
    return "\n".join([*lines, "}"]) + "\n"


def _set(name: str, kind: str, members: list[Entry]) -> list[str]:
    lines = [f"    set {name} {{", f"        type {kind}"]
    if members:
        lines.append("        elements = {")
        for member in members:
            lines += [f"            # {member.note()} #", f"            {member.value},"]
        lines.append("        }")
    return [*lines, "    }"]


def _chain(hook: str) -> list[str]:
    return [
        f"    chain {hook} {{",
        f"        type filter hook {hook} priority filter; policy accept;",
        '        ip daddr @exposed4 counter log prefix "exposure: " reject',
        '        ip6 daddr @exposed6 counter log prefix "exposure: " reject',
        "    }",
    ]
