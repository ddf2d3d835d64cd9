"""MSZIP, as cabinets and KWAJ pack: blocks of deflate, each of which may repeat what stands in the one before it.

Format: [MS-MCI] "MSZIP Compression and Decompression Data Structure".
"""

import zlib
from typing import Final

from inspector.errors import Malformed

BLOCK: Final = 1 << 15
"""Most decoded bytes of a block."""


def unpack(block: bytes, history: bytes) -> bytes:
    """Decode one block; `history` is what was decoded before it, at most `BLOCK` bytes. Raises `Malformed`."""
    if block[:2] != b"CK":
        raise Malformed("damaged MSZIP block: no MSZIP signature")
    try:
        return zlib.decompressobj(-15, zdict=history).decompress(block[2:], BLOCK)
    except zlib.error as error:
        raise Malformed(f"damaged MSZIP block: {error}") from error
