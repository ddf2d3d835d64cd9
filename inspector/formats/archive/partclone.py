"""Partclone images: the used blocks of one file system, given back as the volume they were read from.

Format: partclone `IMAGE_FORMATS.md`, versions 0001 and 0002.
Limits: the checksums between the blocks are stepped over, not checked; those of header and block map are. Images of
version 0001 have no checksum of their own over either.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.image import Image, text
from inspector.formats.layout import Member
from inspector.formats.mapped import opener
from inspector.formats.reader import MappedReader, Piece, Reader, Span

MAGIC: Final = b"partclone-image"
VERSION_AT: Final = 30
HEAD_1: Final = Struct("<15s15s4s2xIQQQ4096x")
HEAD_2: Final = {b"\xde\xc0": Struct("<16s14s4s2s16s4QIIHHHHIBBI"), b"\xc0\xde": Struct(">16s14s4s2s16s4QIIHHHHIBBI")}
"""By the bytes of the mark 0xC0DE as the machine wrote it."""
MAP_END_1: Final = b"BiTmAgIc"
MAP_OF_BITS: Final = 1
LARGEST_BLOCK: Final = 1 << 25
LARGEST_VOLUME: Final = 1 << 46
MOST_PIECES: Final = 1 << 20
"""Runs of used blocks, cut where a checksum stands between them; a whole disk of a terabyte has as many."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """What both versions say: where the blocks start, how they are cut, which are there."""

    system: str
    version: str
    device: int
    """Bytes of the volume."""
    block: int
    total: int
    """Blocks of the volume."""
    stored: int
    """Used blocks that the header counts."""
    data: int
    """Offset of the first stored block."""
    group: int
    """Blocks before each checksum."""
    checksum: int
    """Bytes of each checksum."""

    def place(self, number: int) -> int:
        """Return where the used block `number` is stored."""
        return self.data + number * self.block + number // self.group * self.checksum

    def end(self, count: int) -> int:
        """Return where an image of `count` used blocks ends, the last checksum with it."""
        return self.data + count * self.block + -(-count // self.group) * self.checksum


def parse_partclone(data: Reader) -> Image:
    """Return the volume; what is not used in it reads as zeros.

    Raises `NotThisFormat`, `Malformed` for a header or block map that does not hold, `Unsupported` for another map,
    `LimitReached` for blocks that lie in too many places.
    """
    if not data.startswith(MAGIC) or data.size < HEAD_2[b"\xde\xc0"].size:
        raise NotThisFormat("no partclone header")
    version = data.read_at(VERSION_AT, 4)
    if version not in (b"0001", b"0002"):
        raise NotThisFormat(f"partclone version {version!r}")
    layout, runs = (_first if version == b"0001" else _second)(data)
    pieces, spans, count = _pieces(data, layout, runs)
    end = layout.end(count)
    size = min(end, data.size)
    damage = "" if end <= data.size else f"image is cut off: {data.size} of {end} bytes"
    notes = () if count == layout.stored else (f"header counts {layout.stored} used blocks, the map {count}",)
    memory = MappedReader(pieces)
    member = Member("volume", opener(memory), tuple(spans), memory.size)
    facts = {"file system": layout.system, "partclone": layout.version, "block size": str(layout.block)}
    return Image(size, (member,), (Span(0, min(layout.data, size)),), facts, notes, damage)


def _first(data: Reader) -> tuple[_Layout, Iterator[tuple[int, int]]]:
    """Return the layout of version 0001: one byte for each block, a checksum behind each."""
    _, system, version, block, device, total, stored = data.unpack_at(0, HEAD_1)
    map_end = HEAD_1.size + total
    _check(block, device, total)
    if not data.startswith(MAP_END_1, map_end):
        raise Malformed("partclone map of blocks does not end where it should")
    marks = data.view_at(HEAD_1.size, total)
    start = map_end + len(MAP_END_1)
    layout = _Layout(text(system), text(version), device, block, total, stored, start, 1, 4)
    if data.size == layout.end(stored) + 4 * stored:
        # Programs built for 64 bits wrote eight bytes; nothing but the length of the whole tells.
        layout = _Layout(text(system), text(version), device, block, total, stored, start, 1, 8)
    return layout, ((found.start(), len(found[0])) for found in re.finditer(rb"\x01+", marks))


def _second(data: Reader) -> tuple[_Layout, Iterator[tuple[int, int]]]:
    """Return the layout of version 0002: one bit for each block, a checksum behind each strip."""
    head = HEAD_2.get(data.read_at(VERSION_AT + 4, 2))
    if head is None:
        raise NotThisFormat("no partclone byte order")
    fields = data.unpack_at(0, head)
    _, program, _, _, system, device, total, _, stored, block = fields[:10]
    mode, width, group, _, kind, check = fields[13:]
    if crc32(data.view_at(0, head.size - 4)) ^ 0xFFFFFFFF != check:
        raise Malformed("partclone header checksum differs")
    if kind != MAP_OF_BITS:
        raise Unsupported(f"partclone map of kind {kind}")
    _check(block, device, total)
    bits = data.view_at(head.size, -(-total // 8))
    start = head.size + len(bits) + 4
    (check,) = data.unpack_at(start - 4, Struct(head.format[0] + "I"))
    if crc32(bits) ^ 0xFFFFFFFF != check:
        raise Malformed("partclone map of blocks: checksum differs")
    if not (mode and group):
        width, group = 0, 1
    layout = _Layout(text(system), text(program), device, block, total, stored, start, group, width)
    return layout, _bit_runs(bits, total)


def _check(block: int, device: int, total: int) -> None:
    if not 0 < block <= LARGEST_BLOCK or not 0 < total <= device // block + 1 or device > LARGEST_VOLUME:
        raise Malformed(f"partclone volume of {total} blocks of {block} bytes, {device} bytes in all")


def _bit_runs(bits: memoryview, total: int) -> Iterator[tuple[int, int]]:
    """Yield (first block, count) of what is marked, the low bit of each byte first; neighbours may follow."""
    for found in re.finditer(rb"\xff+|[^\0\xff]", bits):
        start = found.start() * 8
        if found[0][0] == 0xFF:
            yield start, min(8 * len(found[0]), total - start)
            continue
        for bit in range(min(8, total - start)):
            if found[0][0] >> bit & 1:
                yield start + bit, 1


def _pieces(data: Reader, layout: _Layout, runs: Iterator[tuple[int, int]]) -> tuple[list[Piece], list[Span], int]:
    """Return the map of the volume, where its bytes are stored, and how many blocks are used."""
    pieces: list[Piece] = []
    spans: list[Span] = []
    at = number = 0
    for first, count in runs:
        if first > at:
            pieces.append(Piece((first - at) * layout.block))
        at = first + count
        while count:
            taken = min(count, layout.group - number % layout.group)
            place, length = layout.place(number), taken * layout.block
            held = min(length, max(data.size - place, 0))  # a cut-off image keeps what is there
            if pieces and spans and spans[-1].end == place and pieces[-1].source is data:
                spans[-1] = Span(spans[-1].start, place + held)
                pieces[-1] = Piece(pieces[-1].length + held, data, pieces[-1].offset)
            elif held:
                spans.append(Span(place, place + held))
                pieces.append(Piece(held, data, place))
            if held < length:
                pieces.append(Piece(length - held))
            number, count = number + taken, count - taken
            if len(pieces) > MOST_PIECES:
                raise LimitReached(f"volume in more than {MOST_PIECES} pieces", "members")
    # What the volume has behind its last whole block is less than one more.
    rest = max(min(layout.device, (layout.total + 1) * layout.block), layout.total * layout.block) - at * layout.block
    return [*pieces, Piece(rest)] if rest > 0 else pieces, spans, number
