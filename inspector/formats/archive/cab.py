"""Microsoft cabinets: folders of data blocks, files as ranges of a folder.

Format: [MS-CAB] "Cabinet File Format"; `mszip`, `lzx`, `quantum`.
Limits: cabinets of a set are read together where they stand end to end; of one alone, files that go on in the next are
cut. Of a folder in Quantum the first megabytes are read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec import lzx, mszip, quantum
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.names import decode_name, windows_name
from inspector.formats.reader import BufferReader, MappedReader, Reader, Span
from inspector.formats.solid import LastBlock

MAGIC: Final = b"MSCF\0\0\0\0"
HEADER = Struct("<4s4xI4xI4xBB5H")
RESERVE = Struct("<HBB")
FOLDER = Struct("<IHH")
FILE = Struct("<IIH4xH")
BLOCK = Struct("<IHH")
HAS_PREVIOUS, HAS_NEXT, HAS_RESERVE = 1, 2, 4
STORED, MSZIP, QUANTUM, LZX = 0, 1, 2, 3
METHODS: Final = (STORED, MSZIP, QUANTUM, LZX)
FROM_BEFORE, TO_NEXT, BOTH = 0xFFFD, 0xFFFE, 0xFFFF
"""Instead of the number of a folder: the first one, which began in the cabinet before; the last one, which goes on."""
MAX_CABINETS: Final = 4096
UTF8_NAME: Final = 0x80
MAX_NAME: Final = 256


class _Block(NamedTuple):
    """One data block: its stored bytes, in two pieces where the next cabinet has the rest, and how many are decoded."""

    pieces: tuple[Span, ...]
    size: int
    """0 where the rest is in the next cabinet."""

    def read(self, data: Reader) -> bytes:
        """Return the stored bytes."""
        return b"".join(data.view_at(piece.start, len(piece)) for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder, of one cabinet or of several that follow one another."""

    method: int
    window: int
    """Bits of the window, of Quantum and LZX."""
    blocks: tuple[_Block, ...]
    spans: tuple[Span, ...]
    """Where it lies in each cabinet, with the headers of its blocks."""
    damage: FormatError | None
    begins: bool = True
    """Whether its beginning is here, not in a cabinet that is missing."""

    def goes_on_in(self, other: "_Folder") -> "_Folder":
        """Return this folder together with what the next cabinet has of it."""
        blocks, more = list(self.blocks), list(other.blocks)
        if blocks and more and not blocks[-1].size:
            more[0] = _Block(blocks.pop().pieces + more[0].pieces, more[0].size)
        damage = self.damage or other.damage
        return replace(self, blocks=(*blocks, *more), spans=self.spans + other.spans, damage=damage)


class _File(NamedTuple):
    """One file: its place in the decoded bytes of a folder."""

    path: str
    start: int
    size: int
    folder: int
    """Number of the folder in its cabinet, or `FROM_BEFORE`, `TO_NEXT` or `BOTH`."""


@dataclass(frozen=True, slots=True)
class _Cabinet:
    """One cabinet of a set."""

    end: int
    flags: int
    series: int
    number: int
    """Which set it is of, and its number there."""
    folders: tuple[_Folder, ...]
    files: tuple[_File, ...]
    structure: tuple[Span, ...]
    is_cut: bool

    @property
    def began_before(self) -> bool:
        """Whether its first folder begins in the cabinet before."""
        return bool(self.folders) and any(file.folder in (FROM_BEFORE, BOTH) for file in self.files)

    @property
    def goes_on(self) -> bool:
        """Whether its last folder goes on in the next cabinet."""
        return bool(self.folders) and any(file.folder in (TO_NEXT, BOTH) for file in self.files)


def parse_cab(data: Reader) -> Image:
    """Return the files, of all cabinets of a set that stand end to end; those of one folder share its extents."""
    cabinets = _cabinets(data)
    folders, firsts = _joined(cabinets)
    kept = LastBlock()
    files = _placed(cabinets, firsts)
    members = tuple(_member(data, folders, index, file, kept) for index, file in files)
    structure = tuple(span for cabinet in cabinets for span in cabinet.structure)
    notes = ("cabinet is cut off",) if any(cabinet.is_cut for cabinet in cabinets) else ()
    properties = {"files": str(len(members))}
    return Image(cabinets[-1].end, members, structure, properties, notes, _lacking(cabinets))


def _cabinets(data: Reader) -> list[_Cabinet]:
    """Return the cabinet at the start and those of its set that follow it."""
    cabinets = [_cabinet(data, 0)]
    while len(cabinets) < MAX_CABINETS:
        last = cabinets[-1]
        places = [last.end, *(data.starts if isinstance(data, MappedReader) else ())] if last.flags & HAS_NEXT else []
        place = next((place for place in places if place >= last.end and data.startswith(MAGIC, place)), -1)
        if place < 0:
            break
        try:
            following = _cabinet(data, place)
        except FormatError:
            break
        if (following.series, following.number) != (last.series, last.number + 1):
            break
        cabinets.append(following)
    return cabinets


def _lacking(cabinets: Sequence[_Cabinet]) -> str:
    """Say which cabinets of the set are missing, or nothing."""
    before, behind = bool(cabinets[0].flags & HAS_PREVIOUS), bool(cabinets[-1].flags & HAS_NEXT)
    if not before and not behind:
        return ""
    where = "in the others" if before and behind else "in those before" if before else "in those behind"
    return f"one of several cabinets: what lies {where} is missing"


def _joined(cabinets: Sequence[_Cabinet]) -> tuple[list[_Folder], list[int]]:
    """Return the folders of all cabinets, and the number of the first one of each."""
    folders, firsts = list[_Folder](), list[int]()
    for before, cabinet in pairwise((None, *cabinets)):
        assert cabinet is not None
        own = list(cabinet.folders)
        if before is not None and before.goes_on and cabinet.began_before and folders[-1].method == own[0].method:
            firsts.append(len(folders) - 1)
            folders[-1] = folders[-1].goes_on_in(own.pop(0))
        else:
            firsts.append(len(folders))
            if cabinet.began_before:
                own[0] = replace(own[0], begins=False)
        folders += own
    if cabinets[-1].goes_on:
        folders[-1] = replace(folders[-1], damage=folders[-1].damage or Malformed("goes on in another cabinet"))
    return folders, firsts


def _placed(cabinets: Sequence[_Cabinet], firsts: Sequence[int]) -> Iterator[tuple[int, _File]]:
    """Yield each file once, with the number of its folder; -1 where there is none."""
    for cabinet, first in zip(cabinets, firsts, strict=True):
        count = len(cabinet.folders)
        for file in cabinet.files:
            if file.folder in (FROM_BEFORE, BOTH):
                if cabinet is cabinets[0]:  # else the cabinet before told of it
                    yield (first if count else -1), file
            elif file.folder == TO_NEXT:
                yield (first + count - 1 if count else -1), file
            else:
                yield (first + file.folder if file.folder < count else -1), file


def _cabinet(data: Reader, base: int) -> _Cabinet:
    """Return the cabinet at `base`. Raises a `FormatError`."""
    whole = data.slice(base)
    if whole.size < HEADER.size or not whole.startswith(MAGIC):
        raise NotThisFormat("no cabinet")
    _, size, files_at, _, major, folders, files, flags, series, number = whole.unpack_at(0, HEADER)
    if major != 1 or not HEADER.size < files_at <= size:
        raise NotThisFormat("no cabinet header")
    position, folder_reserve, block_reserve = _optional_parts(whole, flags)
    width = FOLDER.size + folder_reserve
    found, room = list[_Folder](), whole.size // BLOCK.size  # folders that share blocks would make this quadratic
    for index in range(folders):
        found.append(_folder(whole, base, position + index * width, block_reserve, room))
        room -= len(found[-1].blocks)
    end, told = files_at, list[_File]()
    for file, end in _files(whole, files_at, files):  # noqa: B007 - the last one counts
        told.append(file)
    structure = (Span(base, base + position + folders * width), Span(base + files_at, base + end))
    stop = base + min(size, whole.size)
    return _Cabinet(stop, flags, series, number, tuple(found), tuple(told), structure, is_cut=size > whole.size)


def _optional_parts(data: Reader, flags: int) -> tuple[int, int, int]:
    """Return where the folder table starts, and how many reserved bytes each folder and block has."""
    position = HEADER.size
    folder_reserve = block_reserve = 0
    if flags & HAS_RESERVE:
        header_reserve, folder_reserve, block_reserve = data.unpack_at(position, RESERVE)
        position += RESERVE.size + header_reserve
    for flag in (HAS_PREVIOUS, HAS_NEXT):
        for _ in range(2 if flags & flag else 0):
            position += len(_text(data, position)) + 1
    return position, folder_reserve, block_reserve


def _text(data: Reader, position: int) -> bytes:
    raw, found, _ = data.read_upto(position, MAX_NAME + 1).partition(b"\0")
    if not found:
        raise Malformed("cabinet name does not end")
    return raw


def _folder(data: Reader, base: int, at: int, reserve: int, room: int) -> _Folder:
    position, count, method = data.unpack_at(at, FOLDER)
    if count > room:
        raise Malformed("cabinet with more blocks than bytes for them")
    start, blocks, damage = position, list[_Block](), None
    for _ in range(count):
        try:
            _, stored, size = data.unpack_at(position, BLOCK)
            body = position + BLOCK.size + reserve
            data.view_at(body, stored)
        except Malformed as error:
            damage = error.bare()
            break
        position = body + stored
        blocks.append(_Block((Span(base + body, base + position),), size))
    spans = (Span(base + start, base + position),) if start < position else ()
    return _Folder(method & 15, method >> 8 & 31, tuple(blocks), spans, damage)


def _files(data: Reader, position: int, count: int) -> Iterator[tuple[_File, int]]:
    """Yield each file and where its entry ends."""
    for _ in range(count):
        size, start, folder, attributes = data.unpack_at(position, FILE)
        name = _text(data, position + FILE.size)
        position += FILE.size + len(name) + 1
        path = decode_name(name) if attributes & UTF8_NAME else windows_name(name)
        yield _File(path.replace("\\", "/"), start, size, folder), position


def _member(data: Reader, folders: Sequence[_Folder], index: int, file: _File, kept: LastBlock) -> Member:
    if index < 0:
        return Member(file.path, problem=Malformed("file of no folder"), size=file.size)
    folder = folders[index]
    problem: FormatError | None = None
    if not folder.begins:
        problem = Malformed("in a folder that began in another cabinet")
    elif folder.method not in METHODS:
        problem = Unsupported(f"cabinet folder packed with method {folder.method}")
    if problem is not None:
        return Member(file.path, extents=folder.spans, problem=problem, size=file.size)
    opener = partial(kept.member, index, partial(_decode, data, folder), file.start, file.size)
    return Member(file.path, opener, folder.spans, file.size)


def _decode(data: Reader, folder: _Folder, limit: int) -> Reader:
    blocks = [block for block in folder.blocks if block.size]
    size = sum(block.size for block in blocks)
    if size > limit:
        raise LimitReached(f"cabinet folder of {size} bytes, {limit} allowed")
    if folder.method in (STORED, MSZIP):
        return _blockwise(data, folder, blocks)
    stored = [(block.read(data), block.size) for block in blocks]
    if folder.method == QUANTUM:
        output, damage = quantum.unpack(stored, folder.window)
    else:
        output, damage = lzx.unpack(b"".join(raw for raw, _ in stored), folder.window, size)
    reader = BufferReader(output)
    reader.damage = damage or folder.damage
    return reader


def _blockwise(data: Reader, folder: _Folder, blocks: Sequence[_Block]) -> Reader:
    """Decode blocks that need no more of those before than their last bytes."""
    output, damage = bytearray(), folder.damage
    for block in blocks:
        raw = block.read(data)
        try:
            output += raw if folder.method == STORED else mszip.unpack(raw, bytes(output[-mszip.BLOCK :]))
        except Malformed as error:
            damage = error.bare()
            break
    reader = BufferReader(output)
    reader.damage = damage
    return reader
