"""Bouffalo Lab images (BL602, BL616, BL702 and kin): the `BFNP` boot header and the program behind it.

Format: BL602 reference manual, "boot header"; offsets checked on the images in bflb_iot_tool 1.10.0.
Limits: header signatures are not verified; headers of BL606P and BL808 (several cores) are not known.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.image import Image, locked, stored
from inspector.formats.reader import Reader, Span

MAGICS: Final = (b"BFNP", b"BFAP")
FLASH_CONFIG: Final = Span(0x0C, 0x60)
"""A CRC of it follows; even images without a header CRC carry this one."""
WORD: Final = Struct("<I")
BOOT_CONFIG: Final = 0x74
NO_SEGMENTS: Final = 1 << 8
"""Set where a program in flash follows; else segments for RAM do, and what is its start there is an address."""
SEGMENT: Final = Struct("<II8x")
MOST_SEGMENTS: Final = 16


@dataclass(frozen=True, slots=True)
class _Header:
    """Offsets in the header of one chip family."""

    crc: int
    start: int
    length: int


BL602: Final = _Header(172, 0x80, 0x78)
BL616: Final = _Header(252, 0x7C, 0x84)


def parse_bouffalo(data: Reader) -> Image:
    """Return the program, or the RAM segments of a loader; both CRCs that the header has tell it from chance."""
    head = data.read_upto(0, 0x100)
    if len(head) < BL602.crc + 4 or head[:4] not in MAGICS:
        raise NotThisFormat("no Bouffalo boot header")
    if crc32(head[FLASH_CONFIG.start : FLASH_CONFIG.end]) != _word(head, FLASH_CONFIG.end):
        raise NotThisFormat("Bouffalo flash configuration checksum differs")
    properties = {"revision": str(_word(head, 4)), "core": head[:4].decode()}
    layout = next((kind for kind in (BL602, BL616) if _sealed(head, kind)), None)
    if layout is None or (layout is BL602 and not _word(head, BOOT_CONFIG) & NO_SEGMENTS):
        return _segments(data, head, properties)
    start, length = _word(head, layout.start), _word(head, layout.length)
    if not layout.crc + 4 <= start <= start + length <= data.size:
        raise Malformed(f"Bouffalo program of {length} bytes at {start:#x}, {data.size} there")
    encrypted = layout is BL602 and _word(head, BOOT_CONFIG) >> 2 & 3
    member = (
        locked("program", start, start + length, Encrypted("AES, key in the chip's fuses"))
        if encrypted
        else stored(data, "program", start, start + length)
    )
    return Image(start + length, (member,), (Span(0, layout.crc + 4),), properties)


def _segments(data: Reader, head: bytes, properties: dict[str, str]) -> Image:
    """Return the parts of a loader for RAM: each has a small header with its address and length."""
    count, offset = _word(head, BL602.length), BL602.crc + 4
    if not 0 < count <= MOST_SEGMENTS:
        raise NotThisFormat("no Bouffalo header checksum and no segments")
    members, structure = [], [Span(0, offset)]
    for index in range(count):
        address, length = data.unpack_at(offset, SEGMENT)
        start = offset + SEGMENT.size
        structure.append(Span(offset, start))
        members.append(stored(data, f"segment{index}@{address:#x}", start, start + length))
        offset = start + length
    return Image(offset, tuple(members), tuple(structure), properties)


def _sealed(head: bytes, kind: _Header) -> bool:
    return len(head) >= kind.crc + 4 and crc32(head[: kind.crc]) == _word(head, kind.crc)


def _word(raw: bytes, offset: int) -> int:
    return int(WORD.unpack_from(raw, offset)[0])
