"""RAR 1.5 to 7: the members and their contents.

Format: technote.txt of RAR 4 and 5.0 (rarlab.com/technote.htm), both published by the author of RAR; `rar_codecs` and
`rar_codec15` for what packs the contents.
Limits: of a member in PPMd the first megabytes are read. Volumes that stand end to end are read as one archive; of one
alone, a stored file that goes on is cut, a packed one is named.
"""

from binascii import crc32
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from stat import S_ISLNK
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.rar_codec15 import Unpacker15
from inspector.formats.codec.rar_codecs import Unpacker, Unpacker2, Unpacker3, Unpacker5
from inspector.formats.data.protobuf import varint
from inspector.formats.image import Image, slicer
from inspector.formats.layout import Member, MemberKind, Opener
from inspector.formats.mapped import open_mapped
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

MAGIC4: Final = b"Rar!\x1a\x07\x00"
MAGIC5: Final = b"Rar!\x1a\x07\x01\x00"
BLOCK4 = Struct("<HBHH")
FILE4 = Struct("<IIBIIBBHI")
MAIN4, FILE4_TYPE, END4 = 0x73, 0x74, 0x7B
LONG, ENCRYPTED_HEADERS4, ENCRYPTED4, WIDE4, UNICODE4, FOLDER4 = 0x8000, 0x80, 0x04, 0x100, 0x200, 0xE0
STORE4: Final = 0x30
UNIX4: Final = 3
COMMENT_IN_MAIN4, COMMENT_IN_FILE4, SALT4 = 0x02, 0x08, 0x400
MAIN_FIXED4: Final = 13
"""Bytes of a main header that its checksum covers where a comment of RAR 1.5 to 2 follows inside it."""
VOLUME4, BEFORE4, AFTER4 = 0x01, 0x01, 0x02
MORE: Final = 0x01
"""Of an end block, old and new: another volume follows."""
MAX_VOLUMES: Final = 4096
MAIN5, FILE5, SERVICE5, ENCRYPTION5, END5 = 1, 2, 3, 4, 5
EXTRA5, DATA5, BEFORE5, AFTER5 = 1, 2, 8, 16
VOLUME5, NUMBERED5 = 1, 2
EXTRA_LINK5: Final = 5
LINKS5: Final = (1, 2, 3)
"""Kinds of redirection that are links by name: of Unix, of Windows, junctions; 4 and 5 repeat another member."""
COPIES5: Final = (4, 5)
MAX_TARGET: Final = 1 << 16
FOLDER5, TIME5, CRC5 = 1, 2, 4
EXTRA_ENCRYPTION5: Final = 1
RAR1_5, RAR2, RAR2_6, RAR2_9, RAR3_6, RAR5, RAR7 = 15, 20, 26, 29, 36, 50, 70
SOLID_MAIN4, SOLID4, SOLID5 = 0x08, 0x10, 0x40
MAX_WINDOW: Final = 1 << 32
MAX_HEADER: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class _Packing:
    """How the content of one file is packed."""

    version: int
    """15 for RAR 1.5, 20 or 26 for RAR 2, 29 for RAR 2.9 to 4, 50 for RAR 5, 70 for RAR 7."""
    solid: bool
    """Whether it builds on the packed files before it."""
    window: int
    """Bytes it may refer back to."""

    def unpacker(self) -> Unpacker:
        if self.version == RAR1_5:
            return Unpacker15(self.window)
        if self.version < RAR2_9:
            return Unpacker2(self.window)
        if self.version < RAR5:
            return Unpacker3(self.window)
        return Unpacker5(self.window, large=self.version > RAR5)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One block: its header and the stored bytes behind it; `member` is None for blocks that are no file."""

    header: Span
    body: Span
    path: str = ""
    size: int = -1
    mode: int = 0
    is_folder: bool = False
    problem: FormatError | None = None
    packing: _Packing | None = None
    checksum: int | None = None
    """CRC-32 of the whole file, on its last piece."""
    last: bool = False
    kind: MemberKind = MemberKind.FILE
    target: str = ""
    starts_before: bool = False
    """Whether the content began in the volume before."""
    goes_on: bool = False
    """Whether it goes on in the next volume."""
    in_volumes: bool = False
    """Of a main header: whether the archive has several volumes."""
    later: bool = False
    """Of a main header: whether it says that this is not the first of them."""
    more: bool = False
    """Of an end block: whether another volume follows."""


def parse_rar(data: Reader) -> Image:
    """Return the members in order; packed ones carry a problem that says what would read them."""
    magic = next((magic for magic in (MAGIC5, MAGIC4) if data.startswith(magic)), None)
    if magic is None:
        raise NotThisFormat("no RAR archive")
    entries, structure = list[_Entry](), list[Span]()
    start = end = 0
    for _ in range(MAX_VOLUMES):
        end = start + len(magic)
        structure.append(Span(start, end))
        for entry in _volume(data, magic, end):
            entries.append(entry)
            end = entry.body.end
            if entry.last:
                break
        start = _next_volume(data, magic, end) if any(entry.in_volumes for entry in entries) else -1
        if start < 0:
            break
    if not entries:
        raise Malformed("RAR archive with a broken first block")
    files = list(_files(entries))
    run = _Run(data, [pieces for pieces in files if pieces[0].packing])
    members = tuple(_member(data, pieces, run) for pieces in files)
    structure += [entry.header for entry in entries]
    version = "5" if magic == MAGIC5 else "4"
    return Image(end, members, tuple(structure), {"version": version}, damage=_lacking(entries))


def _volume(data: Reader, magic: bytes, start: int) -> "Iterator[_Entry]":
    return _entries5(data, start) if magic == MAGIC5 else _entries4(data, start)


def _next_volume(data: Reader, magic: bytes, end: int) -> int:
    """Return where the next volume stands, -1 where none does: at once, or where a file that was joined begins."""
    places = [end, *(data.starts if isinstance(data, MappedReader) else ())]
    return next((place for place in places if place >= end and data.startswith(magic, place)), -1)


def _files(entries: "Sequence[_Entry]") -> "Iterator[list[_Entry]]":
    """Yield the entries of each file: several where it goes on in the next volume."""
    pieces: list[_Entry] = []
    for entry in entries:
        if not entry.path:
            continue
        if pieces and not (pieces[-1].goes_on and entry.starts_before and pieces[-1].path == entry.path):
            yield pieces
            pieces = []
        pieces.append(entry)
    if pieces:
        yield pieces


def _lacking(entries: "Sequence[_Entry]") -> str:
    """Say which volumes are missing, or nothing."""
    if not any(entry.in_volumes for entry in entries):
        return ""
    files = [entry for entry in entries if entry.path]
    before = next(entry.later for entry in entries if entry.in_volumes) or bool(files and files[0].starts_before)
    ends = [entry for entry in entries if entry.last]
    behind = ends[-1].more if ends and entries[-1].last else True
    if not before and not behind:
        return ""
    where = "in the others" if before and behind else "in those before" if before else "in those behind"
    return f"one of several volumes: what lies {where} is missing"


class _Run:
    """Unpacks the packed files of an archive, one after another: those that are solid build on those before."""

    def __init__(self, data: Reader, files: "list[list[_Entry]]") -> None:
        self._data, self._files = data, files
        self._index = {id(pieces): number for number, pieces in enumerate(files)}
        self._next = 0
        self._unpacker: Unpacker | None = None
        self._problem: FormatError | None = None
        """What went wrong in the files that the next one builds on."""

    def open(self, pieces: "list[_Entry]", limit: int) -> Reader:
        """Return what a file holds, with its damage where that is not all."""
        wanted = self._index[id(pieces)]
        first = next(n for n in range(wanted, -1, -1) if not n or not self._is_solid(n))
        if self._unpacker is None or not first < self._next <= wanted:
            self._next, self._unpacker = first, None
        total = sum(max(self._files[n][0].size, 0) for n in range(self._next, wanted + 1))
        if total > limit:
            raise LimitReached(f"{total} bytes with those it builds on, {limit} allowed")
        while self._next < wanted:
            self._unpack()
        reader = self._unpack()
        if reader.damage is not None and not reader.size:
            raise reader.damage
        return reader

    def _is_solid(self, number: int) -> bool:
        packing = self._files[number][0].packing
        return packing is not None and packing.solid

    def _unpack(self) -> Reader:
        pieces, solid = self._files[self._next], self._is_solid(self._next) and self._unpacker is not None
        entry, packing = pieces[0], pieces[0].packing
        assert packing is not None
        if not solid or self._unpacker is None:
            self._unpacker, self._problem = packing.unpacker(), None
        self._next += 1
        packed = b"".join(self._data.read_at(piece.body.start, len(piece.body)) for piece in pieces)
        content, problem = self._unpacker.unpack(packed, entry.size, solid=solid)
        checksum = pieces[-1].checksum
        if problem is None and checksum is not None and crc32(content) != checksum:
            problem = Malformed("CRC of the file differs")
        if problem is not None and (self._problem is not None or not content):
            # What builds on a file that was not unpacked is noise.
            self._problem = self._problem or problem
            return _failed(self._problem)
        self._problem = self._problem or problem
        reader = BufferReader(content)
        reader.damage = problem
        return reader


def _failed(problem: FormatError) -> Reader:
    reader = BufferReader(b"")
    reader.damage = problem
    return reader


def _member(data: Reader, pieces: "list[_Entry]", run: _Run) -> Member:
    entry = pieces[0]
    extents = tuple(piece.body for piece in pieces if len(piece.body))
    if entry.is_folder:
        return Member(entry.path, kind=MemberKind.DIRECTORY, mode=entry.mode)
    if entry.problem is not None:
        return Member(entry.path, None, extents, entry.size, mode=entry.mode, problem=entry.problem)
    if entry.kind is MemberKind.SYMLINK and not entry.target:
        target = decode_name(data.read_upto(entry.body.start, min(len(entry.body), MAX_TARGET)))
        return Member(entry.path, None, extents, entry.size, entry.kind, target, entry.mode)
    if entry.kind is not MemberKind.FILE:
        return Member(entry.path, None, extents, entry.size, entry.kind, entry.target, entry.mode)
    if entry.packing is not None:
        if entry.starts_before or pieces[-1].goes_on:
            why = Malformed("part of a packed file: the rest is in another volume")
            return Member(entry.path, None, extents, entry.size, mode=entry.mode, problem=why)
        return Member(entry.path, partial(run.open, pieces), extents, entry.size, mode=entry.mode)
    opener = slicer(data, entry.body.start, entry.body.end)
    if len(pieces) > 1:
        opener = partial(open_mapped, [Piece(len(span), data, span.start) for span in extents])
    if entry.starts_before or pieces[-1].goes_on:
        opener = partial(_open_part, opener, entry.starts_before)
    return Member(entry.path, opener, extents, entry.size, mode=entry.mode)


def _open_part(whole: Opener, starts_before: bool, limit: int) -> Reader:
    """Return the bytes that lie in this volume, with the damage that they are not all."""
    part = whole(limit)
    part.damage = Malformed("part of a file: began in another volume" if starts_before else "goes on in another volume")
    return part


def _entries4(data: Reader, position: int) -> Iterator[_Entry]:
    """Yield blocks up to the end block, or to the first whose checksum does not hold."""
    in_solid = False
    while position + BLOCK4.size <= data.size:
        checksum, kind, flags, length = data.unpack_at(position, BLOCK4)
        raw = data.read_upto(position, length)
        if length < BLOCK4.size or len(raw) < length or not _holds4(raw, kind, flags, checksum):
            return
        if kind == MAIN4 and flags & ENCRYPTED_HEADERS4:
            raise Encrypted("RAR 4 with encrypted headers")
        if kind == MAIN4:
            in_solid = bool(flags & SOLID_MAIN4)
        header = Span(position, position + length)
        if kind == FILE4_TYPE:
            entry = _file4(data, header, raw, flags, in_solid=in_solid)
        else:
            entry = _other4(data, header, raw, kind, flags)
        yield entry
        position = entry.body.end


def _holds4(raw: bytes, kind: int, flags: int, checksum: int) -> bool:
    """Tell whether the checksum fits; a comment inside the header, as RAR 1.5 to 2 wrote it, has one of its own."""
    covered = len(raw)
    if kind == MAIN4 and flags & COMMENT_IN_MAIN4:
        covered = MAIN_FIXED4
    elif kind == FILE4_TYPE and flags & COMMENT_IN_FILE4 and len(raw) >= BLOCK4.size + FILE4.size:
        name = int.from_bytes(raw[26:28], "little")
        covered = BLOCK4.size + FILE4.size + (8 if flags & WIDE4 else 0) + name + (8 if flags & SALT4 else 0)
    return crc32(raw[2:covered]) & 0xFFFF == checksum or crc32(raw[2:]) & 0xFFFF == checksum


def _other4(data: Reader, header: Span, raw: bytes, kind: int, flags: int) -> _Entry:
    added = int.from_bytes(raw[7:11], "little") if flags & LONG else 0
    body = Span(header.end, min(header.end + added, data.size))
    in_volumes = kind == MAIN4 and bool(flags & VOLUME4)
    # Before RAR 3 the first volume is not marked: then its first file tells.
    return _Entry(header, body, last=kind == END4, in_volumes=in_volumes, more=kind == END4 and bool(flags & MORE))


def _file4(data: Reader, header: Span, raw: bytes, flags: int, *, in_solid: bool) -> _Entry:
    if len(raw) < BLOCK4.size + FILE4.size:
        raise Malformed("RAR file header is too short")
    stored, size, system, checksum, _, version, method, length, attributes = FILE4.unpack_from(raw, BLOCK4.size)
    at = BLOCK4.size + FILE4.size
    if flags & WIDE4:
        stored |= int.from_bytes(raw[at : at + 4], "little") << 32
        size |= int.from_bytes(raw[at + 4 : at + 8], "little") << 32
        at += 8
    name = raw[at : at + length]
    if flags & UNICODE4:
        name = name.split(b"\0")[0]  # the plain form stands first
    problem: FormatError | None = None
    if flags & ENCRYPTED4:
        problem = Encrypted("RAR 4")
    elif method != STORE4 and version not in (RAR1_5, RAR2, RAR2_6, RAR2_9, RAR3_6):
        problem = Unsupported(f"packed with RAR {version / 10:.1f}")
    packed = problem is None and method != STORE4
    solid = in_solid if version == RAR1_5 else bool(flags & SOLID4)  # RAR 1.5 says it once for all files
    body = Span(header.end, min(header.end + stored, data.size))
    path = decode_name(name).replace("\\", "/")
    mode = attributes & 0o7777 if system == UNIX4 else 0
    link = problem is None and not packed and system == UNIX4 and S_ISLNK(attributes)
    return _Entry(
        header, body, path, size, mode, flags & FOLDER4 == FOLDER4, problem,
        packing=_Packing(min(version, RAR2_9), solid, 1 << 22) if packed else None, checksum=checksum,
        kind=MemberKind.SYMLINK if link else MemberKind.FILE,
        starts_before=bool(flags & BEFORE4), goes_on=bool(flags & AFTER4),
    )  # fmt: skip


def _entries5(data: Reader, position: int) -> Iterator[_Entry]:
    """Yield blocks up to the end block, or to the first whose checksum does not hold."""
    while position + 7 <= data.size:
        length, start = varint(data, position + 4)
        if not 0 < length <= MAX_HEADER or start + length > data.size:
            return
        if crc32(data.view_at(position + 4, start + length - position - 4)) != int.from_bytes(
            data.view_at(position, 4), "little"
        ):
            return
        entry = _block5(data, Span(position, start + length), data.slice(start, start + length))
        yield entry
        position = entry.body.end


def _block5(data: Reader, header: Span, raw: Reader) -> _Entry:
    kind, at = varint(raw, 0)
    flags, at = varint(raw, at)
    extra = stored = 0
    if flags & EXTRA5:
        extra, at = varint(raw, at)
    if flags & DATA5:
        stored, at = varint(raw, at)
    if kind == ENCRYPTION5:
        raise Encrypted("RAR 5 with encrypted headers")
    body = Span(header.end, min(header.end + stored, data.size))
    if kind == FILE5:
        return _file5(header, body, raw, at, raw.size - extra, flags)
    said, at = varint(raw, at) if kind in (MAIN5, END5) else (0, at)
    in_volumes = kind == MAIN5 and bool(said & VOLUME5)
    later = in_volumes and bool(said & NUMBERED5) and varint(raw, at)[0] > 0
    more = kind == END5 and bool(said & MORE)
    return _Entry(header, body, last=kind == END5, in_volumes=in_volumes, later=later, more=more)


def _file5(header: Span, body: Span, raw: Reader, at: int, extra: int, block_flags: int) -> _Entry:
    flags, at = varint(raw, at)
    size, at = varint(raw, at)
    attributes, at = varint(raw, at)
    at += 4 if flags & TIME5 else 0
    checksum = int.from_bytes(raw.read_at(at, 4), "little") if flags & CRC5 else None
    at += 4 if flags & CRC5 else 0
    packing, at = varint(raw, at)
    system, at = varint(raw, at)
    length, at = varint(raw, at)
    path = decode_name(raw.read_at(at, length))
    problem: FormatError | None = None
    if _is_encrypted5(raw, extra):
        problem = Encrypted("RAR 5")
    elif packing & 63 > 1:
        problem = Unsupported(f"packed with version {packing & 63} of RAR 5")
    packed = problem is None and bool(packing >> 7 & 7)
    mode = attributes & 0o7777 if system == 1 else 0
    redirection, target = _link5(raw, extra)
    kind = MemberKind.FILE
    if redirection in LINKS5:
        kind = MemberKind.SYMLINK
    elif redirection in COPIES5:
        kind = MemberKind.HARDLINK
    return _Entry(
        header, body, path, size, mode, bool(flags & FOLDER5), problem,
        packing=_packing5(packing) if packed else None, checksum=checksum, kind=kind, target=target,
        starts_before=bool(block_flags & BEFORE5), goes_on=bool(block_flags & AFTER5),
    )  # fmt: skip


def _packing5(told: int) -> _Packing:
    window = (1 << 17) << (told >> 10 & 31)
    large = bool(told & 63)
    if large:
        window += window // 32 * (told >> 15 & 31)
    return _Packing(RAR7 if large and not told >> 20 & 1 else RAR5, bool(told & SOLID5), min(window, MAX_WINDOW))


def _extras5(raw: Reader, at: int) -> Iterator[tuple[int, int]]:
    """Yield (kind, offset of its fields) of the records behind a file header."""
    while 0 <= at < raw.size:
        length, start = varint(raw, at)
        yield varint(raw, start)
        at = start + max(length, 1)


def _is_encrypted5(raw: Reader, at: int) -> bool:
    return any(kind == EXTRA_ENCRYPTION5 for kind, _ in _extras5(raw, at))


def _link5(raw: Reader, at: int) -> tuple[int, str]:
    """Return the kind of redirection, 0 for none, and where it leads."""
    for kind, start in _extras5(raw, at):
        if kind == EXTRA_LINK5:
            redirection, start = varint(raw, start)
            _, start = varint(raw, start)
            length, start = varint(raw, start)
            return redirection, decode_name(raw.read_upto(start, min(length, MAX_TARGET)))
    return 0, ""
