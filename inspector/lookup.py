"""Who is this? The classifier asked for single values: hosts, addresses, packages, libraries, frameworks."""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from inspector.classify import AddressBook, Index
from inspector.classify.addresses import is_public
from inspector.classify.generic import generic_hits
from inspector.classify.index import Hit
from inspector.model.address import AddressFacts
from inspector.model.observation import Kind, Observable

_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\.?", re.IGNORECASE)
_WITH_PORT: Final = re.compile(r"(\[[0-9a-f:.]+\]|[0-9]+(?:\.[0-9]+){3}):[0-9]{1,5}", re.IGNORECASE)
_DOTTED: Final = (Kind.HOSTNAME, Kind.JAVA_PACKAGE, Kind.APP_ID, Kind.ANDROID_COMPONENT, Kind.ANDROID_METADATA)
_ROOTS: Final = frozenset(("cn", "com", "io", "net", "org"))
_PLAIN: Final = (Kind.IOS_FRAMEWORK, Kind.OBJC_CLASS, Kind.ANDROID_METADATA, Kind.FILE_NAME, Kind.STRING)


def lookup(values: Iterable[str], index: Index, addresses: AddressBook) -> Iterator[dict[str, Any]]:
    """Yield one answer for each value, in order: `{value, kind, findings[]}`; unknown values have no findings."""
    for raw in values:
        value = raw.strip()
        if value:
            yield _answer(value, index, addresses)


def _answer(value: str, index: Index, addresses: AddressBook) -> dict[str, Any]:
    facts = AddressFacts()
    for kind, normal in _readings(value):
        if kind is Kind.IP_ADDRESS and is_public(normal):
            facts = addresses.facts(normal)
        elif kind is Kind.IP_ADDRESS:
            return {"value": value, "kind": kind.value, "findings": []}
        hits = index.find(kind, normal, facts.asn) or generic_hits(Observable(kind, normal), facts)
        if kind is Kind.JAVA_PACKAGE and hits:
            kind, hits = _as_app(normal, hits, index)
        if hits:
            findings = [_finding(hit, index, facts) for hit in hits]
            return {"value": value, "kind": kind.value, "findings": findings, **_address(facts)}
    return {"value": value, "kind": _likeliest(value).value, "findings": [], **_address(facts)}


def _likeliest(value: str) -> Kind:
    """Return what an unknown value is most likely: packages, as `com.acme.camera`, have their root in front."""
    first = next(iter(_readings(value)), (Kind.STRING, value))[0]
    root, _, rest = value.partition(".")
    last = rest.rpartition(".")[2]
    reversed_name = root in _ROOTS and last not in _ROOTS and last.isidentifier()
    return Kind.JAVA_PACKAGE if first is Kind.HOSTNAME and reversed_name else first


def _as_app(value: str, hits: list[Hit], index: Index) -> tuple[Kind, list[Hit]]:
    """Return the reading of a dotted name as an app's where that says no less exactly who it is than its classes do."""
    named = index.find(Kind.APP_ID, value)
    if named and len(named[0].pattern) >= len(hits[0].pattern):
        return Kind.APP_ID, named
    return Kind.JAVA_PACKAGE, hits


def _readings(value: str) -> list[tuple[Kind, str]]:
    """Return what a value may be, most likely first, each in its normal form."""
    ported = _WITH_PORT.fullmatch(value)
    place = _authority(value) if "://" in value else ported.group(1) if ported else value
    try:
        return [(Kind.IP_ADDRESS, str(ipaddress.ip_address(place.strip("[]"))))]
    except ValueError:
        pass
    if "://" in value:
        return [(Kind.HOSTNAME, place)]
    if value.endswith(".so"):
        return [(Kind.NATIVE_LIBRARY, value.rpartition("/")[2])]
    if value.endswith(".framework"):
        return [(Kind.IOS_FRAMEWORK, value.removesuffix(".framework"))]
    host = re.split("[:/]", value, maxsplit=1)[0].rstrip(".").lower()
    if _HOST.fullmatch(host):
        return [(kind, host if kind is Kind.HOSTNAME else value) for kind in _DOTTED]
    return [(kind, value) for kind in _PLAIN]


def _authority(url: str) -> str:
    """Return the host of a URL in lower case, or "" where it has none that can be read."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""  # an unpaired bracket


def _finding(hit: Hit, index: Index, facts: AddressFacts) -> dict[str, Any]:
    signature, indicator = hit.signature, hit.indicator
    vendor = index.knowledge.vendors.get(signature.vendor)
    return {
        "subject": {"id": signature.id, "name": signature.name, "category": signature.category},
        "vendor": {
            "id": signature.vendor,
            "name": vendor.name if vendor else "Unknown operator",
            "group": vendor.group if vendor else "",
            "domicile": vendor.domicile if vendor else "",
            "disputed": vendor.disputed if vendor else "",
        },
        "confidence": indicator.confidence.value,
        "hosting": indicator.hosting or facts.registered,
        "operator": indicator.operator or facts.operator,
        "limbs": [limb.value for limb in signature.limbs],
    }


def _address(facts: AddressFacts) -> dict[str, Any]:
    if facts == AddressFacts():
        return {}
    known = {"registered": facts.registered, "asn": facts.asn, "operator": facts.operator}
    return {"address": {key: value for key, value in known.items() if value}}
