"""A DNS response-policy zone: names answer NXDOMAIN, and so do answers that hold a listed address.

Format: draft-vixie-dnsop-dns-rpz-00, as BIND, Knot Resolver, PowerDNS and Unbound read it.
"""

import ipaddress
from typing import Any

from inspector.report.blocklists.selection import Entry, entries, head
from inspector.report.presentation import Presentation


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the zone file, relative to whatever origin the server gives it."""
    listed = entries(document, how)
    lines = [*head(document, listed, ";"), "$TTL 300", "@ IN SOA localhost. hostmaster.localhost. 1 3600 600 86400 300"]
    lines.append("@ IN NS localhost.")
    for entry in listed:
        lines += [f"; {entry.note()} ;", f"{owner(entry)} CNAME ."]
    return "\n".join(lines) + "\n"


def owner(entry: Entry) -> str:
    """Return the owner name of a trigger; addresses are written backwards, a run of zero groups in IPv6 as `zz`."""
    if not entry.address:
        return entry.value
    parsed = ipaddress.ip_address(entry.value)
    if parsed.version == 4:
        return f"32.{'.'.join(reversed(entry.value.split('.')))}.rpz-ip"
    left, both, right = parsed.compressed.partition("::")
    groups = [*(left.split(":") if left else []), *(["zz"] if both else []), *(right.split(":") if right else [])]
    return f"128.{'.'.join(reversed(groups))}.rpz-ip"
