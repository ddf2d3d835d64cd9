"""Write the profile document from the values of a scan. Plain dictionaries: the hot path needs no validation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from inspector.classify.engine import Classified
from inspector.model.finding import Evidence, Finding, Hint
from inspector.model.ledger import Coverage, Gap, LedgerSpan, SpanKind
from inspector.model.observation import Kind, Observable, Sighting
from inspector.profile.grouping import vendors_document
from inspector.profile.severity import Severity, most_serious_first
from inspector.profile.verdict import Verdict

LISTED_SIGHTINGS: Final = 8
LISTED_USERS: Final = 16
LISTED_EVIDENCE: Final = 50
LISTED_SPANS: Final = 400
LISTED_HINT_EVIDENCE: Final = 3

SECTIONS: Final = {
    Kind.HOSTNAME: "hostnames",
    Kind.URL: "urls",
    Kind.IP_ADDRESS: "ip_addresses",
    Kind.EMAIL: "emails",
    Kind.CERTIFICATE: "certificates",
    Kind.PRIVATE_KEY: "private_keys",
    Kind.JAVA_PACKAGE: "sdks",
    Kind.IOS_FRAMEWORK: "sdks",
    Kind.NATIVE_LIBRARY: "components",
    Kind.ANDROID_COMPONENT: "components",
    Kind.COMPONENT: "components",
    Kind.MECHANISM: "mechanisms",
    Kind.PERMISSION: "permissions",
}


def finding_document(finding: Finding, level: Severity) -> dict[str, Any]:
    """Return the `findings[]` entry."""
    subject, vendor = finding.subject, finding.vendor
    return {
        "id": finding.id,
        "subject": {
            "id": subject.id,
            "name": subject.name,
            "kind": finding.kind,
            "category": subject.category,
            "summary": subject.summary,
        },
        "vendor": {
            "id": vendor.id,
            "name": vendor.name,
            "group": vendor.group,
            "domicile": vendor.domicile,
            "legal_entity": vendor.legal_entity,
            "disputed": vendor.disputed,
        },
        "limbs": list(finding.limbs),
        "presence": finding.presence,
        "confidence": finding.confidence,
        "severity": level.rating,
        "reasons": list(level.reasons),
        "caveats": list(finding.caveats),
        "endpoints": [
            {"value": e.value, "kind": e.kind, "port": e.port, "hosting": e.hosting, "operator": e.operator}
            for e in finding.endpoints
        ],
        "jurisdictions": list(finding.jurisdictions),
        "evidence": [_evidence(item) for item in finding.evidence[:LISTED_EVIDENCE]],
        "evidence_total": max(finding.seen, len(finding.evidence)),
        "references": [
            {"kind": r.kind, "title": r.title, "locator": r.locator, "read": r.read} for r in subject.references
        ],
    }


def hint_document(hint: Hint) -> dict[str, Any]:
    """Return the `hints[]` entry: signs too weak for a finding, for a person to look at."""
    return {
        "subject": {"id": hint.subject.id, "name": hint.subject.name, "category": hint.subject.category},
        "vendor": {"id": hint.vendor.id, "name": hint.vendor.name, "domicile": hint.vendor.domicile},
        "presence": hint.presence,
        "evidence": [_evidence(item) for item in hint.evidence[:LISTED_HINT_EVIDENCE]],
        "evidence_total": hint.seen,
        "reason": "One weak kind of sign alone makes no finding.",
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    sighting = item.sighting
    return {
        "observable": {"kind": sighting.observable.kind, "value": sighting.observable.value},
        "indicator": item.indicator,
        "pattern": item.pattern,
        "location": _place(sighting),
        "decoding": sighting.decoding,
        "key": sighting.key,
        "referenced_by": list(sighting.referenced_by),
        "context": sighting.context,
        "presence": sighting.presence,
        "excerpt": sighting.excerpt,
        "confidence": item.confidence,
    }


def _place(sighting: Sighting) -> dict[str, Any]:
    return {"path": sighting.location.path, "offset": sighting.location.offset}


def observables_document(sightings: Iterable[Sighting], classified: Classified) -> dict[str, list[dict[str, Any]]]:
    """Return the `observables` section: every observable once, its strongest sighting described."""
    grouped: dict[Observable, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        grouped[sighting.observable].append(sighting)
    sections: dict[str, list[dict[str, Any]]] = {name: [] for name in (*dict.fromkeys(SECTIONS.values()), "packers")}
    for observable in sorted(grouped):
        section = SECTIONS.get(observable.kind)
        if section:
            sections[section].append(_observed(observable, grouped[observable], classified))
    sections["packers"] = _packers(classified)
    return sections


def _observed(observable: Observable, seen: Sequence[Sighting], classified: Classified) -> dict[str, Any]:
    ranked = sorted(seen, key=lambda s: (not s.context.exposing, -s.presence.rank, s.sort_key()))
    best = ranked[0]
    vendor, jurisdiction = classified.owners.get(observable, ("", ""))
    return {
        "value": observable.value,
        "context": best.context,
        "presence": best.presence,
        "sightings": [_place(s) for s in ranked[:LISTED_SIGHTINGS]],
        "sightings_total": len(ranked),
        "excerpt": best.excerpt,
        "decoding": best.decoding,
        "key": best.key,
        "referenced_by": list(dict.fromkeys(name for s in ranked for name in s.referenced_by))[:LISTED_USERS],
        "attributes": dict(best.attributes) | _address_attributes(observable, classified),
        "vendor": vendor,
        "jurisdiction": jurisdiction,
    }


def _address_attributes(observable: Observable, classified: Classified) -> dict[str, str]:
    facts = classified.addresses.get(observable.value) if observable.kind is Kind.IP_ADDRESS else None
    if facts is None:
        return {}
    pairs = {"registered": facts.registered, "operator": facts.operator, "operator_country": facts.operator_country}
    pairs |= {"asn": str(facts.asn) if facts.asn else "", "note": facts.note}
    return {key: value for key, value in pairs.items() if value}


def _packers(classified: Classified) -> list[dict[str, Any]]:
    return [
        {"value": f.subject.name, "vendor": f.vendor.id, "jurisdiction": f.vendor.domicile, "presence": f.presence}
        for f in classified.findings
        if f.subject.kind == "packer"
    ]


def coverage_document(coverage: Coverage) -> dict[str, Any]:
    """Return the `coverage` section."""
    return {
        **coverage_figures(coverage),
        "map": [
            {"start": span.start, "end": span.end, "kind": span.kind, "weight": round(span.weight, 4)}
            for span in _drawable(coverage.root)
        ],
    }


def coverage_figures(coverage: Coverage) -> dict[str, Any]:
    """Return the `coverage` section without its map: what a verdict is decided by."""
    return {
        "score": round(coverage.score, 6),
        "partition": {kind.value: coverage.partition.get(kind, 0) for kind in SpanKind},
        "files": {"total": coverage.files_total, "scanned": coverage.files_scanned, "failed": coverage.files_failed},
        "gaps": [_gap(gap) for gap in coverage.gaps],
        "limits": dict(coverage.limits),
        "limits_hit": list(coverage.limits_hit),
    }


def _drawable(spans: Sequence[LedgerSpan]) -> list[LedgerSpan]:
    """Return at most `LISTED_SPANS` runs over the same bytes: equal slices, each of the kind that fills most of it."""
    if len(spans) <= LISTED_SPANS:
        return list(spans)
    width = -(-spans[-1].end // LISTED_SPANS)
    slices: dict[int, list[tuple[int, int, LedgerSpan]]] = defaultdict(list)
    for span in spans:
        for number in range(span.start // width, (span.end - 1) // width + 1):
            slices[number].append((max(span.start, number * width), min(span.end, (number + 1) * width), span))
    return [_merged(slices[number]) for number in sorted(slices)]


def _merged(pieces: Sequence[tuple[int, int, LedgerSpan]]) -> LedgerSpan:
    """Return one span for neighbouring pieces (start, end, whose) of spans."""
    sizes: dict[SpanKind, int] = defaultdict(int)
    seen = 0.0
    for start, end, span in pieces:
        sizes[span.kind] += end - start
        seen += span.weight * (end - start)
    kind = max(sizes, key=lambda name: (sizes[name], name))
    return LedgerSpan(pieces[0][0], pieces[-1][1], kind, seen / max(sum(sizes.values()), 1), pieces[0][2].detail)


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "location": {"path": gap.path, "offset": gap.offset},
        "length": gap.length,
        "reason": gap.reason,
        "detail": gap.detail,
        "remedy": gap.remedy,
        "entropy": gap.entropy if gap.entropy >= 0 else None,
    }


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """Return the `verdict` section."""
    return {
        "status": verdict.status,
        "rating": verdict.rating,
        "limbs": list(verdict.limbs),
        "headline": verdict.headline,
        "reasons": list(verdict.reasons),
    }


def profile_document(
    head: Mapping[str, Any],
    verdict: Verdict,
    graded: Sequence[tuple[Finding, Severity]],
    sightings: Sequence[Sighting],
    classified: Classified,
    coverage: Coverage,
    rejected: Mapping[str, int],
    apps: Sequence[Mapping[str, Any]] = (),
    rejections: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the whole document in the order of the schema; `head` is everything before the verdict."""
    ranked = sorted(graded, key=most_serious_first)
    return {
        **head,
        "verdict": verdict_document(verdict),
        "vendors": vendors_document(graded),
        "findings": [finding_document(finding, level) for finding, level in ranked],
        "hints": [hint_document(hint) for hint in classified.hints],
        "apps": list(apps),
        "observables": observables_document(sightings, classified),
        "rejected": {reason: rejected[reason] for reason in sorted(rejected)},
        **({} if rejections is None else {"rejections": rejections}),
        "coverage": coverage_document(coverage),
        "tree": [
            {
                "path": n.path,
                "format": n.format,
                "sha256": n.sha256,
                "size": n.size,
                "score": n.score,
                **dict(n.properties),
            }
            for n in coverage.tree
        ],
    }
