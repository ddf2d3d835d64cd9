"""A squashfs image: its tables, its tree, and the contents of its files."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from struct import Struct, iter_unpack
from threading import Lock
from typing import Final

from inspector.errors import FormatError, LimitReached, Malformed
from inspector.formats.codec.blockcodecs import Decode
from inspector.formats.filesystem.squashfs.dialects import Fallback, candidates
from inspector.formats.filesystem.squashfs.inodes import NO_FRAGMENT, Inode, Layout4
from inspector.formats.filesystem.squashfs.legacy import LegacyLayout
from inspector.formats.filesystem.squashfs.metadata import BLOCK, Cursor, Metadata
from inspector.formats.filesystem.squashfs.superblock import (
    FLAG_CHECK_DATA,
    FLAG_OPTIONS,
    NONE,
    Superblock,
    parse_superblock,
)
from inspector.formats.filesystem.tree import Entry, Found, members_of, name_notes
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Buffer, BufferReader, MappedReader, Piece, Reader, Span

UNCOMPRESSED: Final = 1 << 24
"""Set in the stored size of a data block that is stored as it is."""
FRAGMENTS_KEPT: Final = 8
"""Decoded fragments kept: members come in the order of the data, so a fragment's files come together."""
FRAGMENT_PLACES: Final = 1 << 16
"""Entries of the fragment table kept: each is asked for by every file that has its tail there."""
PROOF: Final = 16
"""Entries of the root directory on which a decoder is proved."""
HOLE_PIECE: Final = 1 << 20
"""Holes larger than this are mapped, smaller ones are written out: one buffer is quicker to scan."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """Where the shared block of several files' tails is stored."""

    start: int
    word: int
    """Stored size, with `UNCOMPRESSED` as for data blocks."""


class Image:
    """An opened image; holds decoded metadata blocks and the latest fragments, nothing else."""

    def __init__(self, data: Reader, block: Superblock, compressor: str, decode: Decode) -> None:
        self.data = data
        self.block = block
        self.compressor = compressor
        self._decode = decode if block.compressor == compressor else Fallback(compressor, decode)
        marker = block.major < 4 and bool(block.flags & FLAG_CHECK_DATA)
        self._metadata = Metadata(data, decode, block.order, marker)
        self._layout: Layout4 | LegacyLayout = (
            Layout4(block.order, block.block_size)
            if block.major == 4
            else LegacyLayout(block.order, block.block_size, block.major)
        )
        self._fragments: dict[int, bytes] = {}
        self._places: dict[int, Fragment] = {}
        self._lock = Lock()
        self._index: set[Span] = set()

    def inode(self, reference: int) -> Inode:
        """Return the inode that a directory entry or the superblock refers to."""
        return self._layout.inode(
            Cursor(self._metadata, self.block.inode_table + (reference >> 16), reference & 0xFFFF)
        )

    def prove(self) -> bool:
        """Tell whether the root directory has ordinary names alone; raise a `FormatError` unless their inodes exist."""
        ordinary = True
        for entry in islice(self.children(self.block.root), PROOF):
            ordinary &= not name_notes(entry.name)
            if (self.inode(entry.key).kind is MemberKind.DIRECTORY) is not entry.directory:
                raise Malformed("squashfs entry and inode differ in kind")
        return ordinary

    def children(self, reference: int) -> Iterator[Entry[int]]:
        """Yield the entries of the directory whose inode is at `reference`."""
        inode = self.inode(reference)
        if inode.kind is not MemberKind.DIRECTORY:
            raise Malformed("directory entry does not lead to a directory")
        cursor = Cursor(self._metadata, self.block.directory_table + inode.start, inode.offset)
        for entry in self._layout.directory(cursor, inode.size):
            yield Entry(entry.name, entry.reference, entry.directory)

    def fragment(self, number: int) -> Fragment:
        """Return the place of a fragment; raises `Malformed` for a number that the table does not hold."""
        place = self._places.get(number)
        if place is None:
            if len(self._places) >= FRAGMENT_PLACES:
                self._places.clear()
            place = self._places[number] = self._read_fragment(number)
        return place

    def _read_fragment(self, number: int) -> Fragment:
        block = self.block
        if number >= block.fragments:
            raise Malformed(f"fragment {number} of {block.fragments}")
        pointer, entry = (Struct(block.order + f) for f in (("I", "II") if block.major < 3 else ("Q", "QI4x")))
        a_block = BLOCK // entry.size
        at = block.fragment_table + number // a_block * pointer.size
        (table,) = self.data.unpack_at(at, pointer)
        self._index.add(Span(at, at + pointer.size))
        start, word = Cursor(self._metadata, table, number % a_block * entry.size).unpack(entry)
        return Fragment(start, word)

    # Contents

    def open(self, inode: Inode, limit: int) -> Reader:
        """Return the bytes of a file; raises `LimitReached` before decoding anything of one larger than `limit`."""
        if inode.size > limit:
            raise LimitReached(f"file of {inode.size} bytes, {limit} are left", "max-unpacked")
        contiguous = self._contiguous(inode)
        if contiguous is not None:
            return contiguous
        parts = list(self._parts(inode))
        if any(isinstance(part, int) and part >= HOLE_PIECE for part in parts):
            return MappedReader([_piece(part) for part in parts])
        return BufferReader(b"".join(bytes(part) if isinstance(part, int) else part for part in parts))

    def _contiguous(self, inode: Inode) -> Reader | None:
        if inode.fragment != NO_FRAGMENT:
            return None
        left, block_size = inode.size, self.block.block_size
        for word in inode.blocks:
            if word != min(left, block_size) | UNCOMPRESSED:
                return None
            left -= min(left, block_size)
        return self.data.slice(inode.start, inode.start + inode.size)

    def _parts(self, inode: Inode) -> Iterator[Buffer | int]:
        """Yield the decoded blocks in order; a hole comes as its length."""
        at, left, block_size = inode.start, inode.size, self.block.block_size
        for word in inode.blocks:
            want = min(left, block_size)
            left -= want
            length = word & ~UNCOMPRESSED
            if not length:
                yield want
                continue
            if length > block_size:
                raise Malformed(f"data block at {at:#x} is larger than the block size")
            stored = self.data.view_at(at, length)
            decoded: Buffer = stored if word & UNCOMPRESSED else self._decode(stored, want)
            if len(decoded) != want:
                raise Malformed(f"data block at {at:#x} holds {len(decoded)} bytes of {want}")
            at += length
            yield decoded
        if left:
            yield self._tail(inode, left)

    def _tail(self, inode: Inode, length: int) -> memoryview:
        decoded = self._fragments.get(inode.fragment)
        if decoded is None:
            decoded = self._decode_fragment(inode.fragment)
        if inode.offset + length > len(decoded):
            raise Malformed(f"tail of a file behind its fragment {inode.fragment}")
        return memoryview(decoded)[inode.offset : inode.offset + length]

    def _decode_fragment(self, number: int) -> bytes:
        with self._lock:
            place = self.fragment(number)
            length = place.word & ~UNCOMPRESSED
            if length > self.block.block_size:
                raise Malformed(f"fragment {number} is larger than the block size")
            stored = self.data.view_at(place.start, length)
            raw = place.word & UNCOMPRESSED
            decoded = bytes(stored) if raw else self._decode(stored, self.block.block_size)
            while len(self._fragments) >= FRAGMENTS_KEPT:
                del self._fragments[next(iter(self._fragments))]
            self._fragments[number] = decoded
            return decoded

    # Members

    def members(self) -> Iterator[Member]:
        """Return every entry, as `members_of` orders them."""
        return members_of(self.block.root, self.children, self._member)

    def _member(self, found: Found[int]) -> Member:
        inode = self.inode(found.key)
        mode = inode.mode & 0o7777
        if inode.kind is not MemberKind.FILE:
            target = decode_name(inode.target)
            return Member(found.path, kind=inode.kind, target=target, mode=mode, notes=found.notes)
        opener = partial(self.open, inode)
        return Member(found.path, opener, self._extents(inode), inode.size, mode=mode, notes=found.notes)

    def _extents(self, inode: Inode) -> tuple[Span, ...]:
        spans = []
        length = sum(word & ~UNCOMPRESSED for word in inode.blocks)
        if length:
            spans.append(Span(inode.start, inode.start + length))
        if inode.fragment != NO_FRAGMENT:
            place = self.fragment(inode.fragment)
            spans.append(Span(place.start, place.start + (place.word & ~UNCOMPRESSED)))
        for span in spans:
            if span.end > self.data.size:
                raise Malformed("file's data lies behind the end of the image")
        return tuple(spans)

    def structure(self) -> Iterable[Span]:
        """Return superblock, decoded metadata blocks, and the side tables that hold together."""
        spans = [Span(0, self.block.size), *self._index, *self._side_tables()]
        return spans + self._metadata.stored()

    def _side_tables(self) -> Iterator[Span]:
        """Yield the indexes of tables that no member needs; their blocks are decoded, which proves the claim."""
        block = self.block
        if block.major < 4:
            return
        tables = ((block.fragment_table, block.fragments, 16), (block.export_table, block.inodes, 8),
                  (block.id_table, block.ids, 4))  # fmt: skip
        with suppress(FormatError):
            if block.flags & FLAG_OPTIONS:
                self._metadata.block(block.size)
        for start, entries, size in tables:
            if start != NONE and entries:
                yield from self._indexed(start, entries * size)
        if block.xattr_table != NONE:
            yield from self._xattrs(block.xattr_table)

    def _indexed(self, start: int, length: int) -> Iterator[Span]:
        count = min(-(-length // BLOCK), max(self.data.size - start, 0) // 8)
        with suppress(FormatError):
            for (at,) in iter_unpack(self.block.order + "Q", self.data.view_at(start, 8 * count)):
                self._metadata.block(at)
            yield Span(start, start + 8 * count)

    def _xattrs(self, start: int) -> Iterator[Span]:
        with suppress(FormatError):
            at, count, first = self.data.unpack_at(start, Struct(self.block.order + "QI4xQ"))
            while at < first:
                at = self._metadata.block(at)[1]
            yield Span(start, start + 16)
            yield from self._indexed(start + 16, count * 16)


def _piece(part: Buffer | int) -> Piece:
    return Piece(part) if isinstance(part, int) else Piece(len(part), BufferReader(part))


def open_image(data: Reader) -> Image:
    """Return the image at the start of `data`, its compressor proved on the root directory.

    Raises `NotThisFormat` and `Malformed` as `parse_superblock` does, and `Malformed` where no decoder makes sense.
    """
    block = parse_superblock(data)
    first: FormatError | None = None
    odd: Image | None = None
    for name, decode in candidates(block.compressor):
        image = Image(data, block, name, decode)
        try:
            if image.prove():
                return image
        except FormatError as exc:
            first = first or exc.bare()
        else:
            odd = odd or image  # a name that climbs out: planted, or what a wrong decoder makes of the bytes
    if odd is not None:
        return odd
    raise Malformed(f"squashfs root directory cannot be read: {first}")


def read_squashfs(data: Reader) -> Contents:
    """Return the contents of the image that fills `data`."""
    image = open_image(data)
    block = image.block
    properties = {
        "version": f"{block.major}.{block.minor}",
        "byte order": "little" if block.order == "<" else "big",
        "compression": image.compressor,
        "block size": str(block.block_size),
    }
    return Contents(image.members(), image.structure, properties)
