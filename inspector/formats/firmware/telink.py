"""Telink TLSR firmware (Zigbee, BLE), as updates of Tuya, Xiaomi, IKEA and Aqara devices carry it.

Format: Telink SDK `boot/cstartup.S` (`KNLT` at 8, image size at 0x18) and its OTA note: a CRC-32 without the final
inversion closes the image.
Limits: code is not disassembled.
"""

from typing import Final
from zlib import crc32

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"KNLT"
MAGIC_AT: Final = 8
HEADER_SIZE: Final = 0x20
LARGEST: Final = 1 << 24


def parse_telink(data: Reader) -> Image:
    """Return the program as one member, between the start-up words and the checksum."""
    header = bytes(header_at(data, HEADER_SIZE, "a Telink image"))
    size = int.from_bytes(header[0x18:0x1C], "little")
    if header[8:12] != MAGIC or not HEADER_SIZE + 4 <= size <= LARGEST:
        raise NotThisFormat("no Telink image")
    if size > data.size:
        raise Malformed(f"Telink image of {size} bytes, {data.size} there")
    right = crc32(data.view_at(0, size - 4)) ^ 0xFFFFFFFF == int.from_bytes(data.view_at(size - 4, 4), "little")
    return Image(
        size=size,
        members=(stored(data, "program", HEADER_SIZE, size - 4),),
        structure=(Span(0, HEADER_SIZE), Span(size - 4, size)),
        notes=() if right else ("checksum differs or is missing",),
    )
