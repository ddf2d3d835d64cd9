"""OLE compound files: a file system in a file, in which Office documents, MSI packages and Thumbs.db keep streams.

Format: MS-CFB; the packing of names in MSI packages as msitools `libmsi` describes it.
Limits: the tables of an MSI database are handed over as streams, not as rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.image import header_at
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.reader import MappedReader, Piece, Reader, Span

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER: Final = Struct("<8s16sHHHHH6sIIIIIIIII109I")
HEADER_SIZE: Final = 512
ENTRY: Final = Struct("<64sHBBIII16sI8s8sIQ")
LAST_SECTOR: Final = 0xFFFFFFFA
"""Numbers from here on are no sectors: end of a chain, free, parts of the tables."""
NO_ENTRY: Final = 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
MOST_ENTRIES: Final = 1 << 17
MSI_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


def check(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless the header of version 3 or 4 holds."""
    if not data.startswith(MAGIC, offset):
        raise NotThisFormat("no compound file")
    part = data.slice(offset)
    header_at(part, HEADER_SIZE, "a compound file")
    _, _, _, version, order, shift, mini = part.unpack_at(0, HEADER)[:7]
    if (version, shift) not in ((3, 9), (4, 12)) or order != 0xFFFE or mini != 6:
        raise NotThisFormat("no compound file of a known version")


def read_compound(data: Reader) -> Contents:
    """Return the streams with the storages they stand in as folders; small ones lie in a stream of their own."""
    check(data, 0)
    tree = _Tree(data)
    return Contents(list(tree.members()), tree.structure, {"storages": str(tree.storages)})


class _Tree:
    """The tables of one file; chains are followed once and never longer than the file."""

    def __init__(self, data: Reader) -> None:
        self._data = data
        fields = data.unpack_at(0, HEADER)
        self._width: int = 1 << fields[5]
        self._cutoff: int = fields[12]
        first_directory, first_mini, difat, difat_count = fields[10], fields[13], fields[15], fields[16]
        self._sectors = max((data.size - 1) // self._width, 0)
        self._tables: list[int] = []
        self._fat = self._read_fat([*fields[17:], *self._more_tables(difat, difat_count)])
        directory = self._chain(first_directory)
        self._tables += directory
        self._entries = list(self._read_entries(directory))
        mini = self._chain(first_mini)
        self._tables += mini
        self._mini_fat = [number for sector in mini for number in self._numbers(sector)]
        root = self._entries[0] if self._entries else None
        self._small = self._chain(root.start) if root is not None and root.size else []
        self.storages = sum(entry.kind == STORAGE for entry in self._entries)

    def _at(self, sector: int) -> int:
        return (sector + 1) * self._width

    def _numbers(self, sector: int) -> tuple[int, ...]:
        count = max(min(self._width, self._data.size - self._at(sector)) // 4, 0)
        return self._data.unpack_at(self._at(sector), Struct(f"<{count}I")) if count else ()

    def _more_tables(self, sector: int, count: int) -> Iterator[int]:
        """Yield the numbers of table sectors that the header has no room for."""
        for _ in range(min(count, self._sectors)):
            if sector >= LAST_SECTOR or sector >= self._sectors:
                return
            self._tables.append(sector)
            *numbers, sector = self._numbers(sector) or (NO_ENTRY,)
            yield from numbers

    def _read_fat(self, sectors: list[int]) -> list[int]:
        fat: list[int] = []
        for sector in sectors:
            if sector >= LAST_SECTOR or sector >= self._sectors or len(fat) > self._sectors + self._width:
                continue
            self._tables.append(sector)
            fat += self._numbers(sector)
        return fat

    def _chain(self, sector: int, table: list[int] | None = None) -> list[int]:
        """Return the sectors of a chain; a loop or a number out of range ends it."""
        links, chain, seen = self._fat if table is None else table, list[int](), set[int]()
        while sector < len(links) and sector not in seen:
            seen.add(sector)
            chain.append(sector)
            sector = links[sector]
        return chain

    def _read_entries(self, directory: list[int]) -> Iterator[_Entry]:
        for sector in directory[: MOST_ENTRIES * ENTRY.size // self._width]:
            for at in range(self._at(sector), self._at(sector) + self._width, ENTRY.size):
                if at + ENTRY.size > self._data.size:
                    return
                raw, length, kind, _, left, right, child, _, _, _, _, start, size = self._data.unpack_at(at, ENTRY)
                name = raw[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "backslashreplace")
                size = size & 0xFFFFFFFF if self._width == HEADER_SIZE else size  # version 3 leaves rubbish above
                yield _Entry(plain_name(name), kind, left, right, child, start, size)

    def members(self) -> Iterator[Member]:
        """Yield the streams and storages, each once; numbers of hostile trees lead nowhere twice."""
        if not self._entries:
            raise Malformed("compound file without a directory")
        waiting, seen = [(self._entries[0].child, "")], set[int]()
        while waiting:
            number, folder = waiting.pop()
            if number >= len(self._entries) or number in seen:
                continue
            seen.add(number)
            entry = self._entries[number]
            waiting += [(entry.right, folder), (entry.left, folder)]
            path = f"{folder}{entry.name}"
            if entry.kind == STORAGE:
                yield Member(path, kind=MemberKind.DIRECTORY)
                waiting.append((entry.child, f"{path}/"))
            elif entry.kind == STREAM:
                yield self._stream(path, entry)

    def _stream(self, path: str, entry: _Entry) -> Member:
        pieces, extents, left = list[Piece](), list[Span](), entry.size
        for at, width in self._places(entry):
            length = min(width, left, max(self._data.size - at, 0))
            if length <= 0:
                break
            left -= length
            if extents and extents[-1].end == at:
                extents[-1] = Span(extents[-1].start, at + length)
            else:
                extents.append(Span(at, at + length))
        pieces = [Piece(len(extent), self._data, extent.start) for extent in extents]
        if left:
            return Member(path, extents=tuple(extents), problem=Malformed(f"chain of {path} ends {left} bytes early"))
        memory = MappedReader(pieces)

        def open_stream(limit: int) -> Reader:
            if memory.size > limit:
                raise LimitReached(f"{memory.size} bytes, {limit} allowed")
            return memory.slice(0) if memory.size else memory

        return Member(path, open=open_stream, extents=tuple(extents), size=entry.size)

    def _places(self, entry: _Entry) -> Iterator[tuple[int, int]]:
        """Yield (offset in the file, width) of the sectors of a stream."""
        if entry.size >= self._cutoff:
            yield from ((self._at(sector), self._width) for sector in self._chain(entry.start))
            return
        per_sector = self._width // 64
        for number in self._chain(entry.start, self._mini_fat) if entry.size else ():
            index, inside = divmod(number, per_sector)
            if index >= len(self._small):
                return
            yield self._at(self._small[index]) + 64 * inside, 64

    def structure(self) -> Iterator[Span]:
        """Yield header and tables."""
        yield Span(0, min(self._width, self._data.size))
        free = (sector for sector, link in enumerate(self._fat) if link == NO_ENTRY)
        for sector in (*self._tables, *free):
            start = min(self._at(sector), self._data.size)
            yield Span(start, min(start + self._width, self._data.size))


def plain_name(name: str) -> str:
    """Return a name as a text; MSI packs two letters into one character of a private range."""
    out = []
    for character in name:
        code = ord(character)
        if 0x3800 <= code < 0x4800:
            out.append(MSI_LETTERS[code - 0x3800 & 0x3F] + MSI_LETTERS[code - 0x3800 >> 6])
        elif 0x4800 <= code < 0x4840:
            out.append(MSI_LETTERS[code - 0x4800])
        elif code == 0x4840:
            out.append("!")
        else:
            out.append(character if code >= 0x20 else f"\\x{code:02x}")
    return "".join(out)
