"""The contract of an extractor: recognise a container, measure its extent, yield its members."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import Enum
from typing import ClassVar, NamedTuple

from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Grade(Enum):
    """How far a format is read; each grade is held by a test."""

    FULL = "full"
    """Contents are read."""
    LIST = "list"
    """Members are named, not all contents are read."""
    RECOGNISE = "recognise"
    """A named gap: what it is, and what would read it."""


class Family(Enum):
    """The shelf a format stands on; also the folder of its extractor."""

    FIRMWARE = "firmware"
    FILESYSTEM = "filesystem"
    ARCHIVE = "archive"
    MOBILE = "mobile"
    MEDIA = "media"
    EXTERNAL = "external"


class Magic(NamedTuple):
    """Bytes that announce a format, `offset` bytes behind its start."""

    pattern: bytes
    offset: int = 0
    carve: bool = True
    """Whether the pattern is rare enough to be looked for at any offset; else only at the start of an artifact."""
    rest: bytes = b""
    """What must stand behind the pattern, as an expression of `rest_size` bytes: spares the search common patterns."""
    rest_size: int = 0


class ExtractorInfo(NamedTuple):
    """Documentation as data: `inspector formats` and the reference page render it."""

    name: str
    """Short format name, lower case, used in locations (`squashfs`)."""
    title: str
    family: Family
    grade: Grade
    summary: str
    """One sentence: where the format is met."""
    references: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    """Empty claims full support."""
    tested: str = ""
    """On what the grade was earned: `original packer`, `real image`, `built sample`, each with its name."""
    remedy: str = ""
    """For RECOGNISE: what would read it."""
    scheme: str = ""
    """For RECOGNISE: the encryption that the header states; the gap's reason is then `encrypted`."""
    media: bool = False
    """Pictures, sound, fonts: bytes count as media once the structure parses."""


class Extractor(ABC):
    """One container format. Stateless: one instance serves every artifact."""

    INFO: ClassVar[ExtractorInfo]
    MAGIC: ClassVar[tuple[Magic, ...]]
    NAMES: ClassVar[tuple[str, ...]] = ()
    """Endings of file names that announce a format without a magic (`.br`); `measure` must then prove it."""

    def scattered(self, data: Reader, region: Span) -> Iterator[Span]:  # noqa: ARG002 - most formats have a magic
        """Yield extents inside `region`, which nothing else explains, of a format whose magic is too short to carve.

        Disjoint and in order; each proved by decoding, in time linear in the region.
        """
        return iter(())

    @abstractmethod
    def measure(self, data: Reader, offset: int) -> Span:
        """Return the validated extent of the container that starts at `offset`.

        Cheap: headers and checks only, no decoding of contents beyond what proves the format.
        Raises `NotThisFormat` for anything else, `Malformed` when it is certainly this format but damaged.
        """

    @abstractmethod
    def unpack(self, data: Reader) -> Contents:
        """Return the contents; `data` is exactly the measured extent, offsets in members are relative to it."""
