"""XPRESS with a prefix code, as Windows images pack their chunks: matches reach back over the chunk and no further.

Format: [MS-XCA] 2.1 "LZ77+Huffman". The code's bits come from words of 16, the highest bit first; what a length has
beyond its symbol are whole bytes between those words.
Limits: decoded in Python, a few megabytes per second.
"""

from typing import Final

from inspector.errors import Malformed

SYMBOLS: Final = 512
LITERALS: Final = 256
TABLE: Final = SYMBOLS // 2
"""Bytes of the code lengths, four bits each."""
WIDEST: Final = 15
WORD: Final = 16
SHORTEST: Final = 3
LONG: Final = 15
"""Length in a symbol that says that more of it follows."""


def unpack(data: bytes, size: int) -> bytes:
    """Return the `size` bytes of one chunk. Raises `Malformed` for damage, or where it ends early."""
    entries = _entries(data[:TABLE])
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
        count -= entry & 15
        if entry < LITERALS << 4:
            append(entry >> 4)
            continue
        if count < WORD:
            if at > len(data):
                raise Malformed("XPRESS chunk ends early")
            hold, count, at = (
                (hold & 0xFFFF) << WORD | int.from_bytes(data[at : at + 2], "little"),
                count + WORD,
                at + 2,
            )
        bits, length = entry >> 8 & 15, entry >> 4 & 15
        count -= bits
        distance = 1 << bits | hold >> count & (1 << bits) - 1
        if length == LONG:
            length, at = _long(data, at)
        _copy(out, distance, min(length + SHORTEST, size - len(out)))
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


def _copy(out: bytearray, distance: int, length: int) -> None:
    start = len(out) - distance
    if start < 0:
        raise Malformed("XPRESS match before the beginning")
    if distance >= length:
        out += out[start : start + length]
    else:
        out += (out[start:] * (length // distance + 1))[:length]


def _entries(table: bytes) -> list[int]:
    """Return, for the next 15 bits, `symbol << 4 | length of its code`."""
    lengths = [nibble for byte in table for nibble in (byte & 15, byte >> 4)]
    entries: list[int] = []
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        entries += [symbol << 4 | length] * (1 << WIDEST - length)
    if len(entries) != 1 << WIDEST:
        raise Malformed("XPRESS code is over-full or incomplete")
    return entries
