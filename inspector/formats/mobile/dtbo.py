"""Android device tree tables (dtbo.img): device trees one behind the other, with an index.

Format: https://source.android.com/docs/core/architecture/dto/partitions
"""

from struct import Struct
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.image import Image, stored
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"\xd7\xb7\xab\x1e"
HEADER = Struct(">4s7I")
ENTRY = Struct(">8I")


def parse_dtbo(data: Reader) -> Image:
    """Return the device trees of the table, each named by its index and its board identity."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no device tree table")
    _, size, header, width, count, start, _, version = data.unpack_at(0, HEADER)
    whole = min(size, data.size)
    if not HEADER.size <= header <= whole or width < ENTRY.size or version > 1 or start + count * width > whole:
        raise NotThisFormat("no device tree table header")
    tree = data.slice(0, whole)
    members, seen = [], set[int]()
    for index in range(count):
        length, offset, board, revision = data.unpack_at(start + index * width, ENTRY)[:4]
        if offset not in seen:  # entries may share one tree
            members.append(stored(tree, f"{index}-{board:x}-{revision:x}.dtb", offset, offset + length))
        seen.add(offset)
    structure = (Span(0, header), Span(start, start + count * width))
    return Image(whole, tuple(members), structure, {"entries": str(count)})
