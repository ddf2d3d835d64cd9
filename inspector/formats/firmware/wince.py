"""Windows CE memory images (B000FF): records of address, length and byte sum.

Format: Microsoft Platform Builder documentation, ".bin image data format".
Limits: the table of files inside the image (ROMHDR) is not read: the memory is one member.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at
from inspector.formats.layout import Member
from inspector.formats.mapped import opener
from inspector.formats.reader import MappedReader, Piece, Reader, Span

MAGIC: Final = b"B000FF\n"
HEADER: Final = Struct("<7sII")
RECORD: Final = Struct("<III")
LARGEST: Final = 1 << 30
MOST_RECORDS: Final = 1 << 16


def parse_wince(data: Reader) -> Image:
    """Return the memory as it is after loading, holes as zeros; a record whose byte sum differs is a note."""
    header_at(data, HEADER.size, "a Windows CE image")
    magic, start, length = data.unpack_at(0, HEADER)
    if magic != MAGIC or not 0 < length <= LARGEST:
        raise NotThisFormat("no Windows CE image")
    offset, blocks, structure, notes = HEADER.size, list[tuple[int, Span]](), [Span(0, HEADER.size)], list[str]()
    for _ in range(MOST_RECORDS):
        address, size, total = data.unpack_at(offset, RECORD)
        structure.append(Span(offset, offset + RECORD.size))
        offset += RECORD.size
        if not address:
            break
        if not start <= address <= address + size <= start + length or offset + size > data.size:
            raise Malformed(f"Windows CE record of {size} bytes at {offset:#x}")
        if sum(data.view_at(offset, size)) & 0xFFFFFFFF != total and not notes:
            notes.append("byte sum of a record differs")
        blocks.append((address - start, Span(offset, offset + size)))
        offset += size
    else:
        raise Malformed("Windows CE image without its last record")
    if not blocks:
        raise NotThisFormat("Windows CE image without records")
    member = _memory(data, blocks)
    return Image(offset, (member,), tuple(structure), {"address": f"{start:#010x}"}, tuple(notes))


def _memory(data: Reader, blocks: list[tuple[int, Span]]) -> Member:
    pieces, reached = list[Piece](), 0
    for place, extent in sorted(blocks):
        if place < reached:
            raise Malformed("Windows CE records overlap")
        pieces += [Piece(place - reached), Piece(len(extent), data, extent.start)]
        reached = place + len(extent)
    memory = MappedReader(pieces)
    return Member("memory", open=opener(memory), extents=tuple(extent for _, extent in blocks), size=memory.size)
