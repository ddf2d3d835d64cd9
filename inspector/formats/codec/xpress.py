"""XPRESS with a prefix code, as Windows images pack their chunks: matches reach back over the chunk and no further.

Format: [MS-XCA] 2.1 "LZ77+Huffman". The code's bits come from words of 16, the highest bit first; what a length has
beyond its symbol are whole bytes between those words.
Limits: decoded in Python, a few megabytes per second.
"""

from typing import Final

from inspector.errors import Malformed
from inspector.formats.codec.prefixcode import LENGTH_BITS, LITERALS, code_of, repeat

SYMBOLS: Final = 512
TABLE: Final = SYMBOLS // 2
"""Bytes of the code lengths, four bits each."""
WIDEST: Final = 15
WORD: Final = 16
SHORTEST: Final = 3
LONG: Final = 15
"""Length in a symbol that says that more of it follows."""


def unpack(data: bytes, size: int) -> bytes:
    """Return the `size` bytes of one chunk. Raises `Malformed` for damage, or where it ends early."""
    lengths = [nibble for byte in data[:TABLE] for nibble in (byte & 15, byte >> 4)]
    _, entries = code_of(lengths, "XPRESS", WIDEST)
    if not entries[-1]:
        raise Malformed("XPRESS code is incomplete")
    out, at, hold, count = bytearray(), TABLE, 0, 0
    append = out.append
    while len(out) < size:
        if count < WORD:
            hold, count, at = (
                (hold & 0xFFFF) << WORD | int.from_bytes(data[at : at + 2], "little"),
                count + WORD,
                at + 2,
            )
        entry = entries[hold >> count - WIDEST & 0x7FFF]
        count -= entry & 31
        if entry < LITERALS:
            append(entry >> LENGTH_BITS)
            continue
        if count < WORD:
            if at > len(data):
                raise Malformed("XPRESS chunk ends early")
            hold, count, at = (
                (hold & 0xFFFF) << WORD | int.from_bytes(data[at : at + 2], "little"),
                count + WORD,
                at + 2,
            )
        symbol = entry >> LENGTH_BITS
        bits, length = symbol >> 4 & 15, symbol & 15
        count -= bits
        distance = 1 << bits | hold >> count & (1 << bits) - 1
        if length == LONG:
            length, at = _long(data, at)
        repeat(out, distance, min(length + SHORTEST, size - len(out)), "XPRESS")
    if at > len(data) + 2:
        raise Malformed("XPRESS chunk ends early")
    return bytes(out)


def _long(data: bytes, at: int) -> tuple[int, int]:
    """Return a length that did not fit into its symbol, and where the next word stands."""
    if at >= len(data):
        raise Malformed("XPRESS chunk ends early")
    if data[at] < 0xFF:
        return LONG + data[at], at + 1
    return int.from_bytes(data[at + 1 : at + 3], "little"), at + 3
