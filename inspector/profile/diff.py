"""What changed between two profiles: new and gone, stronger and weaker, seen and no longer seen.

Findings compare by id, observables by value. Where a value or a path carries a version, the version is masked: an
update that moves `libcloud-1.2.so` to `libcloud-1.3.so` is no change of what is there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from inspector.model.finding import Rating

SECTIONS: Final = (
    "hostnames",
    "ip_addresses",
    "urls",
    "sdks",
    "components",
    "permissions",
    "mechanisms",
    "certificates",
    "private_keys",
    "packers",
)
MASKED: Final = frozenset({"sdks", "components", "mechanisms", "urls"})
"""Sections whose values may carry a version."""
GRADES: Final = ("severity", "presence", "confidence")
_VERSION: Final = re.compile(
    r"(?<![0-9a-zA-Z])[vV]?\d+(?:[._-]\d+)+[a-z]?(?:-?(?:rc|beta|alpha|b|r)\d*)?|(?<=\.so\.)\d+"
)
_PLACE: Final = re.compile(r"@0x[0-9a-fA-F]+")
_STAMP: Final = re.compile(r"(?<!\d)(?:20\d{6}|1[5-9]\d{8})(?!\d)|(?<![0-9a-zA-Z])[0-9a-f]{12,64}(?![0-9a-zA-Z])")

Entry = Mapping[str, Any]


def mask(text: str) -> str:
    """Return text with versions, dates, hashes and carving offsets as `*`."""
    return _VERSION.sub("*", _STAMP.sub("*", _PLACE.sub("", text)))


def mask_path(path: str) -> str:
    """Return a chain of members without the artifact's own name, versions masked."""
    head, found, rest = path.partition("!")
    return mask(rest) if found else ("" if head else head)


def difference(old: Entry, new: Entry) -> dict[str, Any]:
    """Return the `inspector/diff/1` document of two profile documents."""
    findings = _findings(old["findings"], new["findings"])
    return {
        "schema": "inspector/diff/1",
        "old": _side(old),
        "new": _side(new),
        "notes": _notes(old, new),
        "vendors": _vendors(old, new),
        "findings": findings,
        "observables": {name: _observables(name, old, new) for name in SECTIONS},
        "coverage": _coverage(old, new),
    }


def worst_news(diff: Entry) -> Rating:
    """Return the highest severity that is new: of a new finding, or of one that rose to it."""
    found = diff["findings"]
    ratings = [Rating(item["severity"]) for item in found["new"]]
    ratings += [
        Rating(item["severity"]["new"])
        for item in found["changed"]
        if "severity" in item and Rating(item["severity"]["new"]).rank > Rating(item["severity"]["old"]).rank
    ]
    return max(ratings, key=lambda rating: rating.rank, default=Rating.NONE)


def _side(document: Entry) -> dict[str, Any]:
    artifact, verdict = document["artifact"], document["verdict"]
    return {
        "name": artifact["name"],
        "sha256": artifact["sha256"],
        "size": artifact["size"],
        "kind": artifact["kind"],
        "identity": artifact.get("identity", {}),
        "status": verdict["status"],
        "rating": verdict["rating"],
        "limbs": verdict["limbs"],
        "headline": verdict["headline"],
        "knowledge": document["knowledge"]["sha256"],
        "tool": document["tool"]["version"],
    }


def _notes(old: Entry, new: Entry) -> list[str]:
    notes = []
    if old["artifact"]["sha256"] == new["artifact"]["sha256"]:
        notes.append("Both profiles are of the same bytes: every difference comes from the inspection.")
    kinds = [document["artifact"]["kind"] for document in (old, new)]
    if kinds[0] != kinds[1]:
        notes.append(f"The two are of different kinds ({kinds[0]}, {kinds[1]}): this compares products, not versions.")
    if old["knowledge"]["sha256"] != new["knowledge"]["sha256"] or old["tool"] != new["tool"]:
        notes.append("The profiles were made with different knowledge or versions: something may be new only to it.")
    if old.get("options") != new.get("options") or old.get("external_tools") != new.get("external_tools"):
        notes.append("The profiles were made with different options or tools.")
    for which, document in (("old", old), ("new", new)):
        share = document["coverage"]["score"]
        if share < 0.95:
            words = {"old": "what is new may have been there", "new": "what is gone may still be there"}[which]
            notes.append(f"Only {share:.1%} of the {which} artifact was seen: {words}.")
    return notes


def _findings(old: Sequence[Entry], new: Sequence[Entry]) -> dict[str, list[dict[str, Any]]]:
    before, after = ({item["id"]: item for item in side} for side in (old, new))
    return {
        "new": [_brief(item) for item in new if item["id"] not in before],
        "gone": [_brief(item) for item in old if item["id"] not in after],
        "changed": [
            change for item in new if item["id"] in before and (change := _change(before[item["id"]], item)) is not None
        ],
    }


def _brief(finding: Entry) -> dict[str, Any]:
    evidence = finding["evidence"][0] if finding["evidence"] else None
    return {
        "id": finding["id"],
        "subject": finding["subject"]["name"],
        "category": finding["subject"]["category"],
        "vendor": finding["vendor"]["name"],
        "domicile": finding["vendor"]["domicile"],
        "disputed": finding["vendor"]["disputed"],
        "limbs": finding["limbs"],
        **{grade: finding[grade] for grade in GRADES},
        "endpoints": [endpoint["value"] for endpoint in finding["endpoints"]],
        "evidence": evidence and {"observable": evidence["observable"], "location": evidence["location"]},
    }


def _change(old: Entry, new: Entry) -> dict[str, Any] | None:
    changes: dict[str, Any] = {
        grade: {"old": old[grade], "new": new[grade]} for grade in GRADES if old[grade] != new[grade]
    }
    for name, values in (("endpoints", _endpoints), ("places", _places)):
        before, after = values(old), values(new)
        if before != after:
            changes[name] = {"new": sorted(after - before), "gone": sorted(before - after)}
    if not changes:
        return None
    head = {"id": new["id"], "subject": new["subject"]["name"], "vendor": new["vendor"]["name"]}
    return head | {"rating": new["severity"]} | changes


def _endpoints(finding: Entry) -> set[str]:
    return {
        f"{endpoint['value']}:{endpoint['port']}" if endpoint["port"] else endpoint["value"]
        for endpoint in finding["endpoints"]
    }


def _places(finding: Entry) -> set[str]:
    """Return the masked paths of the evidence; none where the list was cut, since a cut list proves no absence."""
    if finding["evidence_total"] > len(finding["evidence"]):
        return set()
    return {mask_path(item["location"]["path"]) for item in finding["evidence"]}


def _vendors(old: Entry, new: Entry) -> dict[str, list[dict[str, Any]]]:
    before, after = _by_vendor(old), _by_vendor(new)
    return {
        "new": [after[key] for key in sorted(after.keys() - before.keys())],
        "gone": [before[key] for key in sorted(before.keys() - after.keys())],
    }


def _by_vendor(document: Entry) -> dict[str, dict[str, Any]]:
    vendors: dict[str, dict[str, Any]] = {}
    for finding in document["findings"]:
        vendor = finding["vendor"]
        entry = {"id": vendor["id"], "name": vendor["name"], "domicile": vendor["domicile"]}
        known = vendors.setdefault(vendor["id"], entry | {"rating": "none"})
        known["rating"] = max(known["rating"], finding["severity"], key=lambda rating: Rating(rating).rank)
    return vendors


def _observables(section: str, old: Entry, new: Entry) -> dict[str, list[dict[str, Any]]]:
    key: Callable[[str], str] = mask if section in MASKED else str
    before, after = ({key(item["value"]): item for item in _section(side, section)} for side in (old, new))
    return {
        "new": [_seen(after[name]) for name in sorted(after.keys() - before.keys())],
        "gone": [_seen(before[name]) for name in sorted(before.keys() - after.keys())],
        "changed": [
            {"value": after[name]["value"], "presence": {"old": was, "new": now}}
            for name in sorted(before.keys() & after.keys())
            if (was := before[name].get("presence", "")) != (now := after[name].get("presence", ""))
        ],
    }


def _section(document: Entry, section: str) -> Sequence[Entry]:
    found: Sequence[Entry] = document.get("observables", {}).get(section, ())
    return found


def _seen(item: Entry) -> dict[str, Any]:
    sightings = item.get("sightings") or [None]
    return {
        "value": item["value"],
        "presence": item.get("presence", ""),
        "vendor": item.get("vendor", ""),
        "jurisdiction": item.get("jurisdiction", ""),
        "detail": item.get("attributes", {}).get("subject") or item.get("attributes", {}).get("detail", ""),
        "location": sightings[0],
    }


def _coverage(old: Entry, new: Entry) -> dict[str, Any]:
    before, after = old["coverage"], new["coverage"]
    gone, fresh = _gaps(before), _gaps(after)
    return {
        "score": {"old": before["score"], "new": after["score"]},
        "status": {"old": old["verdict"]["status"], "new": new["verdict"]["status"]},
        "limits_hit": {"old": before["limits_hit"], "new": after["limits_hit"]},
        "gaps": {
            "new": [fresh[key] for key in sorted(fresh.keys() - gone.keys())],
            "gone": [gone[key] for key in sorted(gone.keys() - fresh.keys())],
        },
    }


def _gaps(coverage: Entry) -> dict[tuple[str, str], dict[str, Any]]:
    """Return path and reason → gap; several gaps of one member and reason are one, their lengths added."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for gap in coverage["gaps"]:
        key = (mask_path(gap["location"]["path"]), gap["reason"])
        entry = {"path": gap["location"]["path"], "reason": gap["reason"], "detail": gap["detail"], "length": 0}
        found.setdefault(key, entry)["length"] += gap["length"]
    return found
