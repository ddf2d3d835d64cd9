"""lzop: blocks of LZO1X data behind a header with a checksum.

Format: lzop 1.04, documented by its file(1) entry and by the Linux kernel, lib/decompress_unlzo.c.
The extent needs no decoding: every block carries its stored size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from zlib import adler32, crc32

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader

MAGIC: Final = b"\x89LZO\x00\r\n\x1a\n"
NEW: Final = 0x0940
"""Version from which the header has the needed version, a level and a 64-bit time."""
ADLER_PLAIN, ADLER_STORED, EXTRA, CRC_PLAIN, CRC_STORED, FILTER, HEADER_CRC = 1, 2, 0x40, 0x100, 0x200, 0x800, 0x1000
METHODS: Final = (1, 2, 3)
MAX_BLOCK: Final = 64 << 20
MAX_RATIO: Final = 256
"""An LZO1X length byte stands for at most 255 bytes."""


@dataclass(frozen=True, slots=True)
class LzopHeader:
    """Length of the header, its flags, and the name of the original file."""

    length: int
    flags: int
    name: str


def _number(data: Reader, offset: int, size: int) -> int:
    return int.from_bytes(data.view_at(offset, size))


def parse_header(data: Reader, offset: int = 0) -> LzopHeader:
    """Return the header at `offset`; raises `NotThisFormat` unless its checksum holds."""
    if not data.startswith(MAGIC, offset) or offset + 34 > data.size:
        raise NotThisFormat("no lzop header")
    start = offset + len(MAGIC)
    version = _number(data, start, 2)
    position = start + (6 if version >= NEW else 4)
    method = _number(data, position, 1)
    position += 2 if version >= NEW else 1
    flags = _number(data, position, 4)
    position += 4 + (4 if flags & FILTER else 0) + (12 if version >= NEW else 8)
    length = _number(data, position, 1)
    name = data.read_at(position + 1, length)
    position += 1 + length
    checksum = (crc32 if flags & HEADER_CRC else adler32)(data.view_at(start, position - start))
    if method not in METHODS or _number(data, position, 4) != checksum:
        raise NotThisFormat("lzop header checksum differs")
    position += 4
    if flags & EXTRA:
        position += 8 + _number(data, position, 4)
    return LzopHeader(position - offset, flags, decode_name(name))


def _blocks(data: Reader, position: int, flags: int) -> Iterator[tuple[int, int, int]]:
    """Yield (offset, stored length, decoded length) of each block, and at last the end mark with lengths of 0."""
    while plain := _number(data, position, 4):
        stored = _number(data, position + 4, 4)
        if plain > MAX_BLOCK or not 0 < stored <= plain or stored * MAX_RATIO < plain:
            raise Malformed(f"no lzop block at {position:#x}")
        wanted = (ADLER_PLAIN, CRC_PLAIN, *((ADLER_STORED, CRC_STORED) if stored < plain else ()))
        position += 8 + 4 * sum(bool(flags & flag) for flag in wanted)
        yield position, stored, plain
        position += stored
    yield position + 4, 0, 0


def extent(data: Reader, offset: int) -> int:
    """Return the stored length from the block headers, end mark included. Raises `Malformed`."""
    header = parse_header(data, offset)
    end = offset
    for end, _, _ in _blocks(data, offset + header.length, header.flags):
        data.view_at(offset, end - offset)
    return end - offset


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:  # noqa: ARG001 - blocks are the steps
    """Decode one lzop stream."""
    header = parse_header(data, offset)
    end = offset
    for end, stored, plain in _blocks(data, offset + header.length, header.flags):
        if stored:
            yield _decode(data, end, stored, plain)
    return end - offset


def _decode(data: Reader, start: int, stored: int, plain: int) -> bytes:
    from lzallright import LZOCompressor, LZOError

    raw = data.read_at(start, stored)
    if stored == plain:
        return raw
    try:
        return bytes(LZOCompressor.decompress(raw, plain))
    except LZOError as error:
        raise Malformed(f"damaged LZO block at {start:#x}") from error
