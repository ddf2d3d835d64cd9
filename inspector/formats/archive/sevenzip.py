"""7z: its headers, packed ones too, and its coder chains.

Format: 7zFormat.txt of the LZMA SDK (public domain), https://www.7-zip.org/sdk.html
Limits: encrypted archives are gaps; of a block in PPMd the first megabytes are read, see `ppmd`.
"""

from binascii import crc32
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from stat import S_ISLNK
from struct import Struct
from typing import Final

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.formats.archive import sevenzip_codecs as codecs
from inspector.formats.image import slicer
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span
from inspector.formats.solid import LastBlock

MAGIC: Final = b"7z\xbc\xaf\x27\x1c"
START_HEADER = Struct("<6sBBIQQI")
END, HEADER, ARCHIVE_PROPERTIES, ADDITIONAL, MAIN_STREAMS, FILES = 0, 1, 2, 3, 4, 5
PACK_INFO, UNPACK_INFO, SUBSTREAMS, SIZE, CRC, FOLDER, UNPACK_SIZE, STREAMS_IN_FOLDER = 6, 7, 8, 9, 10, 11, 12, 13
EMPTY_STREAM, EMPTY_FILE, NAMES, ATTRIBUTES, ENCODED_HEADER = 14, 15, 17, 21, 23
MAX_HEADER: Final = 1 << 26
MAX_CODERS: Final = 8
MAX_TARGET: Final = 4096
UNIX_MODE: Final = 0x8000


class _Cursor:
    """Reads a header from front to back; every count is checked against what is left."""

    def __init__(self, data: Reader) -> None:
        self.data, self.position = data, 0

    def byte(self) -> int:
        self.position += 1
        return self.data.view_at(self.position - 1, 1)[0]

    def take(self, length: int) -> bytes:
        self.position += length
        return self.data.read_at(self.position - length, length)

    def number(self) -> int:
        """Read a number whose first byte tells by its leading ones how many bytes follow."""
        first, value = self.byte(), 0
        for index in range(8):
            mask = 0x80 >> index
            if not first & mask:
                return value | (first & (mask - 1)) << 8 * index
            value |= self.byte() << 8 * index
        return value

    def count(self, each: int = 1) -> int:
        """Read how many things of at least `each` eighths of a byte follow."""
        value = self.number()
        if value * each > (self.data.size - self.position) * 8:
            raise Malformed(f"7z header wants {value} entries")
        return value

    def bits(self, count: int) -> list[bool]:
        raw = self.take((count + 7) // 8)
        return [bool(raw[index // 8] & 0x80 >> index % 8) for index in range(count)]

    def defined(self, count: int) -> list[bool]:
        return [True] * count if self.byte() else self.bits(count)

    def expect(self, wanted: int) -> None:
        found = self.byte()
        if found != wanted:
            raise Malformed(f"7z header has {found}, not {wanted}")


@dataclass(slots=True)
class Folder:
    """One solid block: its coders in the order of decoding, where its packed bytes lie, its sizes."""

    coders: list[codecs.Coder]
    packed: list[Span] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    """Decoded size behind each coder, in the order of decoding."""
    files: list[int] = field(default_factory=list)
    """Sizes of the members inside, one behind the other."""
    problem: FormatError | None = None
    """Why its coders cannot be run."""
    inputs: int = 1
    """Number of packed streams."""
    order: tuple[int, ...] = ()
    """Place of each coder in the header, in the order of decoding."""
    sources: tuple[tuple[int, ...], ...] = ()
    """For blocks that are no chain: what feeds each coder, another one (0 and up) or a packed stream (below 0)."""
    checked: bool = False
    empty: bool = False


def extent(data: Reader, offset: int) -> Span:
    """Return the archive from its start header, whose checksum must hold; a cut-off one ends with the data."""
    if not data.startswith(MAGIC, offset) or offset + START_HEADER.size > data.size:
        raise NotThisFormat("no 7z archive")
    _, major, _, checksum, start, size, _ = data.unpack_at(offset, START_HEADER)
    if major or crc32(data.view_at(offset + 12, 20)) != checksum:
        raise NotThisFormat("7z start header checksum differs")
    end = offset + START_HEADER.size + start + size
    if end > data.size:
        raise Malformed("7z archive is cut off before its header, or goes on in another file")
    return Span(offset, end)


def read_7z(data: Reader) -> Contents:
    """Return the members; those of one solid block share its extent."""
    extent(data, 0)
    start, size, checksum = data.unpack_at(0, START_HEADER)[4:]
    structure = [Span(0, START_HEADER.size), Span(START_HEADER.size + start, START_HEADER.size + start + size)]
    if not size:
        return Contents((), lambda: structure)
    header = data.slice(structure[1].start, structure[1].end)
    if crc32(header.all()) != checksum:
        raise Malformed("7z header checksum differs")
    header, more = _plain_header(data, header)
    structure += more
    folders, entries = _parse_header(data, header)
    return Contents(list(_members(data, folders, entries)), lambda: structure, {"blocks": str(len(folders))})


def _plain_header(data: Reader, header: Reader) -> tuple[Reader, list[Span]]:
    """Decode a packed header, which may be packed more than once."""
    structure: list[Span] = []
    for _ in range(4):
        cursor = _Cursor(header)
        kind = cursor.byte()
        if kind == HEADER:
            return header.slice(1, header.size), structure
        if kind != ENCODED_HEADER:
            break
        folders = _streams(data, cursor)
        if not folders:
            break
        folder = folders[0]
        structure += folder.packed
        header = _decode(data, folder, MAX_HEADER)
        if header.damage is not None:
            raise header.damage
    raise Malformed("no 7z header")


def _parse_header(data: Reader, header: Reader) -> tuple[list[Folder], "_Files"]:
    cursor = _Cursor(header)
    folders: list[Folder] = []
    files = _Files()
    while (kind := cursor.byte()) != END:
        if kind == MAIN_STREAMS:
            folders = _streams(data, cursor)
        elif kind == FILES:
            files = _files(cursor)
        elif kind == ARCHIVE_PROPERTIES:
            while cursor.byte() != END:
                cursor.take(cursor.count(8))
        elif kind == ADDITIONAL:
            _streams(data, cursor)
        else:
            raise Malformed(f"7z header part {kind}")
    return folders, files


def _streams(data: Reader, cursor: _Cursor) -> list[Folder]:
    packed: list[Span] = []
    folders: list[Folder] = []
    while (kind := cursor.byte()) != END:
        if kind == PACK_INFO:
            packed = _pack_info(data, cursor)
        elif kind == UNPACK_INFO:
            folders = _unpack_info(cursor)
        elif kind == SUBSTREAMS:
            _substreams(cursor, folders)
        else:
            raise Malformed(f"7z stream part {kind}")
    position = 0
    for folder in folders:
        folder.packed = packed[position : position + folder.inputs]
        position += folder.inputs
        if not folder.empty:
            folder.files = folder.files or [folder.sizes[-1]]
        if len(folder.packed) < folder.inputs:
            raise Malformed("7z block without packed bytes")
    return folders


def _pack_info(data: Reader, cursor: _Cursor) -> list[Span]:
    start, count = START_HEADER.size + cursor.number(), cursor.count()
    spans: list[Span] = []
    while (kind := cursor.byte()) != END:
        if kind == SIZE:
            for _ in range(count):
                end = start + cursor.number()
                if end > data.size:
                    raise Malformed("7z packed bytes behind the end")
                spans.append(Span(start, end))
                start = end
        elif kind == CRC:
            _digests(cursor, count)
        else:
            raise Malformed(f"7z pack part {kind}")
    return spans


def _digests(cursor: _Cursor, count: int) -> list[bool]:
    """Pass over checksums; return for which of `count` things there is one."""
    known = cursor.defined(count)
    cursor.take(4 * sum(known))
    return known


def _unpack_info(cursor: _Cursor) -> list[Folder]:
    cursor.expect(FOLDER)
    count = cursor.count(8)
    if cursor.byte():
        raise Malformed("7z blocks described elsewhere")
    folders = [_folder(cursor) for _ in range(count)]
    cursor.expect(UNPACK_SIZE)
    for folder in folders:
        sizes = [cursor.number() for _ in range(max(len(folder.order), 1))]
        folder.sizes = [sizes[index] for index in folder.order] or sizes
    while (kind := cursor.byte()) != END:
        if kind != CRC:
            raise Malformed(f"7z block part {kind}")
        for folder, known in zip(folders, _digests(cursor, count), strict=True):
            folder.checked = known
    return folders


def _folder(cursor: _Cursor) -> Folder:
    """Read a block's coders; only chains of one stream each are decoded, anything else is a named problem."""
    coders, widths, outputs = [], list[int](), 0
    for _ in range(_small(cursor, MAX_CODERS)):
        flags = cursor.byte()
        method = cursor.take(flags & 15)
        ins, outs = (_small(cursor, 8), _small(cursor, 8)) if flags & 0x10 else (1, 1)
        properties = cursor.take(cursor.count(8)) if flags & 0x20 else b""
        coders.append(codecs.Coder(method, properties))
        widths.append(ins)
        outputs += outs
    if not coders or not outputs:
        raise Malformed("7z block without coders")
    pairs = {cursor.number(): cursor.number() for _ in range(outputs - 1)}
    packed = sum(widths) - len(pairs)
    places = [cursor.number() for _ in range(packed)] if packed > 1 else []
    problem = codecs.unreadable(coders)
    if outputs != len(coders):
        return Folder(coders, inputs=packed, problem=problem or codecs.branched(), order=tuple(range(outputs)))
    if sum(widths) != len(coders):
        return _branched(coders, widths, pairs, places, problem)
    order = _order(pairs, len(coders))
    return Folder([coders[index] for index in order], order=order, problem=problem)


def _branched(
    coders: list[codecs.Coder], widths: list[int], pairs: dict[int, int], places: list[int], problem: FormatError | None
) -> Folder:
    """Return a block whose coders form a tree: the coder that feeds no other one comes last."""
    unbound = [index for index in range(len(coders)) if index not in pairs.values()]
    if len(set(pairs.values())) != len(pairs):
        raise Malformed("7z coder feeds two others")
    if len(unbound) != 1 or len(places) + len(pairs) != sum(widths):
        return Folder(coders, inputs=len(places), problem=problem or codecs.branched(), order=tuple(range(len(coders))))
    order = (*(index for index in range(len(coders)) if index != unbound[0]), unbound[0])
    sources, start = list[tuple[int, ...]](), 0
    for width in widths:
        sources.append(tuple(_source(number, pairs, places, order) for number in range(start, start + width)))
        start += width
    return Folder(
        [coders[index] for index in order],
        inputs=len(places),
        order=order,
        problem=problem,
        sources=tuple(sources[index] for index in order),
    )


def _source(number: int, pairs: dict[int, int], places: list[int], order: tuple[int, ...]) -> int:
    """Return the coder that feeds an input, or the packed stream as a number below 0."""
    if number in pairs and pairs[number] in order:
        return order.index(pairs[number])
    if number in places:
        return -1 - places.index(number)
    raise Malformed("7z coder without an input")


def _small(cursor: _Cursor, most: int) -> int:
    value = cursor.number()
    if value > most:
        raise Malformed(f"7z block with {value} coders or streams")
    return value


def _order(pairs: dict[int, int], count: int) -> tuple[int, ...]:
    """Return the coders from the packed bytes to the output; a pair says which coder feeds which."""
    current = next((index for index in range(count) if index not in pairs.values()), -1)
    order = []
    while current >= 0 and current not in order:
        order.append(current)
        current = pairs.get(current, -1)
    if len(order) != count or max(order) >= count:
        raise Malformed("7z coders form no chain")
    return tuple(reversed(order))


def _substreams(cursor: _Cursor, folders: list[Folder]) -> None:
    kind = cursor.byte()
    counts = [1] * len(folders)
    if kind == STREAMS_IN_FOLDER:
        counts = [cursor.count() for _ in folders]
        kind = cursor.byte()
    if kind != SIZE and max(counts, default=0) > 1:
        raise Malformed("7z block with members of unknown size")
    for folder, count in zip(folders, counts, strict=True):
        sizes = [cursor.number() for _ in range(count - 1)]
        folder.files = [*sizes, max(folder.sizes[-1] - sum(sizes), 0)] if count else []
        folder.empty = not count
    if kind == SIZE:
        kind = cursor.byte()
    while kind != END:
        if kind != CRC:
            raise Malformed(f"7z substream part {kind}")
        # A block of one member whose own checksum is known has no second one here.
        pairs = zip(folders, counts, strict=True)
        _digests(cursor, sum(0 if count == 1 and folder.checked else count for folder, count in pairs))
        kind = cursor.byte()


@dataclass(slots=True)
class _Files:
    """The columns of the file table."""

    names: list[str] = field(default_factory=list)
    without_stream: list[bool] = field(default_factory=list)
    empty_file: list[bool] = field(default_factory=list)
    """For each entry without stream: a file of no bytes, not a folder."""
    modes: list[int] = field(default_factory=list)


def _files(cursor: _Cursor) -> _Files:
    count = cursor.count()
    files = _Files(["" for _ in range(count)], [False] * count, [], [0] * count)
    while (kind := cursor.byte()) != END:
        length = cursor.number()
        part = _Cursor(cursor.data.slice(cursor.position, cursor.position + length))
        cursor.position += length
        if kind == EMPTY_STREAM:
            files.without_stream = part.bits(count)
        elif kind == EMPTY_FILE:
            files.empty_file = part.bits(sum(files.without_stream))
        elif kind == NAMES:
            files.names = _names(part, count)
        elif kind == ATTRIBUTES:
            files.modes = _modes(part, count)
    return files


def _names(part: _Cursor, count: int) -> list[str]:
    if part.byte():
        raise Malformed("7z names stored elsewhere")
    names = part.take(part.data.size - 1).decode("utf-16-le", "backslashreplace").split("\0")
    return (names + [""] * count)[:count]


def _modes(part: _Cursor, count: int) -> list[int]:
    defined = part.defined(count)
    if part.byte():
        raise Malformed("7z attributes stored elsewhere")
    values = [int.from_bytes(part.take(4), "little") if known else 0 for known in defined]
    return [value >> 16 & 0xFFFF if value & UNIX_MODE else 0 for value in values]


def _members(data: Reader, folders: list[Folder], files: _Files) -> Iterator[Member]:
    places, kept, empties = _places(folders), LastBlock(), iter(files.empty_file)
    for name, empty, mode in zip(files.names, files.without_stream, files.modes, strict=True):
        permissions = mode & 0o7777
        if empty:
            is_file = next(empties, False)
            kind = MemberKind.FILE if is_file else MemberKind.DIRECTORY
            yield Member(name, slicer(data, 0, 0) if is_file else None, (), 0, kind, mode=permissions)
            continue
        place = next(places, None)
        if place is None:
            yield Member(name, problem=Malformed("7z member without data"))
            continue
        index, start, size = place
        yield _member(data, folders[index], index, start, size, name, mode, kept)


def _places(folders: list[Folder]) -> Iterator[tuple[int, int, int]]:
    """Yield (block, offset in it, size) of every member with data."""
    for index, folder in enumerate(folders):
        start = 0
        for size in folder.files:
            yield index, start, size
            start += size


def _member(
    data: Reader, folder: Folder, index: int, start: int, size: int, name: str, mode: int, kept: LastBlock
) -> Member:
    spans = tuple(folder.packed)
    if folder.problem is not None:
        return Member(name, None, spans, size, mode=mode & 0o7777, problem=folder.problem)
    opener = partial(kept.member, index, partial(_decode, data, folder), start, size)
    if S_ISLNK(mode) and size <= MAX_TARGET and len(folder.files) == 1:
        return Member(name, None, spans, size, MemberKind.SYMLINK, _target(opener), mode & 0o7777)
    return Member(name, opener, spans, size, mode=mode & 0o7777)


def _target(opener: Callable[[int], Reader]) -> str:
    try:
        return decode_name(bytes(opener(MAX_TARGET).all()))
    except FormatError:
        return ""


def _decode(data: Reader, folder: Folder, limit: int) -> Reader:
    """Run a block through its coders; every stage is bounded by the size it claims and by `limit`."""
    if folder.problem is not None:
        raise folder.problem
    if folder.sources:
        return _joined(data, folder, len(folder.coders) - 1, limit, MAX_CODERS)
    content = data.slice(folder.packed[0].start, folder.packed[0].end)
    for coder, size in zip(folder.coders, folder.sizes, strict=True):
        if size > limit:
            raise LimitReached(f"solid block of {size} bytes, {limit} allowed")
        content = coder.decode(content, size)
        if content.damage is not None:
            break
    return content


def _joined(data: Reader, folder: Folder, index: int, limit: int, depth: int) -> Reader:
    """Return the output of one coder of a tree, after that of the coders it draws from."""
    size = folder.sizes[index]
    if size > limit:
        raise LimitReached(f"solid block of {size} bytes, {limit} allowed")
    if not depth:
        raise Malformed("7z coders form a ring")
    streams = []
    for source in folder.sources[index]:
        if source >= 0:
            streams.append(_joined(data, folder, source, limit, depth - 1))
        else:
            part = folder.packed[-1 - source]
            streams.append(data.slice(part.start, part.end))
        if streams[-1].damage is not None:
            raise streams[-1].damage
    coder = folder.coders[index]
    return coder.decode(streams[0], size) if len(streams) == 1 else coder.join(streams, size)
