"""WeChat mini-program packages (.wxapkg): an index of names and the files end to end.

Format: as WeChat for Android stores them: mark BE, two lengths, mark ED, then count and (name, offset, size) entries,
all big-endian.
Limits: packages of WeChat for Windows (`V1MMWX`) are encrypted with a key of the program's identifier: a named gap.
"""

from struct import Struct
from typing import Final

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.image import Image, locked, stored
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

LOCKED: Final = b"V1MMWX"
HEADER: Final = Struct(">B3IBI")
MOST: Final = 100_000
LONGEST_NAME: Final = 4096


def parse_wxapkg(data: Reader) -> Image:
    """Return the files in order of the index."""
    if data.startswith(LOCKED):
        problem = Encrypted("mini program of WeChat for Windows, key of its identifier")
        return Image(data.size, (locked("content", len(LOCKED), data.size, problem),), (Span(0, len(LOCKED)),))
    if data.size < HEADER.size:
        raise NotThisFormat("no mini-program package")
    first, _, index_size, body_size, last, count = data.unpack_at(0, HEADER)
    if (first, last) != (0xBE, 0xED) or not 14 + index_size <= data.size or count > min(MOST, index_size // 12 + 1):
        raise NotThisFormat("no mini-program package")
    members, at = [], HEADER.size
    for _ in range(count):
        (length,) = data.unpack_at(at, Struct(">I"))
        if length > LONGEST_NAME:
            raise Malformed(f"mini program with a name of {length} bytes")
        name = decode_name(data.read_at(at + 4, length)).lstrip("/")
        start, size = data.unpack_at(at + 4 + length, Struct(">2I"))
        members.append(stored(data, name, start, start + size))
        at += 12 + length
    end = max((member.extents[0].end for member in members), default=at)
    return Image(max(end, min(14 + index_size + body_size, data.size)), tuple(members), (Span(0, at),))
