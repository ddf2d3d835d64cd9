"""LZSS as old packers of DOS had it: bytes, and matches of two bytes, over a window of 4096; one byte tells of eight.

Format: Haruhiko Okumura, lzss.c; Stuart Caie, libmspack, "The KWAJ and SZDD file formats"; LHa for UNIX, header.doc, of
lz5. They differ in where the first byte comes to stand in the window, and in what that holds at first.
Limits: decoded in Python, a few megabytes per second.
"""

from typing import Final

from inspector.formats.codec.prefixcode import repeat
from inspector.formats.codec.streams import CutOff, Stream
from inspector.formats.reader import Reader

WINDOW: Final = 4096
SHORTEST: Final = 3
GROUP: Final = 17
"""Most bytes of eight items and the byte that tells their kinds."""


def unpack(data: Reader, offset: int, size: int, first: int, step: int, what: str) -> Stream:
    """Decode what is packed at `offset` until it has given `size` bytes; the window is full of blanks at first.

    `first` tells where in the window these begin. Raises `CutOff`, which names `what`, where it ends before.
    """
    position, given = offset, 0
    out = bytearray(b" ") * WINDOW
    while given < size:
        group, before = data.read_upto(position, GROUP), len(out)
        used = unpack_group(group, out, first + given - len(out), len(out) + size - given)
        given += len(out) - before
        position += used
        if len(out) >= WINDOW + step or not used:
            yield bytes(out[WINDOW:])
            del out[:-WINDOW]
        if not used:
            raise CutOff(f"{what} file ends early, after {position - offset} stored bytes")
    if len(out) > WINDOW:
        yield bytes(out[WINDOW:])
    return position - offset


def unpack_group(group: bytes, out: bytearray, start: int, goal: int) -> int:
    """Append what up to eight items give, until there are `goal` bytes; return the stored bytes that they take.

    A byte in front tells the kinds of the items; `start` is the place in the window less the length of `out`, which
    holds a whole window at least. An item that is cut off is left; 0 where there is none.
    """
    at = 1
    for bit in range(8):
        if at >= len(group) or len(out) >= goal:
            break
        if group[0] >> bit & 1:
            out.append(group[at])
            at += 1
        elif at + 1 < len(group):
            low, high = group[at : at + 2]
            place = low | (high & 0xF0) << 4
            distance, length = (start + len(out) - place - 1) % WINDOW + 1, (high & 0x0F) + SHORTEST
            repeat(out, distance, min(length, goal - len(out)), "LZSS")
            at += 2
        else:
            break
    return at if at > 1 else 0
