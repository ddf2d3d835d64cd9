"""ZyXEL ZyNOS images (ras): objects of 48 bytes header and an often LZMA-packed body, one behind the other.

Format: OpenWrt firmware-utils `zynos.h` and `mkzynfw`; binwalk 2.3 `magic/firmware` (offsets and kinds).
Limits: checksums are not verified; configuration blocks (rom-0, `spt.dat`) use the LZS of another vendor and are not
decoded.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, codec_at, header_at, stored, text
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"SIG"
MAGIC_AT: Final = 6
HEADER: Final = Struct(">IH3sBIIBBHH15sHI3x")
KINDS: Final = {
    1: "rom-image", 2: "rom-boot", 3: "boot-extension", 4: "rom-bin", 5: "rom-directory", 6: "object-6",
    7: "memory-map", 0x80: "ram", 0x81: "ram-code", 0x82: "ram-boot",
}  # fmt: skip
PACKED: Final = 0x80
LARGEST: Final = 1 << 30


def parse_zynos(data: Reader) -> Image:
    """Return the body of one object; the next object stands behind it and is found by its own mark."""
    header_at(data, HEADER.size, "a ZyNOS header")
    _, _, magic, kind, plain, packed, flags, _, _, _, version, _, _ = data.unpack_at(0, HEADER)
    if magic != MAGIC or kind not in KINDS or not 0 < plain <= LARGEST or packed > LARGEST:
        raise NotThisFormat("no ZyNOS header")
    size = packed if flags & PACKED else plain
    end = HEADER.size + size
    if not size:
        raise NotThisFormat("ZyNOS object without a body")
    if end > data.size:
        raise Malformed(f"ZyNOS object of {size} bytes, {data.size - HEADER.size} there")
    member = stored(data, KINDS[kind], HEADER.size, end, hint=codec_at(data, HEADER.size))
    return Image(end, (member,), (Span(0, HEADER.size),), {"kind": KINDS[kind], "version": text(version)})
