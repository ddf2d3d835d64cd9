"""STIX 2.1, for threat-intelligence platforms: who stands behind which infrastructure, where, and what to watch for.

Each exposing finding is an `infrastructure` that consists of its names and addresses; its vendor is an `identity`
located in a `location`. An `indicator` stands for every endpoint that the block lists take too, of the type `unknown`:
capability is reported, not malice. A `report` holds all of it together, with the `file` that was inspected.

Format: OASIS STIX 2.1. The library of OASIS is not needed to write it: it brings an HTTP client along, and the format
is plain JSON. Tests read the bundle back with that library.

Limits: a profile knows no time; `created` and `modified` are the date of the knowledge. The ids follow from what an
object says (UUIDv5), so that a second export names the same things.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from hashlib import sha1
from typing import Any, Final
from uuid import UUID

import orjson

from inspector.report.blocklists.selection import Entry, address, entries, host
from inspector.report.countries import country_name
from inspector.report.exposing import exposing
from inspector.report.page.environment import visible
from inspector.report.presentation import Presentation

OBSERVABLES: Final = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace that STIX 2.1 (section 2.9) sets for the ids of cyber-observable objects."""
OWN: Final = UUID("5b0c9e3b-3d0e-5d5f-9a55-6f3f1f6a2f41")
"""The namespace of all other ids written here."""
CONFIDENCE: Final = {"high": 85, "medium": 50, "low": 15}
"""Appendix A of STIX 2.1, its scale of three words."""

Object = dict[str, Any]


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the bundle; objects in the order file, vendors, findings, indicators, report."""
    objects = {made["id"]: made for made in _objects(document, how)}
    bundle = {"type": "bundle", "id": _id("bundle", document["artifact"]["sha256"], document["knowledge"]["sha256"])}
    written = {**bundle, "objects": list(objects.values())}
    return orjson.dumps(written, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _id(kind: str, *parts: str) -> str:
    return f"{kind}--{_uuid5(OWN, chr(0).join((kind, *parts)))}"


def _uuid5(space: UUID, name: str) -> str:
    """Return what `uuid.uuid5` does in a third of its time: an endpoint has five ids."""
    digest = sha1(space.bytes + name.encode("utf-8", "replace"), usedforsecurity=False).digest()[:16]
    number = int.from_bytes(digest) & ~(0xF000 << 64) & ~(0xC000 << 48) | 5 << 76 | 0x8000 << 48
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _observable(kind: str, told: Object, key: Object) -> Object:
    """Return a cyber-observable object; `key` are the properties that its id follows from, as JSON."""
    canonical = orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode()
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{_uuid5(OBSERVABLES, canonical)}"} | told


class _Maker:
    """Makes domain objects with the times and the author that all of them share."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        date = visible(document["knowledge"]["date"])[:10]
        self.time = f"{date}T00:00:00.000Z" if _is_date(date) else "1970-01-01T00:00:00.000Z"
        self._shared = {"created": self.time, "modified": self.time}
        tool = document["tool"]
        name = visible(f"{tool['name']} {tool['version']}")
        self.author = self("identity", name, name=name, identity_class="system")
        self._shared["created_by_ref"] = self.author["id"]

    def __call__(self, kind: str, *key: str, **told: Any) -> Object:
        """Return an object of a kind; its id follows from `key`."""
        head = {"type": kind, "spec_version": "2.1", "id": _id(kind, *key)}
        return head | self._shared | told

    def link(self, source: Object, how: str, target: Object) -> Object:
        """Return the relationship between two objects."""
        pair = (source["id"], how, target["id"])
        told = {"relationship_type": how, "source_ref": source["id"], "target_ref": target["id"]}
        return self("relationship", *pair, **told)


def _is_date(text: str) -> bool:
    digits = text.replace("-", "")
    return len(text) == 10 and text.isascii() and digits.isdigit() and text[4] == text[7] == "-"


def _objects(document: dict[str, Any], how: Presentation) -> Iterator[Object]:
    make = _Maker(document)
    artifact, verdict = document["artifact"], document["verdict"]
    file = _file(artifact)
    found = [file]
    by_finding: dict[str, Object] = {}
    for finding in exposing(document):
        infrastructure = _infrastructure(make, finding)
        by_finding[finding["id"]] = infrastructure
        found += [*_vendor(make, finding, infrastructure), *_endpoints(make, finding, infrastructure)]
        found.append(make.link(infrastructure, "related-to", file))
    for entry in entries(document, how):
        indicator = _indicator(make, entry)
        known = [by_finding[name] for name in entry.findings if name in by_finding]
        found += [indicator, *(make.link(indicator, "indicates", one) for one in known)]
    yield from [make.author, *found]
    refs = list(dict.fromkeys(one["id"] for one in found))
    yield make(
        "report",
        artifact["sha256"],
        document["knowledge"]["sha256"],
        name=visible(f"Exposure profile of {artifact['name']}"),
        description=visible(" ".join([verdict["headline"], *verdict["reasons"]])),
        report_types=["observed-data"],
        published=make.time,
        labels=[f"status:{verdict['status']}", f"rating:{verdict['rating']}"],
        object_refs=refs,
    )


def _file(artifact: Mapping[str, Any]) -> Object:
    """Return the artifact; a digest that is none (a profile from elsewhere) is left out."""
    digest = artifact["sha256"]
    name = visible(artifact["name"]) or "artifact"
    hashes = {"SHA-256": digest} if len(digest) == 64 and set(digest) <= set("0123456789abcdef") else {}
    key: Object = {"hashes": hashes} if hashes else {"name": name}
    return _observable("file", {**({"hashes": hashes} if hashes else {}), "size": artifact["size"], "name": name}, key)


def _infrastructure(make: _Maker, finding: Mapping[str, Any]) -> Object:
    subject = finding["subject"]
    return make(
        "infrastructure",
        finding["id"],
        name=visible(subject["name"]) or visible(subject["id"]),
        description=visible(" ".join([subject["summary"], *finding["reasons"], *finding["caveats"]])),
        infrastructure_types=["unknown"],
        confidence=CONFIDENCE[finding["confidence"]],
        labels=[*finding["limbs"], f"presence:{finding['presence']}", f"severity:{finding['severity']}"],
        external_references=[{"source_name": "inspector", "external_id": visible(finding["id"])}],
    )


def _vendor(make: _Maker, finding: Mapping[str, Any], infrastructure: Object) -> Iterator[Object]:
    vendor = finding["vendor"]
    told = {"description": visible(f"Ties disputed: {vendor['disputed']}")} if vendor["disputed"] else {}
    name = visible(vendor["name"]) or visible(vendor["id"])
    identity = make("identity", vendor["id"], name=name, identity_class="organization", **told)
    yield from (infrastructure, identity, make.link(infrastructure, "related-to", identity))
    if place := _place(make, vendor["domicile"]):
        yield from (place, make.link(identity, "located-at", place))


def _place(make: _Maker, code: str) -> Object | None:
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        return None
    return make("location", code, name=country_name(code, "en"), country=code.upper())


def _endpoints(make: _Maker, finding: Mapping[str, Any], infrastructure: Object) -> Iterator[Object]:
    """Yield the names and addresses of a finding, and where they are hosted; other texts stay out."""
    for endpoint in finding["endpoints"]:
        value = address(endpoint["value"]) or host(endpoint["value"])
        if not value:
            continue
        kind = f"ipv{ipaddress.ip_address(value).version}-addr" if address(value) else "domain-name"
        seen = _observable(kind, {"value": value}, {"value": value})
        yield from (seen, make.link(infrastructure, "consists-of", seen))
    for code in dict.fromkeys(endpoint["hosting"] for endpoint in finding["endpoints"]):
        if place := _place(make, code):
            yield from (place, make.link(infrastructure, "located-at", place))


def _indicator(make: _Maker, entry: Entry) -> Object:
    kind = f"ipv{entry.version}-addr" if entry.address else "domain-name"
    return make(
        "indicator",
        entry.value,
        name=entry.value,
        description=f"{entry.note()}. Traffic to it is what the artifact is able to do; it is no sign of an attack.",
        indicator_types=["unknown"],
        pattern=f"[{kind}:value = '{entry.value}']",
        pattern_type="stix",
        valid_from=make.time,
    )
