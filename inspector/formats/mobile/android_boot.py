"""Android boot images of header versions 0 to 4, and vendor_boot images of versions 3 and 4.

Format: AOSP system/tools/mkbootimg/include/bootimg/bootimg.h.
Limits: vendors' own headers in front of a part (MediaTek, Rockchip) are left to carving.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.image import Image, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"ANDROID!"
VENDOR_MAGIC: Final = b"VNDRBOOT"
VERSION_AT: Final = 40
OLD = Struct("<8s10I16s512s32s1024s")
OLD_V1 = Struct("<IQI")
OLD_V2 = Struct("<IQ")
NEW = Struct("<8s4I16sI1536s")
VENDOR = Struct("<8s5I2048sI16sIIQ")
VENDOR_V4 = Struct("<4I")
RAMDISK_ENTRY = Struct("<3I32s64s")
NEW_PAGE: Final = 4096
PAGES: Final = frozenset(1 << bits for bits in range(9, 18))
MAX_RAMDISKS: Final = 1024
TYPES: Final = {0: "none", 1: "platform", 2: "recovery", 3: "dlkm"}


def parse_boot(data: Reader) -> Image:
    """Return kernel, RAM disk, second stage and device trees, whichever the header names."""
    if data.size < NEW.size or not data.startswith(MAGIC):
        raise NotThisFormat("no Android boot image")
    version = int.from_bytes(data.view_at(VERSION_AT, 4), "little")
    return _new(data, version) if version in (3, 4) else _old(data, version)


def _new(data: Reader, version: int) -> Image:
    _, kernel, ramdisk, system, header, _, _, command = data.unpack_at(0, NEW)
    signature = int.from_bytes(data.view_at(NEW.size, 4), "little") if version == 4 else 0
    parts = (("kernel", kernel), ("ramdisk", ramdisk), ("signature", signature))
    return _laid_out(data, header, NEW_PAGE, parts, _properties(version, command, b"", system))


def _old(data: Reader, version: int) -> Image:
    if data.size < OLD.size:
        raise NotThisFormat("no Android boot image")
    fields = data.unpack_at(0, OLD)
    _, kernel, _, ramdisk, _, second, _, _, page, _, system, name, command, _, extra = fields
    if page not in PAGES:
        raise NotThisFormat("no page size")
    parts = [("kernel", kernel), ("ramdisk", ramdisk), ("second", second)]
    header = OLD.size
    if version > 2:  # before versions, Qualcomm kept the size of a device tree table here
        parts.append(("dt", version))
    if version in (1, 2):
        size, _, _ = data.unpack_at(header, OLD_V1)
        parts.append(("recovery_dtbo", size))
        header += OLD_V1.size
    if version == 2:
        parts.append(("dtb", data.unpack_at(header, OLD_V2)[0]))
        header += OLD_V2.size
    shown = version if version <= 2 else 0
    return _laid_out(data, header, page, parts, _properties(shown, command + extra, name, system))


def _properties(version: int, command: bytes, name: bytes, system: int) -> dict[str, str]:
    level = system & 0x7FF
    properties = {
        "header version": str(version),
        "command line": text(command.replace(b"\0", b"")),
        "name": text(name),
        "Android": f"{system >> 25}.{system >> 18 & 0x7F}.{system >> 11 & 0x7F}" if system >> 11 else "",
        "patch level": f"{(level >> 4) + 2000}-{level & 15:02}" if level else "",
    }
    return {key: value for key, value in properties.items() if value}


def _laid_out(
    data: Reader,
    header: int,
    page: int,
    parts: tuple[tuple[str, int], ...] | list[tuple[str, int]],
    properties: dict[str, str],
) -> Image:
    """Lay the parts one behind the other, each on a page of its own."""
    position = _pages(header, page)
    members = []
    for path, size in parts:
        if size:
            members.append(stored(data, path, position, position + size))
        position += _pages(size, page)
    if not members:
        raise NotThisFormat("boot image without parts")
    return Image(min(position, data.size), tuple(members), (Span(0, header),), properties)


def _pages(size: int, page: int) -> int:
    return -(-size // page) * page


def parse_vendor_boot(data: Reader) -> Image:
    """Return the vendor RAM disks (each on its own where a table names them), device trees and boot configuration."""
    if data.size < VENDOR.size or not data.startswith(VENDOR_MAGIC):
        raise NotThisFormat("no Android vendor_boot image")
    _, version, page, _, _, ramdisk, command, _, name, header, dtb, _ = data.unpack_at(0, VENDOR)
    if version not in (3, 4) or page not in PAGES or header > page * 4:
        raise NotThisFormat("no vendor_boot header")
    table, entries, entry, configuration = data.unpack_at(VENDOR.size, VENDOR_V4) if version == 4 else (0, 0, 0, 0)
    parts = (("ramdisk", ramdisk), ("dtb", dtb), ("ramdisk table", table), ("bootconfig", configuration))
    image = _laid_out(data, header, page, parts, _properties(version, command, name, 0))
    if not table:
        return image
    table_start = _pages(header, page) + _pages(ramdisk, page) + _pages(dtb, page)
    rows = data.slice(table_start, table_start + table)
    split = tuple(_ramdisks(data, _pages(header, page), rows, min(entries, MAX_RAMDISKS), entry))
    kept = tuple(member for member in image.members if member.path not in ("ramdisk table", "ramdisk" if split else ""))
    return Image(image.size, split + kept, (*image.structure, Span(table_start, table_start + table)), image.properties)


def _ramdisks(data: Reader, base: int, rows: Reader, count: int, width: int) -> Iterator[Member]:
    for index in range(count):
        size, offset, kind, name, _ = rows.unpack_at(index * width, RAMDISK_ENTRY)
        path = text(name) or f"{TYPES.get(kind, kind)}{index}"
        yield stored(data, f"ramdisk/{path}", base + offset, base + offset + size)
