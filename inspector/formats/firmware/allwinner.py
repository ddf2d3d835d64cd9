"""Allwinner IMAGEWTY packages (LiveSuit, PhoenixSuit): a header, one 1 KiB header per file, the files.

Format: awutils `imagewty.h` (header versions 0x0100 and 0x0300).
Limits: packages encrypted as a whole (RC6 and Twofish, older LiveSuit) show no header and stay unexplained bytes.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct("<8s6I")
MAGIC: Final = b"IMAGEWTY"
COUNT_AT: Final = {0x0100: 56, 0x0300: 60}
FILES_AT: Final = 0x400
FILE: Final = {0x0100: Struct("<II8s16s5I256s"), 0x0300: Struct("<II8s16sI256s5I")}
MOST_FILES: Final = 512


def parse_allwinner(data: Reader) -> Image:
    """Return the files under their names (or types, where the name is empty), in the order of the headers."""
    header_at(data, FILES_AT, "an IMAGEWTY header")
    magic, version, _, _, _, size, _ = data.unpack_at(0, HEADER)
    if magic != MAGIC:
        raise NotThisFormat("no IMAGEWTY header")
    kind = 0x0300 if version >= 0x0300 else 0x0100
    (count,) = data.unpack_at(COUNT_AT[kind], Struct("<I"))
    if not 0 < count <= MOST_FILES:
        raise NotThisFormat(f"IMAGEWTY package of {count} files")
    members, offset, end = [], FILES_AT, FILES_AT
    for _ in range(count):
        fields = data.unpack_at(offset, FILE[kind])
        length, main, sub = fields[1], text(fields[2]), text(fields[3])
        if kind == 0x0300:
            name, stored_size, original, start = fields[5], fields[6], fields[8], fields[10]
        else:
            stored_size, original, start, name = fields[5], fields[6], fields[7], fields[9]
        path = text(name).lstrip("/\\") or f"{main}.{sub}"
        members.append(stored(data, path, start, start + min(original, stored_size)))
        end = max(end, start + stored_size)
        if not 0x40 <= length <= 0x1000:
            raise Malformed(f"IMAGEWTY file header of {length} bytes")
        offset += length
    end = max(min(max(end, size), data.size), offset)
    return Image(end, tuple(members), (Span(0, offset),), {"version": f"{version:#x}"})
