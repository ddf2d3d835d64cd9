"""lzip: LZMA with fixed properties, an end mark, and a trailer with checksum and sizes; members may be joined.

Format: draft-diaz-lzip-09, "Lzip Compressed Format and the 'application/lzip' Media Type".
"""

import lzma
from binascii import crc32
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.streams import MEMORY, STEP, CutOff, Stream, pump
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader

MAGIC: Final = b"LZIP\x01"
HEADER_SIZE: Final = 6
TRAILER = Struct("<IQQ")
PROPERTIES: Final = 0x5D
STANDARD_SIZE: Final = 13


def dictionary_size(coded: int) -> int:
    """Return the dictionary size a header byte stands for: 2^n minus up to seven sixteenths of it."""
    base = 1 << (coded & 31)
    return base - base // 16 * (coded >> 5)


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless a member header of version 1 stands at `offset`."""
    if not data.startswith(MAGIC, offset) or offset + HEADER_SIZE + TRAILER.size > data.size:
        raise NotThisFormat("no lzip member")
    if not 12 <= data.view_at(offset + 5, 1)[0] & 31 <= 29:
        raise NotThisFormat("no lzip dictionary size")


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode all members joined at `offset`."""
    check_header(data, offset)
    position = offset
    while data.startswith(MAGIC, position):
        position += yield from _member(data, position, step)
    return position - offset


def _member(data: Reader, offset: int, step: int) -> Stream:
    check_header(data, offset)
    dictionary = dictionary_size(data.view_at(offset + 5, 1)[0])
    standard = bytes([PROPERTIES]) + dictionary.to_bytes(4, "little") + b"\xff" * 8
    start = offset + HEADER_SIZE
    source = MappedReader([Piece(STANDARD_SIZE, BufferReader(standard)), Piece(data.size - start, data, start)])
    stream = pump(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY), source, 0, step)
    crc = size = 0
    while True:
        try:
            piece = next(stream)
        except StopIteration as done:
            end = start + int(done.value) - STANDARD_SIZE
            break
        crc, size = crc32(piece, crc), size + len(piece)
        yield piece
    length = end + TRAILER.size - offset
    if offset + length > data.size:
        raise CutOff("lzip trailer is cut off")
    if data.unpack_at(end, TRAILER) != (crc, size, length):
        raise Malformed("lzip trailer differs")
    return length
