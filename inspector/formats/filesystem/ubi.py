"""UBI: logical volumes over the erase blocks of raw flash.

Format: Linux `drivers/mtd/ubi/ubi-media.h`, `attach.c`, `fastmap.c`.
Every block is read, as Linux does where there is no fastmap: a fastmap only repeats what their headers say, and may be
older than they are. Of two blocks for one place the later one counts, unless it is a copy that was not finished.
Limits: what a volume holds is for others to tell.
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
FASTMAP: Final = LAYOUT_VOLUME + 1
"""Number of the volume whose one block is the head of the fastmap; its other blocks have the next number."""
FASTMAP_HEAD: Final = Struct(">I4xII32I32IQ32x")
FASTMAP_MAGIC: Final = 0x7B11D69F
MOST_FASTMAP: Final = 32
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
    """Bytes that a static volume uses in it, or that a copy of another block holds."""
    checksum: int = 0
    """Of those bytes."""
    copied: bool = False
    """Whether wear levelling moved it here: it counts only if it was copied to the end."""


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


def _volume_header(data: Reader, at: int) -> memoryview | None:
    raw = data.read_upto(at, HEADER)
    return memoryview(raw) if raw[:4] == VOLUME and len(raw) == HEADER and crc_holds(memoryview(raw)) else None


def block_header(data: Reader, at: int, usual: tuple[int, int, int] | None) -> tuple[int, int, int] | None:
    """Return what `erase_header` does; where the header is damaged, the `usual` one if a volume header proves it."""
    header = erase_header(data, at)
    if header is None and usual is not None and _volume_header(data, at + usual[0]) is not None:
        return usual
    return header


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
    size, usual = block_size(data), erase_header(data, 0)
    end = 0
    for at in erase_blocks(data, size):
        if block_header(data, at, usual) is not None:
            end = min(at + size, data.size)
    return Span(0, end)


class UbiImage:
    """An image, its blocks sorted into volumes."""

    def __init__(self, data: Reader) -> None:
        self.data = data
        self.block_size = block_size(data)
        self.volumes: dict[int, Volume] = {}
        self.tables: list[Span] = []
        self.notes: list[str] = []
        self._usual = erase_header(data, 0)
        for at in erase_blocks(data, self.block_size):
            self._add(at)

    def _add(self, at: int) -> None:
        header = block_header(self.data, at, self._usual)
        if header is None:
            return
        volume, start, _ = header
        end = min(at + self.block_size, self.data.size)
        self.tables.append(Span(at, min(at + start, end)))
        raw = _volume_header(self.data, at + volume)
        if raw is None:
            return
        _, _, kind, copied, _, number, logical, used, _, padding, checksum, sequence, _ = VOLUME_HEADER.unpack(raw)
        body = Block(logical, sequence, at + start, max(end - padding, at + start), used, checksum, bool(copied))
        blocks = self.volumes.setdefault(number, Volume(kind == STATIC)).blocks
        blocks[logical] = self._newer(blocks[logical], body) if logical in blocks else body

    def _newer(self, one: Block, other: Block) -> Block:
        """Return which of two blocks for one place counts: the later one, if it was written to the end; else `one`."""
        earlier, later = sorted((other, one), key=lambda block: block.sequence)
        if later.copied and not self._whole(later):
            self.notes.append(f"logical block {later.number}: a copy that was cut short is left out")
            return earlier
        return later

    def _whole(self, block: Block) -> bool:
        if block.used > block.end - block.start:
            return False
        return crc32(self.data.view_at(block.start, block.used)) ^ 0xFFFFFFFF == block.checksum

    def fastmap(self) -> int:
        """Return how many blocks hold a fastmap whose checksum holds, and claim them; 0 where there is none."""
        head = self.volumes.get(FASTMAP, Volume(static=False)).blocks.get(0)
        if head is None or head.end - head.start < FASTMAP_HEAD.size:
            return 0
        count: int
        magic, checksum, count, *places = self.data.unpack_at(head.start, FASTMAP_HEAD)
        if magic != FASTMAP_MAGIC or not 0 < count <= MOST_FASTMAP:
            return 0
        size, value = head.end - head.start, 0xFFFFFFFF
        spans = [Span(head.start, head.end)]
        offset = head.start % self.block_size
        spans += [
            Span(place * self.block_size + offset, place * self.block_size + offset + size) for place in places[1:count]
        ]
        for number, span in enumerate(spans):
            raw = self.data.read_upto(span.start, len(span))
            if not number:  # the checksum counts itself as nothing
                raw = raw[:8] + bytes(4) + raw[12:]
            value = crc32(raw, value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF if number else crc32(raw) ^ 0xFFFFFFFF
        if value != checksum:
            self.notes.append("fastmap with a wrong checksum")
            return 0
        self.tables += spans
        return count

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
        reader = MappedReader(pieces)
        if volume.static and (wrong := sum(not self._whole(block) for block in blocks)):
            reader.notes = (f"{wrong} of {len(blocks)} blocks of a static volume with a wrong checksum",)
        return reader

    def structure(self) -> list[Span]:
        """Return the headers of every block and the volume table."""
        return self.tables


def read_ubi(data: Reader) -> Contents:
    """Return the volumes of the image that fills `data`."""
    image = UbiImage(data)
    properties = {"erase block": str(image.block_size)}
    if blocks := image.fastmap():
        properties["fastmap"] = f"{blocks} blocks"
    return Contents(image.members(), image.structure, properties, tuple(image.notes))
