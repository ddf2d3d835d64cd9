"""Partition tables of whole disks: MBR with logical partitions, and GPT.

Format: UEFI Specification 2.10, chapter 5 (GPT and protective MBR); "Master boot record" as every PC BIOS reads it.
Limits: a GPT whose two headers are both damaged is none; its file systems are found by their own magics.
"""

from binascii import crc32
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from struct import Struct
from typing import Final
from uuid import UUID

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.image import Image, slicer
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

SECTOR: Final = 512
SECTORS: Final = (512, 4096)
SIGNATURE: Final = b"\x55\xaa"
SIGNATURE_AT: Final = 510
TABLE_AT: Final = 446
ENTRY = Struct("<B3xB3xII")
EXTENDED: Final = (0x05, 0x0F, 0x85)
PROTECTIVE: Final = 0xEE
MAX_LOGICAL: Final = 128
FILE_SYSTEM_NAMES: Final = ((3, b"NTFS"), (3, b"EXFAT"), (54, b"FAT"), (82, b"FAT32"))
"""Boot sectors of file systems end with the same two bytes."""

GPT_MAGIC: Final = b"EFI PART"
GPT_HEADER = Struct("<8sIIII4Q16sQIII")
GPT_ENTRY = Struct("<16s16sQQQ72s")
GPT_HEADER_SIZES: Final = range(92, 513)
MAX_ENTRIES: Final = 4096


def parse_mbr(data: Reader) -> Image:
    """Return the primary and logical partitions; the disk ends with the last of them."""
    if data.size < 2 * SECTOR or not data.startswith(SIGNATURE, SIGNATURE_AT):
        raise NotThisFormat("no MBR")
    if any(data.startswith(name, at) for at, name in FILE_SYSTEM_NAMES):
        raise NotThisFormat("boot sector of a file system")
    rows = list(_rows(data, 0))
    if not rows or any(kind == PROTECTIVE for _, kind, _, _ in rows):
        raise NotThisFormat("no partitions of its own")
    spans = [(first, first + count) for _, _, first, count in rows]
    if any(start * SECTOR >= data.size for start, _ in spans) or _overlap(spans):
        raise NotThisFormat("partitions outside the disk")
    if any(start == 0 for start, _ in spans):
        raise NotThisFormat("a partition that holds its own table, as discs have it that start like a disk")
    members, structure, notes = list[Member](), [Span(0, SECTOR)], list[str]()
    for number, kind, first, count in rows:
        if kind in EXTENDED:
            members += _logical(data, first, first + count, structure)
        else:
            members.append(_member(data, f"partition{number}-{kind:02x}", first * SECTOR, count * SECTOR, notes))
    end = max(stop for _, stop in spans) * SECTOR
    return Image(min(end, data.size), tuple(members), tuple(structure), {"table": "MBR"}, tuple(notes))


def _rows(data: Reader, at: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (number, type, first sector, sectors) of the used rows; raises `NotThisFormat` for an impossible one."""
    for number in range(4):
        state, kind, first, count = data.unpack_at(at + TABLE_AT + number * ENTRY.size, ENTRY)
        if state not in (0, 0x80) or (kind and not count):
            raise NotThisFormat("no partition table")
        if kind:
            yield number + 1, kind, first, count


def _overlap(spans: list[tuple[int, int]]) -> bool:
    ordered = sorted(spans)
    return any(stop > start for (_, stop), (start, _) in pairwise(ordered))


def _member(data: Reader, path: str, start: int, size: int, notes: list[str]) -> Member:
    end = min(start + size, data.size)
    if start >= data.size:
        return Member(path, problem=Malformed(f"partition at {start:#x} is not in this image"), size=size)
    if end < start + size:
        notes.append(f"{path} is cut off")
    return Member(path, slicer(data, start, end), (Span(start, end),), size)


def _logical(data: Reader, base: int, stop: int, structure: list[Span]) -> Iterator[Member]:
    """Follow the chain of extended boot records, forward only."""
    at, notes = base, list[str]()
    for number in range(5, 5 + MAX_LOGICAL):
        start = at * SECTOR
        if not data.startswith(SIGNATURE, start + SIGNATURE_AT):
            return
        structure.append(Span(start, start + SECTOR))
        following = at
        for _, kind, first, count in _rows(data, start):
            if kind in EXTENDED:
                following = base + first
            elif at + first + count <= stop:
                yield _member(data, f"partition{number}-{kind:02x}", (at + first) * SECTOR, count * SECTOR, notes)
        if following <= at:
            return
        at = following


def parse_gpt(data: Reader) -> Image:
    """Return the partitions of a GPT, by name where they have one; `data` starts with the protective MBR."""
    for sector in SECTORS:
        if data.startswith(GPT_MAGIC, sector):
            return _gpt(data, sector)
    raise NotThisFormat("no GPT header")


def _gpt(data: Reader, sector: int) -> Image:
    """Return the partitions as the first header tells them; where it is damaged, as the one at the end of the disk."""
    try:
        return _gpt_at(data, sector, sector, ())
    except FormatError as damage:
        places = {data.size // sector * sector - sector, data.unpack_at(sector, GPT_HEADER)[6] * sector}
        for place in sorted(place for place in places if place > sector and data.startswith(GPT_MAGIC, place)):
            with suppress(FormatError):
                return _gpt_at(data, sector, place, (f"{damage.bare()}: read from the copy at the end of the disk",))
        raise


def _gpt_at(data: Reader, sector: int, place: int, notes: tuple[str, ...]) -> Image:
    fields = data.unpack_at(place, GPT_HEADER)
    _, _, length, checksum, _, here, other, _, _, disk, table, count, width, table_checksum = fields
    if length not in GPT_HEADER_SIZES or here * sector != place:
        raise NotThisFormat("no GPT header")
    raw = data.read_at(place, length)
    if crc32(raw[:16] + bytes(4) + raw[20:]) != checksum:
        raise Malformed("GPT header checksum differs")
    if not GPT_ENTRY.size <= width <= SECTOR * 8 or count > MAX_ENTRIES:
        raise Malformed("GPT entries of impossible size")
    rows = data.slice(table * sector, table * sector + count * width)
    if crc32(rows.all()) != table_checksum:
        raise Malformed("GPT entries checksum differs")
    members, said = list[Member](), list(notes)
    for index in range(count):
        kind, _, first, last, _, name = rows.unpack_at(index * width, GPT_ENTRY)
        if any(kind) and first <= last:
            path = name.decode("utf-16-le", "replace").split("\0")[0] or f"partition{index + 1}"
            members.append(_member(data, path, first * sector, (last - first + 1) * sector, said))
    structure = [Span(0, sector), Span(place, place + length), Span(table * sector, table * sector + count * width)]
    end = min((max(here, other) + 1) * sector, data.size)
    structure += [Span(end - sector, end)] if data.startswith(GPT_MAGIC, end - sector) else []
    properties = {"table": "GPT", "disk": str(UUID(bytes_le=disk)), "sector": str(sector)}
    if end < max((span.end for member in members for span in member.extents), default=0):
        raise Malformed("GPT partitions behind the end of the disk")
    return Image(end, tuple(members), tuple(structure), properties, tuple(said))
