"""TRX, Broadcom's firmware wrapper: one header, then up to three partitions (four in version 2).

Format: OpenWrt wiki, "TRX vs. TRX2 vs. BIN"; OpenWrt firmware-utils `otrx`.
Limits: the header does not say what a partition holds; the caller finds that out from its bytes.
"""

from itertools import pairwise
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.reader import Reader, Span

PREFIX: Final = Struct("<4sIIHH")
HEADERS: Final = {1: Struct("<4sIIHH3I"), 2: Struct("<4sIIHH4I")}
MAGIC: Final = b"HDR0"
LARGEST: Final = 1 << 28
CRC_STARTS: Final = 12
"""The checksum skips magic, length and itself."""


def parse_trx(data: Reader) -> Image:
    """Return the partitions in order, the last one up to the end of the image; damage is a note, not an error."""
    header_at(data, PREFIX.size, "a TRX header")
    magic, length, checksum, _, version = data.unpack_at(0, PREFIX)
    if magic != MAGIC or version not in HEADERS:
        raise NotThisFormat("no TRX header")
    header = HEADERS[version]
    offsets = sorted({offset for offset in data.unpack_at(0, header)[5:] if offset})  # unused slots hold 0
    if not offsets or offsets[0] < header.size or offsets[-1] >= length or length > LARGEST:
        raise NotThisFormat("TRX partitions lie outside the image")
    if length > data.size:
        raise Malformed(f"TRX of {length} bytes, {data.size} there")
    right = crc32(data.view_at(CRC_STARTS, length - CRC_STARTS)) ^ 0xFFFFFFFF == checksum
    return Image(
        size=length,
        members=tuple(
            stored(data, f"partition{index}", start, end)
            for index, (start, end) in enumerate(pairwise([*offsets, length]))
        ),
        structure=(Span(0, header.size),),
        properties={"version": str(version)},
        notes=() if right else ("TRX checksum differs",),
    )
