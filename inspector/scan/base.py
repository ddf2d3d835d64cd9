"""The contract of a scanner: a leaf artifact and its bytes in, sightings out."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Final, NamedTuple

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Presence, Sighting
from inspector.scan.sweep import Anchor, Sweep, Window

REFUSED_KEPT: Final = 100_000


class ScannerInfo(NamedTuple):
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

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the leaf formats, or `("*",)` for every leaf."""
        return self.INFO.reads

    def prepare(self, anchors: Anchors) -> None:  # noqa: B027
        """Compile what the knowledge asks for; called once per process before the first scan."""

    @abstractmethod
    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield sightings in the order of their offsets. Raises only `FormatError`."""


class AnchoredScanner(Scanner):
    """Reads a leaf only where one of its anchors stands: leaves without any cost it nothing.

    The stage finds the anchors of all such scanners in one pass and hands each its own; `scan` does it for one alone.
    """

    FIXED: ClassVar[bool] = True
    """Whether the anchors are the same whatever the knowledge: what changes is compiled apart, for that takes time."""

    @abstractmethod
    def anchors(self) -> tuple[Anchor, ...]:
        """Return what to look for; called after `prepare`. Kinds are below 2**20."""

    @abstractmethod
    def judge(
        self, artifact: Artifact, data: Reader, notes: ScanNotes, windows: Iterable[Window]
    ) -> Iterator[Sighting]:
        """Yield sightings in the order of their offsets; `windows` hold the matches of the own anchors."""

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield what `judge` makes of a sweep for the own anchors alone."""
        yield from self.judge(artifact, data, notes, self._own_sweep.windows(data))

    @cached_property
    def _own_sweep(self) -> Sweep:
        return Sweep(self.anchors())


class Place(NamedTuple):
    """What a leaf's format knows of one offset in it."""

    context: Context = Context.CODE
    presence: Presence = Presence.STRING
    key: str = ""
    referenced_by: tuple[str, ...] = ()
    rejected: str = ""
    """Why a hit here is no text of the format at all; the hit is then counted as refused."""
    prefix: int = 0
    """Bytes at the start of the hit that are no text but the length in front of it."""
    bounded: bool = False
    """Whether the leaf's format tells where the text around the hit begins and ends, so that it is read by itself."""


class Placer(ABC):
    """Tells what stands around an offset of one leaf format: ELF section, configuration key, loading method.

    The endpoint scanner asks for all its hits in a leaf at once, so that costly tables are built only where
    something was found.
    """

    FORMATS: ClassVar[tuple[str, ...]]

    @abstractmethod
    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit `[start, end)`, in the same order."""
