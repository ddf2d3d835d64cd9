"""Small read-only file trees of devices and their web pages: PFS, MPFS, Foscam's WebUI.

Format: binwalk 2.3 `magic/filesystems` and `unpfs` (version, count, table); Microchip AN1120 (MPFS2); neXus, "Foscam
Resource ToolKit" of 2011 (magic, byte sum, length, version, then names with a mark of one byte and contents).
Limits: MPFS of version 1 is not read.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.layout import Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

PFS_MAGIC: Final = b"PFS/"
PFS_HEADER: Final = 16
PFS_NUMBERS: Final = Struct("<3I")
MOST_FILES: Final = 1 << 15
MPFS_START: Final = b"MPFS\x02\x01"
MPFS_HEADER: Final = 8
MPFS_ENTRY: Final = Struct("<IIIIIH")
LONGEST_NAME: Final = 1024
FOSCAM_MAGIC: Final = b"\xbd\x9a\x0c\x44"
FOSCAM: Final = Struct("<4sII4B")
FOSCAM_SUMMED: Final = 12
"""Where the bytes begin that the sum counts."""


def parse_pfs(data: Reader) -> Image:
    """Return the files; how wide names are in the table is told by the first one and the number behind it."""
    header_at(data, PFS_HEADER + 4, "a PFS header")
    if not data.startswith(PFS_MAGIC) or not data.startswith(b".", 5):
        raise NotThisFormat("no PFS header")
    count = int.from_bytes(data.view_at(14, 2), "little")
    width = _pfs_width(data)
    table = PFS_HEADER + count * (width + PFS_NUMBERS.size)
    if not 0 < count <= MOST_FILES or table > data.size:
        raise NotThisFormat("no PFS header")
    members = []
    for index in range(count):
        at = PFS_HEADER + index * (width + PFS_NUMBERS.size)
        name = data.read_at(at, width).split(b"\0")[0]
        _, offset, size = data.unpack_at(at + width, PFS_NUMBERS)
        members.append(stored(data, decode_name(name).replace("\\", "/"), table + offset, table + offset + size))
    end = max([table, *(member.extents[0].end for member in members)])
    return Image(end, tuple(members), (Span(0, table),))


def _pfs_width(data: Reader) -> int:
    """Return the bytes a name takes: the name, then NULs up to the first number."""
    raw = data.read_upto(PFS_HEADER, 256)
    end = raw.find(b"\0")
    if end <= 0 or not raw[:end].isascii():
        raise NotThisFormat("PFS without names")
    while end < len(raw) and not raw[end]:
        end += 1
    return end


def parse_mpfs(data: Reader) -> Image:
    """Return the files of an MPFS2 image; those without a name are indexes and are named by their number."""
    header_at(data, MPFS_HEADER, "an MPFS2 header")
    count = int.from_bytes(data.view_at(6, 2), "little")
    table = MPFS_HEADER + 2 * count
    end = table + count * MPFS_ENTRY.size
    if not data.startswith(MPFS_START) or not count or end > data.size:
        raise NotThisFormat("no MPFS2 header")
    members = list(_mpfs_files(data, table, count))
    whole = max([end, *(member.extents[0].end for member in members)])
    return Image(whole, tuple(members), (Span(0, end),))


def _mpfs_files(data: Reader, table: int, count: int) -> Iterator[Member]:
    for index in range(count):
        name_at, start, size, _, _, _ = data.unpack_at(table + index * MPFS_ENTRY.size, MPFS_ENTRY)
        name = data.read_upto(name_at, LONGEST_NAME).split(b"\0")[0]
        if start + size > data.size:
            raise Malformed(f"MPFS2 file of {size} bytes at {start:#x} leaves the image")
        yield stored(data, decode_name(name) or f"index{index}", start, start + size)


def parse_foscam(data: Reader) -> Image:
    """Return the web pages of a camera; each entry is a path, then 0 for a folder, or 1 with length and content."""
    header_at(data, FOSCAM.size, "a WebUI header")
    magic, total, size, *version = data.unpack_at(0, FOSCAM)
    if magic != FOSCAM_MAGIC or not FOSCAM.size < size <= data.size:
        raise NotThisFormat("no WebUI image")
    members: list[Member] = []
    structure, at = [Span(0, FOSCAM.size)], FOSCAM.size
    while at < size:
        start, length = at, int.from_bytes(data.read_at(at, 4), "little")
        if not 0 < length <= LONGEST_NAME or at + length + 5 > size or len(members) >= MOST_FILES:
            raise NotThisFormat("no WebUI entry")
        name = decode_name(data.read_at(at + 4, length)).lstrip("/")
        is_file = data.read_at(at + 4 + length, 1) != b"\0"
        at += length + 5
        if is_file:
            body = at + 4
            at = body + int.from_bytes(data.read_upto(at, 4), "little")
            if at > size:
                raise Malformed(f"{name} leaves the WebUI image")
            members.append(stored(data, name, body, at))
            structure.append(Span(start, body))
        else:
            members.append(Member(name, kind=MemberKind.DIRECTORY))
            structure.append(Span(start, at))
    summed = sum(data.view_at(FOSCAM_SUMMED, size - FOSCAM_SUMMED)) & 0xFFFFFFFF
    notes = () if summed == total else ("wrong byte sum",)
    properties = {"version": ".".join(map(str, version))}
    return Image(size, tuple(members), tuple(structure), properties, notes)
