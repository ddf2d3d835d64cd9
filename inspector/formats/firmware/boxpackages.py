"""Update packages of box and phone chips: Amlogic burning images and Unisoc PAC packages.

Format: Amlogic `amlImage_if.h` (as the boot loader carries it); Unisoc `BinPack` structures as pac_parser names them.
Limits: the checksums of both packages are not verified.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

AMLOGIC: Final = Struct("<III Q II 36s".replace(" ", ""))
AMLOGIC_MAGIC: Final = b"\x56\x19\xb5\x27"
AMLOGIC_MAGIC_AT: Final = 8
AMLOGIC_ITEMS: Final = {1: (Struct("<II3Q32s32s"), 128, 32), 2: (Struct("<II3Q256s256s"), 576, 256)}
"""By version: the fields of an entry, its width, the width of its names."""
MOST_ITEMS: Final = 256
PAC: Final = Struct("<48sI512s512sII")
PAC_START: Final = "BP_R".encode("utf-16-le")
PAC_ENTRY: Final = Struct("<I512s512s504sIIIIII")
PAC_MAGIC: Final = b"\xfa\xff\xfa\xff"
PAC_HEADER: Final = 2124
"""Bytes of the package header; the mark stands eight bytes before its end."""


def parse_amlogic(data: Reader) -> Image:
    """Return the items as `type/name`; entries that only repeat another item's bytes are left out."""
    header_at(data, AMLOGIC.size, "an Amlogic header")
    _, version, _, size, _, count, _ = data.unpack_at(0, AMLOGIC)
    if not data.startswith(AMLOGIC_MAGIC, AMLOGIC_MAGIC_AT) or version not in AMLOGIC_ITEMS or not count:
        raise NotThisFormat("no Amlogic header")
    entry, width, _ = AMLOGIC_ITEMS[version]
    table = AMLOGIC.size + count * width
    if count > MOST_ITEMS or not table <= size <= data.size:
        raise Malformed(f"Amlogic package of {size} bytes with {count} items, {data.size} there")
    members, seen, part = list[Member](), set[tuple[int, int]](), data.slice(0, size)
    for index in range(count):
        _, _, _, start, length, kind, name = data.unpack_at(AMLOGIC.size + index * width, entry)
        if length and (start, length) not in seen:
            seen.add((start, length))
            members.append(stored(part, f"{text(name)}.{text(kind)}", start, start + length))
    return Image(size, tuple(members), (Span(0, table),), {"version": str(version)})


def parse_pac(data: Reader) -> Image:
    """Return the files of a PAC package; entries without content (only a name) are left out."""
    header_at(data, PAC_HEADER, "a PAC header")
    version, _, product, release, count, offset = data.unpack_at(0, PAC)
    if not data.startswith(PAC_START) or not data.startswith(PAC_MAGIC, PAC_HEADER - 8):
        raise NotThisFormat("no PAC header")
    if not 0 < count <= MOST_ITEMS or offset < PAC_HEADER:
        raise NotThisFormat("PAC header without files")
    members, at = list[Member](), offset
    for _ in range(count):
        width, _, name, _, size_high, start_high, size, _, _, start = data.unpack_at(at, PAC_ENTRY)
        if width < PAC_ENTRY.size or at + width > data.size:
            raise Malformed(f"PAC entry of {width} bytes at {at:#x}")
        start, size = start | start_high << 32, size | size_high << 32
        if size and start:
            members.append(stored(data, _wide(name), start, start + size))
        at += width
    end = max([at, *(member.extents[0].end for member in members)])
    properties = {"format": _wide(version), "product": _wide(product), "version": _wide(release)}
    return Image(end, tuple(members), (Span(0, PAC_HEADER), Span(offset, at)), properties)


def _wide(raw: bytes) -> str:
    return raw.decode("utf-16-le", "backslashreplace").split("\0", 1)[0]
