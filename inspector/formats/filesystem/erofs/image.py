"""An EROFS image: inodes, directories, contents."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.filesystem.erofs.compressed import (
    FRAGMENT,
    INLINE,
    Extent,
    MapHeader,
    decode_extent,
    parse_map_header,
    read_index,
)  # fmt: skip
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.runs import Run, merged, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

AT: Final = 1024
MAGIC: Final = b"\xe2\xe1\xf5\xe0"
SUPER: Final = Struct("<4sII BBHQQIIII 16s16s IHHHBBIQ")
COMPACT: Final = Struct("<HHHHIII")
EXTENDED: Final = Struct("<HHHHQI")
DIRENT: Final = Struct("<QHBx")
FLAT, FULL, INLINE_TAIL, COMPACT_INDEX, CHUNKS = range(5)
HOLE: Final = 0xFFFFFFFF
MAX_LISTING: Final = 1 << 28
MAX_TARGET: Final = 1 << 16
ZERO_PADDING: Final = 0x1
WIDE: Final = 0x80
KEPT: Final = 16
MAX_ENTRIES: Final = 1 << 25
"""Index entries read per image: inodes that overlap on purpose could share the same ones for ever."""


@dataclass(frozen=True, slots=True)
class ErofsInode:
    """One inode; `end` is where its extended attributes end and its index or tail starts."""

    layout: int
    mode: int
    size: int
    block: int
    """First block of a flat file, format of a chunked one."""
    at: int
    end: int


class ErofsImage:
    """An opened image; keeps a few decoded parts of the packed inode, which many files share."""

    def __init__(self, data: Reader) -> None:
        if data.size < AT + 128 or not data.startswith(MAGIC, AT):
            raise NotThisFormat("no EROFS superblock")
        (_, _, _, bits, _, root, _, _, _, blocks, meta, _, _, label, incompat, _, _, _, _, _, _,
         packed) = data.unpack_at(AT, SUPER)  # fmt: skip
        if not 9 <= bits <= 16:
            raise NotThisFormat("EROFS block size is out of range")
        if incompat & WIDE:
            raise Unsupported("EROFS with 48-bit block numbers")
        self.data = data
        self.bits = bits
        self.block_size = 1 << bits
        self.size = blocks << bits
        self.root = root
        self.label = decode_name(label.split(b"\0")[0])
        self._meta = meta << bits
        self._packed = packed
        self._padded = bool(incompat & ZERO_PADDING)
        self._tables: list[Span] = [Span(0, AT + 128 + 16)]
        self._budget = Budget(data.size, MAX_LISTING)
        self._left = MAX_ENTRIES
        self._cache: dict[int, bytes] = {}

    def inode(self, number: int) -> ErofsInode:
        """Return an inode by its number, which counts slots of 32 bytes."""
        at = self._meta + 32 * number
        (form,) = self.data.unpack_at(at, Struct("<H"))
        layout = form >> 1 & 7
        _, attributes, mode, _, size, *rest = self.data.unpack_at(at, EXTENDED if form & 1 else COMPACT)
        end = at + (64 if form & 1 else 32) + (12 + 4 * (attributes - 1) if attributes else 0)
        if layout > CHUNKS or end > self.data.size:
            raise Malformed(f"EROFS inode {number}")
        self._tables.append(Span(at, end))
        return ErofsInode(layout, mode, size, rest[-1], at, end)

    # Directories

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the entries of a directory; each of its blocks has a table of its own."""
        inode = self.inode(number)
        if kind_of(inode.mode) is not MemberKind.DIRECTORY:
            raise Malformed("directory entry does not lead to a directory")
        self._budget.spend(inode.size)
        listing = self.open(inode, MAX_LISTING)
        for offset in range(0, listing.size, self.block_size):
            yield from _dirents(listing.view_at(offset, min(self.block_size, listing.size - offset)))
        self._tables += self._extents(inode)

    # Contents

    def open(self, inode: ErofsInode, limit: int) -> Reader:
        """Return the bytes of a file, directory or link."""
        if inode.size > limit:
            raise LimitReached(f"file of {inode.size} bytes, {limit} are left", "max-unpacked")
        if inode.layout in (FULL, COMPACT_INDEX):
            return BufferReader(self._decode(inode))
        return open_runs(self.data, self._runs(inode), inode.size, limit)

    def _runs(self, inode: ErofsInode) -> list[Run]:
        if inode.layout == CHUNKS:
            return merged(self._chunks(inode))
        tail = inode.size % self.block_size if inode.layout == INLINE_TAIL else 0
        whole = inode.size - tail
        runs = [Run(0, inode.block << self.bits, whole), Run(whole, inode.end, tail)]
        return [run for run in runs if run.length]

    def _chunks(self, inode: ErofsInode) -> Iterator[Run]:
        indexed, bits = inode.block & 0x20, self.bits + (inode.block & 31)
        width = 8 if indexed else 4
        count = (inode.size + (1 << bits) - 1) >> bits
        self._spend(count)
        start = -(-inode.end // width) * width
        table = self.data.view_at(start, width * count)
        self._tables.append(Span(start, start + width * count))
        for number, fields in enumerate(Struct("<HHI" if indexed else "<I").iter_unpack(table)):
            if indexed and fields[1]:
                raise Unsupported("EROFS data on another device")
            if fields[-1] != HOLE:
                length = min(1 << bits, inode.size - (number << bits))
                yield Run(number << bits, fields[-1] << self.bits, length)

    def _spend(self, entries: int) -> None:
        self._left -= entries
        if self._left < 0:
            raise LimitReached("EROFS indexes are read over and over", "max-members")

    def _index(self, inode: ErofsInode) -> tuple[MapHeader, list[Extent]]:
        at = -(-inode.end // 8) * 8
        header = parse_map_header(self.data, at, self.bits)
        self._spend(0 if header.whole else inode.size >> header.cluster_bits)
        if header.whole:
            return header, []
        compact = inode.layout == COMPACT_INDEX
        extents, end = read_index(self.data, at, inode.size, header, self.bits, compact=compact)
        self._tables.append(Span(at, end))
        if extents and header.advise & INLINE and header.tail_size:
            last = extents.pop()
            extents.append(Extent(last.logical, last.length, end, header.tail_size, last.kind))
        return header, extents

    def _decode(self, inode: ErofsInode, *, packed: bool = False) -> bytes:
        header, extents = self._index(inode)
        if header.whole:
            return self._fragment(header.fragment, inode.size, packed=packed)
        parts, at = [], 0
        for number, extent in enumerate(extents):
            if extent.logical != at:
                raise Malformed("EROFS index leaves a gap")
            if header.advise & FRAGMENT and number == len(extents) - 1:
                parts.append(self._fragment(header.fragment, extent.length, packed=packed))
            else:
                parts.append(self._part(extent, header))
            at += extent.length
        return b"".join(parts)

    def _part(self, extent: Extent, header: MapHeader) -> bytes:
        stored = min(extent.stored, self.data.size - extent.physical)
        return decode_extent(
            self.data.view_at(extent.physical, stored), extent, header, self.block_size, padded=self._padded
        )

    def _fragment(self, offset: int, length: int, *, packed: bool) -> bytes:
        """Return a range of the packed inode, decoding only the parts it touches."""
        if packed or not self._packed:
            raise Malformed("EROFS fragment without a packed inode")
        inode = self.inode(self._packed)
        if offset + length > inode.size:
            raise Malformed("EROFS fragment behind its packed inode")
        if inode.layout not in (FULL, COMPACT_INDEX):
            return bytes(open_runs(self.data, self._runs(inode), inode.size, inode.size).view_at(offset, length))
        header, extents = self._index(inode)
        parts = []
        for extent in extents:
            low, high = max(offset, extent.logical), min(offset + length, extent.logical + extent.length)
            if low < high:
                parts.append(self._kept(extent, header)[low - extent.logical : high - extent.logical])
        return b"".join(parts)

    def _kept(self, extent: Extent, header: MapHeader) -> bytes:
        content = self._cache.get(extent.logical)
        if content is None:
            content = self._part(extent, header)
            if len(self._cache) >= KEPT:
                self._cache.pop(next(iter(self._cache)), None)
            self._cache[extent.logical] = content
        return content

    # Members

    def _extents(self, inode: ErofsInode) -> tuple[Span, ...]:
        if inode.layout not in (FULL, COMPACT_INDEX):
            return stored_spans(self._runs(inode), inode.size, self.data.size)
        header, extents = self._index(inode)
        if header.advise & FRAGMENT:
            extents = extents[:-1]
        runs, at = [], 0
        for extent in extents:
            runs.append(Run(at, extent.physical, extent.stored))
            at += extent.stored
        return stored_spans(merged(runs), at, self.data.size)

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry."""
        inode = self.inode(found.key)
        kind = kind_of(inode.mode)
        if kind is None:
            raise Malformed(f"EROFS mode {inode.mode:#o}")
        make = partial(Member, found.path, kind=kind, mode=inode.mode & 0o7777, notes=found.notes)
        if kind is MemberKind.SYMLINK:
            self._tables += self._extents(inode)
            return make(target=decode_name(bytes(self.open(inode, MAX_TARGET).all())))
        if kind is not MemberKind.FILE:
            return make()
        return make(partial(self.open, inode), self._extents(inode), inode.size)

    def structure(self) -> list[Span]:
        """Return superblock, the inodes read with their attributes, indexes, listings, and the packed inode's data."""
        if self._packed:
            self._tables += self._extents(self.inode(self._packed))
        return [Span(span.start, min(span.end, self.data.size)) for span in self._tables if span.start < self.data.size]


def _dirents(block: memoryview) -> Iterator[Entry[int]]:
    if len(block) < DIRENT.size:
        return
    first = DIRENT.unpack_from(block)[1]
    if first % DIRENT.size or not 0 < first <= len(block):
        raise Malformed("damaged EROFS directory block")
    table = list(DIRENT.iter_unpack(block[:first]))
    for number, (inode, start, kind) in enumerate(table):
        end = table[number + 1][1] if number + 1 < len(table) else len(block)
        name = bytes(block[start:end]).split(b"\0")[0]
        if name not in (b".", b".."):
            yield Entry(name, inode, kind == 2)


def measure_erofs(data: Reader) -> Span:
    """Return the extent as the superblock counts it, cut at what is there; the root must be a directory."""
    image = ErofsImage(data)
    if kind_of(image.inode(image.root).mode) is not MemberKind.DIRECTORY:
        raise NotThisFormat("EROFS root is no directory")
    return Span(0, min(max(image.size, AT + 128), data.size))


def read_erofs(data: Reader) -> Contents:
    """Return the contents of the image at the start of `data`."""
    image = ErofsImage(data)
    properties = {"block size": str(image.block_size), "label": image.label}
    return Contents(members_of(image.root, image.children, image.member), image.structure, properties)
