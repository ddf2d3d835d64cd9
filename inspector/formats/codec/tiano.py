"""EFI 1.1 and Tiano compression: LZ77 with Huffman codes per block, as in LHA's -lh5-.

Format: UEFI 2.10, chapter 19 "Compression Algorithm Specification"; Tiano differs in the width of one count (5 bits).
Limits: the two kinds carry no mark; the one that decodes to the stated size is taken.
"""

from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed
from inspector.formats.codec import lzh
from inspector.formats.layout import Opener
from inspector.formats.reader import BufferReader, Reader

HEADER: Final = Struct("<II")
EFI, TIANO = 4, 5
"""Bits of the number of position codes: what tells the two apart."""
LARGEST: Final = 1 << 25
"""No driver comes near; a code that spends no bits could otherwise run for hours."""


def tiano_opener(data: Reader, start: int, end: int) -> Opener:
    """Return an opener of the stream in `data[start:end]`, whose header states both sizes."""

    def open_stream(limit: int) -> Reader:
        packed, size = data.slice(start, end).unpack_at(0, HEADER)
        if size > min(limit, LARGEST):
            raise LimitReached(f"{size} bytes, {min(limit, LARGEST)} allowed")
        stream = data.read_upto(start + HEADER.size, min(packed, end - start - HEADER.size))
        return BufferReader(decompress(stream, size))

    return open_stream


def decompress(stream: bytes, size: int) -> bytes:
    """Return the `size` decoded bytes; `Malformed` where neither kind of the code gives them."""
    for position_bits in (EFI, TIANO):
        out = bytearray()
        try:
            lzh.decode(stream, out, size, position_bits)
        except Malformed:
            if position_bits == TIANO:
                raise
        else:
            break
    return bytes(out)
