"""Ingenic boot loader (cameras on T-series and X-series chips): the first stage that the chip's ROM loads.

Format: U-Boot `tools/ingenic` of the Ingenic SDK (version marks, NAND or NOR mark, checksum, length of the SPL).
Limits: where the second stage lies is not in the header; it stays outside of the extent.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.reader import Reader, Span

MAGIC: Final = bytes.fromhex("0605040302 55aa55aa")
HEADER_SIZE: Final = 0x800
HEADER: Final = Struct("<9sB2xI")
LARGEST: Final = 1 << 20


def parse_ingenic(data: Reader) -> Image:
    """Return the first-stage boot loader behind the 2 KiB header."""
    header_at(data, HEADER_SIZE, "an Ingenic boot header")
    magic, checksum, size = data.unpack_at(0, HEADER)
    if magic != MAGIC or not HEADER_SIZE < size <= LARGEST:
        raise NotThisFormat("no Ingenic boot header")
    if size > data.size:
        raise Malformed(f"Ingenic boot loader of {size} bytes, {data.size} there")
    properties = {"checksum": f"{checksum:#04x}"}
    return Image(size, (stored(data, "spl", HEADER_SIZE, size),), (Span(0, HEADER_SIZE),), properties)
