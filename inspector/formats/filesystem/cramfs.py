"""cramfs: small read-only file system, one zlib stream per page.

Format: Linux `include/uapi/linux/cramfs_fs.h`.
Limits: the superblock does not state the size of a page; where 4 KiB do not fit the first large file, others are tried.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct, iter_unpack
from typing import Final
from zlib import crc32

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.formats.codec.blockcodecs import inflate
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.tree import Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

SIGNATURE: Final = b"Compressed ROMFS"
MAGICS: Final = {b"\x45\x3d\xcd\x28": "<", b"\x28\xcd\x3d\x45": ">"}
PAGE: Final = 4096
OTHER_PAGES: Final = (8192, 16384, 32768, 65536)
"""Pages of the machine that packed the image."""
ZLIB_HEAD: Final = 0x78
ROOT: Final = 64
HAS_CRC: Final = 0x1
FLAG_HOLES: Final = 0x100
WRONG_SIGNATURE: Final = 0x200
EXTENDED_POINTERS: Final = 0x800
STORED: Final = 1 << 31
DIRECT: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class CramfsInode:
    """One inode; offsets in bytes from the start of the image."""

    mode: int
    size: int
    offset: int
    name: bytes
    end: int
    """Where the next inode of the directory starts."""


class CramfsImage:
    """An opened image."""

    def __init__(self, data: Reader) -> None:
        order = MAGICS.get(data.read_upto(0, 4))
        if order is None or data.size < ROOT + 12 or not data.startswith(SIGNATURE, 16):
            raise NotThisFormat("no cramfs superblock")
        self.data = data
        self.order = order
        self.page = PAGE
        self._page_is_sure = False
        _, self.size, self.flags = data.unpack_at(0, Struct(order + "III"))
        (self.crc,) = data.unpack_at(32, Struct(order + "I"))
        self._tables = [Span(0, ROOT + 12)]
        if kind_of(self.inode(ROOT).mode) is not MemberKind.DIRECTORY:
            raise Malformed("cramfs root is no directory")

    def inode(self, at: int) -> CramfsInode:
        """Return the inode at `at`; its bit fields start from the low end in little-endian images."""
        mode, _, size, word = self.data.unpack_at(at, Struct(self.order + "HHII"))
        if self.order == "<":
            size, length, offset = size & 0xFFFFFF, word & 0x3F, word >> 6
        else:
            size, length, offset = size >> 8, word >> 26, word & 0x3FFFFFF
        name = self.data.read_at(at + 12, 4 * length).rstrip(b"\0")
        return CramfsInode(mode, size, 4 * offset, name, at + 12 + 4 * length)

    def children(self, at: int) -> Iterator[Entry[int]]:
        """Yield the entries of the directory whose inode is at `at`."""
        directory = self.inode(at)
        here, end = directory.offset, directory.offset + directory.size
        while here < end:
            inode = self.inode(here)
            self._tables.append(Span(here, inode.end))
            yield Entry(inode.name, here, kind_of(inode.mode) is MemberKind.DIRECTORY)
            here = inode.end

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry."""
        inode = self.inode(found.key)
        kind = kind_of(inode.mode)
        if kind is None:
            raise Malformed(f"cramfs mode {inode.mode:#o}")
        if kind not in (MemberKind.FILE, MemberKind.SYMLINK):
            return Member(found.path, kind=kind, mode=inode.mode & 0o7777, notes=found.notes)
        spans = self._spans(inode)
        extents = (Span(spans[0].start, spans[-1].end),) if spans and spans[0].start < spans[-1].end else ()
        if kind is MemberKind.SYMLINK:
            self._tables += extents
            target = decode_name(bytes(self.open(inode, 1 << 16).all()))
            return Member(found.path, kind=kind, target=target, mode=inode.mode & 0o7777, notes=found.notes)
        opener = partial(self.open, inode)
        return Member(found.path, opener, extents, inode.size, mode=inode.mode & 0o7777, notes=found.notes)

    def _spans(self, inode: CramfsInode) -> list[Span]:
        """Return where each page is stored; the pointers before them say where each ends."""
        if self.flags & EXTENDED_POINTERS:
            return [span for span, _ in self._extended(inode)]
        try:
            spans = self._paged(inode, self.page)
        except Malformed:
            if self._page_is_sure:
                raise
            self.page = self._other_page(inode)
            spans = self._paged(inode, self.page)
        self._page_is_sure |= len(spans) > 1
        if spans:
            self._tables.append(Span(inode.offset, inode.offset + 4 * len(spans)))
        return spans

    def _other_page(self, inode: CramfsInode) -> int:
        """Return the size of a page under which the pointers of a file run forward to a zlib stream; else 4 KiB."""
        for page in OTHER_PAGES:
            try:
                spans = self._paged(inode, page)
            except Malformed:
                continue
            if spans and self.data.read_upto(spans[0].start, 1) == bytes([ZLIB_HEAD]):
                return page
        return PAGE

    def _paged(self, inode: CramfsInode, page: int) -> list[Span]:
        count = -(-inode.size // page)
        pointers = self.data.view_at(inode.offset, 4 * count)
        at = inode.offset + 4 * count
        spans = []
        for (end,) in iter_unpack(self.order + "I", pointers):
            if not at <= end <= self.data.size:
                raise Malformed("cramfs page pointers run backwards")
            spans.append(Span(at, end))
            at = end
        return spans

    def _extended(self, inode: CramfsInode) -> list[tuple[Span, bool]]:
        count = -(-inode.size // PAGE)
        at = inode.offset + 4 * count
        spans: list[tuple[Span, bool]] = []
        for number, (word,) in enumerate(iter_unpack(self.order + "I", self.data.view_at(inode.offset, 4 * count))):
            value, want = word & ~(STORED | DIRECT), min(PAGE, inode.size - number * PAGE)
            if word & DIRECT:
                start = value << 2
                length = want if word & STORED else self.data.unpack_at(start, Struct(self.order + "H"))[0]
                start += 0 if word & STORED else 2
                span = Span(start, start + length)
            else:
                span = Span(at, value)
            if not 0 <= span.start <= span.end <= self.data.size:
                raise Malformed("cramfs page pointer outside the image")
            at = span.end
            spans.append((span, bool(word & STORED)))
        return spans

    def open(self, inode: CramfsInode, limit: int) -> Reader:
        """Return the bytes of a file or link."""
        if inode.size > limit:
            raise LimitReached(f"file of {inode.size} bytes, {limit} are left", "max-unpacked")
        extended = self._extended(inode) if self.flags & EXTENDED_POINTERS else [(s, False) for s in self._spans(inode)]
        parts, left = [], inode.size
        for span, stored in extended:
            want = min(self.page, left)
            left -= want
            view = self.data.view_at(span.start, len(span))
            part = bytes(view) if stored else inflate(view, want) if span else bytes(want)
            if len(part) != want:
                raise Malformed(f"cramfs page at {span.start:#x} holds {len(part)} bytes of {want}")
            parts.append(part)
        return BufferReader(b"".join(parts))

    def structure(self) -> list[Span]:
        """Return the superblock, the inodes and the page pointers that were read."""
        return self._tables

    def crc_holds(self) -> bool:
        """Tell whether the checksum over the whole image is right; True where there is none."""
        if not self.flags & HAS_CRC or self.size > self.data.size:
            return True
        start = crc32(bytes(4), crc32(self.data.view_at(0, 32)))
        return bool(crc32(self.data.view_at(36, self.size - 36), start) == self.crc)


def measure_cramfs(data: Reader) -> Span:
    """Return the extent; images before version 2 do not state their size, so that of the reader stands in."""
    image = CramfsImage(data)
    if not image.flags & HAS_CRC or not image.size:
        return Span(0, data.size)
    if image.size < ROOT + 12 or image.size > data.size:
        raise Malformed(f"cramfs image is cut off: {data.size} of {image.size} bytes")
    return Span(0, image.size)


def read_cramfs(data: Reader) -> Contents:
    """Return the contents of the image that fills `data`."""
    image = CramfsImage(data)
    notes = () if _crc(image) else ("wrong CRC",)
    properties = {"byte order": "little" if image.order == "<" else "big"}
    return Contents(members_of(ROOT, image.children, image.member), image.structure, properties, notes)


def _crc(image: CramfsImage) -> bool:
    try:
        return image.crc_holds()
    except FormatError:
        return False
