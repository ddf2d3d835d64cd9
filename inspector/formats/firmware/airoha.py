"""Airoha Bluetooth firmware: sections of memory behind a header of tagged fields, plain or LZMA.

Format: ramikg/airoha-firmware-parser; unblob `handlers/archive/airoha.py` (fields).
Limits: contents under AES are named, not read: the key is the vendor's.
"""

from hashlib import sha256
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, FormatError, Malformed, NotThisFormat
from inspector.formats.archive import lzma_alone
from inspector.formats.codec.streams import decode
from inspector.formats.image import Image, header_at, locked, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

MARK_AT: Final = 0xF8
MARK: Final = b"\xff" * 8 + b"\x11\0\x0a\0"
BASIC: Final = Struct("<HHBBII")
BASIC_AT: Final = 0x100
TAG: Final = Struct("<HH")
SECTIONS: Final = 0x12
SECTION: Final = Struct("<III")
MOST_TAGS: Final = 256
PLAIN, LZMA, LZMA_AES = range(3)


def parse_airoha(data: Reader) -> Image:
    """Return the decoded firmware as one member; where its parts go in memory stands in the properties."""
    header_at(data, BASIC_AT + BASIC.size, "an Airoha header")
    kind, length, packing, _, start, size = data.unpack_at(BASIC_AT, BASIC)
    if not data.startswith(MARK, MARK_AT) or (kind, length) != (0x11, 10) or packing > LZMA_AES or not size:
        raise NotThisFormat("no Airoha header")
    end = start + size
    if start < BASIC_AT + BASIC.size or end > data.size:
        raise Malformed(f"Airoha firmware up to {end:#x}, {data.size:#x} there")
    right = sha256(data.view_at(32, end - 32)).digest() == data.read_at(0, 32)
    return Image(
        end,
        (_firmware(data, packing, start, end),),
        (Span(0, start),),
        _sections(data, start),
        () if right else ("SHA-256 of the Airoha firmware differs",),
    )


def _firmware(data: Reader, packing: int, start: int, end: int) -> Member:
    if packing == LZMA_AES:
        return locked("firmware", start, end, Encrypted("LZMA under AES, key of the vendor"))
    if packing == PLAIN:
        return stored(data, "firmware", start, end)
    stream = data.slice(start, end)
    return Member(
        "firmware",
        open=lambda limit: decode(lzma_alone.decompress_standard, stream, 0, limit),
        extents=(Span(start, end),),
    )


def _sections(data: Reader, end: int) -> dict[str, str]:
    """Return where the sections go in memory; nothing where the tagged fields do not hold them."""
    offset = BASIC_AT
    try:
        for _ in range(MOST_TAGS):
            kind, length = data.unpack_at(offset, TAG)
            if kind == SECTIONS or offset + TAG.size + length > end:
                break
            offset += TAG.size + length
        count = int.from_bytes(data.view_at(offset + TAG.size, 4), "little") if kind == SECTIONS else 0
        if not 0 < count <= (end - offset) // SECTION.size:
            return {}
        places = [data.unpack_at(offset + TAG.size + 4 + i * SECTION.size, SECTION) for i in range(min(count, 16))]
    except FormatError:
        return {}
    return {"sections": ", ".join(f"{size} bytes at {to:#x}" for _, size, to in places)}
