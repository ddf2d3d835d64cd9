"""QNX4 file systems: blocks of 512 bytes, extents, inodes inside the directories or in a file of their own.

Format: the on-disk structures in Linux `include/uapi/linux/qnx4_fs.h` and `fs/qnx4`; always little-endian.
Limits: the superblock does not state the size of the volume; the map of its blocks bounds it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.runs import Run, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, holds, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

ROOT: Final = 512
"""Offset of the root's inode, the first thing of the superblock."""
ROOT_NAME: Final = b"/".ljust(16, b"\0")
BLOCK: Final = 512
ENTRY: Final = 64
INODE: Final = Struct("<16xIIII16xHH12x")
"""Size, first extent (block, blocks), block of further extents, number of extents, mode; a name stands before."""
STATUS_AT: Final = 63
USED, LINK = 0x01, 0x08
LINKED: Final = Struct("<48sIBI")
"""Name, block and index of the inode, block of a longer name."""
LONG_NAME_AT: Final = 6
MORE: Final = Struct("<IIB3xI480s8s")
MORE_MARK: Final = b"IamXblk\0"
EXTENT: Final = Struct("<II")
MOST_EXTENTS: Final = 60
MAP: Final = b".bitmap"
MAX_TARGET: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class _Inode:
    """One inode; blocks are counted from one."""

    size: int
    first: tuple[int, int]
    more: int
    extents: int
    mode: int

    @property
    def kind(self) -> MemberKind | None:
        return kind_of(self.mode)


class Qnx4Image:
    """An opened file system; the key of a file is the offset of its inode."""

    def __init__(self, data: Reader) -> None:
        if not data.startswith(ROOT_NAME, ROOT) or data.size < ROOT + BLOCK:
            raise NotThisFormat("no QNX4 superblock")
        self.data = data
        self._budget = Budget(data.size)
        self._tables = [Span(ROOT, ROOT + BLOCK)]
        if self.inode(ROOT).kind is not MemberKind.DIRECTORY:
            raise NotThisFormat("QNX4 root is no directory")
        bits = next((entry.key for entry in self.children(ROOT) if entry.name == MAP), 0)
        self.size = self.inode(bits).size * 8 * BLOCK if bits else 0
        if not self.size:
            raise NotThisFormat("QNX4 root without a map of its blocks")

    def inode(self, at: int) -> _Inode:
        """Return the inode at an offset."""
        size, block, count, more, extents, mode = self.data.unpack_at(at, INODE)
        return _Inode(size, (block, count), more, extents, mode)

    def runs(self, inode: _Inode) -> list[Run]:
        """Return where the parts of a file lie, in order."""
        runs, logical = [], 0
        for block, count in self._extents(inode):
            if logical >= inode.size:
                break
            if not block:
                raise Malformed("QNX4 extent at block 0")
            runs.append(Run(logical, (block - 1) * BLOCK, count * BLOCK))
            logical += count * BLOCK
        return runs

    def _extents(self, inode: _Inode) -> Iterator[tuple[int, int]]:
        """Yield the extents of a file: the first in its inode, the rest in a chain of blocks."""
        if not inode.extents:
            return
        yield inode.first
        left, block = inode.extents - 1, inode.more
        while left > 0:
            self._budget.spend(8 * BLOCK)
            at = (block - 1) * BLOCK
            follows, _, count, _, extents, mark = self.data.unpack_at(at, MORE)
            if mark != MORE_MARK or not 0 < count <= MOST_EXTENTS:
                raise Malformed(f"QNX4 block {block} holds no extents")
            self._tables.append(Span(at, at + BLOCK))
            for number in range(min(count, left)):
                yield EXTENT.unpack_from(extents, number * EXTENT.size)
            left, block = left - count, follows

    def children(self, at: int) -> Iterator[Entry[int]]:
        """Yield the entries of a directory."""
        inode = self.inode(at)
        for run in self.runs(inode):
            end = min(run.physical + run.length, self.data.size)
            for place in range(run.physical, end - ENTRY + 1, ENTRY):
                self._budget.spend(ENTRY)
                entry = self._entry(place)
                if entry is not None:
                    yield entry
            if end > run.physical:
                self._tables.append(Span(run.physical, end))

    def _entry(self, at: int) -> Entry[int] | None:
        """Return the entry at an offset: an inode with a short name, or a name and where its inode is."""
        raw = self.data.read_at(at, ENTRY)
        if not raw[0] or not raw[STATUS_AT] & (USED | LINK):
            return None
        name = raw[:16]
        if raw[STATUS_AT] & LINK:
            name, block, index, longer = LINKED.unpack_from(raw)
            at = (block - 1) * BLOCK + index * ENTRY
            if longer:  # its block belongs to a file of all long names
                name = self.data.read_upto((longer - 1) * BLOCK + LONG_NAME_AT, BLOCK - LONG_NAME_AT)
        name = name.split(b"\0")[0]
        if name in (b".", b".."):
            return None
        return Entry(name, at, holds(self._is_directory, at))

    def _is_directory(self, at: int) -> bool:
        return self.inode(at).kind is MemberKind.DIRECTORY

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry that is no directory."""
        inode = self.inode(found.key)
        kind, mode = inode.kind, inode.mode & 0o7777
        if kind is None:
            raise Malformed(f"QNX4 mode {inode.mode:#o}")
        if kind not in (MemberKind.FILE, MemberKind.SYMLINK):
            return Member(found.path, kind=kind, mode=mode, notes=found.notes)
        runs = self.runs(inode)
        extents = stored_spans(runs, inode.size, self.data.size)
        if kind is MemberKind.SYMLINK:
            self._tables += extents
            target = decode_name(bytes(open_runs(self.data, runs, inode.size, MAX_TARGET).all()))
            return Member(found.path, kind=kind, target=target, mode=mode, notes=found.notes)
        opener = partial(open_runs, self.data, runs, inode.size)
        return Member(found.path, opener, extents, inode.size, mode=mode, notes=found.notes)

    def structure(self) -> list[Span]:
        """Return the superblock, the directories and the lists of extents that were read."""
        return self._tables


def measure_qnx4(data: Reader) -> Span:
    """Return the extent: as many blocks as the map has bits, cut at what is there."""
    return Span(0, min(Qnx4Image(data).size, data.size))


def read_qnx4(data: Reader) -> Contents:
    """Return the contents of the file system that fills `data`; files come in the order of their data."""
    image = Qnx4Image(data)
    return Contents(members_of(ROOT, image.children, image.member), image.structure)
