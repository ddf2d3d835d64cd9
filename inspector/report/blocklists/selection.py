"""What a block list holds, and the gate for all of them: a value that is no host name and no address never gets in.

Only endpoints that are the vendor's own are listed: the names and addresses seen, never a whole domain. Left out are
services that many share (delivery networks, public resolvers, time servers, certificate authorities, line operators),
addresses inside clouds, and what only a generic rule speaks for; `shared_too` brings them in, marked.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from inspector.report.exposing import UNKNOWN_VENDOR, exposing
from inspector.report.page.environment import visible
from inspector.report.presentation import Presentation

SHARED: Final = frozenset({"cdn", "dns", "ntp", "network-operator", "certificate-authority", "telecom"})
"""Categories whose hosts serve many parties."""
SHARED_ADDRESSES: Final = SHARED | {"cloud"}
"""Categories whose addresses do; a cloud's host name belongs to one customer, its address to any."""
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_TOKEN: Final = re.compile(r"[a-z]+")
BREAKS: Final = {
    "updates": frozenset({"ota", "fota", "update", "updates", "upgrade", "upgrades", "firmware", "download", "patch"}),
    "time": frozenset({"ntp", "time", "clock"}),
    "login": frozenset({"login", "auth", "oauth", "sso", "passport", "account", "accounts", "signin", "id", "token"}),
}
_BREAKS_BY_CATEGORY: Final = {"ota": "updates", "phone-os": "updates", "ntp": "time", "login": "login"}
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,:()/_@+-]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value to block, with why, and what may stop working; lists in the order of the value."""

    value: str
    address: bool
    findings: tuple[str, ...]
    vendors: tuple[str, ...]
    subjects: tuple[str, ...]
    breaks: tuple[str, ...]
    shared: bool
    """Not the vendor's own: it serves others too, or nobody is known behind it."""
    unknown: bool = False

    @property
    def version(self) -> int:
        """Return 4 or 6 for an address, 0 for a name."""
        return ipaddress.ip_address(self.value).version if self.address else 0

    def note(self) -> str:
        """Return the provenance on one line, in characters that no list gives a meaning."""
        parts = [" ".join(self.findings), ", ".join(self.vendors), ", ".join(self.subjects)]
        if self.breaks:
            parts.append(f"may break: {', '.join(self.breaks)}")
        if self.shared:
            parts.append("operator unknown" if self.unknown else "shared with others")
        return comment(" / ".join(parts))


def comment(text: str) -> str:
    """Return text for a comment: printable ASCII without quotes, backslashes or separators, at most 300 characters."""
    return _UNSAFE.sub("_", visible(text))[:300].strip()


def host(value: str) -> str:
    """Return the host name in lower case where it is one (LDH labels and underscores, at most 253), else nothing."""
    name = value.rstrip(".").lower()
    labels = name.split(".")
    fits = len(name) <= 253 and len(labels) > 1 and not labels[-1].isdigit()
    return name if fits and all(_LABEL.fullmatch(label) for label in labels) else ""


def address(value: str) -> str:
    """Return the address in its canonical form where it is a public one, else nothing."""
    if ":" not in value and not value[-1:].isdigit():
        return ""
    try:
        parsed = ipaddress.ip_address(value)
    except ValueError:
        return ""
    return str(parsed) if parsed.is_global else ""


def entries(document: dict[str, Any], how: Presentation) -> list[Entry]:
    """Return what to block, names before addresses, each value once."""
    gathered: dict[str, list[tuple[dict[str, Any], bool]]] = {}
    for finding in exposing(document):
        for endpoint in finding["endpoints"]:
            clean = address(endpoint["value"]) or host(endpoint["value"])
            if clean:
                gathered.setdefault(clean, []).append((finding, _shared(finding, clean)))
    made = [_entry(value, owners, how.shared_too) for value, owners in gathered.items()]
    return sorted((entry for entry in made if entry), key=lambda entry: (entry.address, entry.version, entry.value))


def _shared(finding: dict[str, Any], value: str) -> bool:
    if finding["vendor"]["id"] == UNKNOWN_VENDOR or finding["subject"]["id"].startswith("generic/"):
        return True
    shared = SHARED_ADDRESSES if address(value) else SHARED
    return finding["subject"]["category"] in shared or finding["subject"]["kind"] == "address-block"


def _entry(value: str, owners: list[tuple[dict[str, Any], bool]], shared_too: bool) -> Entry | None:
    own = [finding for finding, shared in owners if not shared]
    named = own or ([finding for finding, _ in owners] if shared_too else [])
    if not named:
        return None
    return Entry(
        value=value,
        address=bool(address(value)),
        findings=_once(finding["id"] for finding in named),
        vendors=_once(finding["vendor"]["name"] for finding in named),
        subjects=_once(finding["subject"]["name"] for finding in named),
        breaks=tuple(sorted({word for finding in named for word in _breaks(finding, value)})),
        shared=not own,
        unknown=all(finding["vendor"]["id"] == UNKNOWN_VENDOR for finding in named),
    )


def _breaks(finding: dict[str, Any], value: str) -> Iterator[str]:
    category = _BREAKS_BY_CATEGORY.get(finding["subject"]["category"])
    if category:
        yield category
    tokens = set(_TOKEN.findall(value))
    yield from (what for what, words in BREAKS.items() if tokens & words)
    if "update" in finding["subject"]["id"]:
        yield "updates"


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def head(document: dict[str, Any], listed: list[Entry], sign: str) -> list[str]:
    """Return the comment lines on top of a list: where it comes from and how to read it."""
    artifact, knowledge = document["artifact"], document["knowledge"]
    names = sum(not entry.address for entry in listed)
    tool = f"{comment(document['tool']['name'])} {comment(document['tool']['version'])}"
    lines = (
        f"Endpoints of the PRC or of entities based there in {comment(artifact['name'])} (artifact)",
        f"artifact sha256 {comment(artifact['sha256'])}",
        f"made by {tool}, knowledge {comment(knowledge['sha256'])[:16]} of {comment(knowledge['date'])}",
        f"{names} host names, {len(listed) - names} addresses; each with finding ids, vendor and subject",
        "Blocking can stop updates, time or login where noted. Test before use; there may be other endpoints.",
    )
    return [f"{sign} {line}" for line in lines]
