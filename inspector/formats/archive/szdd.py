"""Files of Microsoft's COMPRESS (SZDD), as disks with drivers and programs for Windows held them: `setup.dl_`.

Format: Stuart Caie, libmspack, "The KWAJ and SZDD file formats"; matches over a window that is full of blanks at first.
Limits: of the name only the letter that the header keeps is shown. Decoded in Python, a few megabytes per second.
"""

from struct import Struct
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.codec.prefixcode import repeat
from inspector.formats.codec.streams import STEP, CutOff, Stream
from inspector.formats.reader import Reader

MAGIC: Final = b"SZDD\x88\xf0\x27\x33A"
HEADER: Final = Struct("<9scI")
WINDOW: Final = 4096
FIRST: Final = WINDOW - 16
"""Where in the window the first byte comes to stand."""
SHORTEST: Final = 3
GROUP: Final = 17
"""Most bytes of eight items and the byte that tells their kinds."""


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless magic and size hold."""
    if data.size - offset < HEADER.size or not data.startswith(MAGIC, offset):
        raise NotThisFormat("no SZDD file")
    size = data.unpack_at(offset, HEADER)[2]
    if size > (data.size - offset) * 18:  # two bytes give no more than 18
        raise NotThisFormat("SZDD file of an impossible size")


def last_letter(data: Reader) -> str:
    """Return the letter that `_` stands for in the name, empty where none is told."""
    letter: bytes = data.unpack_at(0, HEADER)[1]
    return letter.decode("ascii", "replace") if letter.isalnum() else ""


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode the file at `offset`; it ends where it has given as many bytes as its header says."""
    check_header(data, offset)
    size = data.unpack_at(offset, HEADER)[2]
    return (yield from unpack(data, offset + HEADER.size, size, FIRST, step)) + HEADER.size


def unpack(data: Reader, offset: int, size: int, first: int, step: int) -> Stream:
    """Decode what is packed at `offset` until it has given `size` bytes; `first` tells where in the window these begin.

    Raises `CutOff` where it ends before.
    """
    position, given = offset, 0
    out = bytearray(b" ") * WINDOW
    while given < size:
        group, before = data.read_upto(position, GROUP), len(out)
        used = _unpack(group, out, first + given - len(out), len(out) + size - given)
        given += len(out) - before
        position += used
        if len(out) >= WINDOW + step or not used:
            yield bytes(out[WINDOW:])
            del out[:-WINDOW]
        if not used:
            raise CutOff(f"SZDD file ends early, after {position - offset} stored bytes")
    if len(out) > WINDOW:
        yield bytes(out[WINDOW:])
    return position - offset


def _unpack(group: bytes, out: bytearray, start: int, goal: int) -> int:
    """Append what up to eight items give, until there are `goal` bytes; return the stored bytes that they take.

    A byte in front tells the kinds of the items; `start` is the place in the window less the length of `out`.
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
            repeat(out, distance, min(length, goal - len(out)), "SZDD")
            at += 2
        else:
            break
    return at if at > 1 else 0
