"""zip: its central directory, read the way Android reads it, and its local headers where that is missing.

Format: PKWARE APPNOTE 6.3.10; Android's reading: libziparchive, system/libziparchive/zip_archive.cc.
Offsets may be relative to the first local header or to something before it (a prefixed file); both are tried.
Names, methods and sizes of the central directory win; what the local header says otherwise becomes a note.

An archive split over several files is read from its parts end to end; of one part alone, what lies in it.
"""

from binascii import crc32
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from struct import Struct
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from inspector.errors import NotThisFormat
from inspector.formats.reader import MappedReader, Reader, Span

LOCAL: Final = b"PK\x03\x04"
CENTRAL: Final = b"PK\x01\x02"
END: Final = b"PK\x05\x06"
END64: Final = b"PK\x06\x06"
LOCATOR: Final = b"PK\x06\x07"
DESCRIPTOR: Final = b"PK\x07\x08"
SPANNED: Final = b"PK\x07\x08PK\x03\x04"

LOCAL_HEADER = Struct("<4s5H3L2H")
CENTRAL_HEADER = Struct("<4s6H3L5H2L")
END_RECORD = Struct("<4s4H2LH")
END64_RECORD = Struct("<4sQ2H2L4Q")
LOCATOR_RECORD = Struct("<4sLQL")
CENTRAL_OFFSET = Struct("<L")
LOCAL_GUESS: Final = 30 + 98
"""Bytes read for a local header in one go: longer names are read again."""
MAX_COMMENT: Final = 0xFFFF
ALL16, ALL32 = 0xFFFF, 0xFFFFFFFF
ZIP64_EXTRA: Final = 1
UNICODE_EXTRA: Final = 0x7075
UNICODE_FIXED: Final = 5
"""Version and CRC of the other name, in front of the name of that extra field."""
FLAG_ENCRYPTED, FLAG_DESCRIPTOR, FLAG_STRONG, FLAG_UTF8 = 1, 8, 64, 0x800
MAX_CANDIDATES: Final = 64
"""End records tried before the directory counts as lost."""
MAX_ENDS: Final = 4096
"""End records looked for in one artifact."""
MAX_UNORDERED: Final = 64
"""Among so many first entries of a directory the first of the file must be, unless the archive fills the artifact."""


_KNOWN_ENDS: Final[WeakKeyDictionary[Reader, tuple[int, list[int]]]] = WeakKeyDictionary()
"""A memory of pure facts about readers that are still in use."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A central directory: where it and its end records lie, and what to add to its local offsets."""

    span: Span
    end: Span
    """End records without the comment."""
    shift: int
    entries: int
    """Number of entries the end record claims."""
    comment: int
    disks: tuple[int, ...] = ()
    """Of an archive split over several files: what to add to offsets in each of them, -1 for one that is missing."""

    def place(self, data: Reader, header: "Header") -> int:
        """Return where the local header of an entry should stand, -1 where its file is missing.

        Numbers of files in an archive that is in one piece mean nothing to those who install it.
        """
        together = header.local + self.shift
        if not self.disks:
            return together
        start = self.disks[header.disk] if header.disk < len(self.disks) else -1
        if start >= 0 and data.startswith(LOCAL, start + header.local):
            return start + header.local
        local = local_header(data, together)
        return together if local is not None and local.name == header.name else -1

    @property
    def stop(self) -> int:
        """Where the archive ends, comment included."""
        return self.end.end + self.comment


class Header(NamedTuple):
    """The fields that local and central headers share; `position` is where the header stands."""

    position: int
    length: int
    made_by: int
    flags: int
    method: int
    crc: int
    stored: int
    size: int
    name: bytes
    attributes: int = 0
    local: int = 0
    """Where the local header should stand."""
    disk: int = 0
    """In which file of a split archive, from 0."""
    unicode_name: bytes = b""
    """The name in UTF-8 as an extra field tells it, for the name that stands here; empty where none does."""


def find_directory(data: Reader, base: int) -> Directory | None:
    """Return the directory of the archive whose first local header is at `base`, or None.

    A record at the very end wins, as on Android; one that ends earlier is taken only if its first entry is at
    `base`, so that an archive stored inside another is not mistaken for it.
    """
    start = max(base, data.size - END_RECORD.size - MAX_COMMENT)
    tail = data.read_at(start, data.size - start)
    position = tail.rfind(END)
    for _ in range(MAX_CANDIDATES):
        if position < 0:
            break
        found = _directory(data, start + position, base)
        if found and _belongs(data, found, base, loosely=base == 0):
            return _complete_before(data, found, base) or found
        position = tail.rfind(END, 0, position)
    return _search_directory(data, base)


def _complete_before(data: Reader, directory: Directory, base: int) -> Directory | None:
    """Return the directory of an archive that is whole before the first entry of `directory`, if there is one.

    Two archives were put one behind the other: the first must not pass for leftovers of the second, which is found
    where it begins. Leftovers of entries that a packer took out have no end record.
    """
    first = min((header.local + directory.shift for header in central_headers(data, directory)), default=base)
    if first - base < LOCAL_HEADER.size + CENTRAL_HEADER.size + END_RECORD.size:
        return None
    between = data.slice(0, first)
    position = between.find(END, base)
    for _ in range(MAX_CANDIDATES):
        if position < 0:
            return None
        found = _directory(between, position, base)
        if found and found.entries and _belongs(between, found, base, loosely=False):
            return found
        position = between.find(END, position + len(END))
    return None


def _search_directory(data: Reader, base: int) -> Directory | None:
    ends = _ends(data, base)
    first = bisect_left(ends, base)
    for position in ends[first : first + MAX_CANDIDATES]:
        found = _directory(data, position, base)
        if found and _belongs(data, found, base, loosely=False):
            return found
    return None


def _ends(data: Reader, base: int) -> list[int]:
    """Return where end records stand from `base` on; looked for once for all the local headers that carving asks about.

    Carving asks from front to back: what lies before the first header is never searched.
    """
    start, known = _KNOWN_ENDS.get(data, (base + 1, []))
    if base < start:
        known, position = [], data.find(END, base)
        while position >= 0 and len(known) < MAX_ENDS:
            known.append(position)
            position = data.find(END, position + len(END))
        _KNOWN_ENDS[data] = base, known
    return known


def _directory(data: Reader, position: int, base: int) -> Directory | None:
    if position + END_RECORD.size > data.size:
        return None
    _, disk, of_directory, _, entries, size, offset, comment = data.unpack_at(position, END_RECORD)
    first = position
    if entries == ALL16 or ALL32 in (size, offset):
        first, entries, size, offset = _zip64(data, position, base) or (position, entries, size, offset)
    comment = min(comment, data.size - position - END_RECORD.size)
    end = Span(first, position + END_RECORD.size)
    for start in (base + offset, first - size):
        if base <= start <= first and (data.startswith(CENTRAL, start) or (not entries and start == first)):
            # A writer to a pipe may leave the offset open and write no wide record: then entries count from the start.
            shift = base if offset == ALL32 else start - offset
            disks = _disks(data, disk, of_directory, start - offset) if 0 < disk < ALL16 else ()
            return Directory(Span(start, min(start + size, first)), end, shift, entries, comment, disks)
    return None


def _disks(data: Reader, last: int, of_directory: int, start: int) -> tuple[int, ...]:
    """Return where each file of a split archive begins in `data`; `start` is where the directory's own one does.

    Known where the parts were joined here; else all but the last are taken to be of one length, as packers make them.
    """
    parts = data.starts if isinstance(data, MappedReader) else ()
    if len(parts) == last + 1:
        return parts
    if start == 0 or not of_directory:  # the last part alone, with what it holds
        return (*((-1,) * of_directory), *((0,) * (last + 1 - of_directory)))
    return tuple(number * (start // of_directory) for number in range(last + 1)) if start > 0 else (-1,) * (last + 1)


def disks_before(data: Reader) -> int:
    """Return how many files of a split archive come before the one that ends here; 0 where it is in one file."""
    start = max(0, data.size - END_RECORD.size - MAX_COMMENT)
    tail = data.read_at(start, data.size - start)
    position = tail.rfind(END)
    if not 0 <= position <= len(tail) - END_RECORD.size:
        return 0
    disk: int = END_RECORD.unpack_from(tail, position)[1]
    return disk if disk < ALL16 else 0


def _zip64(data: Reader, position: int, base: int) -> tuple[int, int, int, int] | None:
    """Return (record's place, entries, directory size, directory offset) of the zip64 end record."""
    locator = position - LOCATOR_RECORD.size
    if not data.startswith(LOCATOR, locator):
        return None
    offset = data.unpack_at(locator, LOCATOR_RECORD)[2]
    for place in (base + offset, locator - END64_RECORD.size):
        if place + END64_RECORD.size <= locator and data.startswith(END64, place):
            entries, size, start = data.unpack_at(place, END64_RECORD)[7:]
            return place, entries, size, start
    return None


def _belongs(data: Reader, directory: Directory, base: int, *, loosely: bool) -> bool:
    if not directory.entries and directory.span.start == directory.end.start:
        return directory.span.start == base
    headers = central_headers(data, directory)
    starts = [directory.place(data, header) for header in islice(headers, MAX_UNORDERED)]
    if not loosely and base not in starts:
        return False
    starts += [directory.place(data, header) for header in headers]
    first = min((start for start in starts if data.startswith(LOCAL, start)), default=-1)
    return first == base or (loosely and first > base)


def central_headers(data: Reader, directory: Directory) -> Iterator[Header]:
    """Yield the entries of the directory up to the first that is none; the claimed number is not trusted."""
    start = directory.span.start
    raw = data.read_at(start, directory.end.start - start)
    at, last = 0, len(raw) - CENTRAL_HEADER.size
    while at <= last:
        fields = CENTRAL_HEADER.unpack_from(raw, at)
        if fields[0] != CENTRAL:
            return
        length, extra, comment = fields[10:13]
        stored, size, local = fields[8], fields[9], fields[16]
        name = at + CENTRAL_HEADER.size
        if ALL32 in (stored, size, local):
            size, stored, local = _wide(raw[name + length : name + length + extra], size, stored, local)
        whole = CENTRAL_HEADER.size + length + extra + comment
        text = raw[name : name + length]
        other = _unicode_name(text, raw[name + length : name + length + extra]) if extra > UNICODE_FIXED + 4 else b""
        yield Header(
            start + at, whole, fields[1], fields[3], fields[4], fields[7], stored, size,
            text, fields[15], local, fields[13], other,
        )  # fmt: skip
        at += whole


def local_header(data: Reader, position: int) -> Header | None:
    """Return the local header at `position`, or None where none stands or it is cut off."""
    raw = data.read_upto(position, LOCAL_GUESS)
    if len(raw) < LOCAL_HEADER.size:
        return None
    magic, _, flags, method, _, _, crc, stored, size, name, extra = LOCAL_HEADER.unpack_from(raw)
    if magic != LOCAL:
        return None
    if LOCAL_HEADER.size + name > len(raw):
        raw = data.read_upto(position, LOCAL_HEADER.size + name)
    if ALL32 in (stored, size):
        size, stored, _ = _wide(data.read_upto(position + LOCAL_HEADER.size + name, extra), size, stored, 0)
    length = LOCAL_HEADER.size + name + extra
    text = raw[LOCAL_HEADER.size : LOCAL_HEADER.size + name]
    return Header(position, length, 0, flags, method, crc, stored, size, text, 0, position)


def _wide(extra: bytes, size: int, stored: int, local: int) -> tuple[int, int, int]:
    """Return size, stored size and local offset with the 64-bit values of the zip64 extra field filled in."""
    values = _extra(extra, ZIP64_EXTRA)
    wide = []
    for value in (size, stored, local):
        if value == ALL32 and len(values) >= 8:
            value, values = int.from_bytes(values[:8], "little"), values[8:]
        wide.append(value)
    return wide[0], wide[1], wide[2]


def _unicode_name(name: bytes, extra: bytes) -> bytes:
    """Return the name that an extra field of Info-ZIP tells; nothing where it was made for another one."""
    told = _extra(extra, UNICODE_EXTRA)
    holds = told[:1] == b"\1" and int.from_bytes(told[1:UNICODE_FIXED], "little") == crc32(name)
    return told[UNICODE_FIXED:] if holds else b""


def _extra(extra: bytes, wanted: int) -> bytes:
    position = 0
    while position + 4 <= len(extra):
        kind = int.from_bytes(extra[position : position + 2], "little")
        length = int.from_bytes(extra[position + 2 : position + 4], "little")
        if kind == wanted:
            return extra[position + 4 : position + 4 + length]
        position += 4 + length
    return b""


def check_start(data: Reader, offset: int) -> int:
    """Return where the first record stands (4 behind a spanning mark); raises `NotThisFormat` without one."""
    first = offset + 4 if data.startswith(SPANNED, offset) else offset
    header = local_header(data, first)
    if header is not None:
        # Versions are 10 to 63; the byte above names the system. Names are short text.
        needed = data.unpack_at(first, LOCAL_HEADER)[1]
        if needed & 0xFF <= 99 and first + header.length <= data.size:
            return first
    elif data.startswith(END, first) and first + END_RECORD.size <= data.size:
        return first
    raise NotThisFormat("no zip record")


def descriptor_length(data: Reader, position: int, crc: int) -> int:
    """Return the length of the data descriptor at `position`, 0 where none stands."""
    raw = data.read_upto(position, 28)
    if raw[:4] == DESCRIPTOR:
        # The 64-bit form shows in what follows: the next record starts 8 bytes later.
        wide = raw[16:20] not in (LOCAL, CENTRAL) and raw[24:28] in (LOCAL, CENTRAL, END64)
        return min(24 if wide else 16, len(raw))
    if len(raw) >= 12 and int.from_bytes(raw[:4], "little") == crc:
        return 12
    return 0


def signing_block(data: Reader, directory_start: int) -> Span | None:
    """Return the APK signing block that ends where the central directory starts, if there is one.

    Format: https://source.android.com/docs/security/features/apksigning/v2
    """
    if not data.startswith(b"APK Sig Block 42", directory_start - 16) or directory_start < 32:
        return None
    length = int.from_bytes(data.view_at(directory_start - 24, 8), "little") + 8
    start = directory_start - length
    if start < 0 or int.from_bytes(data.view_at(start, 8), "little") + 8 != length:
        return None
    return Span(start, directory_start)
