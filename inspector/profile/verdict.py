"""The answer: status, rating, limbs, one sentence, and why.

`none-found` is a claim of its own and needs its conditions: everything was seen. Whatever falls short of them without
a finding is `inconclusive`; what could not be inspected at all is `failed`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from inspector.classify.generic import UNKNOWN_VENDOR
from inspector.model.finding import Finding, Rating, foremost
from inspector.model.knowledge import PRC, Limb
from inspector.model.observation import Presence
from inspector.profile.severity import Severity, most_serious_first, only_disputed, only_site, placed


class Status(StrEnum):
    """The four possible answers."""

    EXPOSED = "exposed"
    NONE_FOUND = "none-found"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"


ABILITIES: Final = {
    (Limb.REMOTE_ADMINISTRATION, Limb.DATA_TRANSFER): ("be administered from and can send data to", ""),
    (Limb.REMOTE_ADMINISTRATION,): ("be administered from", "be administered by"),
    (Limb.DATA_TRANSFER,): ("send data to", "send data to"),
}
"""Limbs → what the artifact can do, in front of where it leads, and in front of a vendor alone."""
KIND_WORDS: Final = {
    "firmware": "firmware",
    "android-app": "Android app",
    "android-library": "Android library",
    "ios-app": "iOS app",
    "harmony-app": "HarmonyOS app",
    "archive": "archive",
    "binary": "binary",
    "app": "app",
}
UNREAD: Final = frozenset({"failed", "malformed", "encrypted", "unsupported", "tool-missing"})
"""Gap reasons that stand for a reader that could not do its work."""
NAMED_VENDORS: Final = 4
TOLD_FINDINGS: Final = 5
TOLD_ABSENT: Final = 3
"""Sentences about code or parts that are not there; a firmware may hold hundreds of apps."""


class Thresholds(NamedTuple):
    """When nothing found may be called none found; a policy can tighten or loosen them."""

    score: float = 0.95
    opaque_span: int = 64 << 10
    """Longest unexplained compressed or encrypted span, in bytes, that is still accepted."""


class Verdict(NamedTuple):
    """The profile's answer; `reasons` are whole sentences, most important first."""

    status: Status
    rating: Rating
    limbs: tuple[Limb, ...]
    headline: str
    reasons: tuple[str, ...]


def decide(
    kind: str,
    graded: Sequence[tuple[Finding, Severity]],
    coverage: Mapping[str, Any],
    packers: Sequence[str] = (),
    thresholds: Thresholds | None = None,
) -> Verdict:
    """Return the verdict over all findings and what was seen; `coverage` is that section of the document."""
    exposing = [(finding, level) for finding, level in graded if level.rating is not Rating.NONE]
    shortfalls = unseen(coverage, packers, thresholds or Thresholds())
    what = KIND_WORDS.get(kind, "file")
    if exposing:
        return _exposed(what, exposing, shortfalls)
    if not shortfalls:
        read = f"This {what}" if coverage["score"] >= 1 else f"{_percent(coverage['score'])} of this {what}"
        wholly = " completely" if coverage["score"] >= 1 else ""
        sentence = f"{read} was read{wholly}; nothing that leads to the PRC or to entities based there was found."
        reason = f"{_percent(coverage['score'])} of the bytes were seen."
        return Verdict(Status.NONE_FOUND, Rating.NONE, (), sentence, (reason,))
    sentence = f"Nothing was found, but not everything could be seen: this {what} cannot be called free of exposure."
    return Verdict(Status.INCONCLUSIVE, Rating.NONE, (), sentence, tuple(shortfalls))


def failed(problem: str) -> Verdict:
    """Return the verdict of an artifact that could not be inspected; `problem` is a sentence."""
    sentence = "The inspection failed; nothing can be said about this file."
    return Verdict(Status.FAILED, Rating.NONE, (), sentence, (problem,))


def unseen(coverage: Mapping[str, Any], packers: Sequence[str], thresholds: Thresholds) -> list[str]:
    """Return, as sentences, what stands between this coverage section and a `none-found`."""
    found = []
    gaps, most = coverage["gaps"], thresholds.opaque_span
    if not any(coverage["partition"].values()):
        found.append("The file is empty: there was nothing to inspect.")
    if coverage["score"] < thresholds.score:
        found.append(f"Only {_percent(coverage['score'])} of the bytes were seen; {thresholds.score:.1%} are needed.")
    hidden = [gap["length"] for gap in gaps if gap["reason"] == "unknown-data" and gap["length"] > most]
    if hidden:
        # The list of gaps counts smaller ones too: the sum says which it means.
        parts = f"{len(hidden)} part{'s' * (len(hidden) > 1)} over {most:,} bytes"
        found.append(f"{sum(hidden):,} bytes in {parts} look compressed or encrypted and are not explained.")
    if coverage["limits_hit"]:
        found.append(f"Limits were reached: {', '.join(coverage['limits_hit'])}.")
    if packers:
        found.append(f"Code is hidden by a packer: {', '.join(packers)}.")
    else:
        found += [f"Code is hidden or missing: {gap['detail']}." for gap in gaps if gap["reason"] == "packed"][
            :TOLD_ABSENT
        ]
    found += [f"Which code runs is not certain: {gap['detail']}." for gap in gaps if gap["reason"] == "ambiguous"][
        :TOLD_ABSENT
    ]
    found += [f"Not everything is here: {gap['detail']}." for gap in gaps if gap["reason"] == "missing"][:TOLD_ABSENT]
    unread = [gap for gap in gaps if gap["reason"] in UNREAD]
    if unread:
        parts = "1 part" if len(unread) == 1 else f"{len(unread)} parts"
        found.append(f"{parts} could not be read (first: {unread[0]['detail'] or unread[0]['reason']}).")
    return found


def _percent(share: float) -> str:
    """Return a share in percent, rounded down, so that 100.0% means all of it."""
    return f"{int(share * 1000) / 10:.1f}%"


def _exposed(what: str, exposing: Sequence[tuple[Finding, Severity]], shortfalls: Sequence[str]) -> Verdict:
    limbs = tuple(sorted({limb for finding, _ in exposing for limb in finding.limbs}))
    ranked = sorted(exposing, key=most_serious_first)
    top = ranked[0][1].rating
    least = max(top.rank - 1, min(top.rank, Rating.MEDIUM.rank))
    told = [finding for finding, level in ranked if level.rating.rank >= least]
    reasons = [_because(finding, level) for finding, level in ranked[:TOLD_FINDINGS]]
    if len(ranked) > TOLD_FINDINGS:
        more = len(ranked) - TOLD_FINDINGS
        reasons.append(f"{more} more finding{'s' * (more > 1)}, {ranked[TOLD_FINDINGS][1].rating} or lower.")
    return Verdict(Status.EXPOSED, top, limbs, _headline(what, told), (*reasons, *shortfalls))


def _headline(what: str, told: Sequence[Finding]) -> str:
    """State what is there, each vendor with its limbs.

    A name in the bytes is no ability, a disputed seat no seat, and who is met by a web site alone receives no data.
    """
    sure = [finding for finding in told if not only_disputed(finding)]
    named = sure or told
    target = "the PRC or entities based there" if sure else "a vendor whose ties to the PRC are disputed"
    more = [finding for finding in named if not only_site(finding)]
    used = [finding for finding in more if finding.presence is not Presence.STRING]
    sentences = _abilities(what, used, target, by_vendor=not sure)
    vendors = {finding.vendor for finding in used}
    unused = [finding for finding in more if finding.vendor not in vendors]
    if unused and used:
        sentences.append(f"Names or code of others are in it, use of them was not seen: {_vendors(unused)}.")
    elif unused:
        sentences.append(f"This {what} holds names or code of {target}; use of them was not seen: {_vendors(unused)}.")
    known = {finding.vendor for finding in more}
    sites = [finding for finding in named if finding.vendor not in known]
    if sites and more:
        sentences.append(f"Web sites of others are named as well: {_vendors(sites)}.")
    elif sites:
        sentences.append(
            f"This {what} names web sites of {target}, nothing else of theirs was found: {_vendors(sites)}."
        )
    disputed = [finding for finding in told if only_disputed(finding)] if sure else []
    if disputed:
        sentences.append(f"Ties to the PRC are disputed: {_vendors(disputed)}.")
    return " ".join(sentences)


def _abilities(what: str, used: Sequence[Finding], target: str, by_vendor: bool) -> list[str]:
    """Return a sentence for each set of limbs that some vendor has; the first one names the target."""
    limbs_of: dict[str, set[Limb]] = defaultdict(set)
    for finding in used:
        limbs_of[finding.vendor.id] |= set(finding.limbs)
    sentences: list[str] = []
    for limbs, (to_place, to_vendor) in ABILITIES.items():
        group = [finding for finding in used if limbs_of[finding.vendor.id] == set(limbs)]
        if group and sentences:
            sentences.append(f"It can also {to_vendor}: {_vendors(group)}.")
        elif group:
            words = to_place.replace("administered from", "administered by") if by_vendor else to_place
            sentences.append(f"This {what} can {words} {target}: {_vendors(group)}.")
    return sentences


def _vendors(findings: Sequence[Finding]) -> str:
    names = list(dict.fromkeys(_whom(finding) + _seat(finding) for finding in findings))
    if len(names) > NAMED_VENDORS:
        names = [*names[:NAMED_VENDORS], f"{len(names) - NAMED_VENDORS} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _whom(finding: Finding) -> str:
    return "an unknown operator" if finding.vendor.id == UNKNOWN_VENDOR else finding.vendor.name


def _seat(finding: Finding) -> str:
    """Return what leads to the PRC where it is not the vendor's seat: a bare name would read as if it were."""
    seat = finding.vendor.domicile
    inside = [endpoint for endpoint in finding.endpoints if endpoint.hosting in PRC]
    if not seat or seat in PRC or finding.vendor.disputed or not inside:
        return ""
    return f" ({seat}, endpoint {placed(inside)} {inside[0].hosting})"


def _because(finding: Finding, level: Severity) -> str:
    """Return one finding in one line: who, how serious, and the facts that decide it."""
    seat = f", {finding.vendor.domicile}" if finding.vendor.domicile else ""
    facts = [" and ".join(str(limb).replace("-", " ") for limb in finding.limbs), str(finding.presence)]
    if finding.endpoints:
        places = [(endpoint.value, endpoint.hosting) for endpoint in finding.endpoints]
        first = finding.endpoints[foremost(places, (item.sighting.observable.value for item in finding.evidence))]
        place = f" {placed([first])} {first.hosting}" if first.hosting else ""
        operator = f", operator {first.operator}" if first.operator else ""
        facts.append(f"{first.value}{place}{operator}")
    return f"{finding.subject.name} ({_whom(finding)}{seat}), {level.rating}: {'; '.join(facts)}."
