"""Disks compressed block by block behind a shell script: uzip of FreeBSD, and cloop of Linux, where it comes from.

Format: FreeBSD `usr.bin/mkuzip` and `sys/geom/uzip` (layout of header and table); cloop 2.0. Blocks are packed with
zlib, xz or zstd; one of zeros has no bytes, one that occurs twice may be stored once.
Limits: what cloop before 2.0 and since 4.0 writes is another format.
"""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.archive.virtualdisk import Disk, Place
from inspector.formats.codec.blockcodecs import Decode, inflate, unxz, unzstd
from inspector.formats.image import Image
from inspector.formats.reader import Reader, Span

SCRIPT: Final = b"#!/bin/sh\n#"
CODECS: Final[dict[bytes, tuple[str, Decode]]] = {
    b"V2": ("zlib", inflate),
    b"v3": ("zlib", inflate),
    b"L3": ("xz", unxz),
    b"l3": ("xz", unxz),
    b"Z4": ("zstd", unzstd),
    b"z4": ("zstd", unzstd),
}
"""Letter and major version behind the script's first line; a small letter where equal blocks are stored once."""
MAGICS: Final = tuple(SCRIPT + codec + b".0" for codec in CODECS)
HEADER: Final = Struct(">128xII")
SECTOR: Final = 512
LARGEST_BLOCK: Final = 1 << 22
MOST_BLOCKS: Final = 1 << 22
"""256 GiB in blocks of the usual 64 KiB."""


def parse_uzip(data: Reader) -> Image:
    """Return the disk; its blocks are decoded when they are read.

    Raises `NotThisFormat`, `Malformed` for a table that does not fit, `LimitReached` for too many blocks.
    """
    codec = CODECS.get(data.read_upto(len(SCRIPT), 2))
    if codec is None or not data.startswith(SCRIPT) or not data.startswith(b".0", len(SCRIPT) + 2):
        raise NotThisFormat("no uzip script")
    width, count = data.unpack_at(0, HEADER)
    if not 0 < width <= LARGEST_BLOCK or width % SECTOR or not count:
        raise NotThisFormat("no uzip header")
    if count > MOST_BLOCKS:
        raise LimitReached(f"disk of {count} blocks", "members")
    starts = data.unpack_at(HEADER.size, Struct(f">{count + 1}Q"))
    table = HEADER.size + 8 * (count + 1)
    end = _end(data, starts, table)
    blocks = list(_blocks(starts, end))
    if blocks[-1] is not None and not data.view_at(blocks[-1][0], blocks[-1][1]).tobytes().strip(b"\0"):
        blocks[-1] = None  # the last block may be of zeros, and its bytes the padding to a sector
    stored = frozenset(index for index, place in enumerate(blocks) if place)
    name, decode = codec
    disk = Disk(
        count * width,
        width,
        blocks,
        (Span(0, table), Span(end, _padded(data, end))),
        stored,
        lambda place, length: _block(data, decode, place, length, width),
        (("compression", name), ("block size", str(width))),
    )
    return disk.image(data.slice(0, _padded(data, end)))


def _end(data: Reader, starts: Sequence[int], table: int) -> int:
    """Return where the last block ends, which is not said where the image fills its last sector."""
    if min(starts[:-1]) < table:
        raise Malformed("uzip block before the end of the table")
    end = starts[-1] or data.size
    if max(starts) > end or end > data.size:
        raise Malformed(f"uzip blocks end at {max(*starts, end):#x} of {data.size:#x} bytes")
    return end


def _blocks(starts: Sequence[int], end: int) -> Iterator[Place]:
    """Yield where each block is stored: up to the next one that lies no lower; a lower one was there before."""
    follows = _next_not_lower([*starts[:-1], end])
    lengths: dict[int, int] = {}
    top = 0
    for index, start in enumerate(starts[:-1]):
        if start >= top:
            top = follows[index]
            length = top - start
            if length:
                lengths[start] = length
        else:
            length = lengths.get(start, -1)
            if length < 0:
                raise Malformed(f"uzip block at {start:#x} repeats none")
        yield (start, length) if length else None


def _next_not_lower(starts: Sequence[int]) -> list[int]:
    """Return for each start the first later one that is not lower; the last is the highest."""
    follows = [starts[-1]] * len(starts)
    waiting: list[int] = []
    for index, start in enumerate(starts):
        while waiting and starts[waiting[-1]] <= start:
            follows[waiting.pop()] = start
        waiting.append(index)
    return follows


def _padded(data: Reader, end: int) -> int:
    """Return `end`, or where the zeros that fill its last sector end."""
    sector = min(-(-end // SECTOR) * SECTOR, data.size)
    return end if data.read_at(end, sector - end).strip(b"\0") else sector


def _block(data: Reader, decode: Decode, place: int, length: int, width: int) -> bytes:
    plain = decode(data.view_at(place, length), width)
    return plain.ljust(width, b"\0")  # the last block of a disk may be short
