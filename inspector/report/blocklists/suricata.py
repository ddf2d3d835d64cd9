"""Suricata rules (7 or later): DNS queries, TLS server names and HTTP hosts for names, packets for addresses.

The rules alert; a site that runs inline changes `alert` to `drop`. Rule numbers come from the value itself, out of the
range for local rules, so that they stay the same from one export to the next.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from inspector.report.blocklists.selection import Entry, entries, head
from inspector.report.presentation import Presentation

FIRST: Final = 1_000_000
COUNT: Final = 1_000_000
"""Rule numbers from 1,000,000 up to 1,999,999 are for local use."""
_NAME_RULES: Final = (
    ("dns", "alert dns any any -> any any", "dns.query; content:{name}; startswith; endswith; nocase;"),
    ("tls", "alert tls any any -> any any", "tls.sni; content:{name}; startswith; endswith; nocase;"),
    ("http", "alert http any any -> any any", "http.host; content:{name}; startswith; endswith;"),
)


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the rule file, the notes of each entry above its rules."""
    listed = entries(document, how)
    lines = head(document, listed, "#")
    taken: set[int] = set()
    for entry in listed:
        lines += [f"# {entry.note()} #", *_rules(entry, taken)]
    return "\n".join(lines) + "\n"


def _rules(entry: Entry, taken: set[int]) -> Iterator[str]:
    if entry.address:
        target = f"[{entry.value}]" if entry.version == 6 else entry.value
        yield _rule(f"alert ip any any -> {target} any", "ip", entry, "", taken)
        return
    for kind, start, match in _NAME_RULES:
        yield _rule(start, kind, entry, match.replace("{name}", f'"{entry.value}"') + " ", taken)


def _rule(start: str, kind: str, entry: Entry, match: str, taken: set[int]) -> str:
    message = f"EXPOSURE {kind} {entry.value} {_plain(', '.join(entry.vendors))}"
    notes = ", ".join([*(f"finding {_plain(finding)}" for finding in entry.findings), *_broken(entry)])
    number = _number(f"{kind} {entry.value}", taken)
    return f'{start} (msg:"{message}"; {match}classtype:policy-violation; metadata:{notes}; sid:{number}; rev:1;)'


def _broken(entry: Entry) -> list[str]:
    return [f"may_break {what}" for what in entry.breaks]


def _plain(text: str) -> str:
    """Return letters, digits and a few signs: quotes, semicolons, pipes and backslashes end or bend an option."""
    return "".join(c if c.isascii() and (c.isalnum() or c in " .,-_") else "_" for c in text)[:150].strip()


def _number(key: str, taken: set[int]) -> int:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % COUNT
    while number in taken:
        number = (number + 1) % COUNT
    taken.add(number)
    return FIRST + number
