"""LZO-RLE, the LZO1X of Linux with an instruction for runs of zeros: compressed files of F2FS, zram.

Format: Linux `Documentation/staging/lzo.rst`, bitstream version 1.
Limits: decoded in Python, a few megabytes a second; plain LZO1X goes to the library.
"""

from typing import Final

from inspector.errors import Malformed
from inspector.formats.codec.blockcodecs import unlzo
from inspector.formats.codec.prefixcode import repeat
from inspector.formats.reader import Buffer

VERSIONED: Final = 17
"""First byte of a stream whose second is the version."""
SHORTEST: Final = 5
FAR: Final = 0x4000
"""Matches coded in 16 to 31 start behind this distance; this distance itself is the end of the stream."""
AFTER_LITERALS: Final = 4
FURTHER: Final = 2048
"""What is added to the distance of a short match behind literals."""
RUN: Final = 0x18
SHORTEST_RUN: Final = 4


def unlzo_rle(stored: Buffer, limit: int) -> bytes:
    """Decode one block of either version; raises `Malformed` for damage or for more than `limit` bytes."""
    data = bytes(stored)
    if len(data) < SHORTEST or data[0] != VERSIONED:
        return unlzo(data, limit)
    if data[1] != 1:
        raise Malformed(f"LZO bitstream of version {data[1]}")
    try:
        return _decoded(data, limit)
    except IndexError as error:
        raise Malformed("LZO-RLE block ends early") from error


def _decoded(data: bytes, limit: int) -> bytes:
    out = bytearray()
    at, state = 2, 0
    if data[at] > VERSIONED:  # the stream may open with literals
        count = data[at] - VERSIONED
        at = _literals(data, at + 1, count, out, limit)
        state = min(count, AFTER_LITERALS)
    while True:
        code = data[at]
        at += 1
        if code < 16 and not state:
            length, at = _length(data, at, code, 15)
            at = _literals(data, at, length + 3, out, limit)
            state = AFTER_LITERALS
            continue
        if RUN <= code < RUN + 8 and data[at] >= 0xFC and data[at + 1] == 0xFF:
            # The largest distance of this instruction stands for zeros; a third byte belongs to their number.
            out += bytes((code & 7 | data[at + 2] << 3) + SHORTEST_RUN)
            _check(out, limit)
            at, state = _tail(data, at + 3, data[at] & 3, out, limit)
            continue
        length, distance, tail, at = (_far if 16 <= code < 64 else _near)(data, at, code, state)
        if distance == FAR and code < 32:
            return bytes(out)
        if len(out) + length > limit:
            raise Malformed(f"block decodes to more than {limit} bytes")
        repeat(out, distance, length, "LZO-RLE")
        at, state = _tail(data, at, tail, out, limit)


def _far(data: bytes, at: int, code: int, _state: int) -> tuple[int, int, int, int]:
    """Return length, distance, literals behind it, and where a match with two bytes of distance ends."""
    wide = 31 if code >= 32 else 7
    length, at = _length(data, at, code & wide, wide)
    word = data[at] | data[at + 1] << 8
    further = 1 if code >= 32 else FAR + (code >> 3 & 1) * FAR
    return length + 2, (word >> 2) + further, word & 3, at + 2


def _near(data: bytes, at: int, code: int, state: int) -> tuple[int, int, int, int]:
    """Return the same for a match with one byte of distance."""
    if code < 16:
        further = FURTHER if state == AFTER_LITERALS else 0
        return (3 if further else 2), further + (code >> 2) + (data[at] << 2) + 1, code & 3, at + 1
    length = 3 + (code >> 5 & 1) if code < 128 else 5 + (code >> 5 & 3)
    return length, (data[at] << 3) + (code >> 2 & 7) + 1, code & 3, at + 1


def _tail(data: bytes, at: int, count: int, out: bytearray, limit: int) -> tuple[int, int]:
    return (_literals(data, at, count, out, limit), count) if count else (at, 0)


def _literals(data: bytes, at: int, count: int, out: bytearray, limit: int) -> int:
    if at + count > len(data):
        raise Malformed("LZO-RLE block ends early")
    out += data[at : at + count]
    _check(out, limit)
    return at + count


def _check(out: bytearray, limit: int) -> None:
    if len(out) > limit:
        raise Malformed(f"block decodes to more than {limit} bytes")


def _length(data: bytes, at: int, low: int, most: int) -> tuple[int, int]:
    """Return a length that goes on in further bytes where its own bits are zero, and where it ends."""
    if low:
        return low, at
    start = at
    while not data[at]:
        at += 1
    return most + 255 * (at - start) + data[at], at + 1
