"""gzip: members of deflate data, each with a header and a checked length, joined end to end.

Format: RFC 1952; zlib numbers operating systems further, as PKWARE's APPNOTE.TXT (4.4.2.2) does: 19 is Darwin.
Limits: the stored length is nowhere in the file; only decoding finds the end of a member. An extra field of more than a
kilobyte (dictzip) is not read.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from isal import isal_zlib

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.streams import STEP, CutOff, Stream, inflate
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader

MAGIC: Final = b"\x1f\x8b\x08"
HEADER = Struct("<3sBIBB")
TRAILER = Struct("<II")
HEADER_CRC, EXTRA, NAME, COMMENT, RESERVED = 2, 4, 8, 16, 0xE0
LAST_SYSTEM, UNKNOWN_SYSTEM = 19, 255
MAX_NAME: Final = 4096
MAX_EXTRA: Final = 1024
"""A longer extra field may hold anything: the stream is left to the raw search and named as a gap."""


@dataclass(frozen=True, slots=True)
class GzipHeader:
    """The header of one member; `length` is where its deflate data starts, relative to the member."""

    length: int
    name: str
    time: int


def parse_header(data: Reader, offset: int = 0) -> GzipHeader:
    """Return the member header at `offset`; raises `NotThisFormat` where reserved flags are set."""
    if offset + HEADER.size > data.size:
        raise NotThisFormat("no gzip header")
    magic, flags, time, extra_flags, system = data.unpack_at(offset, HEADER)
    known = system <= LAST_SYSTEM or system == UNKNOWN_SYSTEM
    if magic != MAGIC or flags & RESERVED or extra_flags not in (0, 2, 4) or not known:
        raise NotThisFormat("no gzip header")
    position, name = offset + HEADER.size, ""
    if flags & EXTRA:
        length = int.from_bytes(data.view_at(position, 2), "little")
        if length > MAX_EXTRA:
            raise Unsupported(f"gzip with an extra field of {length} bytes")
        position += 2 + length
    if flags & NAME:
        raw = _text(data, position)
        name, position = decode_name(raw), position + len(raw) + 1
    if flags & COMMENT:
        position += len(_text(data, position)) + 1
    if flags & HEADER_CRC:
        position += 2
    return GzipHeader(position - offset, name, time)


def _text(data: Reader, offset: int) -> bytes:
    raw, found, _ = data.read_upto(offset, MAX_NAME).partition(b"\0")
    if not found:
        raise NotThisFormat("gzip name does not end")
    return raw


def gunzip(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode a gzip stream of one or more members; zero padding or other bytes behind it are not consumed."""
    position = offset + (yield from _member(data, offset, step))
    while data.startswith(MAGIC, position):
        try:
            parse_header(data, position)
        except NotThisFormat:
            break
        position += yield from _member(data, position, step)
    return position - offset


def _member(data: Reader, offset: int, step: int) -> Stream:
    start = offset + parse_header(data, offset).length
    crc = size = 0
    stream = inflate(data, start, step)
    while True:
        try:
            piece = next(stream)
        except StopIteration as done:
            end = start + int(done.value)
            break
        crc, size = isal_zlib.crc32(piece, crc), size + len(piece)
        yield piece
    if end + TRAILER.size > data.size:
        raise CutOff("gzip trailer is cut off")
    if data.unpack_at(end, TRAILER) != (crc, size & 0xFFFFFFFF):
        raise Malformed("gzip checksum or length differs")
    return end + TRAILER.size - offset


def ends_with_data(data: Reader, offset: int) -> bool:
    """Tell whether the last four bytes are a plausible length for all of `data[offset:]` as one member.

    Deflate yields between nearly 1 and 1032 bytes for each stored one; a chance hit is about one in a million
    for a file of a few kilobytes and grows with it, so this shortcut is meant for whole files only.
    """
    header = parse_header(data, offset)
    stored = data.size - offset - header.length - TRAILER.size
    if stored < 2:
        return False
    claimed = int.from_bytes(data.view_at(data.size - 4, 4), "little")
    return stored - 5 * (stored // 16000 + 1) - 18 <= claimed <= stored * 1032
