"""Cabinets of InstallShield 5 and later: `data1.cab`, `data2.cab` and the header of all, `data1.hdr`.

Format: unshield (MIT), `lib/cabfile.h`, `file.c` and `libunshield.c`. A table of folders and files, each with the place
of its packed bytes; a file may go on in the next cabinet.
Limits: the parts must lie side by side under their names. Encrypted media are not told from damaged ones.
"""

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.image import slicer
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import windows_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

MAGIC: Final = b"ISc("
COMMON: Final = Struct("<4sIIII")
"""Magic, version, volume, place and size of the descriptor."""
VOLUME_5: Final = Struct("<I4x8I")
VOLUME_6: Final = Struct("<QIIQQQQQQ")
"""Place of the data; numbers of the first and last file; of each its place, its size, its packed size here."""
DESCRIPTOR: Final = Struct("<12xI4xII I8xII")
"""Place of the tables, their size (twice), folders, files, place of the files behind the tables."""
FILE_5: Final = Struct("<IIHII20xI16s")
FILE_6: Final = Struct("<HQQQ16s16xIH12xIIBH")
SPLIT, OBFUSCATED, COMPRESSED, INVALID = 1, 2, 4, 8
LINKED_BACK: Final = 1
UNICODE_FROM: Final = 17
NO_OFFSET: Final = 0x7FFFFFFF
MOST_FILES: Final = 200_000
LONGEST_NAME: Final = 1024
PHASES: Final = 0x47
END_OF_CHUNK: Final = b"\0\0\xff\xff"
LARGEST_CHUNK: Final = 1 << 16


class _Volume(NamedTuple):
    """One cabinet: where it lies in the whole, and what it says of the files at its borders."""

    span: Span
    first: int
    last: int
    first_place: int
    first_size: int
    first_stored: int
    last_place: int
    last_size: int
    last_stored: int


class _File(NamedTuple):
    """One file."""

    number: int
    folder: int
    name: int
    flags: int
    size: int
    stored: int
    place: int
    digest: bytes
    volume: int
    link: int
    """Number of the file that this one is the same as, -1 where it has bytes of its own."""


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless a cabinet or header of InstallShield stands here."""
    if offset + COMMON.size > data.size or not data.startswith(MAGIC, offset):
        raise NotThisFormat("no InstallShield cabinet")
    version = data.unpack_at(offset, COMMON)[1]
    if version >> 24 not in (1, 2, 4):
        raise NotThisFormat("no version of InstallShield")


def parse_installshield(data: Reader) -> Contents:
    """Return the files of the cabinets that follow one another in `data`, with the header behind them."""
    check_header(data, 0)
    parts = _parts(data)
    headers = [part for part in parts if data.unpack_at(part.start, COMMON)[4]]
    if not headers:
        raise Unsupported("InstallShield cabinet without the header beside it (data1.hdr)")
    header = headers[-1]
    version = data.unpack_at(header.start, COMMON)[1]
    major = version >> 12 & 0xF if version >> 24 == 1 else (version & 0xFFFF) // 100
    volumes = [_volume(data, part, major) for part in parts if part != header or part == parts[0]]
    cabinet = _Cabinet(data, header, major, volumes)
    structure = [Span(v.span.start, v.span.start + COMMON.size + _layout(major).size) for v in volumes]
    structure.append(Span(header.start, header.start + COMMON.size))
    return Contents(cabinet.members(), lambda: structure, {"version": str(major), "cabinets": str(len(volumes))})


def _parts(data: Reader) -> list[Span]:
    starts = data.starts if isinstance(data, MappedReader) else (0,)
    found = [start for start in starts if data.startswith(MAGIC, start) and start + COMMON.size <= data.size]
    return [Span(start, end) for start, end in zip(found, [*found[1:], data.size], strict=True)]


def _layout(major: int) -> Struct:
    return VOLUME_5 if major <= 5 else VOLUME_6


def _volume(data: Reader, part: Span, major: int) -> _Volume:
    layout = _layout(major)
    raw = data.read_upto(part.start + COMMON.size, layout.size).ljust(layout.size, b"\0")
    return _Volume(part, *layout.unpack(raw)[1:])


class _Cabinet:
    """The tables of one set."""

    def __init__(self, data: Reader, header: Span, major: int, volumes: Sequence[_Volume]) -> None:
        self._data, self._header, self._major, self._volumes = data, header, major, volumes
        descriptor = header.start + data.unpack_at(header.start, COMMON)[3]
        tables, _, _, self._folders, self._files, behind = data.unpack_at(descriptor, DESCRIPTOR)
        self._tables = descriptor + tables
        self._behind = self._tables + behind
        if self._folders + self._files > MOST_FILES:
            raise Malformed("InstallShield header with an impossible number of files")

    def members(self) -> Iterator[Member]:
        """Yield the header and the files."""
        apart = self._header != self._volumes[0].span
        if apart:
            tables = Span(self._header.start + COMMON.size, self._header.end)  # without the mark of a cabinet
            yield Member("header", slicer(self._data, tables.start, tables.end), (tables,), len(tables))
        paths: dict[int, str] = {}
        for index in range(self._files):
            try:
                file = self._file(index)
                if file.flags & INVALID or not file.name or not file.place:
                    continue
                path = paths[index] = self._path(file)
            except Malformed as error:
                yield Member(f"file{index}", problem=error.bare())
                continue
            if file.link >= 0:
                yield Member(path, kind=MemberKind.HARDLINK, target=paths.get(file.link, ""))
            else:
                yield self._member(path, file)

    def _file(self, index: int) -> _File:
        if self._major > 5:
            flags, size, stored, place, digest, name, folder, before, _, link, volume = self._data.unpack_at(
                self._behind + index * FILE_6.size, FILE_6
            )
            back = before if link & LINKED_BACK else -1
            return _File(index, folder, name, flags, size, stored, place, digest, volume - 1, back)
        at = self._tables + self._entry(self._folders + index)
        name, folder, flags, size, stored, place, digest = self._data.unpack_at(at, FILE_5)
        holding = (number for number, volume in enumerate(self._volumes) if index <= volume.last)
        volume = next(holding, len(self._volumes) - 1)
        border = self._volumes[volume]
        cut = index == border.last and border.last_stored != stored and index < self._files - 1
        if cut and border.last_place:
            flags |= SPLIT
        return _File(index, folder, name, flags, size, stored, place, digest, volume, -1)

    def _entry(self, index: int) -> int:
        return int.from_bytes(self._data.read_at(self._tables + 4 * index, 4), "little")

    def _path(self, file: _File) -> str:
        folder = self._text(self._entry(file.folder)) if file.folder < self._folders else ""
        name = self._text(file.name)
        return (f"{folder}\\{name}" if folder else name).replace("\\", "/")

    def _text(self, offset: int) -> str:
        raw = self._data.read_upto(self._tables + offset, LONGEST_NAME)
        if self._major >= UNICODE_FROM:
            return raw.decode("utf-16-le", "backslashreplace").split("\0", 1)[0]
        return windows_name(raw.split(b"\0")[0])

    def _member(self, path: str, file: _File) -> Member:
        try:
            pieces = list(self._pieces(file))
        except Malformed as error:
            return Member(path, size=file.size, problem=error.bare())
        if not pieces and file.size:
            return Member(path, size=file.size)  # beside the cabinet, as a file
        return Member(path, partial(self._open, file, pieces), tuple(pieces), file.size)

    def _pieces(self, file: _File) -> Iterator[Span]:
        """Yield where the packed bytes lie; nothing where they lie in a file beside the cabinet."""
        left = file.stored if file.flags & COMPRESSED else file.size
        number = file.volume
        while left > 0:
            if not 0 <= number < len(self._volumes):
                raise Malformed(f"goes on in cabinet {number + 1}, which is not here")
            volume = self._volumes[number]
            place, size = file.place, left
            if file.flags & SPLIT:
                packed = bool(file.flags & COMPRESSED)
                if file.number == volume.last and volume.last_place not in (0, NO_OFFSET):
                    place, size = volume.last_place, volume.last_stored if packed else volume.last_size
                elif file.number == volume.first:
                    place, size = volume.first_place, volume.first_stored if packed else volume.first_size
                size = min(size, left)
            start = volume.span.start + place
            if place == len(volume.span):
                return
            if not size or start + size > volume.span.end:
                raise Malformed("packed bytes reach out of their cabinet")
            yield Span(start, start + size)
            left -= size
            number += 1

    def _open(self, file: _File, pieces: Sequence[Span], limit: int) -> Reader:
        if file.size > limit:
            raise LimitReached(f"{file.size} bytes, {limit} allowed")
        stored: Reader = MappedReader([Piece(len(span), self._data, span.start) for span in pieces])
        if file.flags & OBFUSCATED:
            stored = BufferReader(clear(bytes(stored.all())))
        reader = _unpacked(stored, file.size) if file.flags & COMPRESSED else stored
        if reader.damage is None and self._major > 5 and _digest(reader) != file.digest:
            reader.damage = Malformed("checksum of the file differs")
        return reader


def _digest(reader: Reader) -> bytes:
    return hashlib.md5(reader.all(), usedforsecurity=False).digest()


def clear(raw: bytes) -> bytes:
    """Return bytes that were written in disguise: turned by two bits, each shifted by its place."""
    out = bytearray(len(raw))
    turned = [((byte ^ 0xD5) >> 2 | (byte ^ 0xD5) << 6) & 0xFF for byte in range(256)]
    for phase in range(min(PHASES, len(raw))):
        out[phase::PHASES] = raw[phase::PHASES].translate(bytes(byte - phase & 0xFF for byte in turned))
    return bytes(out)


def _unpacked(stored: Reader, size: int) -> Reader:
    """Return the content of pieces of deflate, each behind its length; of old cabinets each in front of a mark."""
    raw = bytes(stored.all())
    out, damage = _measured(raw, size)
    if damage is not None and not out:
        old, problem = _marked(raw, size)
        if old:
            out, damage = old, problem
    if damage is None and len(out) != size:
        damage = Malformed("file of another size than is told")
    if damage is not None and not out:
        raise damage
    reader = BufferReader(out)
    reader.damage = damage
    return reader


def _measured(raw: bytes, size: int) -> tuple[bytearray, FormatError | None]:
    out, at = bytearray(), 0
    while at < len(raw) and len(out) < size:
        length = int.from_bytes(raw[at : at + 2], "little")
        piece = raw[at + 2 : at + 2 + length]
        try:
            plain = zlib.decompressobj(-15).decompress(piece + b"\0", LARGEST_CHUNK)
        except zlib.error as error:
            return out, Malformed(f"damaged piece: {error}")
        if not plain or len(piece) < length:
            return out, Malformed("piece without content")
        out += plain
        at += 2 + length
    return out, None


def _marked(raw: bytes, size: int) -> tuple[bytearray, FormatError | None]:
    out, at, end = bytearray(), 0, 0
    while at < len(raw) and len(out) < size:
        end = raw.find(END_OF_CHUNK, max(end, at))
        end = len(raw) if end < 0 else end + len(END_OF_CHUNK)
        try:
            out += zlib.decompressobj(-15).decompress(raw[at:end], LARGEST_CHUNK)
        except zlib.error as error:
            if end == len(raw):
                return out, Malformed(f"damaged piece: {error}")
            continue  # the mark stood among packed bytes
        at = end
    return out, None
