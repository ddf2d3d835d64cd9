"""romfs: the smallest read-only file system, uncompressed.

Format: Linux `Documentation/filesystems/romfs.rst`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.filesystem.runs import Run, open_runs
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"-rom1fs-"
HEADER: Final = Struct(">IIII")
MAX_NAME: Final = 4096
MAX_TARGET: Final = 1 << 16
HARD_LINK, DIRECTORY, FILE, SYMLINK = range(4)
KINDS: Final = (
    MemberKind.HARDLINK, MemberKind.DIRECTORY, MemberKind.FILE, MemberKind.SYMLINK,
    MemberKind.DEVICE, MemberKind.DEVICE, MemberKind.SOCKET, MemberKind.FIFO,
)  # fmt: skip
EXECUTABLE: Final = 8


@dataclass(frozen=True, slots=True)
class RomfsFile:
    """One file header."""

    next: int
    type: int
    executable: bool
    info: int
    """First entry of a directory, target of a hard link, numbers of a device."""
    size: int
    name: bytes
    data: int


class RomfsImage:
    """An opened image; remembers the headers it has read."""

    def __init__(self, data: Reader) -> None:
        if not data.startswith(MAGIC) or data.size < 32:
            raise NotThisFormat("no romfs magic")
        self.data = data
        self._budget = Budget(data.size)
        self.size, _ = data.unpack_at(8, Struct(">II"))
        self.label, self.first = self._name(16)
        if not _sums_to_zero(data.read_upto(0, min(512, self.size))):
            raise NotThisFormat("romfs checksum differs")
        self._headers = {0: self.first}

    def _name(self, at: int) -> tuple[bytes, int]:
        """Return a name and where the 16-byte row behind its NUL starts."""
        raw = self.data.read_upto(at, MAX_NAME)
        end = raw.find(b"\0")
        if end < 0:
            raise Malformed("romfs name without its end")
        return raw[:end], at + (end // 16 + 1) * 16

    def file(self, at: int) -> RomfsFile:
        """Return the header at `at`."""
        self._budget.spend(HEADER.size)
        follows, info, size, _ = self.data.unpack_at(at, HEADER)
        name, data = self._name(at + 16)
        self._headers[at] = data
        return RomfsFile(follows & ~15, follows & 7, bool(follows & EXECUTABLE), info & ~15, size, name, data)

    def children(self, first: int) -> Iterator[Entry[int]]:
        """Yield a chain of entries; the key of a directory is its first entry, that of the rest their header."""
        at, seen = first, set()
        while at:
            if at in seen:
                raise Malformed("romfs entries run in a circle")
            seen.add(at)
            file = self.file(at)
            if file.name not in (b".", b".."):
                directory = file.type == DIRECTORY
                yield Entry(file.name, file.info if directory else self._linked(file, at), directory)
            at = file.next

    def _linked(self, file: RomfsFile, at: int) -> int:
        return file.info if file.type == HARD_LINK else at

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry."""
        file = self.file(found.key)
        mode = 0o755 if file.executable else 0o644
        kind = KINDS[file.type]
        end = file.data + file.size
        if file.type == SYMLINK:
            target = decode_name(self.data.read_at(file.data, min(file.size, MAX_TARGET)))
            self._headers[file.data] = min(end, self.data.size)
            return Member(found.path, kind=kind, target=target, mode=mode, notes=found.notes)
        if file.type != FILE:
            return Member(found.path, kind=kind, mode=mode, notes=found.notes)
        if end > self.data.size:
            raise Malformed(f"romfs file at {file.data:#x} is cut off")
        opener = partial(open_runs, self.data, [Run(0, file.data, file.size)], file.size)
        extents = (Span(file.data, end),) if file.size else ()
        return Member(found.path, opener, extents, file.size, mode=mode, notes=found.notes)

    def structure(self) -> list[Span]:
        """Return the headers and link targets that were read."""
        return [Span(start, end) for start, end in self._headers.items()]


def _sums_to_zero(head: bytes) -> bool:
    """The first 512 bytes, taken as big-endian words, add up to 0."""
    head += bytes(-len(head) % 4)
    total: int = sum(word for (word,) in Struct(">I").iter_unpack(head))
    return total & 0xFFFFFFFF == 0


def measure_romfs(data: Reader) -> Span:
    """Return the extent as the header states it; packers pad the image to 1 KiB behind it."""
    image = RomfsImage(data)
    if not 32 <= image.size <= data.size:
        raise Malformed(f"romfs image is cut off: {data.size} of {image.size} bytes")
    return Span(0, image.size)


def read_romfs(data: Reader) -> Contents:
    """Return the contents of the image that fills `data`."""
    image = RomfsImage(data)
    members = members_of(image.first, image.children, image.member)
    return Contents(members, image.structure, {"label": decode_name(image.label)})
