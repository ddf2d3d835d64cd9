"""zlib streams: two header bytes, deflate data, a checksum.

Format: RFC 1950. Two bytes prove nothing; a stream counts only when all of it decodes and its checksum holds.
Limits: streams with a preset dictionary.
"""

import re
from collections.abc import Iterator
from typing import Final

from isal import igzip_lib

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.codec.streams import STEP, Stream, pump
from inspector.formats.reader import Reader, Span

HEADERS: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
"""A 32 KiB window at the four levels; other windows are legal and rare."""
PRESET: Final = 0x20
ANY_HEADER: Final = re.compile(b"\x78[\x01\x5e\x9c\xda]")
SMALLEST: Final = 32
"""Decoded bytes below which a stream in the middle of other data is not worth a member."""
PROBE_STEP: Final = 1 << 12
WASTE_FLOOR: Final = 1 << 24


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless a header without preset dictionary and with a right check stands at `offset`."""
    head = data.read_upto(offset, 3)
    if len(head) < 3 or head[0] & 15 != 8 or head[0] >> 4 > 7 or int.from_bytes(head[:2]) % 31 or head[1] & PRESET:
        raise NotThisFormat("no zlib header")
    if head[2] >> 1 & 3 == 3:
        raise NotThisFormat("no deflate block behind the zlib header")


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one zlib stream; raises `Malformed` at its end when the checksum differs."""
    check_header(data, offset)
    return (yield from pump(igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB), data, offset, step))


def length(data: Reader, offset: int) -> int:
    """Return the stored length of a whole stream that decodes to something and whose checksum holds.

    Raises `NotThisFormat` otherwise: nothing less tells a stream from chance.
    """
    produced, stream = 0, decompress(data, offset)
    while True:
        try:
            produced += len(next(stream))
        except StopIteration as done:
            if not produced:
                raise NotThisFormat("empty zlib stream") from None
            return int(done.value)
        except Malformed as error:
            raise NotThisFormat("zlib stream does not decode") from error


def streams(data: Reader, region: Span) -> Iterator[Span]:
    """Yield the extents of whole streams at any offset of `region`, in order and disjoint.

    What attempts decode in vain is bounded by four times the region, so that nested starts cost no more than that.
    """
    part, waste = data.slice(region.start, region.end), 4 * len(region) + WASTE_FLOOR
    reached = 0
    for base, window in part.windows(overlap=1):
        for match in ANY_HEADER.finditer(window):
            offset = base + match.start()
            if offset < reached:
                continue
            stored, produced = _attempt(part, offset, waste)
            if stored and produced >= SMALLEST:
                reached = offset + stored
                yield Span(region.start + offset, region.start + reached)
            else:
                waste -= produced
            if waste <= 0:
                return


def _attempt(data: Reader, offset: int, most: int) -> tuple[int, int]:
    """Return stored length (0 where the stream is none) and the bytes decoded on the way."""
    produced = 0
    stream = decompress(data, offset, PROBE_STEP)
    while produced <= most:
        try:
            produced += len(next(stream))
        except StopIteration as done:
            return int(done.value), produced
        except FormatError:
            return 0, produced
    return 0, produced
