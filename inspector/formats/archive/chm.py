"""Compiled HTML Help (CHM): a directory of names, and contents that are stored or packed together with LZX.

Format: Matthew Russotto, "Unofficial (Preliminary) HTML Help Specification"; `lzx`. The packed contents are one stream
that begins anew every so many bytes; a table in the file says where.
Limits: packed contents are read with that table only. Calls that were translated are told from where the stream began
anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec import lzx
from inspector.formats.image import header_at, stored
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

MAGICS: Final = (b"ITSF\x03\0\0\0\x60\0\0\0", b"ITSF\x02\0\0\0\x58\0\0\0")
"""Mark, version and size of the header, which go together."""
HEADER: Final = Struct("<4sIIIII16s16sQQQQ")
MAKER: Final = bytes.fromhex("10fd017caa7bd0119e0c00a0c922e6ec")
CONTENT_AT: Final = Struct("<Q")
"""Behind the header since version 3; before, the contents follow the directory."""
SIZE_AT: Final = Struct("<8xQ")
DIRECTORY: Final = Struct("<4sIIIIIIiIIiI")
DIRECTORY_MAGIC: Final = b"ITSP"
CHUNK: Final = Struct("<4sI4x4x4x")
LISTING: Final = b"PMGL"
"""Chunks with names; those with another mark (`PMGI`) are an index of these."""
CHUNKS: Final = range(64, (1 << 20) + 1)
"""Bytes of a chunk; compilers write 4096."""
LONGEST_NUMBER: Final = 9
"""Bytes of a number of seven bits each, 63 in all."""

OWN: Final = "::DataSpace/"
CONTENT: Final = OWN + "Storage/MSCompressed/Content"
CONTROL: Final = OWN + "Storage/MSCompressed/ControlData"
RESETS: Final = OWN + "Storage/MSCompressed/Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"
UNNAMED: Final = "[unnamed]"
STORED, PACKED = 0, 1
"""Sections of contents."""
CONTROL_DATA: Final = Struct("<4x4sIII")
CONTROL_MAGIC: Final = b"LZXC"
RESET_TABLE: Final = Struct("<4xIIIQQQ")
RESET: Final = 8
WHAT: Final = "compiled help"


class Place(NamedTuple):
    """One name of the directory, and where its content lies in a section."""

    name: str
    section: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """Return where it ends in its section."""
        return self.start + self.size


class Stretches:
    """The packed section: decoded a stretch at a time, from where the stream begins anew to where it does again."""

    def __init__(self, content: Reader, control: Reader, resets: Reader) -> None:
        """Read how it is packed. Raises a `FormatError`."""
        magic, version, interval, window = control.unpack_at(0, CONTROL_DATA)
        if magic != CONTROL_MAGIC or version not in (1, 2):
            raise Unsupported(f"{WHAT} packed with an unknown method")
        unit = lzx.FRAME if version == 2 else 1
        self.stretch, window = interval * unit, window * unit
        self._window = window.bit_length() - 1
        if self._window not in lzx.WINDOWS or window & window - 1 or not self.stretch or self.stretch % lzx.FRAME:
            raise Malformed(f"{WHAT} with an impossible window")
        count, width, start, self.size, packed, frame = resets.unpack_at(0, RESET_TABLE)
        if width != RESET or frame != lzx.FRAME:
            raise Unsupported(f"{WHAT} with an unknown table of resets")
        table = memoryview(resets.read_at(start, count * RESET)).cast("B")
        every = self.stretch // lzx.FRAME
        self._starts = [int.from_bytes(table[at : at + RESET], "little") for at in range(0, len(table), every * RESET)]
        self._content, self._end = content, min(packed, content.size)
        self._kept: tuple[int, bytes, FormatError | None] = -1, b"", None

    def span(self, number: int) -> Span:
        """Return where a stretch lies in the stored bytes. Raises `Malformed` where the table has no place for it."""
        if not 0 <= number < len(self._starts):
            raise Malformed(f"{WHAT} with a content behind its table of resets")
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else self._end
        if not start <= end <= self._content.size:
            raise Malformed(f"{WHAT} with resets out of order")
        return Span(start, end)

    def extent(self, place: Place) -> Span:
        """Return where the stretches lie that hold a content."""
        first, last = self.span(place.start // self.stretch), self.span((place.end - 1) // self.stretch)
        if last.end < first.start:
            raise Malformed(f"{WHAT} with resets out of order")
        return Span(first.start, last.end)

    def read(self, place: Place, limit: int) -> Reader:
        """Return one content; with its damage, as far as it could be decoded."""
        if place.size > limit:
            raise LimitReached(f"{place.size} bytes, {limit} allowed")
        out, problem = bytearray(), None
        while len(out) < place.size:
            number, inside = divmod(place.start + len(out), self.stretch)
            try:
                plain, problem = self._decode(number, limit)
            except FormatError as error:
                plain, problem = b"", error.bare()
            piece = plain[inside : inside + place.size - len(out)]
            out += piece
            if inside + len(piece) < self.stretch and len(out) < place.size:
                problem = problem or Malformed(f"{WHAT} with a content behind the end of its section")
                if not out:
                    raise problem
                break
        reader = BufferReader(out)
        reader.damage = problem if len(out) < place.size else None
        return reader

    def _decode(self, number: int, limit: int) -> tuple[bytes, FormatError | None]:
        if self._kept[0] != number:
            span = self.span(number)
            size = max(min(self.stretch, self.size - number * self.stretch), 0)
            if size > limit:
                raise LimitReached(f"{size} bytes packed together, {limit} allowed")
            self._kept = -1, b"", None  # two stretches are never held together
            packed = self._content.read_at(span.start, len(span))
            self._kept = number, *lzx.unpack(packed, self._window, size)
        return self._kept[1:]


@dataclass(slots=True)
class Help:
    """An opened help file: its header and its directory."""

    data: Reader
    language: int
    """Of Windows (LCID)."""
    told: int
    """Bytes that the file should have."""
    content: int
    """Where the sections of contents are counted from."""
    tables: list[Span]
    chunk: int
    chunks: Span
    """Where the chunks of the directory lie; their end may be behind that of a file which is cut off."""
    damage: list[str] = field(default_factory=list)

    def places(self) -> Iterator[Place]:
        """Yield what the directory names, chunk by chunk; a damaged one costs what is behind the damage in it."""
        for at in range(self.chunks.start, self.chunks.end, self.chunk):
            try:
                yield from _listed(self.data, at, self.chunk)
            except Malformed as problem:
                self.damage.append(f"directory of names: {problem}")
                if at >= self.data.size:
                    break

    def end(self) -> int:
        """Return where the file ends: as it says, or behind the last content where it says nothing useful."""
        least = max(table.end for table in self.tables)
        if self.told >= max(least, self.content):
            return min(self.told, self.data.size)
        ends = [self.content + place.end for place in self.places() if place.section == STORED]
        return min(max(ends, default=least), self.data.size)


def parse_help(data: Reader) -> Help:
    """Return the header of a help file. Raises a `FormatError`."""
    header_at(data, HEADER.size, WHAT)
    _, version, size, _, _, language, maker, _, about, about_size, listing, listing_size = data.unpack_at(0, HEADER)
    if not any(data.startswith(magic) for magic in MAGICS) or maker != MAKER:
        raise NotThisFormat(f"no {WHAT}")
    content = data.unpack_at(HEADER.size, CONTENT_AT)[0] if version > 2 else listing + listing_size
    (told,) = data.unpack_at(about, SIZE_AT) if about_size >= SIZE_AT.size else (0,)
    magic, _, length, _, chunk, _, _, _, _, _, _, count = data.unpack_at(listing, DIRECTORY)
    if magic != DIRECTORY_MAGIC or chunk not in CHUNKS or length < DIRECTORY.size:
        raise Malformed(f"{WHAT} without a directory")
    chunks = Span(listing + length, listing + length + min(count * chunk, max(listing_size - length, 0)))
    tables = [_inside(data, *ends) for ends in ((0, size), (about, about + about_size), (listing, chunks.end))]
    return Help(data, language, told, content, tables, chunk, chunks)


def _inside(data: Reader, start: int, end: int) -> Span:
    return Span(min(start, data.size), min(max(start, end), data.size))


def _listed(data: Reader, at: int, size: int) -> Iterator[Place]:
    """Yield what one chunk names."""
    chunk = data.slice(at, at + size)
    magic, free = chunk.unpack_at(0, CHUNK)
    if magic != LISTING:
        return
    if free > size - CHUNK.size:
        raise Malformed("chunk with more room than bytes")
    position, end = CHUNK.size, size - free
    raw = chunk.read_at(0, end)
    while position < end:
        length, position = _number(raw, position)
        name = raw[position : position + length]
        section, position = _number(raw, position + length)
        start, position = _number(raw, position)
        stored_size, position = _number(raw, position)
        yield Place(decode_name(name), section, start, stored_size)


def _number(raw: bytes, at: int) -> tuple[int, int]:
    """Return a number told in seven bits a byte, the highest first, and the offset behind it."""
    value = 0
    for position, byte in enumerate(raw[at : at + LONGEST_NUMBER], at + 1):
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, position
    raise Malformed("number does not end")


def measure_chm(data: Reader) -> Span:
    """Return the extent that the header tells."""
    return Span(0, parse_help(data).end())


def read_chm(data: Reader) -> Contents:
    """Return the files, those that are packed in the order in which they are."""
    opened = parse_help(data)
    places = list(opened.places())
    own = {place.name: place for place in places if place.name.startswith(OWN)}
    packed = _packed(opened, own) if any(place.section == PACKED and place.size for place in places) else None
    files = [place for place in places if not place.name.startswith(OWN)]
    named = sum(not place.name.endswith("/") for place in files)
    files += _unnamed(packed, files) if isinstance(packed, Stretches) else ()
    files.sort(key=lambda place: (place.section, place.start, place.end))
    start = opened.content
    told = (_inside(data, start + p.start, start + p.end) for name, p in own.items() if name != CONTENT)
    spans = [*opened.tables, *told]
    properties = {"files": str(named), "language": f"{opened.language:#06x}"}
    notes = (f"{WHAT} is cut off",) if opened.told > data.size else ()
    damage = "; ".join(dict.fromkeys(opened.damage))
    return Contents(_members(opened, own.get(CONTENT), packed, files), lambda: spans, properties, notes, damage)


def _unnamed(packed: Stretches, files: list[Place]) -> Iterator[Place]:
    """Yield the parts of the packed section that no name is for: what a compiler left, or somebody hid."""
    at = 0
    for place in sorted((p for p in files if p.section == PACKED and p.size), key=lambda place: place.start):
        if at < place.start <= packed.size:
            yield Place(f"{UNNAMED}/{at:#x}", PACKED, at, place.start - at)
        at = max(at, place.end)
    if at < packed.size:
        yield Place(f"{UNNAMED}/{at:#x}", PACKED, at, packed.size - at)


def _members(
    opened: Help, content: Place | None, packed: Stretches | FormatError | None, files: list[Place]
) -> Iterator[Member]:
    for place in files:
        path = place.name.removeprefix("/")
        if place.size:
            try:
                yield _member(opened, place, path, packed, content)
            except FormatError as problem:
                yield Member(path, problem=problem.bare(), size=place.size)
        elif path.endswith("/"):
            yield Member(path.rstrip("/"), kind=MemberKind.DIRECTORY)
        elif path:
            yield Member(path, open=lambda _: BufferReader(b""), size=0)


def _packed(opened: Help, own: dict[str, Place]) -> Stretches | FormatError:
    try:
        return Stretches(*(_own(opened, own, name) for name in (CONTENT, CONTROL, RESETS)))
    except FormatError as problem:
        return problem.bare()


def _own(opened: Help, own: dict[str, Place], name: str) -> Reader:
    """Return one of the stored parts that tell how the others are packed; what is cut off is missing from its end."""
    place = own.get(name)
    if place is None or place.section != STORED:
        raise Malformed(f"{WHAT} without its {name.rpartition('/')[2]}")
    span = _inside(opened.data, opened.content + place.start, opened.content + place.end)
    return opened.data.slice(span.start, span.end)


def _member(
    opened: Help, place: Place, path: str, packed: Stretches | FormatError | None, content: Place | None
) -> Member:
    if place.section == STORED:
        return stored(opened.data, path, opened.content + place.start, opened.content + place.end)
    if place.section != PACKED:
        raise Unsupported(f"{WHAT} with a section {place.section} of contents")
    if not isinstance(packed, Stretches):
        raise packed or Malformed(f"{WHAT} without packed contents")
    assert content is not None
    extent, start = packed.extent(place), opened.content + content.start
    return Member(path, partial(packed.read, place), (Span(start + extent.start, start + extent.end),), place.size)
