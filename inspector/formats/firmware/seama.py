"""SEAMA, the image of Alpha Networks' routers (D-Link and others; binwalk knows its big-endian form as DLOB).

Format: OpenWrt firmware-utils `oseama`; package/utils/seama. A "seal" (size 0, only metadata) may wrap an image.
Limits: none known.
"""

from hashlib import md5
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

MAGIC: Final = 0x5EA3A417
MOST_ENTITIES: Final = 16
MOST_METADATA: Final = 0x1000
LARGEST: Final = 1 << 28


def parse_seama(data: Reader) -> Image:
    """Return every image of the chain of entities; metadata such as `dev=/dev/mtdblock/2` become properties."""
    first = bytes(header_at(data, 12, "a SEAMA header")[:4])
    order = next((sign for sign in "><" if Struct(sign + "I").unpack(first)[0] == MAGIC), "")
    if not order:
        raise NotThisFormat("no SEAMA magic")
    header = Struct(order + "IHHI")
    offset, members, structure, notes = 0, [], [], []
    properties: dict[str, str] = {}
    for index in range(MOST_ENTITIES):
        if offset + header.size > data.size or data.read_at(offset, 4) != first:
            break
        _, reserved, meta_size, size = data.unpack_at(offset, header)
        if reserved or meta_size > MOST_METADATA or size > LARGEST:
            break
        meta = offset + header.size + (16 if size else 0)
        start = meta + meta_size
        if start + size > data.size:
            raise Malformed(f"SEAMA entity of {size} bytes at {start:#x} runs past the end")
        properties |= _metadata(data.read_at(meta, meta_size))
        structure.append(Span(offset, start))
        if size:
            members.append(stored(data, f"image{index}", start, start + size))
            if md5(data.view_at(start, size), usedforsecurity=False).digest() != data.read_at(meta - 16, 16):
                notes.append(f"MD5 sum of image{index} differs")
        offset = start + size
    if not members:
        raise NotThisFormat("SEAMA header without an image")
    return Image(offset, tuple(members), tuple(structure), properties, tuple(notes))


def _metadata(raw: bytes) -> dict[str, str]:
    pairs = (decode_name(item).partition("=") for item in raw.split(b"\0") if b"=" in item)
    return {key: value for key, _, value in pairs}
