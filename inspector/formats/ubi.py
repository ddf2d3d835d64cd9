"""UBI: logical volumes over the erase blocks of raw flash.

Format: Linux `drivers/mtd/ubi/ubi-media.h`.
Limits: fastmap and the checksums of static volumes are not used; what a volume holds is for others to tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.layout import Contents, Member
from inspector.formats.names import decode_name
from inspector.formats.reader import MappedReader, Piece, Reader, Span

ERASE: Final = b"UBI#"
VOLUME: Final = b"UBI!"
HEADER: Final = 64
LAYOUT_VOLUME: Final = 0x7FFFEFFF
INTERNAL: Final = 0x7FFFEFFF
"""Volume numbers from here on belong to UBI itself."""
STATIC: Final = 2
SMALLEST, LARGEST = 4096, 1 << 23
BLOCKS_ASKED: Final = 64
"""Blocks that are asked whether they are two."""
RECORD: Final = Struct(">IIIBBH128sB23xI")
ERASE_HEADER: Final = Struct(">4sB3xQIII32xI")
VOLUME_HEADER: Final = Struct(">4sBBBBII4xIIII4xQ12xI")


@dataclass(frozen=True, slots=True)
class Block:
    """One physical erase block that belongs to a volume."""

    number: int
    """Logical number inside the volume."""
    sequence: int
    start: int
    end: int
    used: int
    """Bytes that a static volume uses in it."""


@dataclass(slots=True)
class Volume:
    """One volume; of two blocks with the same logical number the one written later counts."""

    static: bool
    blocks: dict[int, Block] = field(default_factory=dict)


def crc_holds(raw: memoryview) -> bool:
    """Tell whether the last word of a 64-byte header is the CRC-32 of the rest, not inverted at the end."""
    return crc32(raw[:60]) ^ 0xFFFFFFFF == int.from_bytes(raw[60:64], "big")


def erase_header(data: Reader, at: int) -> tuple[int, int, int] | None:
    """Return (offset of the volume header, offset of the data, image sequence) of the block at `at`, or None."""
    if not data.startswith(ERASE, at) or at + HEADER > data.size:
        return None
    raw = data.view_at(at, HEADER)
    if not crc_holds(raw):
        return None
    _, _, _, volume, start, sequence, _ = ERASE_HEADER.unpack(raw)
    return (volume, start, sequence) if HEADER <= volume < start < LARGEST else None


def block_size(data: Reader) -> int:
    """Return the size of an erase block: the distance from the first header to the next one that holds.

    Blocks between the two may be bad or erased: where headers stand half-way between later ones, blocks are smaller.
    """
    first = erase_header(data, 0)
    if first is None:
        raise NotThisFormat("no UBI erase counter header")
    size = SMALLEST
    while size <= LARGEST and size < data.size:
        if size >= first[1] and erase_header(data, size) is not None:
            while size // 2 >= max(first[1], SMALLEST) and _stands_between(data, size, first):
                size //= 2
            return size
        size *= 2
    # A single block, or headers at an odd distance: some flash has blocks that are no power of two.
    at = data.find(ERASE, first[1], min(data.size, LARGEST))
    return at if at > 0 and erase_header(data, at) is not None else min(data.size, LARGEST)


def _stands_between(data: Reader, size: int, first: tuple[int, int, int]) -> bool:
    """Tell whether a header like the first stands in the middle between two multiples of `size`."""
    middles = range(size // 2, min(data.size, size * BLOCKS_ASKED), size)
    return any(erase_header(data, at) == first for at in middles)


def erase_blocks(data: Reader, size: int) -> Iterator[int]:
    """Yield the offset of each block from the start on, erased and damaged ones included.

    Three foreign blocks in a row end the image: partitions on flash end with erased blocks, not with strange ones.
    """
    strange = 0
    for at in range(0, data.size, size):
        head = data.read_upto(at, HEADER)
        blank = head.count(b"\xff") == len(head)
        strange = 0 if head[:4] == ERASE or blank else strange + 1
        if strange == 3:
            return
        yield at


def measure_ubi(data: Reader) -> Span:
    """Return the extent up to the end of the last block with a header."""
    size = block_size(data)
    end = 0
    for at in erase_blocks(data, size):
        if erase_header(data, at) is not None:
            end = min(at + size, data.size)
    return Span(0, end)


class UbiImage:
    """An image, its blocks sorted into volumes."""

    def __init__(self, data: Reader) -> None:
        self.data = data
        self.block_size = block_size(data)
        self.volumes: dict[int, Volume] = {}
        self.tables: list[Span] = []
        for at in erase_blocks(data, self.block_size):
            self._add(at)

    def _add(self, at: int) -> None:
        header = erase_header(self.data, at)
        if header is None:
            return
        volume, start, _ = header
        end = min(at + self.block_size, self.data.size)
        self.tables.append(Span(at, min(at + start, end)))
        raw = self.data.read_upto(at + volume, HEADER)
        if len(raw) < HEADER or raw[:4] != VOLUME or not crc_holds(memoryview(raw)):
            return
        _, _, kind, _, _, number, logical, used, _, padding, _, sequence, _ = VOLUME_HEADER.unpack(raw)
        body = Block(logical, sequence, at + start, max(end - padding, at + start), used)
        blocks = self.volumes.setdefault(number, Volume(kind == STATIC)).blocks
        if logical not in blocks or blocks[logical].sequence < sequence:
            blocks[logical] = body

    def names(self) -> dict[int, str]:
        """Return the names of the volumes by their number, from either copy of the volume table."""
        layout = self.volumes.get(LAYOUT_VOLUME, Volume(static=False))
        for block in layout.blocks.values():
            table = self.data.read_at(block.start, min(block.end - block.start, 128 * RECORD.size))
            names = {}
            for number, record in enumerate(RECORD.iter_unpack(table[: len(table) // RECORD.size * RECORD.size])):
                raw = table[number * RECORD.size : (number + 1) * RECORD.size]
                if record[0] and crc32(raw[:-4]) ^ 0xFFFFFFFF == record[-1]:
                    names[number] = decode_name(record[6][: record[5]])
            if names:
                self.tables.append(Span(block.start, block.start + len(table)))
                return names
        return {}

    def members(self) -> Iterator[Member]:
        """Yield the volumes in the order of their numbers."""
        names = self.names()
        for number, volume in sorted(self.volumes.items()):
            if number >= INTERNAL:
                continue
            blocks = [volume.blocks[key] for key in sorted(volume.blocks)]
            extents = tuple(Span(block.start, block.end) for block in blocks)
            size = max(block.end - block.start for block in blocks)
            total = sum(block.used for block in blocks) if volume.static else (blocks[-1].number + 1) * size
            opener = partial(self._open, volume, blocks, size, total)
            yield Member(names.get(number, f"volume-{number}"), opener, extents, total)

    def _open(self, volume: Volume, blocks: list[Block], size: int, total: int, limit: int) -> Reader:
        if total > limit:
            raise LimitReached(f"volume of {total} bytes, {limit} are left", "max-unpacked")
        pieces, at = [], 0
        for block in blocks:
            if volume.static and block.used > block.end - block.start:
                raise Malformed("UBI block uses more than it has")
            # A logical block that nothing was written to reads as erased flash.
            pieces.append(Piece((block.number - at) * size, fill=0xFF))
            pieces.append(Piece(block.used if volume.static else block.end - block.start, self.data, block.start))
            at = block.number + 1
        return MappedReader(pieces)

    def structure(self) -> list[Span]:
        """Return the headers of every block and the volume table."""
        return self.tables


def read_ubi(data: Reader) -> Contents:
    """Return the volumes of the image that fills `data`."""
    image = UbiImage(data)
    return Contents(image.members(), image.structure, {"erase block": str(image.block_size)})
