"""Espressif images: ESP8266 and ESP32 programs, the partition table, and whole flash dumps.

Format: esptool documentation "Firmware Image Format"; ESP-IDF "Partition Tables", `esp_app_desc_t`.
Limits: signatures of secure boot are not verified; an encrypted flash shows no image and stays unexplained bytes.
"""

from array import array
from collections.abc import Iterator
from functools import reduce
from hashlib import md5, sha256
from operator import xor
from struct import Struct
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct("<BBBBI")
EXTENDED: Final = Struct("<B3sHBHH4sB")
SEGMENT: Final = Struct("<II")
IMAGE_MAGIC, IROM_MAGIC = 0xE9, 0xEA
CHIPS: Final = {
    0: "ESP32",
    2: "ESP32-S2",
    5: "ESP32-C3",
    9: "ESP32-S3",
    12: "ESP32-C2",
    13: "ESP32-C6",
    16: "ESP32-H2",
    18: "ESP32-P4",
    20: "ESP32-C61",
    23: "ESP32-C5",
}
MOST_SEGMENTS: Final = 16
SEED: Final = 0xEF
DESCRIPTION: Final = Struct("<4s12x32s32s16s16s32s")
DESCRIPTION_MAGIC: Final = bytes.fromhex("3254cdab")
ENTRY: Final = Struct("<2sBBII16sI")
ENTRY_MAGIC: Final = b"\xaa\x50"
DIGEST_MAGIC: Final = b"\xeb\xeb" + b"\xff" * 14
MOST_PARTITIONS: Final = 95
TABLE_OFFSETS: Final = (0x8000, 0x9000, 0xA000, 0xC000, 0xD000, 0x10000)


def parse_esp(data: Reader) -> Image:
    """Return the segments; `NotThisFormat` where the checksum over them differs, for the magic is a single byte."""
    head = bytes(header_at(data, 24, "an Espressif image"))
    if head[0] == IROM_MAGIC and head[1] == 4:
        return _esp8266_v2(data)
    if head[0] != IMAGE_MAGIC or not 0 < head[1] <= MOST_SEGMENTS:
        raise NotThisFormat("no Espressif image")
    fields = EXTENDED.unpack_from(head, HEADER.size)
    if fields[2] in CHIPS and fields[6] == bytes(4) and fields[7] in (0, 1):
        try:
            return _image(data, 0, HEADER.size + EXTENDED.size, CHIPS[fields[2]], hashed=fields[7] == 1)
        except NotThisFormat:
            pass  # an ESP8266 image whose first segment looks like the extended header
    return _image(data, 0, HEADER.size, "ESP8266", hashed=False)


def _esp8266_v2(data: Reader) -> Image:
    """Return the image whose flash-mapped segment stands before a plain image."""
    load, size = data.unpack_at(HEADER.size, SEGMENT)
    start = HEADER.size + SEGMENT.size
    if start + size + HEADER.size > data.size or data.view_at(start + size, 1)[0] != IMAGE_MAGIC:
        raise NotThisFormat("no image behind the flash-mapped segment")
    rest = _image(data, start + size, start + size + HEADER.size, "ESP8266", hashed=False)
    irom = stored(data, f"irom@{load:#x}", start, start + size)
    return Image(rest.size, (irom, *rest.members), (Span(0, start), *rest.structure), rest.properties)


def _image(data: Reader, origin: int, offset: int, chip: str, *, hashed: bool) -> Image:
    """Read the segments at `offset`; `origin` is where the header stands, its end is aligned to that."""
    members, structure, total = [], [Span(origin, offset)], SEED
    count, (entry,) = data.view_at(origin + 1, 1)[0], data.unpack_at(origin + 4, Struct("<I"))
    for index in range(count):
        if offset + SEGMENT.size > data.size:
            raise NotThisFormat("Espressif segments run past the end")
        load, size = data.unpack_at(offset, SEGMENT)
        start = offset + SEGMENT.size
        if size > data.size - start:
            raise NotThisFormat("Espressif segments run past the end")
        structure.append(Span(offset, start))
        members.append(stored(data, f"segment{index}@{load:#x}", start, start + size))
        total ^= _xor(data.view_at(start, size))
        offset = start + size
    end = origin + ((offset - origin) | 15) + 1
    if end > data.size or data.view_at(end - 1, 1)[0] != total:
        raise NotThisFormat("Espressif checksum differs")
    notes: tuple[str, ...] = ()
    if hashed and end + 32 <= data.size:
        right = sha256(data.view_at(0, end)).digest() == data.view_at(end, 32)
        notes = () if right else ("SHA-256 differs",)
        end += 32
    structure.append(Span(offset, end))
    properties = {"chip": chip, "entry": f"{entry:#x}", **_description(data, members[0].extents[0])}
    return Image(end, tuple(members), tuple(structure), properties, notes)


def _xor(raw: memoryview) -> int:
    """Return the exclusive or of all bytes, eight at a time."""
    whole = len(raw) & ~7
    words = array("Q", raw[:whole].tobytes())
    folded = reduce(xor, words, 0).to_bytes(8, "little")
    return reduce(xor, folded + bytes(raw[whole:]), 0)


def _description(data: Reader, segment: Span) -> dict[str, str]:
    """Return what ESP-IDF writes about the program at the start of its first segment, or nothing."""
    if len(segment) < DESCRIPTION.size or not data.startswith(DESCRIPTION_MAGIC, segment.start):
        return {}
    _, version, project, time, date, framework = data.unpack_at(segment.start, DESCRIPTION)
    return {
        "project": text(project),
        "version": text(version),
        "built": f"{text(date)} {text(time)}",
        "framework": text(framework),
    }


def parse_partitions(data: Reader) -> Image:
    """Return a partition table as properties; it has no contents of its own."""
    entries, end, notes = _table(data, 0)
    listing = {name: f"{offset:#x}+{size:#x} type {kind}/{subtype}" for name, kind, subtype, offset, size in entries}
    return Image(end, (), (Span(0, end),), listing, notes)


def parse_flash(data: Reader) -> Image:
    """Return the boot loader and the partitions of a dump that starts at flash address 0."""
    for table in TABLE_OFFSETS:
        if data.startswith(ENTRY_MAGIC, table):
            break
    else:
        raise NotThisFormat("no partition table where Espressif flash has one")
    entries, end, notes = _table(data, table)
    members = list(_partitions(data, entries))
    for boot in (0, 0x1000, 0x2000):
        if data.startswith(bytes([IMAGE_MAGIC]), boot):
            members.insert(0, stored(data, "bootloader", boot, table))
            break
    size = max(end, *(span.end for member in members for span in member.extents))
    cut = len(entries) - sum(member.path != "bootloader" for member in members)
    if cut:
        notes += (f"{cut} partitions lie behind the end of the dump",)
    return Image(size, tuple(members), (Span(table, end),), {"partition table": f"{table:#x}"}, notes)


def _partitions(data: Reader, entries: list[tuple[str, int, int, int, int]]) -> Iterator[Member]:
    for name, _, _, offset, size in entries:
        if offset < data.size:
            notes = () if offset + size <= data.size else ("cut short by the end of the dump",)
            yield stored(data, name, offset, min(offset + size, data.size), notes=notes)


def _table(data: Reader, start: int) -> tuple[list[tuple[str, int, int, int, int]], int, tuple[str, ...]]:
    """Return (name, type, subtype, offset, size) per partition, the table's end, and notes on its MD5 sum."""
    entries: list[tuple[str, int, int, int, int]] = []
    for offset in range(start, min(start + MOST_PARTITIONS * ENTRY.size, data.size - ENTRY.size + 1), ENTRY.size):
        magic, kind, subtype, at, size, name, _ = data.unpack_at(offset, ENTRY)
        if magic != ENTRY_MAGIC:
            break
        if not size or at + size > 1 << 32:
            raise NotThisFormat("Espressif partition without extent")
        entries.append((decode_name(name.split(b"\0")[0]) or f"partition{len(entries)}", kind, subtype, at, size))
    end = start + len(entries) * ENTRY.size
    if not entries:
        raise NotThisFormat("no Espressif partition table")
    if data.startswith(DIGEST_MAGIC, end) and end + ENTRY.size <= data.size:
        digest = md5(data.view_at(start, end - start), usedforsecurity=False).digest()
        right = digest == data.view_at(end + 16, 16)
        return entries, end + ENTRY.size, () if right else ("MD5 sum of the partition table differs",)
    if not data.startswith(b"\xff" * ENTRY.size, end):
        raise NotThisFormat("Espressif partition table without an end")
    return entries, end, ()
