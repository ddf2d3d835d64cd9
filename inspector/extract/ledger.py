"""Partition a node's bytes: every byte in exactly one span, whatever the parsers claim.

Claims may overlap, be out of order or reach outside the node. Members outrank media, media outranks structure; where
members share bytes the span weighs as much as their mean. A claim never raises the weight of bytes: what no claim
covers is typed by its statistics, and structure claimed twice counts once.
"""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

from inspector.formats.reader import Span
from inspector.model.ledger import LedgerSpan, SpanKind

RANK: Final = (
    SpanKind.MEMBER,
    SpanKind.OPAQUE,
    SpanKind.MEDIA,
    SpanKind.STRUCTURE,
    SpanKind.PADDING,
    SpanKind.SCANNED,
)


class Claim(NamedTuple):
    """A parser's word that `span` is `kind`; `weight` is the score of what was read from it."""

    span: Span
    kind: SpanKind
    weight: float = 1.0
    detail: str = ""


def partition(size: int, claims: Iterable[Claim]) -> tuple[list[LedgerSpan], list[Span]]:
    """Return (disjoint spans of the claims, what no claim covers); together they cover `[0, size)` exactly once."""
    if not size:
        return [], []
    ordered = sorted(_clamped(size, claims), key=lambda c: (c.span.start, c.span.end, c.kind, c.detail))
    spans: list[LedgerSpan] = []
    free: list[Span] = []
    ends: list[tuple[int, int]] = []  # heap of (end, index into ordered)
    standing = _Standing()
    at = index = 0
    while at < size:
        while index < len(ordered) and ordered[index].span.start <= at:
            heappush(ends, (ordered[index].span.end, index))
            standing.enter(ordered[index])
            index += 1
        while ends and ends[0][0] <= at:
            standing.leave(ordered[heappop(ends)[1]])
        following = ordered[index].span.start if index < len(ordered) else size
        end = min(ends[0][0], following) if ends else following
        if ends:
            _append(spans, LedgerSpan(at, end, *standing.winner(ordered[ends[0][1]])))
        else:
            free.append(Span(at, end))
        at = end
    return spans, free


class _Standing:
    """The claims that cover the current byte, as running sums: thousands may share one block."""

    def __init__(self) -> None:
        self._count = dict.fromkeys(SpanKind, 0)
        self._weight = dict.fromkeys(SpanKind, 0)

    def enter(self, claim: Claim, sign: int = 1) -> None:
        self._count[claim.kind] += sign
        # Integer millionths: sums that return to zero exactly, in whatever order claims leave.
        self._weight[claim.kind] += sign * round(claim.weight * 1_000_000)

    def leave(self, claim: Claim) -> None:
        self.enter(claim, -1)

    def winner(self, any_claim: Claim) -> tuple[SpanKind, float, str]:
        kind = next(kind for kind in RANK if self._count[kind])
        count = self._count[kind]
        detail = any_claim.detail if count == 1 and any_claim.kind is kind else ""
        return kind, self._weight[kind] / count / 1_000_000, detail


def score(spans: Sequence[LedgerSpan]) -> float:
    """Return the share of bytes that were seen, 0 to 1; 1 for a node without bytes."""
    total = sum(len(span) for span in spans)
    return sum(len(span) * span.weight for span in spans) / total if total else 1.0


def totals(spans: Iterable[LedgerSpan]) -> dict[SpanKind, int]:
    """Return bytes by kind, every kind present."""
    sums = dict.fromkeys(SpanKind, 0)
    for span in spans:
        sums[span.kind] += len(span)
    return sums


def _clamped(size: int, claims: Iterable[Claim]) -> Iterable[Claim]:
    for claim in claims:
        start, end = max(claim.span.start, 0), min(claim.span.end, size)
        if start < end:
            yield claim if (start, end) == (claim.span.start, claim.span.end) else _moved(claim, Span(start, end))


def _moved(claim: Claim, span: Span) -> Claim:
    return Claim(span, claim.kind, claim.weight, claim.detail)


def _append(spans: list[LedgerSpan], new: LedgerSpan) -> None:
    last = spans[-1] if spans else None
    if last and last.end == new.start and (last.kind, last.weight, last.detail) == (new.kind, new.weight, new.detail):
        new = LedgerSpan(last.start, new.end, new.kind, new.weight, new.detail)
        spans.pop()
    spans.append(new)
