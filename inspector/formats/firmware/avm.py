"""Kernel images that the boot loader of AVM's routers (EVA, ADAM2) loads: records around LZMA with a header of its own.

Format: binwalk-ng `structures/eva.rs` (field order and constants): magic, length and load address, content, sum, zero
and entry address; inside two of them where the image is for two processors.
Limits: the signature that can follow the image is not verified.
"""

from binascii import crc32
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, header_at
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

HEAD: Final = Struct("<III")
FOOT: Final = Struct("<III")
FIRST, SECOND, BOTH = 0xFEED1281, 0xFEEDB007, 0xFEED9112
MAGICS: Final = tuple(magic.to_bytes(4, "little") for magic in (FIRST, SECOND, BOTH))
LZMA: Final = Struct("<IIIIBI3x")
LZMA_MARK: Final = 0x075A0201
LZMA_ALONE: Final = Struct("<BIQ")


def parse_avm(data: Reader) -> Image:
    """Return the kernel, or the two kernels, as streams of LZMA with the usual header."""
    header_at(data, HEAD.size + LZMA.size, "a kernel image of AVM")
    magic, length, _ = data.unpack_at(0, HEAD)
    members: tuple[Member, ...]
    if magic == BOTH:
        end = HEAD.size + length + FOOT.size
        first, whole, notes = _record(data, HEAD.size, FIRST, "kernel")
        second, other, more = _record(data, whole.end + 3 & ~3, SECOND, "second kernel")
        if not other.end <= end - FOOT.size <= data.size - FOOT.size:
            raise Malformed("records of an AVM image run past its end")
        members, notes = (first, second), notes + more
    elif magic in (FIRST, SECOND):
        first, whole, notes = _record(data, 0, magic, "kernel")
        members, end = (first,), whole.end
    else:
        raise NotThisFormat("no kernel image of AVM")
    spans: list[Span] = []
    at = 0
    for member in members:
        spans.append(Span(at, member.extents[0].start))
        at = member.extents[0].end
    return Image(end, members, (*spans, Span(at, end)), {}, notes)


def _record(data: Reader, at: int, wanted: int, name: str) -> tuple[Member, Span, tuple[str, ...]]:
    """Return the kernel of one record, where the record lies, and what is odd about it."""
    magic, length, address = data.unpack_at(at, HEAD)
    start = at + HEAD.size
    mark, stored, size, checksum, properties, window = data.unpack_at(start, LZMA)
    if magic != wanted or mark != LZMA_MARK or LZMA.size + stored > length:
        raise NotThisFormat("no kernel record of AVM")
    content = Span(start + LZMA.size, start + LZMA.size + stored)
    total, zero, _ = data.unpack_at(start + length, FOOT)
    if zero:
        raise NotThisFormat("no kernel record of AVM")
    notes = []
    if total + length + address + sum(data.view_at(start, length)) & 0xFFFFFFFF:
        notes.append(f"sum of the {name} differs")
    if crc32(data.view_at(content.start, stored)) != checksum:
        notes.append(f"checksum of the {name} differs")
    head = BufferReader(LZMA_ALONE.pack(properties, window, size))

    def open_stream(limit: int) -> Reader:
        if stored > limit:
            raise LimitReached(f"{stored} bytes, {limit} allowed")
        return MappedReader([Piece(head.size, head), Piece(stored, data, content.start)])

    member = Member(name, open_stream, (content,), head.size + stored, format="lzma")
    return member, Span(at, start + length + FOOT.size), tuple(notes)
