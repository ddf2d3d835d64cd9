"""Moxa FRM packages of serial device servers and gateways: a program and the files of its web server.

Format: unblob `handlers/archive/moxa/frm.py` (fields and their observed values).
Limits: section kinds other than program and files are handed over under their number; checksums are not known.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"*FRM\0\0\0\x01"
HEADER: Final = Struct("<4sIIHH")
SECTION: Final = Struct("<4I")
TABLE: Final = 64
"""Where the section table starts; bytes of unknown use stand before it."""
TREE: Final = Struct("<32s6IHHIHHII")
ENTRY: Final = Struct("<48s8sII")
MOST_SECTIONS: Final = 64
PROGRAM, FILES = 1, 2


def parse_moxa(data: Reader) -> Image:
    """Return `firmware` and the files of the web server."""
    header_at(data, HEADER.size, "an FRM header")
    _, _, total, header, count = data.unpack_at(0, HEADER)
    if not data.startswith(MAGIC) or not 0 < count <= MOST_SECTIONS or header < TABLE + count * SECTION.size:
        raise NotThisFormat("no FRM header")
    if not header <= total <= data.size:
        raise Malformed(f"FRM package of {total} bytes, {data.size} there")
    part = data.slice(0, total)
    members, structure, properties = list[Member](), [Span(0, header)], dict[str, str]()
    for index in range(count):
        kind, start, size, _ = part.unpack_at(TABLE + index * SECTION.size, SECTION)
        if kind == FILES:
            files = list(_files(part, start, structure))
            properties["device"] = text(part.view_at(start, 32))
            members += files
        elif size:
            name = "firmware" if kind == PROGRAM else f"section{kind}"
            members.append(stored(part, name, start, start + size))
    if not members:
        raise Malformed("FRM package without contents")
    return Image(total, tuple(members), tuple(structure), properties)


def _files(data: Reader, base: int, structure: list[Span]) -> Iterator[Member]:
    fields = data.unpack_at(base, TREE)
    table, width, first, second = fields[5], fields[7], fields[8], fields[11]
    count = first or second
    if width < ENTRY.size or base + table + count * width > data.size:
        raise Malformed("FRM file table leaves the package")
    structure += [Span(base, base + TREE.size), Span(base + table, base + table + count * width)]
    for index in range(count):
        name, _, size, start = data.unpack_at(base + table + index * width, ENTRY)
        path = decode_name(name.split(b"\0")[0])
        if path:
            yield stored(data, path, base + start, base + start + size)
