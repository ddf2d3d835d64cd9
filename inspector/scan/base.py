"""The contract of a scanner: a leaf artifact and its bytes in, sightings out."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Presence, Sighting

REFUSED_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class ScannerInfo:
    """Documentation as data."""

    name: str
    emits: tuple[str, ...]
    """Kinds of observable."""
    reads: tuple[str, ...]
    """Leaf formats, or `("*",)` for every leaf."""
    summary: str
    references: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()


@dataclass(slots=True)
class ScanNotes:
    """What a scanner has to say besides sightings; one instance per leaf, merged by the pipeline."""

    rejected: Counter[str] = field(default_factory=Counter)
    """Candidates refused, by reason."""
    refused: list[tuple[str, str, int]] = field(default_factory=list)
    """(candidate, reason, offset) for `--show-rejected`; filled only when asked for."""
    listing: bool = False
    """Whether `refused` was asked for."""
    gaps: list[tuple[int, int, str, str]] = field(default_factory=list)
    """(offset, length, reason, detail) that the scanner could not read."""
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    """(kind, subject, object) for the merge: ("starts", script, program), ("imports", elf, "connect") …"""

    def refuse(self, candidate: str, reason: str, offset: int, count: int = 1) -> None:
        """Count a refusal that came `count` times, first at `offset`; list the first `REFUSED_KEPT` if asked for."""
        self.rejected[reason] += count
        if self.listing and len(self.refused) < REFUSED_KEPT:
            self.refused.append((candidate, reason, offset))


class Scanner(ABC):
    """Reads one leaf. Stateless apart from what `prepare` compiled."""

    INFO: ClassVar[ScannerInfo]

    def prepare(self, anchors: Anchors) -> None:  # noqa: B027
        """Compile what the knowledge asks for; called once per process before the first scan."""

    @abstractmethod
    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield sightings in the order of their offsets. Raises only `FormatError`."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a leaf's format knows of one offset in it."""

    context: Context = Context.CODE
    presence: Presence = Presence.STRING
    key: str = ""
    referenced_by: tuple[str, ...] = ()
    rejected: str = ""
    """Why a hit here is no text of the format at all; the hit is then counted as refused."""
    prefix: int = 0
    """Bytes at the start of the hit that are no text but the length in front of it."""


class Placer(ABC):
    """Tells what stands around an offset of one leaf format: ELF section, configuration key, loading method.

    The endpoint scanner asks for all its hits in a leaf at once, so that costly tables are built only where
    something was found.
    """

    FORMATS: ClassVar[tuple[str, ...]]

    @abstractmethod
    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit `[start, end)`, in the same order."""
