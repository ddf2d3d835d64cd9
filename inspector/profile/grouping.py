"""What belongs together in the document: the findings of one vendor, and the apps inside a device image."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from inspector.model.finding import Finding, Rating
from inspector.model.ledger import Coverage, TreeNode
from inspector.model.observation import Sighting
from inspector.profile.identity import identity
from inspector.profile.severity import Severity, most_serious_first

SETS: Final = frozenset({"app-set", "aab"})
"""Apps that are made of apps: what is inside them is part of one product."""
APPS: Final = SETS | {"apk", "ipa", "hap"}
LISTED_APPS: Final = 1_000

Judge = Callable[[Sequence[Sighting], Coverage], tuple[dict[str, Any], Sequence[tuple[Finding, Severity]]]]
"""Sightings and coverage of one part → its verdict section and graded findings."""


def vendors_document(graded: Sequence[tuple[Finding, Severity]]) -> list[dict[str, Any]]:
    """Return the `vendors` section: one entry for each vendor with a finding, most serious first."""
    grouped: dict[str, list[tuple[Finding, Severity]]] = defaultdict(list)
    for finding, level in graded:
        grouped[finding.vendor.id].append((finding, level))
    entries = [_vendor(grouped[key]) for key in sorted(grouped)]
    return sorted(entries, key=lambda entry: -Rating(entry["rating"]).rank)


def _vendor(group: Sequence[tuple[Finding, Severity]]) -> dict[str, Any]:
    ranked = sorted(group, key=most_serious_first)
    vendor = ranked[0][0].vendor
    exposing = [finding for finding, level in ranked if level.rating is not Rating.NONE]
    presences = [finding.presence for finding in exposing or [finding for finding, _ in ranked]]
    return {
        "id": vendor.id,
        "name": vendor.name,
        "group": vendor.group,
        "domicile": vendor.domicile,
        "disputed": vendor.disputed,
        "rating": ranked[0][1].rating,
        "limbs": sorted({limb for finding in exposing for limb in finding.limbs}),
        "presence": max(presences, key=lambda presence: presence.rank),
        "findings": [finding.id for finding, _ in ranked],
        "subjects": [finding.subject.name for finding, _ in ranked],
        "endpoints": sorted({endpoint.value for finding, _ in ranked for endpoint in finding.endpoints}),
        "evidence_total": sum(finding.seen for finding, _ in ranked),
    }


def apps_document(
    sightings: Iterable[Sighting], coverage: Coverage, facts: Iterable[tuple[str, str, str]], judge: Judge
) -> list[dict[str, Any]]:
    """Return the `apps` section: each app inside the artifact with its own verdict, most serious first.

    An artifact that is an app itself is not its own entry, and the parts of a set of packages are none either.
    """
    apps = _embedded(coverage.tree)
    if not apps:
        return []
    seen = _by_app(sightings, apps, lambda sighting: sighting.location.path)
    gaps = _by_app(coverage.gaps, apps, lambda gap: gap.path)
    told = _by_app(facts, apps, lambda fact: fact[1])
    entries = []
    for path in sorted(apps):
        node = apps[path]
        own = coverage._replace(score=node.score, gaps=tuple(gaps[path]))
        verdict, graded = judge(seen[path], own)
        entries.append(_app(node, verdict, graded, told[path]))
    entries.sort(key=lambda entry: -Rating(entry["verdict"]["rating"]).rank)
    return entries[:LISTED_APPS]


def _app(
    node: TreeNode,
    verdict: dict[str, Any],
    graded: Sequence[tuple[Finding, Severity]],
    told: Iterable[tuple[str, str, str]],
) -> dict[str, Any]:
    own = identity(told)
    ranked = sorted(graded, key=most_serious_first)
    return {
        "path": node.path,
        "format": node.format,
        "sha256": node.sha256,
        "size": node.size,
        "score": node.score,
        "identity": {key: own[key] for key in ("package", "version_name", "label") if key in own},
        "verdict": verdict,
        "findings": [{"id": finding.id, "severity": level.rating} for finding, level in ranked],
    }


def _embedded(tree: Iterable[TreeNode]) -> dict[str, TreeNode]:
    """Return path → node of the apps inside; the root and the parts of sets are left out."""
    nodes = {node.path: node for node in tree if node.format in APPS}
    return {
        path: node
        for path, node in nodes.items()
        if "!" in path and not any(nodes[above].format in SETS for above in _prefixes(path) if above in nodes)
    }


def _prefixes(path: str) -> Iterable[str]:
    """Yield what stands before each `!` of a chain, longest first."""
    while "!" in path:
        path = path.rpartition("!")[0]
        yield path


def _by_app(items: Iterable[Any], apps: Mapping[str, TreeNode], place: Callable[[Any], str]) -> dict[str, list[Any]]:
    """Hand each item to every app whose chain its place lies in: an app inside an app counts for both."""
    grouped: dict[str, list[Any]] = {path: [] for path in apps}
    for item in items:
        path = place(item)
        for above in (path, *_prefixes(path)):
            if above in grouped:
                grouped[above].append(item)
    return grouped
