"""The coverage ledger as a picture: the artifact from its first byte to its last, and shares by kind."""

from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 1000
KINDS: Final = ("structure", "member", "media", "scanned", "padding", "opaque")


@dataclass(frozen=True, slots=True)
class Bar:
    """A run of bytes: position and width on a scale of `WIDTH`, and how much of it (0 to 1) was seen."""

    x: float
    width: float
    kind: str
    seen: float


@dataclass(frozen=True, slots=True)
class Share:
    """How many bytes are of one kind."""

    kind: str
    size: int
    share: float


def bars(coverage: dict[str, Any], size: int) -> list[Bar]:
    """Return the runs in order; what the profile's map does not list is left blank at the end."""
    if not size:
        return []
    return [
        Bar(
            round(span["start"] / size * WIDTH, 2),
            max(round((span["end"] - span["start"]) / size * WIDTH, 2), 0.4),
            span["kind"] if span["kind"] in KINDS else "opaque",
            min(max(span["weight"], 0.0), 1.0),
        )
        for span in coverage["map"]
    ]


def shares(coverage: dict[str, Any]) -> list[Share]:
    """Return the kinds that occur, in the order of the ledger."""
    partition = coverage["partition"]
    total = sum(partition.get(kind, 0) for kind in KINDS) or 1
    return [Share(kind, partition[kind], partition[kind] / total) for kind in KINDS if partition.get(kind)]
