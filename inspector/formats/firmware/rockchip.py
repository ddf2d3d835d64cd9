"""Rockchip update packages: RKFW (loader and update), RKAF (partitions), and signed parts KRNL and PARM.

Format: rk2918_tools `rkrom`/`afptool` headers; rkflashtool documentation. RKAF ends with a CRC of its own polynomial.
Limits: the loader (its parts are RC4-scrambled with a public key) is one member; checksums other than KRNL's length are
not verified.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, codec_at, header_at, stored, text
from inspector.formats.reader import Reader, Span

RKFW: Final = Struct("<4sHII7sI4I")
RKAF: Final = Struct("<4sI34s30s56sIII")
PART: Final = Struct("<32s60sIIIII")
MOST_PARTS: Final = 32
RKFW_HEADER: Final = 0x66
PART_MAGICS: Final = (b"KRNL", b"PARM")


def parse_rkfw(data: Reader) -> Image:
    """Return `loader` and `update`; the MD5 text that closes the package is structure."""
    header_at(data, RKFW.size, "an RKFW header")
    magic, size, version, _, _, chip, loader, loader_size, update, update_size = data.unpack_at(0, RKFW)
    if magic != b"RKFW" or size != RKFW_HEADER or loader < size or update < size:
        raise NotThisFormat("no RKFW header")
    members = [stored(data, "loader", loader, loader + loader_size)]
    if update_size:
        members.append(stored(data, "update", update, update + update_size, hint="rkaf"))
    end = max(member.extents[0].end for member in members)
    digest = min(data.size - end, 32)
    hexadecimal = digest == 32 and all(byte in b"0123456789abcdef" for byte in data.view_at(end, 32))
    structure = [Span(0, size)] + ([Span(end, end + 32)] if hexadecimal else [])
    properties = {"version": f"{version:#x}", "chip": f"{chip:#x}"}
    return Image(end + (32 if hexadecimal else 0), tuple(members), tuple(structure), properties)


def parse_rkaf(data: Reader) -> Image:
    """Return the partitions under their file names; an entry without a file (only a place in flash) is left out."""
    header_at(data, RKAF.size, "an RKAF header")
    magic, size, model, identity, maker, _, version, count = data.unpack_at(0, RKAF)
    if magic != b"RKAF" or not 0 < count <= MOST_PARTS:
        raise NotThisFormat("no RKAF header")
    table_end = RKAF.size + count * PART.size
    if not table_end <= size <= data.size:
        raise Malformed(f"RKAF package of {size} bytes, {data.size} there")
    members = []
    for index in range(count):
        name, file, _, start, _, _, length = data.unpack_at(RKAF.size + index * PART.size, PART)
        if text(file) in ("SELF", "RESERVED") or not length:
            continue
        members.append(stored(data, text(file) or text(name), start, start + length))
    properties = {"model": text(model), "id": text(identity), "manufacturer": text(maker), "version": f"{version:#x}"}
    end = min(size + 4, data.size)  # a checksum follows
    return Image(end, tuple(members), (Span(0, table_end), Span(size, end)), properties)


def parse_rkpart(data: Reader) -> Image:
    """Return the content of a KRNL or PARM part, between its length and its four-byte checksum."""
    header_at(data, 12, "a Rockchip part")
    magic, size = data.unpack_at(0, Struct("<4sI"))
    if magic not in PART_MAGICS or not 0 < size <= 1 << 28:
        raise NotThisFormat("no Rockchip part")
    codec, zimage = codec_at(data, 8), data.startswith(b"\x18\x28\x6f\x01", 8 + 0x24)
    if not (codec or zimage or data.startswith(b"ANDROID!", 8) or data.startswith(b"FIRMWARE_VER", 8)):
        raise NotThisFormat("no kernel and no parameters in the Rockchip part")
    if 8 + size + 4 > data.size:
        raise Malformed(f"Rockchip part of {size} bytes, {data.size} there")
    member = stored(data, "kernel" if magic == b"KRNL" else "parameter", 8, 8 + size, hint=codec)
    return Image(12 + size, (member,), (Span(0, 8), Span(8 + size, 12 + size)))
