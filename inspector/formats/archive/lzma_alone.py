"""LZMA with the old 13-byte header, and with the headers that firmware makers bent.

Format: "LZMA specification (draft)", Igor Pavlov: one byte of properties, four of dictionary size, eight of
decoded size (all ones: unknown), then the range coder, whose first byte is always 0.
Met in the wild besides: a size of four bytes, no size at all, and a size field of zeros or leftovers. Which it
is shows in where the range coder can start and decode.
Limits: a stream without size and without end mark is decoded until it breaks; a few bytes behind its end may
then be noise.
"""

import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.codec.streams import DECODER_ERRORS, MEMORY, STEP, Stream, pump
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader

UNKNOWN: Final = (1 << 64) - 1
MAX_SIZE: Final = 1 << 40
MAX_PROPERTIES: Final = 225
"""(pb * 5 + lp) * 9 + lc with pb, lp <= 4 and lc <= 8."""
PROBE: Final = 1 << 16
"""Stored bytes that must decode before a header counts as one."""
RANGE_CODER: Final = 5
CONVINCING: Final = 512
"""Decoded bytes after which a break means damage, not a wrong guess."""
MAX_DICTIONARY: Final = 1 << 28
ENDLESS_STEP: Final = 256
_STANDARD: Final = Struct("<BIQ")
DICTIONARIES: Final = frozenset(1 << bits for bits in range(12, 31)) | frozenset(3 << bits for bits in range(11, 29))


@dataclass(frozen=True, slots=True)
class LzmaHeader:
    """One reading of the header: `length` bytes, then the range coder; `size` is None where it is not known."""

    length: int
    properties: int
    dictionary: int
    size: int | None
    damaged: bool = False
    """Whether this reading leaves the standard."""


def parse_header(data: Reader, offset: int = 0) -> LzmaHeader:
    """Return the first reading of the header whose stream really decodes; raises `NotThisFormat` when none does."""
    for header in _readings(data, offset):
        if _decodes(data, offset, header):
            return header
    raise NotThisFormat("no LZMA stream")


def _readings(data: Reader, offset: int) -> Iterator[LzmaHeader]:
    head = data.read_upto(offset, 14)
    if len(head) < 14:
        return
    properties, dictionary = head[0], int.from_bytes(head[1:5], "little")
    if properties >= MAX_PROPERTIES or dictionary not in DICTIONARIES:
        return
    size = int.from_bytes(head[5:13], "little")
    if head[13] == 0:
        if size == UNKNOWN:
            yield LzmaHeader(13, properties, dictionary, None)
        elif 0 < size < MAX_SIZE:
            yield LzmaHeader(13, properties, dictionary, size)
        yield LzmaHeader(13, properties, dictionary, None, damaged=True)
    if head[9] == 0 and (short := int.from_bytes(head[5:9], "little")) > 0:
        yield LzmaHeader(9, properties, dictionary, short, damaged=True)
    if head[5] == 0:
        yield LzmaHeader(5, properties, dictionary, None, damaged=True)


def _decodes(data: Reader, offset: int, header: LzmaHeader) -> bool:
    start = offset + header.length
    first = data.read_upto(start, 2 * CONVINCING)
    if len(first) < RANGE_CODER + 1 or not any(first[:RANGE_CODER]):
        return False  # a range coder fed with zeros decodes zeros for ever
    if not _begins(first, header):
        return False
    sample = data.slice(start, min(start + PROBE, data.size))
    produced = 0
    try:
        for piece in pump(_decoder(), _with_header(sample, 0, header), 0, 256):
            produced += len(piece)
            if produced > PROBE:
                return True
    except LimitReached:
        return False
    except Malformed:
        # Noise breaks within a few bytes: its first match points before the beginning.
        return produced >= CONVINCING
    return True


def _begins(first: bytes, header: LzmaHeader) -> bool:
    """Tell in one call whether the first `CONVINCING` bytes decode: nearly every magic in other data ends here.

    So early no match can reach further back than the smallest dictionary.
    """
    size = UNKNOWN if header.size is None else header.size
    try:
        _decoder().decompress(_STANDARD.pack(header.properties, 1 << 12, size) + first, CONVINCING)
    except (*DECODER_ERRORS, MemoryError):
        return False
    return True


def _decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY)


def _with_header(data: Reader, start: int, header: LzmaHeader) -> Reader:
    """Return the range coder at `start` behind a standard header; its dictionary is no larger than useful."""
    size = UNKNOWN if header.size is None else header.size
    dictionary = max(min(header.dictionary, size, MAX_DICTIONARY), 1 << 12)
    standard = _STANDARD.pack(header.properties, dictionary, size)
    return MappedReader([Piece(13, BufferReader(standard)), Piece(data.size - start, data, start)])


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one stream; one without a promised end is over where it breaks or the data ends."""
    header = parse_header(data, offset)
    start = offset + header.length
    if header.size is None and header.damaged:
        return (yield from _endless(data, start, header)) + header.length
    consumed = yield from pump(_decoder(), _with_header(data, start, header), 0, step)
    return consumed - 13 + header.length


def decompress_standard(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode behind a header that is known to be standard: nothing is guessed, any properties are tried."""
    head = data.read_at(offset, 13)
    size = int.from_bytes(head[5:], "little")
    header = LzmaHeader(13, head[0], int.from_bytes(head[1:5], "little"), None if size == UNKNOWN else size)
    return (yield from pump(_decoder(), _with_header(data, offset + 13, header), 0, step))


def _endless(data: Reader, start: int, header: LzmaHeader) -> Stream:
    source, position, decoder = _with_header(data, start, header), 0, _decoder()
    while not decoder.eof and position < source.size:
        # Small steps: the place where the stream breaks is all that tells its length.
        fed = source.view_at(position, min(ENDLESS_STEP, source.size - position))
        try:
            piece = decoder.decompress(fed)
        except lzma.LZMAError:
            break
        position += len(fed)
        yield piece
    return position - 13 - len(decoder.unused_data)
