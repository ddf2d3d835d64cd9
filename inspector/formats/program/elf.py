"""ELF: sections, dynamic imports, needed libraries; enough to say where an offset lies and what a program calls.

Format: System V ABI, chapters 4 and 5 (generic ABI, gabi.xinuos.com).
Limits: without section headers (stripped by `sstrip`) imports are read from the dynamic segment; at most 4,096
sections and 65,536 symbols are read.
"""

import sys
from array import array
from bisect import bisect_right
from functools import cache, cached_property, lru_cache
from itertools import takewhile
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.reader import Reader

MAX_SECTIONS: Final = 4096
MAX_SYMBOLS: Final = 65536
_GO: Final = frozenset((".gopclntab", ".go.buildinfo", ".data.rel.ro.gopclntab", ".note.go.buildid"))
_RUST: Final = b"/rustc/"
"""Part of the paths of Rust's own library in its messages."""
_SHT_NOBITS: Final = 8
_PT_LOAD: Final = 1
_PT_DYNAMIC: Final = 2
_DT_NEEDED: Final = 1
_DT_STRTAB: Final = 5
_DT_SYMTAB: Final = 6
_DT_STRSZ: Final = 10
_DT_SONAME: Final = 14


class Section(NamedTuple):
    """A section: its name and its half-open range in the file."""

    name: str
    start: int
    end: int


class _Segment(NamedTuple):
    kind: int
    offset: int
    address: int
    size: int


class _Layout(NamedTuple):
    """Field layouts of one class (32 or 64 bit) and byte order."""

    header: Struct
    section: Struct
    program: Struct
    dynamic: Struct
    symbol: Struct
    wide: bool
    little: bool


@cache
def _layout(order: str, *, wide: bool) -> _Layout:
    if wide:
        return _Layout(
            Struct(order + "16xHHIQQQIHHHHHH"), Struct(order + "IIQQQQIIQQ"), Struct(order + "IIQQQQQQ"),
            Struct(order + "qQ"), Struct(order + "IBBHQQ"), wide, order == "<",
        )  # fmt: skip
    return _Layout(
        Struct(order + "16xHHIIIIIHHHHHH"), Struct(order + "10I"), Struct(order + "8I"),
        Struct(order + "iI"), Struct(order + "IIIBBH"), wide, order == "<",
    )  # fmt: skip


class Elf:
    """A parsed ELF file. Construction reads the header only; raises `NotThisFormat` or `Malformed`."""

    def __init__(self, data: Reader) -> None:
        ident = data.read_upto(0, 16)
        if len(ident) < 16 or ident[:4] != b"\x7fELF" or ident[4] not in (1, 2) or ident[5] not in (1, 2):
            raise NotThisFormat("no ELF header")
        self._data = data
        self._layout = _layout("<" if ident[5] == 1 else ">", wide=ident[4] == 2)
        fields = data.unpack_at(0, self._layout.header)
        self.type, self.machine = fields[0], fields[1]
        self._programs_at, self._sections_at = fields[4], fields[5]
        self._program_size, self._program_count, self._section_size, self._section_count, self._names = fields[8:13]

    @property
    def wide(self) -> bool:
        """Whether words have 64 bits."""
        return self._layout.wide

    @property
    def little(self) -> bool:
        """Whether the lowest byte of a word comes first."""
        return self._layout.little

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Sections that hold bytes, by offset; empty where the table is missing or points outside the file."""
        try:
            return tuple(sorted(self._read_sections(), key=lambda section: section.start))
        except Malformed:
            return ()

    def _read_sections(self) -> list[Section]:
        struct = self._layout.section
        room = max(0, (self._data.size - self._sections_at) // max(self._section_size, 1))
        count = min(self._section_count, room, MAX_SECTIONS)
        if self._section_size < struct.size or not count or self._names >= count:
            return []
        rows = [self._data.unpack_at(self._sections_at + i * self._section_size, struct) for i in range(count)]
        names_at, names_size = rows[self._names][4], rows[self._names][5]
        names = self._data.read_upto(names_at, min(names_size, 1 << 20))
        return [
            Section(_string(names, row[0]), row[4], min(row[4] + row[5], self._data.size))
            for row in rows
            if row[1] not in (0, _SHT_NOBITS) and row[4] < self._data.size
        ]

    @cached_property
    def fuses_strings(self) -> bool:
        """Whether the program keeps strings end to end without a zero between them: those of Go and Rust do."""
        if any(section.name in _GO for section in self.sections):
            return True
        constants = (section for section in self.sections if section.name == ".rodata")
        return any(self._data.find(_RUST, section.start, section.end) >= 0 for section in constants)

    def section_at(self, offset: int) -> str:
        """Return the name of the section that holds the file offset, or ""."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0:
            return ""
        section = self.sections[index]
        return section.name if section.start <= offset < section.end else ""

    @cached_property
    def _starts(self) -> list[int]:
        return [section.start for section in self.sections]

    @cached_property
    def _segments(self) -> list[_Segment]:
        struct = self._layout.program
        if self._program_size < struct.size:
            return []
        room = max(0, (self._data.size - self._programs_at) // self._program_size)
        rows = (
            self._data.unpack_at(self._programs_at + i * self._program_size, struct)
            for i in range(min(self._program_count, room, 256))
        )
        if self._layout.wide:
            return [_Segment(row[0], row[2], row[3], row[5]) for row in rows]
        return [_Segment(row[0], row[1], row[2], row[4]) for row in rows]

    @cached_property
    def _dynamic(self) -> list[tuple[int, int]]:
        segment = next((segment for segment in self._segments if segment.kind == _PT_DYNAMIC), None)
        if segment is None:
            return []
        raw = self._data.read_upto(segment.offset, min(segment.size, 1 << 16))
        size = self._layout.dynamic.size
        rows = self._layout.dynamic.iter_unpack(raw[: len(raw) // size * size])
        return [(row[0], row[1]) for row in takewhile(lambda row: row[0], rows)]

    def address_of(self, offset: int) -> int:
        """Return the address that the file offset is loaded at, or -1."""
        for segment in self._segments:
            if segment.kind == _PT_LOAD and segment.offset <= offset < segment.offset + segment.size:
                return segment.address + offset - segment.offset
        return -1

    def offset_at(self, address: int) -> int:
        """Return the file offset of what is loaded at `address`, or -1."""
        try:
            return self._offset_of(address)
        except Malformed:
            return -1

    def _offset_of(self, address: int) -> int:
        for segment in self._segments:
            if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.size:
                return segment.offset + address - segment.address
        raise Malformed(f"address {address:#x} is in no segment")

    @cached_property
    def _dynamic_strings(self) -> tuple[int, bytes]:
        entries = dict(self._dynamic)
        if _DT_STRTAB not in entries:
            return 0, b""
        start = self._offset_of(entries[_DT_STRTAB])
        return start, self._data.read_upto(start, min(entries.get(_DT_STRSZ, 0), 1 << 24))

    def needed(self) -> tuple[str, ...]:
        """Return the libraries that the loader brings in (`DT_NEEDED`), in order."""
        return self._dynamic_names(_DT_NEEDED)

    def soname(self) -> str:
        """Return the library's own name (`DT_SONAME`), or ""."""
        return next(iter(self._dynamic_names(_DT_SONAME)), "")

    def _dynamic_names(self, wanted: int) -> tuple[str, ...]:
        try:
            _, names = self._dynamic_strings
        except FormatError:
            return ()
        return tuple(name for tag, value in self._dynamic if tag == wanted and (name := _string(names, value)))

    def names(self, prefix: bytes) -> tuple[tuple[int, str], ...]:
        """Return (offset in the file, name) of the dynamic names that begin with `prefix`, in file order."""
        try:
            start, names = self._dynamic_strings
        except FormatError:
            return ()
        found = []
        at = names.find(b"\0" + prefix)
        while at >= 0:
            found.append((start + at + 1, _string(names, at + 1)))
            at = names.find(b"\0" + prefix, at + 1)
        return tuple(found)

    def imported(self, wanted: frozenset[str]) -> tuple[str, ...]:
        """Return those of the `wanted` names (ASCII, below 64 characters) that other libraries must give, sorted."""
        try:
            start, names = self._dynamic_strings
            symbols_at = self._offset_of(dict(self._dynamic)[_DT_SYMTAB])
        except (FormatError, KeyError):
            return ()
        # The table states no length; linkers put its strings right behind it.
        size = self._layout.symbol.size
        room = start - symbols_at if start > symbols_at else size * MAX_SYMBOLS
        raw = self._data.read_upto(symbols_at, min(room, size * MAX_SYMBOLS))
        words = array("I", raw[: len(raw) // size * size])
        if (sys.byteorder == "little") is not self._layout.little:
            words.byteswap()
        # Whole columns at once: of a word that holds the section, the half that is the section's number must be zero.
        step, column = size // 4, 1 if self._layout.wide else 3
        mask = 0xFFFF0000 if self._layout.little else 0xFFFF
        undefined = {at for at, word in zip(words[::step], words[column::step], strict=True) if not word & mask}
        # A program has thousands of names, of which few are asked for: compared as bytes, none is decoded in vain.
        there = {names[at : at + 64].partition(b"\0")[0] for at in undefined}
        return tuple(name for name in sorted(wanted) if name.encode() in there)


@lru_cache(maxsize=1)
def open_elf(data: Reader) -> Elf:
    """Return the file behind a reader; asked again for the same reader it answers from memory. Raises as `Elf`."""
    return Elf(data)


def _string(table: bytes, offset: int) -> str:
    if not 0 <= offset < len(table):
        return ""
    end = table.find(b"\x00", offset, offset + 1024)
    return table[offset : end if end >= 0 else offset].decode("utf-8", "replace")
