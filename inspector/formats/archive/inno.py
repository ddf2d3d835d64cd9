"""Installers of Inno Setup: a program for Windows, and behind it records and files, packed.

Format: Inno Setup (its licence is of the kind of BSD), `Projects/Src/Shared.Struct.pas`, `Compression.Base.pas` and
`SetupLdr`; innoextract (zlib licence) for old versions; `inno_records`. A table in the resources of the program says
where the parts are.
Limits: from version 5.0 on; files in parts beside the program (`setup-1.bin`) are named. What is encrypted says so.
"""

import hashlib
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.archive.inno_records import OLDEST, Files, Version, read_files
from inspector.formats.archive.zlib import decompress as inflate
from inspector.formats.codec.streams import (
    LZMA_PROPERTIES,
    MEMORY,
    STEP,
    Codec,
    CutOff,
    Filter,
    Stream,
    bunzip2,
    collect,
    lzma1,
    lzma2_dictionary,
    raw_lzma,
)
from inspector.formats.image import slicer
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.reader import BufferReader, Reader, Span
from inspector.formats.solid import LastBlock

PROGRAM: Final = b"MZ"
TABLES: Final = (b"rDlPtS\xcd\xe6\xd7\x7b\x0b\x2a", b"nS5W7dT\x83\xaa\x1b\x0f\x6a")
SEARCHED: Final = 1 << 23
"""The resources of the program stand in its first bytes."""
TABLE: Final = Struct("<12sI6II")
"""Magic, version; size of all, place of the engine, its size, its CRC, places of records and of files; CRC."""
WIDE_TABLE: Final = Struct("<12sIQQIIQQII")
IDENTITY: Final = re.compile(rb"Inno Setup Setup Data \((\d+(?:\.\d+){2,3})[a-z]?\)( \([uU]\))?")
IDENTITY_SIZE: Final = 64
ENCRYPTION: Final = 53
"""Before the records of 6.5 and later: CRC, what is encrypted, how the key is made."""
EVERYTHING: Final = 2
CHUNK: Final = b"zlb\x1a"
PIECE: Final = 4096
"""Records are packed, then cut into pieces with a CRC each."""
LARGEST_RECORDS: Final = 1 << 28
BRANCH: Final = re.compile(b"[\xe8\xe9]")
FLIPS_FROM: Final = (5, 3, 9)
WINDOW: Final = 1 << 16
"""Branches are converted in so many bytes at a time."""


class _Table(NamedTuple):
    """Where the parts are, from the start of the program; `at` is the table itself."""

    at: Span
    size: int
    engine: int
    engine_size: int
    engine_crc: int
    records: int
    files: int


def find_table(data: Reader) -> _Table:
    """Return the table of an installer; raise `NotThisFormat` where the program is another."""
    if not data.startswith(PROGRAM):
        raise NotThisFormat("no program")
    end = min(data.size, SEARCHED)
    for magic in TABLES:
        at = data.find(magic, 0, end)
        while at >= 0:
            table = _table(data, at)
            if table is not None and data.startswith(b"Inno Setup Setup Data (", table.records):
                return table
            at = data.find(magic, at + 1, end)
    raise NotThisFormat("no installer of Inno Setup")


def _table(data: Reader, at: int) -> _Table | None:
    for layout in (TABLE, WIDE_TABLE):
        raw = data.read_upto(at, layout.size)
        if len(raw) == layout.size and zlib.crc32(raw[:-4]) == int.from_bytes(raw[-4:], "little"):
            return _Table(Span(at, at + layout.size), *layout.unpack(raw)[2:8])
    return None


def extent(data: Reader) -> int:
    """Return the size of the installer by its table; what is signed has the signature behind it."""
    table = find_table(data)
    return min(max(table.size, table.records + IDENTITY_SIZE), data.size)


def parse_inno(data: Reader) -> Contents:
    """Return the program, the engine it starts, the records, and the files with the paths they go to."""
    table = find_table(data)
    raw, version = _identity(data, table.records)
    at = table.records + IDENTITY_SIZE
    if version.number >= (6, 5):
        (scope,) = data.read_at(at + 4, 1)
        at += ENCRYPTION
        if scope == EVERYTHING:
            raise Encrypted("Inno Setup, everything with a password")
    first = _Block(data, at, version)
    records = first.open(LARGEST_RECORDS)
    second = _Block(data, first.end, version)
    locations = bytes(second.open(LARGEST_RECORDS).all())
    damage, files = "", Files({}, 0)
    try:
        files = read_files(bytes(records.all()), version)
    except Malformed as error:
        damage = f"paths of the files are not known: {error}"
    packed = _Packed(data, table, version, files.paths, _locations(locations, files.locations, version))
    start = min(place for place in (table.engine, table.records, table.files) if place)
    members = [
        Member("loader.exe", slicer(data, 0, start), (Span(0, start),), start),
        Member("setup.exe", partial(_engine, data, table, version), _block_extent(data, table.engine, version)),
        Member("header", lambda _: records, (Span(at, first.end),), records.size),
        *packed.members(),
    ]
    structure = (Span(table.records, at), Span(first.end, second.end))
    return Contents(members, lambda: structure, {"version": raw}, damage=damage)


def _identity(data: Reader, at: int) -> tuple[str, Version]:
    found = IDENTITY.match(data.read_upto(at, IDENTITY_SIZE))
    if found is None:
        raise Unsupported("installer of an unknown version of Inno Setup")
    number = tuple(int(part) for part in found[1].split(b"."))
    if number < OLDEST:
        raise Unsupported(f"installer of Inno Setup {found[1].decode()}")
    return found[1].decode(), Version(number, bool(found[2]) or number >= (6, 3))


# --------------------------------------------------------------------------- records


class _Block:
    """Packed bytes in pieces with a CRC each."""

    def __init__(self, data: Reader, at: int, version: Version) -> None:
        head = Struct("<IQB") if version.number >= (6, 7) else Struct("<IIB")
        self._crc, size, self._packed = data.unpack_at(at, head)
        if zlib.crc32(data.view_at(at + 4, head.size - 4)) != self._crc:
            raise Malformed("header of packed records with a wrong CRC")
        self._data, self._start, self.end = data, at + head.size, at + head.size + size

    def open(self, limit: int) -> Reader:
        """Return what is packed."""
        out, at = bytearray(), self._start
        if self.end > self._data.size:
            raise Malformed("packed records are cut off")
        while at + 4 < self.end:
            piece = self._data.view_at(at + 4, min(PIECE, self.end - at - 4))
            if zlib.crc32(piece) != int.from_bytes(self._data.view_at(at, 4), "little"):
                raise Malformed("packed records with a wrong CRC")
            out += piece
            at += 4 + len(piece)
        if not self._packed:
            return BufferReader(out)
        return collect(_lzma, BufferReader(out), 0, limit).reader()


def _block_extent(data: Reader, at: int, version: Version) -> tuple[Span, ...]:
    try:
        block = _Block(data, at, version)
    except Malformed:
        return ()
    return (Span(at, min(block.end, data.size)),)


def _engine(data: Reader, table: _Table, version: Version, limit: int) -> Reader:
    """Return the program that the loader unpacks and starts."""
    raw = bytes(_Block(data, table.engine, version).open(limit).all())[: table.engine_size]
    if zlib.crc32(raw) != table.engine_crc:
        raw = branches_back(raw, flips=version.number >= FLIPS_FROM)
    plain = BufferReader(raw)
    if zlib.crc32(raw) != table.engine_crc:
        plain.damage = Malformed("CRC of the engine differs")
    return plain


# --------------------------------------------------------------------------- files


class _Location(NamedTuple):
    """One file: where its chunk is packed, and where it stands in that."""

    slice: int
    chunk: int
    start: int
    size: int
    stored: int
    checksum: bytes
    encrypted: bool
    packed: bool


HASHES: Final[Mapping[int, Callable[[bytes], bytes]]] = {
    16: lambda raw: hashlib.md5(raw, usedforsecurity=False).digest(),
    20: lambda raw: hashlib.sha1(raw, usedforsecurity=False).digest(),
    32: lambda raw: hashlib.sha256(raw).digest(),
}
TIME_AND_VERSION: Final = 16


def _locations(raw: bytes, count: int, version: Version) -> list[_Location]:
    """Return where the files are; how many there are divides the bytes evenly."""
    number = version.number
    fields = Struct("<IIQQQQ" if number >= (6, 5, 2) else "<IIIQQQ")
    checksum = 32 if number >= (6, 4) else 20 if number >= (5, 3, 9) else 16
    encrypted = 3 if number >= (6, 4, 3) else 6
    flags = fields.size + checksum + TIME_AND_VERSION
    width = len(raw) // count if count else flags + _flags(number)
    if width <= flags or len(raw) % width:
        raise Malformed("locations of another version")
    found = list[_Location]()
    for at in range(0, len(raw), width):
        first, _, chunk, start, size, stored = fields.unpack_from(raw, at)
        told = raw[at + fields.size : at + fields.size + checksum]
        bits = raw[at + flags] >> encrypted
        found.append(_Location(first, chunk, start, size, stored, told, bool(bits & 1), bool(bits & 2)))
    return found


def _flags(number: tuple[int, ...]) -> int:
    """Return how many bytes the flags of a location take, with how it was signed."""
    if number >= (6, 4, 3) or number < (5, 1, 13):
        return 1
    return 3 if number >= (6, 3) else 2


class _Packed:
    """The files, in chunks that are packed each by itself."""

    def __init__(
        self,
        data: Reader,
        table: _Table,
        version: Version,
        paths: Mapping[int, Sequence[str]],
        locations: Sequence[_Location],
    ) -> None:
        self._data, self._table, self._version = data, table, version
        self._paths, self._locations, self._kept = paths, locations, LastBlock()
        self._sizes: dict[int, int] = {}
        for location in locations:
            self._sizes[location.chunk] = max(self._sizes.get(location.chunk, 0), location.start + location.size)

    def members(self) -> Iterator[Member]:
        """Yield every file, those of one chunk together."""
        order = sorted(range(len(self._locations)), key=lambda index: (self._locations[index][:3], index))
        for index in order:
            location = self._locations[index]
            paths = self._paths.get(index, (f"data/{index:04d}",))
            yield self._member(paths[0], location)
            for path in paths[1:]:
                yield Member(path, kind=MemberKind.HARDLINK, target=paths[0])

    def _member(self, path: str, location: _Location) -> Member:
        at = self._table.files + location.chunk
        whole = Span(at, at + len(CHUNK) + location.stored + 8 * (location.encrypted and self._version.number < (6, 4)))
        problem: FormatError | None = None
        if location.slice or not self._table.files:
            problem, whole = Unsupported(f"in setup-{location.slice + 1}.bin beside the installer"), Span(0, 0)
        elif whole.end > self._data.size or not self._data.startswith(CHUNK, at):
            problem, whole = Malformed("packed file is cut off"), Span(min(at, self._data.size), self._data.size)
        elif location.encrypted:
            problem = Encrypted("Inno Setup, with a password")
        extents = (whole,) if len(whole) else ()
        if problem is not None:
            return Member(path, extents=extents, size=location.size, problem=problem)
        return Member(path, partial(self._open, location), extents, location.size)

    def _open(self, location: _Location, limit: int) -> Reader:
        unpack = partial(self._chunk, location)
        content = self._kept.member(location.chunk, unpack, location.start, location.size, limit)
        checksum = HASHES[len(location.checksum)]
        raw = bytes(content.all())
        if content.damage is None and checksum(raw) != location.checksum:
            number = self._version.number
            other = branches_back(raw, flips=number >= FLIPS_FROM) if number >= (5, 2) else old_branches_back(raw)
            if checksum(other) == location.checksum:
                return BufferReader(other)
            content.damage = Malformed("checksum of the file differs")
        return content

    def _chunk(self, location: _Location, limit: int) -> Reader:
        size = self._sizes[location.chunk]
        if size > limit:
            raise LimitReached(f"chunk of {size} bytes, {limit} allowed")
        start = self._table.files + location.chunk + len(CHUNK)
        stored = self._data.slice(start, start + location.stored)
        return collect(_codec(stored), stored, 0, limit).reader() if location.packed else stored


def _codec(stored: Reader) -> Codec:
    """Return what unpacks a chunk, told by its first bytes."""
    head = stored.read_upto(0, 3)
    if head == b"BZh":
        return bunzip2
    if head[:1] == b"\x78" and int.from_bytes(head[:2]) % 31 == 0:
        return inflate
    return _lzma2 if head[:1] <= b"\x28" else _lzma


def _lzma(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode LZMA behind its properties; there may be no mark at the end."""
    wanted = lzma1(*data.unpack_at(offset, LZMA_PROPERTIES))
    return (yield from _raw(wanted, data, offset + LZMA_PROPERTIES.size, step))


def _lzma2(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode LZMA2 behind the byte that tells its dictionary."""
    (code,) = data.read_at(offset, 1)
    wanted = {"id": lzma.FILTER_LZMA2, "dict_size": lzma2_dictionary(code)}
    return (yield from _raw(wanted, data, offset + 1, step))


def _raw(wanted: Filter, data: Reader, start: int, step: int) -> Stream:
    if wanted["dict_size"] > MEMORY:
        raise LimitReached(f"dictionary of {wanted['dict_size']} bytes", "memory")
    with suppress(CutOff):  # it ends with the bytes it is packed in
        yield from raw_lzma([wanted], data, start, step)
    return data.size


# --------------------------------------------------------------------------- branches


def branches_back(raw: bytes, *, flips: bool) -> bytes:
    """Return code with the targets of its calls and jumps made relative again, as since 5.2.

    `flips`: where bit 23 of a target is set, its highest byte was turned over (since `FLIPS_FROM`).
    """
    out = bytearray(raw)
    for start in range(0, len(out), WINDOW):
        last, at = min(start + WINDOW, len(out)) - 5, start
        while (found := BRANCH.search(out, at, max(last + 1, at))) is not None:
            at = found.end()
            if out[at + 3] in (0, 0xFF):
                target = int.from_bytes(out[at : at + 3], "little") - (at + 4) & 0xFFFFFF
                out[at : at + 3] = target.to_bytes(3, "little")
                if flips and target & 0x800000:
                    out[at + 3] ^= 0xFF
            at += 4
    return bytes(out)


def old_branches_back(raw: bytes) -> bytes:
    """Return code with the targets of its calls and jumps made relative again, as before 5.2."""
    out, at = bytearray(raw), 0
    while (found := BRANCH.search(out, at)) is not None:
        at = found.end()
        target = int.from_bytes(out[at : at + 4].ljust(4, b"\0"), "little") - (at + 4) & 0xFFFFFFFF
        out[at : at + 4] = target.to_bytes(4, "little")[: len(out) - at]
        at += 4
    return bytes(out)
