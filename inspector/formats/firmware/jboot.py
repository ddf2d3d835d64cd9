"""JBOOT, the boot loader of D-Link and Amit routers: SCH2 kernels and ARM images.

Format: OpenWrt `jboot-tools`; binwalk 3 `structures/jboot.rs` (field order and constants).
Limits: kernels packed with the maker's own "jz" are named, not decoded; the 16-bit sums are not verified.
"""

from binascii import crc32
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.image import Image, header_at, locked, stored, text
from inspector.formats.reader import Reader, Span

SCH2: Final = Struct("<2sBB8IHH")
SCH2_MAGIC: Final = b"\x24\x21"
SCH2_VERSION: Final = 2
SCH2_CRC: Final = Span(32, 36)
CODECS: Final = {0: "none", 1: "jz", 2: "gzip", 3: "lzma"}
ARM: Final = Struct("<12sHHIIHBB5I4IHHHBBIHH")
ARM_MARK: Final = b"\x42\x48\x02\0"
"""Identity 0x4842 and version 2, behind the ROM identity and thirteen fields."""
ARM_MARK_AT: Final = 64


def parse_sch2(data: Reader) -> Image:
    """Return the kernel behind an SCH2 header, the checksum of which holds."""
    header_at(data, SCH2.size, "an SCH2 header")
    magic, codec, version, _, size, checksum, _, _, _, _, own, length, line = data.unpack_at(0, SCH2)
    if magic != SCH2_MAGIC or version != SCH2_VERSION or length != SCH2.size or codec not in CODECS:
        raise NotThisFormat("no SCH2 header")
    header = bytearray(data.read_at(0, SCH2.size))
    header[SCH2_CRC.start : SCH2_CRC.end] = bytes(4)
    if crc32(header) != own or not size:
        raise NotThisFormat("SCH2 header checksum differs")
    start = SCH2.size + line
    end = start + size
    if end > data.size:
        raise Malformed(f"SCH2 kernel of {size} bytes, {data.size - start} there")
    member = (
        locked("kernel", start, end, Unsupported("kernel packed with jz"))
        if CODECS[codec] == "jz"
        else stored(data, "kernel", start, end, hint=CODECS[codec] if codec else "kernel")
    )
    right = crc32(data.view_at(start, size)) == checksum
    properties = {"compression": CODECS[codec], "command line": text(data.read_at(SCH2.size, line))}
    return Image(
        end, (member,), (Span(0, start),), properties, () if right else ("checksum of the SCH2 kernel differs",)
    )


def parse_jboot_arm(data: Reader) -> Image:
    """Return the content behind an ARM header, all reserved fields of which are zero."""
    header_at(data, ARM.size, "a JBOOT header")
    rom, _, _, one, two, three, lpvs, zero, *rest = data.unpack_at(0, ARM)
    _, _, erase, _, size, four, five, six, seven, identity, version, eight, *_ = rest
    if (identity, version, lpvs) != (0x4842, 2, 1) or any((one, two, three, zero, four, five, six, seven, eight)):
        raise NotThisFormat("no JBOOT header")
    end = ARM.size + size
    if not size or end > data.size:
        raise Malformed(f"JBOOT image of {size} bytes, {data.size - ARM.size} there")
    return Image(
        end,
        (stored(data, "content", ARM.size, end),),
        (Span(0, ARM.size),),
        {"rom": text(rom), "erases": f"{erase:#x} bytes"},
    )
