"""The coverage ledger: which bytes of a node are what, what was not seen, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class SpanKind(StrEnum):
    """What a span of a node's own bytes turned out to be."""

    STRUCTURE = "structure"
    """Tables and headers of a container that were really parsed."""
    MEMBER = "member"
    """Stored bytes of members whose content was read; weighs as much as those members' scores."""
    MEDIA = "media"
    """Pictures, sound, fonts whose structure parsed."""
    SCANNED = "scanned"
    """Bytes in the clear that the scanners read."""
    PADDING = "padding"
    """One repeated byte."""
    OPAQUE = "opaque"
    """Not explained: compressed or encrypted by its statistics, or a container that could not be read."""


@dataclass(frozen=True, slots=True, order=True)
class LedgerSpan:
    """`[start, end)` of a node's bytes. The spans of a node are disjoint, sorted and cover it exactly."""

    start: int
    end: int
    kind: SpanKind
    weight: float = 1.0
    """Share of the span that counts as seen, 0 to 1: a member's score, 0 for opaque."""
    detail: str = ""

    def __len__(self) -> int:
        return self.end - self.start


class Gap(NamedTuple):
    """A range that was not inspected."""

    path: str
    offset: int
    length: int
    reason: str
    """`malformed`, `encrypted`, `unsupported`, `limit`, `tool-missing`, `failed`, `unknown-data`, `ambiguous`, `packed`
    or `missing`."""
    detail: str = ""
    remedy: str = ""
    entropy: float = -1.0
    """Bits per byte of the range, or -1 where it was not measured."""


class TreeNode(NamedTuple):
    """One container or notable leaf in the tree of an artifact."""

    path: str
    format: str
    sha256: str
    size: int
    score: float
    properties: tuple[tuple[str, str], ...] = ()


class Coverage(NamedTuple):
    """What was seen of the whole artifact; `partition` sums to the size of the root."""

    score: float
    partition: dict[SpanKind, int]
    files_total: int = 0
    files_scanned: int = 0
    files_failed: int = 0
    gaps: tuple[Gap, ...] = ()
    limits: tuple[tuple[str, int], ...] = ()
    limits_hit: tuple[str, ...] = ()
    tree: tuple[TreeNode, ...] = ()
    root: tuple[LedgerSpan, ...] = ()
    """The root's own partition, for the picture in the report."""
