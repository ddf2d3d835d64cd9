"""Arcadyan (Speedport, EasyBox) obfuscated firmware: two swapped blocks, one of them scrambled, around an LZMA stream.

Format: devttys0, "Reversing Belkin/Arcadyan obfuscated firmware" (2014), as in binwalk's `arcadyan` extractor.
The last 24 bytes state where the image ends and its CRC-32 (seen in a real image, where the checksum holds); what lies
between that end and them is left over from the packer's memory.
Limits: without that trailer nothing says how long the image is; it then reaches to the end of the data.
"""

from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.image import Image, codec_at, stored
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

MARK: Final = b"\x00\xd5\x08"
MARK_AT: Final = 0x68
FIRST: Final = Span(0x04, 0x24)
SECOND: Final = Span(0x68, 0x88)
SMALLEST: Final = 0x1000
TRAILER: Final = Struct("<4s8sIII")
TRAILER_MARK: Final = 0x12345678


def parse_arcadyan(data: Reader) -> Image:
    """Return the LZMA stream behind the four-byte signature, its first 132 bytes put back in place."""
    if data.size < SMALLEST or not data.startswith(MARK, MARK_AT):
        raise NotThisFormat("no Arcadyan mark")
    head = _unscramble(data.read_at(SECOND.start, len(SECOND)))
    if codec_at(BufferReader(head), 0) != "lzma" or not any(head[5:13]):
        raise NotThisFormat("no LZMA stream behind the Arcadyan scrambling")
    middle = data.read_at(FIRST.end, SECOND.start - FIRST.end)
    start = BufferReader(head + middle + data.read_at(FIRST.start, len(FIRST)))
    end, checksum, behind = _trailer(data)
    size = end - FIRST.start

    def open_stream(limit: int) -> Reader:
        if size > limit:
            raise LimitReached(f"{size} bytes, {limit} allowed")
        return MappedReader([Piece(start.size, start), Piece(end - SECOND.end, data, SECOND.end)])

    return Image(
        size=data.size,
        members=(Member("firmware", open=open_stream, extents=(Span(4, end),), size=size, format="lzma"), *behind),
        structure=(Span(0, 4), *((Span(data.size - TRAILER.size, data.size),) if end < data.size else ())),
        properties={"signature": data.read_at(0, 4).hex(), "obfuscation": "block swap, nibble swap, byte swap"},
        notes=checksum,
    )


def _trailer(data: Reader) -> tuple[int, tuple[str, ...], tuple[Member, ...]]:
    """Return the end of the image, a note where its checksum differs, and what is left over behind it."""
    at = data.size - TRAILER.size
    _, _, end, mark, checksum = data.unpack_at(at, TRAILER)
    if mark != TRAILER_MARK or not SMALLEST <= end <= at:
        return data.size, (), ()
    value = 0
    for _, view in data.slice(0, end).windows():
        value = crc32(view, value)
    notes = () if value == checksum else ("checksum of the trailer differs",)
    return end, notes, (stored(data, "left over behind the stated end", end, at),) if end < at else ()


def _unscramble(block: bytes) -> bytes:
    """Swap the nibbles of each byte, then the bytes of each pair."""
    nibbles = bytearray((byte >> 4 | byte << 4) & 0xFF for byte in block)
    nibbles[0::2], nibbles[1::2] = nibbles[1::2], nibbles[0::2]
    return bytes(nibbles)
