"""artifact → unpack → scan → classify → profile → document. What runs inside the child of one artifact."""

import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from inspector import __version__
from inspector.classify import classify
from inspector.classify.engine import Classified
from inspector.extract.budget import Budget, Limits
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.external import Produced, members_of
from inspector.extract.ledger import totals
from inspector.extract.walk import Inside, Node, Walker, Yield
from inspector.formats.reader import Reader
from inspector.harvest import Harvest, Options, Toolbox
from inspector.isolate.marks import Marks
from inspector.model.finding import Finding
from inspector.model.ledger import Coverage, Gap, LedgerSpan
from inspector.model.observation import Sighting
from inspector.profile.document import coverage_figures, profile_document, verdict_document
from inspector.profile.grouping import Judge, apps_document
from inspector.profile.identity import artifact_kind, identity
from inspector.profile.parts import parts_document
from inspector.profile.severity import Severity, severity
from inspector.profile.verdict import Verdict, decide
from inspector.scan.android.whole import disagreements, missing, part_facts
from inspector.scan.endpoint.hosts import suffix_list
from inspector.scan.endpoint.rejection import REASONS
from inspector.scan.stage import settle
from inspector.workers import Workers

PACKAGE_UNPACKED: Final = 4 << 30
"""Most decoded bytes of a zip: apps are far smaller than firmware, bombs are mostly zips."""
SHELVES: Final = {announced.name: announced.shelf for announced in CATALOGUE}


class Subject(NamedTuple):
    """The file under inspection, opened."""

    name: str
    sha256: str
    data: Reader
    files: tuple[tuple[str, str, int], ...] = ()
    """(name, SHA-256, size) of the files that were joined to `data`."""


VDEX: Final = "vdex"
TIMING: Final = frozenset({"seconds", "memory"})
"""Limits that cut where the machine, not the artifact, decides."""
ORDER: Final = frozenset({"members", "unpacked", "ratio"})
"""Limits on sums over the whole tree: which member meets them depends on the order of the work."""
LIBRARIES: Final = {"aar": "android-library"}
"""Formats of the mobile kinds that are no app by themselves: the verdict does not call them one."""

Seen = tuple[Harvest, Yield, list[LedgerSpan], float, str]
"""What was harvested and found, the root's partition, score and format."""


def inspect_subject(
    subject: Subject,
    toolbox: Toolbox,
    options: Options,
    marks: Marks,
    quarantine: frozenset[str] = frozenset(),
    produced: Sequence[Produced] = (),
) -> dict[str, Any]:
    """Return the profile document of one artifact; `produced` is what external extractors made of parts of it."""
    harvest, found, spans, score, format_name = _seen(subject, toolbox, options, marks, quarantine, produced)
    sightings = _settled(harvest, found)
    classified = classify(sightings, toolbox.index, toolbox.addresses, harvest.counts)
    graded = _graded(classified, toolbox)
    harvest.gaps += _absent(subject.name, format_name, harvest.facts, classified)
    coverage = _coverage(found, harvest, spans, score, options.limits)
    kind = artifact_kind(format_name, [node.format for node in found.tree], SHELVES, harvest.facts)
    verdict = _decided(LIBRARIES.get(format_name, kind), graded, coverage)
    head = document_head(subject, toolbox, options, kind, format_name, not found.limits_hit & TIMING)
    told = [(key, path, value) for path, key, value in found.properties if key.startswith("app:")]
    head["artifact"]["identity"] = identity([*harvest.facts, *told], kind)
    tampering = [(app, note) for kind, app, note in harvest.facts if kind == "app:tampering"]
    tampering += disagreements(harvest.facts)
    head["artifact"]["tampering"] = sorted({f"{path}: {note}" for path, note in (*found.oddities, *tampering)})
    head["artifact"]["parts"] = parts_document(format_name, found.tree, part_facts(harvest.facts))
    apps = apps_document(sightings, coverage, [*harvest.facts, *told], _judge(toolbox))
    listed = harvest.refused.document(REASONS) if options.show_rejected else None
    return profile_document(head, verdict, graded, sightings, classified, coverage, harvest.rejected, apps, listed)


def _absent(name: str, root: str, facts: Sequence[tuple[str, str, str]], classified: Classified) -> list[Gap]:
    """Return the gaps that no reader could meet: what belongs to an app and is not here, what a packer hides."""
    gaps = [Gap(one.path, 0, 0, one.reason, one.detail) for one in missing(facts)]
    if root == VDEX and not any(kind == "app:classes" for kind, _, _ in facts):
        gaps.append(Gap(name, 0, 0, "missing", "the code itself: from Android 12 on it lies in the package alone"))
    for finding in classified.findings:
        if finding.subject.kind == "packer":
            place = finding.evidence[0].sighting.location
            gaps.append(
                Gap(place.path, place.offset, 0, "packed", f"{finding.subject.name}: code is hidden until the app runs")
            )
    return gaps


def _graded(classified: Classified, toolbox: Toolbox) -> list[tuple[Finding, Severity]]:
    categories = toolbox.knowledge.categories
    return [(finding, severity(finding, categories.get(finding.subject.category))) for finding in classified.findings]


def _decided(kind: str, graded: Sequence[tuple[Finding, Severity]], coverage: Coverage) -> Verdict:
    packers = [finding.subject.name for finding, _ in graded if finding.subject.kind == "packer"]
    return decide(kind, graded, coverage_figures(coverage), packers)


def _judge(toolbox: Toolbox) -> Judge:
    """Return the judge of apps inside an artifact: the same rules, over their own sightings."""

    def judge(
        sightings: Sequence[Sighting], coverage: Coverage
    ) -> tuple[dict[str, Any], Sequence[tuple[Finding, Severity]]]:
        graded = _graded(classify(sightings, toolbox.index, toolbox.addresses), toolbox)
        return verdict_document(_decided("app", graded, coverage)), graded

    return judge


def _seen(
    subject: Subject,
    toolbox: Toolbox,
    options: Options,
    marks: Marks,
    quarantine: frozenset[str],
    produced: Sequence[Produced],
) -> Seen:
    deadline = time.monotonic() + options.limits.seconds
    seen = _unpack_and_scan(subject, toolbox, options, marks, quarantine, produced, deadline)
    hit = seen[1].limits_hit
    if hit & ORDER and not hit & TIMING and options.workers > 1:
        # Where a limit cuts must not depend on which worker was faster. What they found goes first: twice is too much.
        del seen
        seen = _unpack_and_scan(subject, toolbox, options._replace(workers=1), marks, quarantine, produced, deadline)
    return seen


def _unpack_and_scan(
    subject: Subject,
    toolbox: Toolbox,
    options: Options,
    marks: Marks,
    quarantine: frozenset[str],
    produced: Sequence[Produced],
    deadline: float,
) -> Seen:
    harvest = Harvest(toolbox, marks, quarantine, options)
    limits = options.limits
    if subject.data.startswith(b"PK\x03\x04"):
        limits = limits._replace(unpacked=min(limits.unpacked, PACKAGE_UNPACKED))
    budget = Budget(limits, subject.data.size, deadline)
    walker = Walker(toolbox.carver, budget, harvest, Workers(harvest, options.workers))
    walker.know(subject.data, bytes.fromhex(subject.sha256))
    score, spans, format_name = walker.walk(Node(subject.name, subject.data, subject.name))
    for item in produced:
        place = Inside(f"{subject.name}!external@{item.span.start:#x}", 0, (), "", rooted=False)
        for member in members_of(item, subject.data):
            walker.member(place, member)
    walker.found.limits_hit |= budget.hit | harvest.limits_hit
    return harvest, walker.found, spans, score, format_name


def _settled(harvest: Harvest, found: Yield) -> list[Sighting]:
    """Return all sightings in order, raised to `started` where the boot reaches their file."""
    ordered = [
        sighting
        for observable in sorted(harvest.sightings)
        for sighting in sorted(harvest.sightings[observable], key=Sighting.sort_key)
    ]
    return settle(ordered, harvest.facts, found.paths)


def _coverage(found: Yield, harvest: Harvest, spans: list[LedgerSpan], score: float, limits: Limits) -> Coverage:
    return Coverage(
        score=score,
        partition=totals(spans),
        files_total=found.files,
        files_scanned=found.scanned,
        files_failed=found.failed,
        gaps=tuple(sorted([*found.gaps, *harvest.gaps])),
        limits=limits.as_pairs(),
        limits_hit=tuple(sorted(found.limits_hit)),
        tree=tuple(found.tree),
        root=tuple(spans),
    )


def document_head(
    subject: Subject, toolbox: Toolbox, options: Options, kind: str, format_name: str, deterministic: bool = True
) -> dict[str, Any]:
    """Return everything of the document before the verdict, identity and tampering still empty."""
    knowledge, addresses = toolbox.knowledge, toolbox.addresses
    return {
        "schema": "inspector/profile/1",
        "deterministic": deterministic,
        "tool": {"name": "inspector", "version": __version__},
        "options": {"show_rejected": options.show_rejected, "external": options.external},
        "external_tools": [],
        "knowledge": {
            "version": __version__,
            "sha256": knowledge.sha256,
            "date": knowledge.date,
            "signatures": len(knowledge.signatures),
            "vendors": len(knowledge.vendors),
            "psl_date": suffix_list().date,
            "ip_data": {"date": addresses.date, "source": addresses.source},
        },
        "artifact": {
            "name": subject.name,
            "sha256": subject.sha256,
            "size": subject.data.size,
            "kind": kind,
            "format": format_name,
            "identity": {},
            "files": [{"name": name, "sha256": digest, "size": size} for name, digest, size in subject.files],
            "parts": [],
            "tampering": [],
        },
    }
