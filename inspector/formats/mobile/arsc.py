"""resources.arsc: the compiled resource table, as far as it answers what a resource identifier stands for.

Format: AOSP frameworks/base `ResourceTypes.h`, `ResTable_*`, with the sparse and 16-bit forms of entry tables and
the compact entries of Android 14.
Limits: of several configurations the default one is taken, else the first in the file; styles and arrays are not
resolved; shared libraries and overlays are not followed.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from struct import Struct, unpack_from
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.mobile.axml import REFERENCE, STRING, render_value
from inspector.formats.mobile.string_pool import CHUNK, POOL_TYPE, StringPool
from inspector.formats.program.dex import contiguous
from inspector.formats.reader import Reader

TABLE, PACKAGE, TYPE = 0x0002, 0x0200, 0x0201
PACKAGE_HEADER: Final = Struct("<HHII256s5I")
TYPE_HEADER: Final = Struct("<HHIBBHII")
SIMPLE: Final = Struct("<HHIHxBI")
"""An entry with its value behind it: size, flags, key; size, kind and data of the value."""
SPARSE, SHORT_OFFSETS = 1, 2
COMPLEX, COMPACT = 1, 8
NO_ENTRY, NO_ENTRY16 = 0xFFFFFFFF, 0xFFFF
ANY_DENSITY, NO_DENSITY = 0xFFFE, 0xFFFF
LARGEST: Final = 1 << 28
MOST_CHUNKS: Final = 200_000
MOST_ENTRIES: Final = 100_000
MOST_CONSTANTS: Final = 4_096
_TEXTLESS: Final = frozenset(
    [
        *("anim", "animator", "attr", "bool", "color", "dimen", "drawable", "font", "id", "integer", "interpolator"),
        *("layout", "menu", "mipmap", "navigation", "raw", "style", "transition", "xml"),
    ]
)
"""Types whose values are files, numbers or styles."""
DEEPEST: Final = 8
"""References followed from one resource to the next."""


@dataclass(frozen=True, slots=True)
class ResourceValue:
    """A value of a resource: text of a string, path of a file, or a number; `density` in dpi, 0 where any."""

    text: str
    reference: int = 0
    density: int = 0
    default: bool = True
    """Whether it applies to every language and screen."""


@dataclass(frozen=True, slots=True)
class _Type:
    """One type chunk: entries of one type for one configuration."""

    start: int
    size: int
    entries: int
    offsets: int
    flags: int
    density: int
    default: bool
    number: int


@dataclass(slots=True)
class ResourceTable:
    """A resource table; identifiers are resolved when asked for."""

    raw: bytes
    strings: StringPool
    types: dict[tuple[int, int], list[_Type]] = field(default_factory=dict)
    """(package, type) → type chunks in file order."""
    packages: list[str] = field(default_factory=list)
    pools: dict[int, tuple[StringPool, StringPool]] = field(default_factory=dict)
    """Package → names of its types and of its entries."""
    notes: list[str] = field(default_factory=list)

    def values(self, identifier: int) -> list[ResourceValue]:
        """Return the values of a resource for all configurations, in file order."""
        package, kind, entry = identifier >> 24, identifier >> 16 & 0xFF, identifier & 0xFFFF
        found = (self._value(chunk, entry) for chunk in self.types.get((package, kind), ()))
        return [value for value in found if value is not None]

    def text(self, identifier: int) -> str:
        """Return the text a resource stands for in the default configuration; empty where there is none."""
        for _ in range(DEEPEST):
            values = self.values(identifier)
            if not values:
                return ""
            best = next((value for value in values if value.default), values[0])
            if not best.reference:
                return best.text
            identifier = best.reference
        return ""

    def files(self, identifier: int) -> list[str]:
        """Return the paths a drawable or XML resource stands for, highest density first."""
        values = sorted(self.values(identifier), key=lambda value: -value.density)
        return list(dict.fromkeys(value.text for value in values if "/" in value.text))

    def names_of(self, wanted: Collection[int]) -> dict[int, str]:
        """Return string index → `string/name` of the first resource that has the string as its value."""
        found: dict[int, str] = {}
        for data, _, name in self._holding(wanted):
            found.setdefault(data, name)
            if len(found) == len(wanted):
                break
        return found

    def constants(self) -> tuple[tuple[int, str], ...]:
        """Return (identifier, `string/name`) of the texts that may be an address or a key, by identifier."""
        wanted = self.strings.constants(MOST_CONSTANTS)
        return tuple(sorted({(number, name) for _, number, name in self._holding(wanted)})) if wanted else ()

    def texts_named(self, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield (name, text) of the resources with one of the names whose value is a text, in file order."""
        left = MOST_ENTRIES
        named = {
            package: {number: keys[number] for number in range(len(keys)) if keys[number] in wanted}
            for package, (_, keys) in self.pools.items()
        }
        for (package, _), chunks in self.types.items():
            names = named.get(package)
            for chunk in chunks if names else ():
                left -= chunk.entries
                if left < 0:
                    return
                for _, key, data in self._strings_of(chunk):
                    if names and key in names:
                        yield names[key], self.strings[data]

    def _holding(self, wanted: Collection[int]) -> Iterator[tuple[int, int, str]]:
        """Yield (string, identifier, `string/name`) of the resources that have one of the strings as their value."""
        left = MOST_ENTRIES
        for (package, number), chunks in self.types.items():
            types, keys = self.pools.get(package, (None, None))
            if types is None or keys is None or types[number - 1] in _TEXTLESS:
                continue
            for chunk in chunks:
                left -= chunk.entries
                if left < 0:
                    return
                for entry, key, data in self._strings_of(chunk):
                    if data in wanted:
                        yield data, package << 24 | number << 16 | entry, f"{types[number - 1]}/{keys[key]}"

    def _strings_of(self, chunk: _Type) -> Iterator[tuple[int, int, int]]:
        """Yield (entry, key, string) of the entries of a chunk whose value is a string."""
        raw, last = self.raw, len(self.raw) - SIMPLE.size
        unpack = SIMPLE.unpack_from
        for entry, at in self._sparse(chunk) if chunk.flags & SPARSE else self._dense(chunk):
            if at > last:
                continue
            size, flags, key, _, kind, data = unpack(raw, at)
            if flags & COMPACT:
                if flags >> 8 == STRING:
                    yield entry, size, key
            elif not flags & COMPLEX and kind == STRING and size == 8:
                yield entry, key, data

    def _dense(self, chunk: _Type) -> list[tuple[int, int]]:
        """Return (entry, place) of the entries that the chunk has."""
        width, none, step = ("H", NO_ENTRY16, 4) if chunk.flags & SHORT_OFFSETS else ("I", NO_ENTRY, 1)
        offsets = unpack_from(f"<{chunk.entries}{width}", self.raw, chunk.offsets) if chunk.entries else ()
        return [(entry, chunk.start + step * offset) for entry, offset in enumerate(offsets) if offset != none]

    def _value(self, chunk: _Type, entry: int) -> ResourceValue | None:
        at = self._entry_at(chunk, entry)
        if at < 0 or at + 8 > len(self.raw):
            return None
        size, flags, key = unpack_from("<HHI", self.raw, at)
        if flags & COMPACT:
            return self._typed(chunk, flags >> 8, key)
        if flags & COMPLEX or at + size + 8 > len(self.raw):
            return None
        _, _, kind, data = unpack_from("<HBBI", self.raw, at + size)
        return self._typed(chunk, kind, data)

    def _typed(self, chunk: _Type, kind: int, data: int) -> ResourceValue:
        text = self.strings[data] if kind == STRING else render_value(kind, data)
        return ResourceValue(text, data if kind == REFERENCE else 0, chunk.density, chunk.default)

    def _entry_at(self, chunk: _Type, entry: int) -> int:
        """Return where an entry stands in the file, or -1."""
        if chunk.flags & SPARSE:
            return self._sparse_at(chunk, entry)
        if entry >= chunk.entries:
            return -1
        if chunk.flags & SHORT_OFFSETS:
            (offset,) = unpack_from("<H", self.raw, chunk.offsets + 2 * entry)
            return -1 if offset == NO_ENTRY16 else chunk.start + 4 * offset
        (offset,) = unpack_from("<I", self.raw, chunk.offsets + 4 * entry)
        return -1 if offset == NO_ENTRY else chunk.start + int(offset)

    def _sparse_at(self, chunk: _Type, entry: int) -> int:
        return next((at for index, at in self._sparse(chunk) if index == entry), -1)

    def _sparse(self, chunk: _Type) -> Iterator[tuple[int, int]]:
        for row in range(chunk.entries):
            index, offset = unpack_from("<HH", self.raw, chunk.offsets + 4 * row)
            yield index, chunk.start + 4 * int(offset)


def parse_arsc(data: Reader) -> ResourceTable:
    """Return the table; `NotThisFormat` without its header, `Malformed` where the string pool is cut short."""
    if data.size < 12 or data.size > LARGEST:
        raise NotThisFormat("no resource table")
    raw = contiguous(data)
    kind, header_size, _ = CHUNK.unpack_from(raw, 0)
    if kind != TABLE or header_size < CHUNK.size:
        raise NotThisFormat("no resource table")
    table: ResourceTable | None = None
    for kind, at, _, size in _chunks(raw, header_size, len(raw)):
        if kind == POOL_TYPE and table is None:
            table = ResourceTable(raw, StringPool(raw, at))
            table.notes += table.strings.notes
        elif kind == PACKAGE and table is not None:
            _read_package(table, at, at + size)
    if table is None:
        raise Malformed("resource table without strings")
    return table


def _chunks(raw: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (type, start, header size, size); a size past the end is cut to it, one below the header ends the walk."""
    for _ in range(MOST_CHUNKS):
        if at + CHUNK.size > end:
            return
        kind, header_size, size = CHUNK.unpack_from(raw, at)
        if size < CHUNK.size:
            return
        size = min(size, end - at)
        yield kind, at, header_size, size
        at += size


def _read_package(table: ResourceTable, start: int, end: int) -> None:
    raw = table.raw
    if start + PACKAGE_HEADER.size > end:
        table.notes.append("package header cut short")
        return
    _, header_size, _, identifier, name, types, _, keys, *_ = PACKAGE_HEADER.unpack_from(raw, start)
    table.packages.append(name.decode("utf-16-le", "replace").split("\0", 1)[0])
    try:
        table.pools.setdefault(identifier & 0xFF, (StringPool(raw, start + types), StringPool(raw, start + keys)))
    except Malformed:
        table.notes.append("package without names")
    for kind, at, chunk_header, size in _chunks(raw, start + max(header_size, CHUNK.size), end):
        if kind == TYPE and chunk_header >= TYPE_HEADER.size and size >= TYPE_HEADER.size + 4:
            chunk = _type(raw, at, chunk_header, size)
            table.types.setdefault((identifier & 0xFF, chunk.number), []).append(chunk)


def _type(raw: bytes, at: int, header_size: int, size: int) -> _Type:
    _, _, _, number, flags, _, entries, start = TYPE_HEADER.unpack_from(raw, at)
    # The configuration ends the header: its own size first, density at byte 14, what limits it before and behind.
    configuration = raw[at + TYPE_HEADER.size : at + header_size]
    density = int.from_bytes(configuration[14:16], "little")
    limits = configuration[4:14] + configuration[16:24]
    room = max(0, size - header_size) // (2 if flags & SHORT_OFFSETS else 4)
    default = not any(limits) and density in (0, NO_DENSITY)
    dpi = density if density < ANY_DENSITY else 0
    return _Type(at + start, size, min(entries, room), at + header_size, flags, dpi, default, number)
