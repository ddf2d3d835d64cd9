"""Optical network terminals: Huawei HWNP packages and ZTE configuration files.

Format: HuaweiFirmwareTool `huawei_header.h`; zte-config-utility (payload kinds and blocks).
Limits: signatures are not verified; ZTE settings under AES need the key of the model and are named, not read.
"""

import zlib
from binascii import crc32
from collections.abc import Iterator
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, locked, stored, text
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

HWNP: Final = Struct("<4s4sIIIIBBHII")
HWNP_MAGIC: Final = b"HWNP"
ITEM: Final = Struct("<IIII256s16s64sII")
MOST_ITEMS: Final = 1024
ZTE_START: Final = b"\x99\x99\x99\x99\x44\x44\x44\x44\x55\x55\x55\x55\xaa\xaa\xaa\xaa"
ZTE_PAYLOAD: Final = b"\x01\x02\x03\x04"
ZTE_HEADER: Final = Struct(">15I")
ZTE_BLOCK: Final = Struct(">3I")
ZTE_NEAR: Final = 1024
ZTE_PLAIN: Final = 0
MOST_BLOCKS: Final = 1 << 16


def parse_hwnp(data: Reader) -> Image:
    """Return the items under their target paths (`file:/var/…`, `flash:rootfs`), and for which products they are."""
    header_at(data, HWNP.size, "an HWNP header")
    magic, _, _, header, _, count, _, _, products, width, _ = data.unpack_at(0, HWNP)
    table = HWNP.size + products
    if magic != HWNP_MAGIC or width < ITEM.size or not 0 < count <= MOST_ITEMS:
        raise NotThisFormat("no HWNP header")
    end = table + count * width
    if end > data.size or header < HWNP.size:
        raise Malformed(f"HWNP table of {count} items, {data.size} bytes there")
    members = []
    for index in range(count):
        _, checksum, start, size, name, section, _, _, _ = data.unpack_at(table + index * width, ITEM)
        if start + size > data.size:
            raise Malformed(f"HWNP item of {size} bytes at {start:#x} leaves the package")
        notes = () if crc32(data.view_at(start, size)) == checksum else ("wrong CRC",)
        path = decode_name(name.split(b"\0")[0]) or text(section) or str(index)
        members.append(stored(data, path, start, start + size, notes=notes))
    whole = max([end, *(member.extents[0].end for member in members)])
    properties = {"products": text(data.read_at(HWNP.size, products))}
    return Image(whole, tuple(members), (Span(0, end),), properties)


def parse_zte_config(data: Reader) -> Image:
    """Return the settings, an XML text, where they are only packed; `Encrypted` where a key of the model is needed."""
    at = data.find(ZTE_PAYLOAD, 0, min(data.size, ZTE_NEAR)) if data.startswith(ZTE_START) else 0
    if at < 0 or not data.startswith(ZTE_PAYLOAD, at):
        raise NotThisFormat("no ZTE configuration")
    header_at(data, at + ZTE_HEADER.size, "a ZTE configuration")
    kind, size = data.unpack_at(at, ZTE_HEADER)[1:3]
    zeros = data.unpack_at(at, ZTE_HEADER)[8:]
    if kind > 8 or any(zeros):
        raise NotThisFormat("no ZTE configuration")
    start = at + ZTE_HEADER.size
    if kind != ZTE_PLAIN:
        problem = Encrypted(f"AES, key of the model (kind {kind})")
        return Image(data.size, (locked("settings.xml", start, data.size, problem),), (Span(0, start),))
    blocks = list(_blocks(data, start))
    member = Member(
        "settings.xml",
        open=partial(_settings, data, tuple(blocks)),
        extents=tuple(blocks),
        size=size,
        format="text",
    )
    heads = (Span(block.start - ZTE_BLOCK.size, block.start) for block in blocks)
    return Image(blocks[-1].end, (member,), (Span(0, start), *heads))


def _blocks(data: Reader, offset: int) -> Iterator[Span]:
    for _ in range(MOST_BLOCKS):
        _, packed, more = data.unpack_at(offset, ZTE_BLOCK)
        start = offset + ZTE_BLOCK.size
        if not packed or start + packed > data.size:
            raise Malformed(f"ZTE block of {packed} bytes at {offset:#x}")
        yield Span(start, start + packed)
        offset = start + packed
        if not more:
            return
    raise LimitReached("too many ZTE blocks", "members")


def _settings(data: Reader, blocks: tuple[Span, ...], limit: int) -> Reader:
    out = bytearray()
    for block in blocks:
        decoder = zlib.decompressobj()
        try:
            out += decoder.decompress(data.view_at(block.start, len(block)), limit - len(out) + 1)
        except zlib.error as error:
            raise Malformed(f"damaged ZTE block: {error}") from error
        if len(out) > limit:
            raise LimitReached(f"more than the {limit} bytes allowed")
    return BufferReader(out)
