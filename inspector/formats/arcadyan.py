"""Arcadyan (Speedport, EasyBox) obfuscated firmware: two swapped blocks, one of them scrambled, around an LZMA stream.

Format: devttys0, "Reversing Belkin/Arcadyan obfuscated firmware" (2014), as in binwalk's `arcadyan` extractor.
Limits: the header does not say how long the image is; it reaches to the end of the data.
"""

from typing import Final

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.image import Image, codec_at
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

MARK: Final = b"\x00\xd5\x08"
MARK_AT: Final = 0x68
FIRST: Final = Span(0x04, 0x24)
SECOND: Final = Span(0x68, 0x88)
SMALLEST: Final = 0x1000


def parse_arcadyan(data: Reader) -> Image:
    """Return the LZMA stream behind the four-byte signature, its first 132 bytes put back in place."""
    if data.size < SMALLEST or not data.startswith(MARK, MARK_AT):
        raise NotThisFormat("no Arcadyan mark")
    head = _unscramble(data.read_at(SECOND.start, len(SECOND)))
    if codec_at(BufferReader(head), 0) != "lzma" or not any(head[5:13]):
        raise NotThisFormat("no LZMA stream behind the Arcadyan scrambling")
    middle = data.read_at(FIRST.end, SECOND.start - FIRST.end)
    start = BufferReader(head + middle + data.read_at(FIRST.start, len(FIRST)))
    size = data.size - FIRST.start

    def open_stream(limit: int) -> Reader:
        if size > limit:
            raise LimitReached(f"{size} bytes, {limit} allowed")
        return MappedReader([Piece(start.size, start), Piece(data.size - SECOND.end, data, SECOND.end)])

    return Image(
        size=data.size,
        members=(Member("firmware", open=open_stream, extents=(Span(4, data.size),), size=size, format="lzma"),),
        structure=(Span(0, 4),),
        properties={"signature": data.read_at(0, 4).hex(), "obfuscation": "block swap, nibble swap, byte swap"},
    )


def _unscramble(block: bytes) -> bytes:
    """Swap the nibbles of each byte, then the bytes of each pair."""
    nibbles = bytearray((byte >> 4 | byte << 4) & 0xFF for byte in block)
    nibbles[0::2], nibbles[1::2] = nibbles[1::2], nibbles[0::2]
    return bytes(nibbles)
