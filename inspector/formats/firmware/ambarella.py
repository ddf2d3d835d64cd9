"""Ambarella camera firmware (A-series): parts with a 256-byte header and a CRC each.

Format: field order of the part header as published for A9 cameras (dji-firmware-tools wiki).
Limits: the table before the first part and the file system inside the DSP part are not read.
"""

from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct("<IIIIIII")
HEADER_SIZE: Final = 256
MAGIC: Final = 0xA324EB90
MAGIC_AT: Final = 24
MOST_PARTS: Final = 32


def parse_ambarella(data: Reader) -> Image:
    """Return the parts that stand one behind the other; the first one's CRC-32 has to hold."""
    header_at(data, HEADER_SIZE, "an Ambarella part")
    members: list[Member] = []
    structure: list[Span] = []
    offset = 0
    while offset + HEADER_SIZE <= data.size and len(members) < MOST_PARTS:
        checksum, version, _, size, address, _, magic = data.unpack_at(offset, HEADER)
        start = offset + HEADER_SIZE
        if magic != MAGIC or not 0 < size <= data.size - start:
            break
        right = crc32(data.view_at(start, size)) == checksum
        if not members and not right:
            raise NotThisFormat("Ambarella part checksum differs")
        notes = () if right else ("checksum differs",)
        members.append(stored(data, f"part{len(members)}@{address:#x}", start, start + size, notes=notes))
        structure.append(Span(offset, start))
        offset = start + size
    if not members:
        raise NotThisFormat("no Ambarella part")
    return Image(offset, tuple(members), tuple(structure), {"version": f"{version >> 16}.{version & 0xFFFF}"})
