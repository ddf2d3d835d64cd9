"""Inodes of ext2/3/4 and how they find their blocks: extents, indirect blocks, or data inside the inode."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, iter_unpack
from typing import Final

from inspector.errors import LimitReached, Malformed
from inspector.formats.filesystem.runs import Run
from inspector.formats.reader import Reader, Span

USES_EXTENTS: Final = 0x80000
HOLDS_DATA: Final = 0x10000000
ENCRYPTED: Final = 0x800
COMPRESSED: Final = 0x4
HEADER: Final = Struct("<HHHH4x")
LEAF: Final = Struct("<IHHI")
NODE: Final = Struct("<IIH2x")
ATTRIBUTE: Final = Struct("<BBHII4x")
MAX_LENGTH: Final = 32768
"""Longest extent; a larger length marks one that is allocated, but not written: it reads as zeros."""
MIN_RUNS: Final = 1 << 16
"""Runs read per image, with four times its blocks on top: trees shared on purpose could be read for ever."""


@dataclass(frozen=True, slots=True)
class ExtInode:
    """One inode; `body` is all of it as stored."""

    number: int
    mode: int
    size: int
    flags: int
    links: int
    sectors: int
    body: bytes

    @property
    def block(self) -> bytes:
        """The 60 bytes that hold pointers, extents, a short link, or the start of inline data."""
        return self.body[40:100]


def parse_inode(number: int, body: bytes) -> ExtInode:
    """Return the inode stored in `body`."""
    (mode, _, low), links, sectors, flags = Struct("<HHI").unpack_from(body), *Struct("<HII").unpack_from(body, 26)
    high = int.from_bytes(body[108:112], "little")
    regular = mode & 0xF000 in (0x8000, 0x4000)
    return ExtInode(number, mode, low | (high << 32 if regular else 0), flags, links, sectors, body)


def inline_data(inode: ExtInode) -> bytes:
    """Return a file kept inside its inode: the pointer field first, the rest in the attribute `system.data`."""
    return (inode.block + _attribute(inode.body))[: inode.size]


def _attribute(body: bytes) -> bytes:
    extra = int.from_bytes(body[128:130], "little") if len(body) > 130 else 0
    first = 128 + extra + 4
    if body[first - 4 : first] != b"\0\0\x02\xea":
        return b""
    at = first
    while at + ATTRIBUTE.size <= len(body):
        length, index, offset, _, size = ATTRIBUTE.unpack_from(body, at)
        if not length and not index:
            break
        name = body[at + ATTRIBUTE.size : at + ATTRIBUTE.size + length]
        if index == 7 and name == b"data":
            return body[first + offset : first + offset + size]
        at += -(-(ATTRIBUTE.size + length) // 4) * 4
    return b""


class BlockMap:
    """Finds the runs of files; remembers every block that held pointers, as these are the file system's own."""

    def __init__(self, data: Reader, block_size: int) -> None:
        self._data = data
        self._size = block_size
        self._left = 4 * (data.size // block_size) + MIN_RUNS
        self.tables: set[int] = set()
        """Numbers of the blocks that held pointers."""

    def runs(self, inode: ExtInode) -> Iterator[Run]:
        """Yield the stored runs in bytes, unwritten and missing blocks left out."""
        if inode.flags & USES_EXTENTS:
            found = self._extents(inode.block, 5)
        else:
            found = self._indirect(inode)
        for logical, physical, count in found:
            self._left -= 1
            if self._left < 0:
                raise LimitReached("too many extents in one file system", "max-members")
            yield Run(logical * self._size, physical * self._size, count * self._size)

    def spans(self) -> Iterator[Span]:
        """Yield the blocks that held pointers, as bytes."""
        for block in self.tables:
            yield Span(block * self._size, (block + 1) * self._size)

    def _extents(self, node: bytes | memoryview, depth: int) -> Iterator[tuple[int, int, int]]:
        magic, entries, _, level = HEADER.unpack_from(node)
        if magic != 0xF30A or level > depth or 12 + 12 * entries > len(node):
            raise Malformed("damaged extent tree")
        body = node[12 : 12 + 12 * entries]
        if level == 0:
            for logical, length, high, low in LEAF.iter_unpack(body):
                if length <= MAX_LENGTH:
                    yield logical, high << 32 | low, length
            return
        for _, low, high in NODE.iter_unpack(body):
            yield from self._extents(self._table(high << 32 | low), level - 1)

    def _indirect(self, inode: ExtInode) -> Iterator[tuple[int, int, int]]:
        pointers = [p for (p,) in iter_unpack("<I", inode.block)]
        left = -(-inode.size // self._size)
        logical, per_block = 0, self._size // 4
        for index, pointer in enumerate(pointers):
            level = max(index - 11, 0)
            span = per_block**level
            if logical >= left:
                return
            if pointer:
                yield from self._tree(pointer, level, logical, left)
            logical += span

    def _tree(self, block: int, level: int, logical: int, end: int) -> Iterator[tuple[int, int, int]]:
        if level == 0:
            yield logical, block, 1
            return
        step = (self._size // 4) ** (level - 1)
        for (pointer,) in iter_unpack("<I", self._table(block)):
            if logical >= end:
                return
            if pointer:
                yield from self._tree(pointer, level - 1, logical, end)
            logical += step

    def _table(self, block: int) -> memoryview:
        view = self._data.view_at(block * self._size, self._size)
        self.tables.add(block)
        # A whole block of pointers is read for each time one is named: that counts, too.
        self._left -= 1
        if self._left < 0:
            raise LimitReached("too many extents in one file system", "max-members")
        return view
