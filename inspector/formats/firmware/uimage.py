"""Legacy U-Boot image: a 64-byte header with checksums, then one payload or a table of several.

Format: U-Boot `include/image.h` (`struct legacy_img_hdr`) and `doc/usage/cmd/iminfo`; the magics of vendors: OpenWrt
`target/linux/*/image/*.mk`, `UIMAGE_MAGIC`.
Limits: a payload cut short by the end of the dump is handed over as far as it goes, with a note.
"""

from itertools import accumulate
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct(">7I4B32s")
MAGIC: Final = 0x27051956
VENDOR_MAGICS: Final = (
    *(
        0x33373030,
        0x33373031,
        0x33373033,
        0x32303631,
        0x32303033,
        0x32323030,
        0x31303031,
    ),  # Netgear routers, their model in digits
    *(0x174E4741, 0x4E474520),  # Netgear switches and NAS
    *(0x83800000, 0x93000000, 0x93001010, 0x93001250, 0x93030000, 0x00702202),  # Realtek switch chips
)
"""Headers with these are told from chance by their checksum."""
CODECS: Final = ("", "gzip", "bzip2", "lzma", "lzo", "lz4", "zstd")
KINDS: Final = {
    1: "standalone",
    2: "kernel",
    3: "ramdisk",
    4: "multi",
    5: "firmware",
    6: "script",
    7: "filesystem",
    8: "dtb",
}
ARCHITECTURES: Final = {
    2: "arm",
    3: "x86",
    5: "mips",
    6: "mips64",
    7: "powerpc",
    22: "arm64",
    24: "x86-64",
    26: "riscv",
}
SYSTEMS: Final = {2: "NetBSD", 5: "Linux", 14: "VxWorks", 17: "U-Boot", 18: "RTEMS", 25: "TEE"}
MULTI: Final = 4
SCRIPT: Final = 6
MOST_PARTS: Final = 64


def parse_uimage(data: Reader) -> Image:
    """Return the payloads, each with its codec as format; `NotThisFormat` where the header's checksum differs."""
    header = bytes(header_at(data, HEADER.size, "a uImage header"))
    magic, checksum, _, size, load, entry, data_checksum, system, machine, kind, codec, name = HEADER.unpack(header)
    if magic != MAGIC and magic not in VENDOR_MAGICS:
        raise NotThisFormat("no uImage magic")
    if crc32(header[:4] + bytes(4) + header[8:]) != checksum:
        raise NotThisFormat("uImage header checksum differs")
    end = min(HEADER.size + size, data.size)
    tables, members = _parts(data, end, kind, CODECS[codec] if codec < len(CODECS) else "")
    return Image(
        size=end,
        members=members,
        structure=(Span(0, tables),),
        properties={
            "name": text(name),
            "system": SYSTEMS.get(system, str(system)),
            "architecture": ARCHITECTURES.get(machine, str(machine)),
            "type": KINDS.get(kind, str(kind)),
            "compression": (CODECS[codec] or "none") if codec < len(CODECS) else str(codec),
            "load": f"{load:#x}",
            "entry": f"{entry:#x}",
        },
        notes=_damage(data, size, data_checksum),
    )


def _parts(data: Reader, end: int, kind: int, codec: str) -> tuple[int, tuple[Member, ...]]:
    """Return where the header and the table end, and the payloads behind them."""
    if kind not in (MULTI, SCRIPT):
        name = KINDS.get(kind, "payload")
        return HEADER.size, (stored(data, name, HEADER.size, end, hint=codec),)
    sizes = _size_table(data, end)
    first = HEADER.size + 4 * (len(sizes) + 1)
    starts = accumulate((size + 3 & ~3 for size in sizes), initial=first)
    names = [KINDS[kind]] if kind == SCRIPT else [f"image{index}" for index in range(len(sizes))]
    members = tuple(
        stored(data, name, min(start, end), min(start + size, end), hint=codec)
        for name, start, size in zip(names, starts, sizes, strict=False)
    )
    return first, members


def _size_table(data: Reader, end: int) -> list[int]:
    sizes: list[int] = []
    for offset in range(HEADER.size, end - 3, 4):
        (size,) = data.unpack_at(offset, Struct(">I"))
        if not size:
            return sizes
        sizes.append(size)
        if len(sizes) > MOST_PARTS:
            break
    raise Malformed("uImage table of parts has no end")


def _damage(data: Reader, size: int, checksum: int) -> tuple[str, ...]:
    there = data.size - HEADER.size
    if there < size:
        return (f"payload cut short: {there} of {size} bytes",)
    if crc32(data.view_at(HEADER.size, size)) != checksum:
        return ("payload checksum differs",)
    return ()
