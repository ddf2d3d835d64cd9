"""Reversible filters in front of a compressor that Python's liblzma does not offer: ARM64 branches, byte order.

Format: LZMA SDK 23.01 (public domain), `Bra.c` and `SwapBytes.c`; the .xz file format, section 5.3.2.
"""

import sys
from array import array
from typing import Final

from inspector.formats.reader import Buffer

WORD: Final = 4
CALL, CALL_BITS = 0x94000000, 0xFC000000
PAGE, PAGE_BITS = 0x90000000, 0x9F000000


def arm64(encoded: Buffer, start: int = 0) -> bytes:
    """Return the code with its relative branches and page addresses put back; `start` is the address of its first byte.

    BL carries the distance in words, ADRP the distance in pages of 4 KiB; both were made absolute.
    """
    whole = len(encoded) // WORD * WORD
    words = array("I", bytes(encoded[:whole]))
    if sys.byteorder == "big":
        words.byteswap()
    for index, word in enumerate(words):
        if word & CALL_BITS == CALL:
            words[index] = CALL | (word - (start // WORD + index)) & 0x3FFFFFF
        elif word & PAGE_BITS == PAGE:
            words[index] = _page(word, (start + index * WORD) >> 12)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes() + bytes(encoded[whole:])


def _page(word: int, page: int) -> int:
    """Return an ADRP with its page made relative again, or as it is where the distance was too far to convert."""
    # The immediate: two low bits at 29, nineteen high bits at 5; 18 bits of the sum are kept, the last as the sign.
    absolute = word >> 29 & 3 | word >> 3 & 0x1FFFFC
    if absolute + 0x20000 & 0x1C0000:
        return word
    distance = absolute - page
    sign = 0xE00000 if distance & 0x20000 else 0
    return word & 0x9000001F | (distance & 3) << 29 | (distance & 0x3FFFC) << 3 | sign


def swapped(data: Buffer, width: int) -> bytes:
    """Return the data with the bytes of each whole unit of `width` in the other order."""
    out = bytearray(data)
    whole = len(out) // width * width
    for place in range(width):
        out[place:whole:width] = data[width - 1 - place : whole : width]
    return bytes(out)
