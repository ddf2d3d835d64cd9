"""Android dynamic partitions ("super"): logical partitions made of extents of one physical one.

Format: AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h.
Limits: extents on further block devices (a retrofitted super) are missing from this image and named as such; of
the metadata slots the first whose checksum holds is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from struct import Struct
from typing import Final

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.image import Image, text
from inspector.formats.layout import Member
from inspector.formats.mapped import open_mapped
from inspector.formats.reader import Piece, Reader, Span

GEOMETRY_AT: Final = 4096
GEOMETRY_MAGIC: Final = b"gDla"
METADATA_MAGIC: Final = b"0PLA"
GEOMETRY = Struct("<4sI32sIII")
GEOMETRY_SIZE: Final = 4096
METADATA = Struct("<4sHHI32sI32s12I")
TABLE = Struct("<III")
PARTITION = Struct("<36sIIII")
EXTENT = Struct("<QIQI")
DEVICE = Struct("<QIIQ36sI")
SECTOR: Final = 512
LINEAR, ZERO = 0, 1
MAX_METADATA: Final = 1 << 20
MAX_SLOTS: Final = 16


@dataclass(frozen=True, slots=True)
class _Metadata:
    """One slot: its tables as (offset in `tables`, count, entry size), in the order of the header."""

    tables: Reader
    partitions: tuple[int, int, int]
    extents: tuple[int, int, int]
    devices: tuple[int, int, int]
    span: Span

    def rows(self, table: tuple[int, int, int], struct: Struct) -> Iterator[tuple[int, ...]]:
        offset, count, width = table
        if width < struct.size or offset + count * width > self.tables.size:
            raise Malformed("LP metadata table does not fit")
        for index in range(count):
            yield self.tables.unpack_at(offset + index * width, struct)


def parse_super(data: Reader) -> Image:
    """Return the logical partitions of the first whole metadata slot as maps of extents; nothing is copied."""
    most, slots = _geometry(data)
    metadata = _first_slot(data, most, slots)
    extents = list(metadata.rows(metadata.extents, EXTENT))
    members = [_partition(data, row, extents) for row in metadata.rows(metadata.partitions, PARTITION)]
    devices = list(metadata.rows(metadata.devices, DEVICE))
    size = devices[0][3] if devices else data.size
    notes = (f"device has {size} bytes, {data.size} are here",) if size > data.size else ()
    properties = {"partitions": str(len(members)), "slots": str(slots)}
    structure = (Span(GEOMETRY_AT, GEOMETRY_AT + 2 * GEOMETRY_SIZE), metadata.span)
    return Image(min(size, data.size), tuple(members), structure, properties, notes)


def _geometry(data: Reader) -> tuple[int, int]:
    """Return the largest metadata size and the number of slots, from the first or the backup geometry."""
    for at in (GEOMETRY_AT, GEOMETRY_AT + GEOMETRY_SIZE):
        if at + GEOMETRY_SIZE > data.size or not data.startswith(GEOMETRY_MAGIC, at):
            continue
        _, size, checksum, most, slots, _ = data.unpack_at(at, GEOMETRY)
        if size == GEOMETRY.size and _checksum(data.read_at(at, size), 8) == checksum and 0 < most <= MAX_METADATA:
            return most, min(slots, MAX_SLOTS)
    raise NotThisFormat("no LP geometry")


def _checksum(raw: bytes, at: int) -> bytes:
    """Return the SHA-256 of a header whose own checksum field, 32 bytes at `at`, counts as zeros."""
    return sha256(raw[:at] + bytes(32) + raw[at + 32 :]).digest()


def _first_slot(data: Reader, most: int, slots: int) -> _Metadata:
    problem: FormatError = Malformed("LP image without metadata")
    for index in range(slots * 2):  # backups follow the primary slots
        try:
            return _slot(data, GEOMETRY_AT + 2 * GEOMETRY_SIZE + index * most, most)
        except FormatError as error:
            problem = error.bare()
    raise problem


def _slot(data: Reader, start: int, most: int) -> _Metadata:
    fields = data.unpack_at(start, METADATA)
    magic, major, _, header, checksum, size, tables_checksum = fields[:7]
    if magic != METADATA_MAGIC or major != 10 or not METADATA.size <= header or header + size > most:
        raise Malformed(f"no LP metadata at {start:#x}")
    if _checksum(data.read_at(start, header), 12) != checksum:
        raise Malformed("LP metadata header checksum differs")
    tables = data.slice(start + header, start + header + size)
    if sha256(tables.all()).digest() != tables_checksum:
        raise Malformed("LP metadata checksum differs")
    numbers = fields[7:]
    return _Metadata(tables, numbers[0:3], numbers[3:6], numbers[9:12], Span(start, start + header + size))


def _partition(data: Reader, row: tuple[int, ...], extents: list[tuple[int, ...]]) -> Member:
    name, _, first, count, _ = row
    path = text(name)  # type: ignore[arg-type] # struct fields of one row differ in type
    chosen = extents[first : first + count]
    pieces, spans = [], []
    for sectors, kind, start, source in chosen:
        length, at = sectors * SECTOR, start * SECTOR
        if kind == LINEAR and source == 0 and at + length <= data.size:
            pieces.append(Piece(length, data, at))
            spans.append(Span(at, at + length))
        elif kind == ZERO:
            pieces.append(Piece(length))
        else:
            problem = Malformed(f"extent of {length} bytes is not in this image")
            return Member(path, extents=tuple(spans), problem=problem)
    size = sum(piece.length for piece in pieces)
    return Member(path, open=partial(open_mapped, pieces), extents=tuple(spans), size=size)
