"""One finding, told in full: where, how decoded, which indicator, why this vendor, limb, presence and severity."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from inspector.errors import UsageError
from inspector.model.knowledge import Indicator, Knowledge
from inspector.profile.by_hand import lines

Entry = Mapping[str, Any]

PRESENCE_WORDS: Final = {
    "string": "It stands in the bytes; no use of it was found.",
    "configured": "It is the value of a configuration key, or packaged as a component.",
    "referenced": "Code uses the constant, or the component is declared.",
    "started": "It is initialised at boot or at the start of the app.",
}
CONFIDENCE_WORDS: Final = {
    "high": "At least one indicator that is enough alone was met.",
    "medium": "Two kinds of weaker indicators speak for the same subject.",
    "low": "Context only.",
}
LIMB_WORDS: Final = {
    "data-transfer": "System or user data can go to the subject (first limb of the warning of 3 September 2025).",
    "remote-administration": "The subject can change or command the device or app (second limb of the warning).",
}
CONTEXT_WORDS: Final = {
    "code": "program code",
    "config": "configuration",
    "documentation": "documentation: listed, but no exposure by itself",
    "certificate": "a certificate: listed, but no exposure by itself",
    "test-data": "test data: listed, but no exposure by itself",
}


def find_finding(document: Entry, wanted: str) -> Entry:
    """Return the finding with this id, the beginning of one, or this subject (its id or name). Raises `UsageError`."""
    findings: Sequence[Entry] = document["findings"]
    fits = [f for f in findings if wanted in (f["id"], f["subject"]["id"])]
    fits = fits or [f for f in findings if len(wanted) > 3 and f["id"].lower().startswith(wanted.lower())]
    fits = fits or [f for f in findings if wanted.casefold() == f["subject"]["name"].casefold()]
    if len(fits) == 1:
        return fits[0]
    listed = ", ".join(f"{f['id']} ({f['subject']['name']})" for f in (fits or findings)[:8])
    problem = f"{wanted!r} is not one finding" if fits else f"no finding {wanted!r}"
    raise UsageError(f"{problem} of this profile; there are: {listed or 'none'}")


def explain(document: Entry, finding: Entry, knowledge: Knowledge, most: int) -> dict[str, Any]:
    """Return the `inspector/explanation/1` document, with the `most` strongest pieces of evidence."""
    formats = {node["format"] for node in document["tree"]}
    same = knowledge.sha256 == document["knowledge"]["sha256"]
    return {
        "schema": "inspector/explanation/1",
        "artifact": {key: document["artifact"][key] for key in ("name", "sha256", "size")},
        "finding": finding["id"],
        "subject": finding["subject"],
        "vendor": finding["vendor"],
        "claim": {
            "severity": finding["severity"],
            "severity_reasons": list(finding["reasons"]),
            "limbs": [{"limb": limb, "why": LIMB_WORDS[limb]} for limb in finding["limbs"]],
            "presence": finding["presence"],
            "presence_why": PRESENCE_WORDS[finding["presence"]],
            "confidence": finding["confidence"],
            "confidence_why": CONFIDENCE_WORDS[finding["confidence"]],
            "jurisdictions": list(finding["jurisdictions"]),
            "endpoints": list(finding["endpoints"]),
        },
        "caveats": list(finding["caveats"]),
        "references": list(finding["references"]),
        "vendor_references": _vendor_references(finding, knowledge),
        "evidence_total": finding["evidence_total"],
        "evidence": [_evidence(item, knowledge, formats) for item in finding["evidence"][:most]],
        "notes": [] if same else ["This knowledge is not the one the profile was made with; patterns may differ."],
    }


def _vendor_references(finding: Entry, knowledge: Knowledge) -> list[dict[str, str]]:
    vendor = knowledge.vendors.get(finding["vendor"]["id"])
    return [{"title": r.title, "locator": r.locator, "read": r.read} for r in vendor.references] if vendor else []


def _evidence(item: Entry, knowledge: Knowledge, formats: Iterable[str]) -> dict[str, Any]:
    place = item["location"]
    indicator = _indicator(item["indicator"], knowledge)
    return {
        **item,
        "context_words": CONTEXT_WORDS.get(item["context"], item["context"]),
        "indicator_kind": indicator.kind if indicator else "",
        "indicator_note": indicator.note if indicator else "",
        "indicator_references": _references(item["indicator"], indicator, knowledge),
        "by_hand": lines(place["path"], place["offset"], formats),
    }


def _indicator(key: str, knowledge: Knowledge) -> Indicator | None:
    subject, _, name = key.rpartition(":")
    signature = knowledge.signatures.get(subject)
    return next((i for i in signature.indicators if i.id == name), None) if signature else None


def _references(key: str, indicator: Indicator | None, knowledge: Knowledge) -> list[dict[str, str]]:
    if indicator is None:
        return []
    signature = knowledge.signatures[key.rpartition(":")[0]]
    return [
        {"title": reference.title, "locator": reference.locator, "read": reference.read}
        for reference in signature.references
        if reference.id in indicator.references
    ]
