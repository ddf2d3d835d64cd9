"""What a container parser hands over: its members, and which of its bytes are its own tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from inspector.formats.reader import Reader, Span

Opener = Callable[[int], Reader]
"""Decode a member: takes the most decoded bytes allowed, returns a reader, raises a `FormatError`
(`LimitReached` past the allowance, `Encrypted`, `Unsupported`, `Malformed`)."""


class MemberKind(Enum):
    """What a directory entry is. Only FILE has content; the rest is recorded as data and never acted on."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    DEVICE = "device"
    FIFO = "fifo"
    SOCKET = "socket"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a container, not yet decoded."""

    path: str
    """Name as the container gives it, `/`-separated, decoded by `names.decode_name`; may be hostile."""
    open: Opener | None = None
    """None for entries without content, and for content that cannot be read (then `problem` says why)."""
    extents: tuple[Span, ...] = ()
    """Where its stored bytes lie in the container; members may share an extent."""
    size: int = -1
    """Decoded size the container claims, or -1; never trusted for allocation."""
    kind: MemberKind = MemberKind.FILE
    target: str = ""
    """Link target, as data."""
    mode: int = 0
    """POSIX permission bits, as data; 0 when the container has none."""
    format: str = ""
    """Leaf format the container already knows (`"dex"`, `"kernel"`), or empty."""
    resources: tuple[tuple[int, str], ...] = ()
    """(identifier, name) of texts that the container keeps for this member's code: `(0x7F0E0012, "string/api_url")`."""
    problem: Exception | None = None
    """Why the content cannot be opened, a `FormatError`; becomes a gap over `extents`."""
    notes: tuple[str, ...] = ()
    """Oddities worth reporting (`"path escapes the container"`, `"wrong CRC"`): become tampering notes."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A container taken apart. `members` is read once, lazily; `structure` may be asked for after that only."""

    members: Iterable[Member]
    structure: Callable[[], Iterable[Span]] = field(default=tuple)
    """The container's own tables and headers that were really parsed: half-open spans, any order, may overlap."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """Facts of the header for the reader of a report (`"compression": "xz"`, `"name": "Linux-4.14"`)."""
    notes: tuple[str, ...] = ()
    """Oddities of the container itself (tampering, damage that was read around)."""
    damage: str = ""
    """Why members may be missing that nobody can name (`"central directory missing"`): becomes a gap."""
