"""Broadcom CFE image tag of DSL routers: 256 bytes of ASCII numbers and checksums before the parts.

Format: Linux `include/linux/bcm963xx_tag.h`; OpenWrt firmware-utils `imagetag`.
Limits: parts are told apart by their flash addresses; without any, the whole body is one part.
"""

from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.reader import Reader, Span

TAG: Final = Struct("<4s20s14s6s16s2s10s12s10s12s10s12s10s")
TAG_SIZE: Final = 256
HEADER_CRC: Final = 236
MAGIC: Final = b"Broadcom Corporatio"
IMAGE_CRC: Final = 148 + 68


def parse_bcmtag(data: Reader) -> Image:
    """Return boot loader, root file system and kernel in the order of their flash addresses."""
    raw = bytes(header_at(data, TAG_SIZE, "a Broadcom tag"))
    fields = TAG.unpack_from(raw)
    if not fields[1].startswith(MAGIC):
        raise NotThisFormat("no Broadcom signature")
    if crc32(raw[:HEADER_CRC]) ^ 0xFFFFFFFF != int.from_bytes(raw[HEADER_CRC : HEADER_CRC + 4], "big"):
        raise NotThisFormat("Broadcom tag checksum differs")
    total, *numbers = (_number(value) for value in fields[6:])
    if TAG_SIZE + total > data.size:
        raise Malformed(f"Broadcom image of {total} bytes, {data.size - TAG_SIZE} there")
    parts = sorted(
        (address, name, size)
        for name, address, size in zip(("cfe", "rootfs", "kernel"), numbers[::2], numbers[1::2], strict=True)
        if size
    )
    members, offset = [], TAG_SIZE
    for _, name, size in parts:
        members.append(stored(data, name, offset, min(offset + size, TAG_SIZE + total)))
        offset = min(offset + size, TAG_SIZE + total)
    if not parts and total:
        members.append(stored(data, "body", TAG_SIZE, TAG_SIZE + total))
    return Image(
        size=TAG_SIZE + total,
        members=tuple(members),
        structure=(Span(0, TAG_SIZE),),
        properties={"tag": text(fields[0]), "chip": text(fields[3]), "board": text(fields[4])},
    )


def _number(raw: bytes) -> int:
    digits = text(raw)
    if digits and not digits.isdigit():
        raise NotThisFormat("Broadcom tag holds no number where one belongs")
    return int(digits or 0)
