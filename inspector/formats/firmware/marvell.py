"""Marvell 88MW30x firmware (MRVL) and the header that Tesla wall connectors put before it (SBFH).

Format: wfr/mrvl-88mw30x-firmware-tools; Andrew Krutsinger, "Tesla Wall Connector firmware file structure".
Limits: the signature in a SBFH header is not verified.
"""

from binascii import crc32
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"MRVL\x7b\xf1\x9c\x2e"
HEADER: Final = Struct("<4s4I")
SEGMENT: Final = Struct("<5I")
MOST_SEGMENTS: Final = 9
SBFH: Final = Struct("<4sI7sI")
SBFH_START: Final = b"SBFH\x1c\x01\0\0"
SBFH_SIZE: Final = 0x11C


def parse_mrvl(data: Reader) -> Image:
    """Return the segments, named by the address where they are loaded; a wrong checksum is a note of the segment."""
    header_at(data, HEADER.size, "an MRVL header")
    if not data.startswith(MAGIC):
        raise NotThisFormat("no MRVL header")
    count = data.unpack_at(0, HEADER)[3]
    table = HEADER.size + count * SEGMENT.size
    if not 0 < count <= MOST_SEGMENTS or table > data.size:
        raise NotThisFormat("no MRVL header")
    members = []
    for index in range(count):
        _, start, size, address, checksum = data.unpack_at(HEADER.size + index * SEGMENT.size, SEGMENT)
        if start + size > data.size:
            raise Malformed(f"MRVL segment of {size} bytes at {start:#x} leaves the image")
        # The chip keeps the state of the checksum without the last inversion, and starts with all ones.
        right = crc32(data.view_at(start, size), 0xFFFFFFFF) ^ 0xFFFFFFFF == checksum
        notes = () if right else ("wrong CRC",)
        members.append(stored(data, f"{index}@{address:#010x}", start, start + size, notes=notes))
    end = max([table, *(member.extents[0].end for member in members)])
    return Image(end, tuple(members), (Span(0, table),))


def parse_sbfh(data: Reader) -> Image:
    """Return the MRVL firmware behind the header."""
    header_at(data, SBFH_SIZE, "an SBFH header")
    _, header, _, size = data.unpack_at(0, SBFH)
    if not data.startswith(SBFH_START) or not data.startswith(MAGIC, header):
        raise NotThisFormat("no SBFH header")
    end = header + size
    if not size or end > data.size:
        raise Malformed(f"SBFH image of {size} bytes, {data.size - header} there")
    return Image(end, (stored(data, "firmware", header, end, hint="mrvl"),), (Span(0, header),))
