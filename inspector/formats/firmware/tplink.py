"""TP-Link firmware headers: version 1 (Atheros routers), versions 2 and 3 (MediaTek, Lantiq), and the safe loader.

Format: OpenWrt firmware-utils `mktplinkfw`, `mktplinkfw2`, `tplink-safeloader` (layout and MD5 salts).
Limits: the RSA signature of newer images is not checked; encrypted partitions are handed over as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, codec_at, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

HEADER_SIZE: Final = 0x200
SALTS: Final = {
    1: ("dcd73aa5c39598fbddf9e7f40eae4738", "8cef335bd5c5cefaa79c28dab2e90f42"),
    2: ("dcd73aa5c39598fbdcf9e7f40eae4737", "8cef335fd5c5cefaac9c28dab2e90f42"),
}
"""Per header version: what stands in the checksum's place while it is computed, without and with a boot loader."""
SAFELOADER_BODY: Final = 0x14
SAFELOADER_TABLE: Final = 0x1014
TABLE_LINE: Final = b"fwup-ptn "
MOST_PARTITIONS: Final = 64


@dataclass(frozen=True, slots=True)
class _Layout:
    digest: int
    """Offset of the MD5 sum."""
    version: slice
    hardware: int
    extents: int
    """Offset of: total length, then offset and length of kernel, root file system, boot loader."""


_V1: Final = _Layout(0x4C, slice(0x1C, 0x40), 0x40, 0x7C)
_V2: Final = _Layout(0x40, slice(0x04, 0x34), 0x34, 0x70)


def parse_tplink(data: Reader) -> Image:
    """Return kernel, root file system and boot loader of a header of version 1, 2 or 3."""
    header = bytes(header_at(data, HEADER_SIZE, "a TP-Link header"))
    version = int.from_bytes(header[:4], "little")
    if version == 1 and header[4:8] == b"TP-L":
        layout = _V1
    elif version in (2, 3) and header[0x8C:0x8E] == b"\x55\xaa" and header[0x90] == 0xA5:
        layout = _V2
    else:
        raise NotThisFormat("no TP-Link header")
    length, *extents = Struct(">7I").unpack_from(header, layout.extents)
    if not HEADER_SIZE <= length <= data.size:
        raise Malformed(f"TP-Link image of {length} bytes, {data.size} there")
    right = _digest(data, length, layout.digest, version, boot=bool(extents[5])) == header[layout.digest :][:16]
    hardware, revision = Struct(">II").unpack_from(header, layout.hardware)
    return Image(
        size=length,
        members=tuple(_parts(data, length, extents)),
        structure=(Span(0, HEADER_SIZE),),
        properties={
            "header": str(version),
            "version": text(header[layout.version]),
            "hardware": f"{hardware:08x}",
            "revision": str(revision),
        },
        notes=() if right else ("MD5 sum differs",),
    )


def _digest(data: Reader, length: int, at: int, version: int, *, boot: bool) -> bytes:
    salt = bytes.fromhex(SALTS[min(version, 2)][boot])
    total = md5(data.view_at(0, at), usedforsecurity=False)
    total.update(salt)
    total.update(data.view_at(at + 16, length - at - 16))
    return total.digest()


def _parts(data: Reader, length: int, extents: list[int]) -> Iterator[Member]:
    inner = _inner_image(data, length) if extents[5] else 0
    if inner:  # the outer header repeats the inner one's offsets, which count from the inner header
        yield stored(data, "bootloader", HEADER_SIZE, inner)
        yield stored(data, "firmware", inner, length, hint="tplink")
        return
    for name, start, size in zip(("kernel", "rootfs", "bootloader"), extents[::2], extents[1::2], strict=True):
        if size and start >= HEADER_SIZE and start < length:
            yield stored(data, name, start, min(start + size, length), hint=codec_at(data, start))


def _inner_image(data: Reader, length: int) -> int:
    """Return where the image behind the boot loader begins (a multiple of 64 KiB behind the header), or 0."""
    for blocks in range(1, 9):
        offset = HEADER_SIZE + blocks * 0x10000
        if offset < length and data.startswith(b"\x01\0\0\0TP-L", offset):
            return offset
    return 0


def parse_safeloader(data: Reader) -> Image:
    """Return the partitions that the text table names; bases in it count from the end of the table's header."""
    header_at(data, SAFELOADER_TABLE + len(TABLE_LINE), "a TP-Link safe loader image")
    (size,) = data.unpack_at(0, Struct(">I"))
    if not data.startswith(TABLE_LINE, SAFELOADER_TABLE) or not SAFELOADER_TABLE < size <= data.size:
        raise NotThisFormat("no safe loader partition table")
    entries = list(_table(data.read_upto(SAFELOADER_TABLE, 0x800)))
    if not entries:
        raise Malformed("safe loader partition table is empty")
    return Image(
        size=size,
        members=tuple(
            stored(data, name, SAFELOADER_TABLE + base, min(SAFELOADER_TABLE + base + length, size))
            for name, base, length in entries
        ),
        structure=(Span(0, min(SAFELOADER_TABLE + 0x800, size)),),
        properties={"vendor": text(data.read_at(SAFELOADER_BODY, 0x100))},
    )


def _table(raw: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield (name, base, size) of each `fwup-ptn NAME base 0xB size 0xS` line."""
    for line in raw.split(b"\0", 1)[0].splitlines()[: MOST_PARTITIONS * 2]:
        words = line.decode("ascii", "replace").split()
        if len(words) != 6 or (words[0], words[2], words[4]) != ("fwup-ptn", "base", "size"):
            continue
        try:
            yield words[1], int(words[3], 16), int(words[5], 16)
        except ValueError as error:
            raise Malformed(f"safe loader table: {error}") from None
