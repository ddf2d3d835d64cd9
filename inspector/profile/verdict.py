"""The answer: status, rating, limbs, one sentence, and why.

`none-found` is a claim of its own and needs its conditions: everything was seen. Whatever falls short of them without
a finding is `inconclusive`; what could not be inspected at all is `failed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inspector.model.finding import Finding, Rating
from inspector.model.knowledge import Limb
from inspector.model.ledger import Coverage
from inspector.profile.severity import Severity


class Status(StrEnum):
    """The four possible answers."""

    EXPOSED = "exposed"
    NONE_FOUND = "none-found"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"


LIMB_WORDS: Final = {
    Limb.DATA_TRANSFER: "can send data to",
    Limb.REMOTE_ADMINISTRATION: "can be administered from",
}
KIND_WORDS: Final = {
    "firmware": "This firmware",
    "android-app": "This Android app",
    "ios-app": "This iOS app",
    "archive": "This archive",
    "binary": "This binary",
    "unknown": "This file",
}


UNREAD: Final = frozenset({"failed", "malformed", "encrypted", "unsupported", "tool-missing"})
"""Gap reasons that stand for a reader that could not do its work."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When nothing found may be called none found; a policy can tighten or loosen them."""

    score: float = 0.95
    opaque_span: int = 64 << 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """The profile's answer; `reasons` are whole sentences, most important first."""

    status: Status
    rating: Rating
    limbs: tuple[Limb, ...]
    headline: str
    reasons: tuple[str, ...]


def decide(
    kind: str,
    graded: Sequence[tuple[Finding, Severity]],
    coverage: Coverage,
    packers: Sequence[str] = (),
    thresholds: Thresholds | None = None,
) -> Verdict:
    """Return the verdict over all findings and what was seen."""
    exposing = [(finding, level) for finding, level in graded if level.rating is not Rating.NONE]
    shortfalls = unseen(coverage, packers, thresholds or Thresholds())
    if exposing:
        return _exposed(kind, exposing, shortfalls)
    subject = KIND_WORDS.get(kind, KIND_WORDS["unknown"])
    if not shortfalls:
        sentence = (
            f"{subject} was read completely and nothing that leads to the PRC or to entities based there was found."
        )
        return Verdict(Status.NONE_FOUND, Rating.NONE, (), sentence, (f"{coverage.score:.1%} of the bytes were seen.",))
    sentence = (
        f"Nothing was found, but not everything could be seen: {subject.lower()} cannot be called free of exposure."
    )
    return Verdict(Status.INCONCLUSIVE, Rating.NONE, (), sentence, tuple(shortfalls))


def failed(problem: str) -> Verdict:
    """Return the verdict of an artifact that could not be inspected; `problem` is a sentence."""
    sentence = "The inspection failed; nothing can be said about this file."
    return Verdict(Status.FAILED, Rating.NONE, (), sentence, (problem,))


def unseen(coverage: Coverage, packers: Sequence[str], thresholds: Thresholds) -> list[str]:
    """Return, as sentences, what stands between this coverage and a `none-found`."""
    found = []
    if coverage.score < thresholds.score:
        found.append(f"Only {coverage.score:.1%} of the bytes were seen; {thresholds.score:.0%} are needed.")
    hidden = [gap for gap in coverage.gaps if gap.reason == "unknown-data" and gap.length > thresholds.opaque_span]
    if hidden:
        size = sum(gap.length for gap in hidden)
        found.append(f"{size:,} bytes look compressed or encrypted and are not explained.")
    if coverage.limits_hit:
        found.append(f"Limits were reached: {', '.join(coverage.limits_hit)}.")
    if packers:
        found.append(f"Code is hidden by a packer: {', '.join(packers)}.")
    unread = [gap for gap in coverage.gaps if gap.reason in UNREAD]
    if unread:
        parts = "1 part" if len(unread) == 1 else f"{len(unread)} parts"
        found.append(f"{parts} could not be read (first: {unread[0].detail}).")
    return found


def _exposed(kind: str, exposing: Sequence[tuple[Finding, Severity]], shortfalls: Sequence[str]) -> Verdict:
    limbs = tuple(sorted({limb for finding, _ in exposing for limb in finding.limbs}))
    rating = max((level.rating for _, level in exposing), key=lambda r: r.rank)
    ranked = sorted(exposing, key=lambda item: (-item[1].rating.rank, item[0].subject.id))
    verbs = " and ".join(LIMB_WORDS[limb] for limb in sorted(limbs, reverse=True))
    vendors = list(dict.fromkeys(finding.vendor.name for finding, _ in ranked))
    named = ", ".join(vendors[:4]) + (f" and {len(vendors) - 4} more" if len(vendors) > 4 else "")
    subject = KIND_WORDS.get(kind, KIND_WORDS["unknown"])
    sentence = f"{subject} {verbs} the PRC or entities based there: {named}."
    reasons = [f"{f.subject.name} ({f.vendor.name}), {level.rating}: {level.reasons[0]}" for f, level in ranked[:5]]
    return Verdict(Status.EXPOSED, rating, limbs, sentence, (*reasons, *shortfalls))
