"""DEX and compact DEX: the tables of strings, types, fields, methods and classes.

Format: source.android.com, "Dalvik executable format" (versions 035 to 041); ART libdexfile
`compact_dex_file.h` for `cdex001`.
Limits: checksums are not verified, for Android's own loaders differ in that; quickened or compact code is not
decoded (`code_readable` is False), only its tables are.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from struct import Struct, iter_unpack, unpack_from
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.reader import Reader

MAGICS: Final = (b"dex\n", b"cdex")
LARGEST: Final = 1 << 29
"""A DEX addresses 65,536 methods; files past half a gigabyte are refused."""
NO_INDEX: Final = 0xFFFFFFFF
HEADER: Final = Struct("<8sI20s20I")
CONTAINER: Final = Struct("<2I")
ENDIAN_CONSTANT: Final = 0x12345678


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the header: `count` entries from `offset`, already clamped to the file."""

    offset: int
    count: int


@dataclass(frozen=True, slots=True)
class ClassDef:
    """One class the file defines; offsets are absolute in the file, 0 where the part is missing."""

    type_index: int
    access: int
    superclass: int
    """Type index, or `NO_INDEX`."""
    interfaces: int
    source: int
    annotations: int
    data: int
    static_values: int


@dataclass(frozen=True, slots=True)
class MethodId:
    """A method as code names it: its class and its name, no signature."""

    owner: str
    """Dotted class name."""
    name: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


def parse_dexes(data: Reader) -> tuple["Dex", ...]:
    """Return every DEX that starts the file: one, or those of a version 041 container.

    Raises `NotThisFormat` without the magic, `Malformed` where the first header contradicts the file.
    """
    if not any(data.startswith(magic) for magic in MAGICS):
        raise NotThisFormat("no DEX header")
    if data.size > LARGEST:
        raise Unsupported(f"DEX of {data.size} bytes")
    raw = contiguous(data)
    found = [Dex(raw, 0)]
    start = found[0].container_step
    while start and start + HEADER.size <= len(raw) and raw.startswith(MAGICS[0], start):
        found.append(Dex(raw, start))
        step = found[-1].container_step
        start = start + step if step else 0
    return tuple(found)


def tables_end(data: Reader) -> int:
    """Return where a DEX ends by its own tables: what stands behind was put there by another program.

    Loaders append a payload and correct size and checksum of the header, but the end of the data section stays where
    the compiler put it; so the smaller of both counts. Compact DEX and containers of version 041 take the whole file,
    for their data lie behind the last header.
    """
    if data.size < HEADER.size:
        return data.size
    magic, _, _, *fields = data.unpack_at(0, HEADER)
    if not magic.startswith(MAGICS[0]) or magic[4:7] >= b"041" or fields[2] != ENDIAN_CONSTANT:
        return data.size
    size, link_size, link = int(fields[0]), int(fields[3]), int(fields[4])
    data_size, start = int(fields[-2]), int(fields[-1])
    end = max(start + data_size, link + link_size if link_size else 0)
    return max(HEADER.size, min(size, end, data.size))


def contiguous(data: Reader) -> bytes:
    """Return the bytes as an object that can be searched; a copy only where the reader holds a part of a buffer."""
    view = data.all()
    whole = view.obj
    return whole if isinstance(whole, bytes) and len(whole) == len(view) else bytes(view)


class Dex:
    """One DEX header and what hangs on it; tables are read when first asked for."""

    def __init__(self, raw: bytes, start: int) -> None:
        if start + HEADER.size > len(raw):
            raise Malformed("DEX header cut short")
        magic, _, _, *fields = HEADER.unpack_from(raw, start)
        self.raw: Final = raw
        self.compact: Final = magic.startswith(b"cdex")
        self.version: Final = magic[4:7].decode("ascii", "replace")
        self.file_size: Final = fields[0]
        if fields[2] != ENDIAN_CONSTANT:
            raise Malformed(f"DEX byte order tag {fields[2]:#x}")
        pairs = fields[6:]
        # Before version 041 offsets count from the header, in a container from the start of the file.
        self._base = 0 if self._in_container(start, fields[1]) else start
        self.data_base: Final = self._base + pairs[13] if self.compact else self._base
        self.strings: Final = self._table(pairs[0], pairs[1], 4)
        self.types: Final = self._table(pairs[2], pairs[3], 4)
        self.fields: Final = self._table(pairs[6], pairs[7], 8)
        self.methods: Final = self._table(pairs[8], pairs[9], 8)
        self.class_defs: Final = self._table(pairs[10], pairs[11], 32)

    def _in_container(self, start: int, header_size: int) -> bool:
        self.container_step = 0
        if self.compact or header_size < HEADER.size + CONTAINER.size or self.version < "041":
            return False
        self.container_step = max(self.file_size, HEADER.size)
        return start + HEADER.size + CONTAINER.size <= len(self.raw)

    def _table(self, count: int, offset: int, width: int) -> Table:
        start = self._base + offset
        if not count or not 0 < start <= len(self.raw):
            if count:
                raise Malformed(f"DEX table of {count} entries at {start:#x}")
            return Table(0, 0)
        return Table(start, min(count, (len(self.raw) - start) // width))

    @property
    def code_readable(self) -> bool:
        """Tell whether code items have the plain layout; compact DEX packs theirs."""
        return not self.compact

    @cached_property
    def string_offsets(self) -> tuple[int, ...]:
        """Absolute offset of each string's length prefix, by string index."""
        base = self.data_base
        offsets = unpack_from(f"<{self.strings.count}I", self.raw, self.strings.offset)
        return offsets if not base else tuple(offset + base for offset in offsets)

    @cached_property
    def type_strings(self) -> tuple[int, ...]:
        """String index of each type's descriptor."""
        return unpack_from(f"<{self.types.count}I", self.raw, self.types.offset)

    def text_start(self, index: int) -> int:
        """Return where the text of a string stands, behind its length; the end of the file for a bad index."""
        raw = self.raw
        start = self.string_offsets[index] if 0 <= index < self.strings.count else len(raw)
        for _ in range(5):
            if start >= len(raw):
                break
            start += 1
            if raw[start - 1] < 0x80:
                return start
        return len(raw)

    def string_at(self, offset: int) -> int:
        """Return the string whose length or text holds the byte at `offset`, or -1."""
        order, starts = self._string_order
        row = bisect_right(starts, offset) - 1
        if row < 0:
            return -1
        index = order[row]
        # Only the text ends with a NUL: a length of zero is one itself.
        return index if offset <= self.raw.find(b"\0", self.text_start(index)) else -1

    @cached_property
    def strings_sound(self) -> bool:
        """Whether there are strings and each of them begins in this file, behind the header."""
        starts = self._string_order[1]
        return bool(starts) and starts[0] >= HEADER.size and starts[-1] < len(self.raw)

    @cached_property
    def _string_order(self) -> tuple[Sequence[int], list[int]]:
        """String indices by where they stand, and those places."""
        starts = sorted(self.string_offsets)
        # Every compiler writes the data in the order of the index; only odd files need an order of their own.
        if list(self.string_offsets) == starts:
            return range(self.strings.count), starts
        return sorted(range(self.strings.count), key=self.string_offsets.__getitem__), starts

    def string_bytes(self, index: int) -> bytes:
        """Return a string as MUTF-8, without its length; empty for an index or offset outside the file."""
        start = self.text_start(index)
        end = self.raw.find(b"\0", start)
        return self.raw[start : end if end >= 0 else len(self.raw)]

    def string(self, index: int) -> str:
        """Return a string; damaged sequences become U+FFFD."""
        return decode_mutf8(self.string_bytes(index))

    def descriptor(self, type_index: int) -> bytes:
        """Return a type's descriptor (`Lcom/example/Api;`), empty for an index outside the table."""
        if not 0 <= type_index < self.types.count:
            return b""
        return self.string_bytes(self.type_strings[type_index])

    def type_name(self, type_index: int) -> str:
        """Return a type as dotted class name; arrays and primitives as their descriptor."""
        return dotted(self.descriptor(type_index))

    def find_string(self, text: bytes) -> int:
        """Return the index of a string by its MUTF-8 bytes, or -1; strings are sorted in every file Android loads."""
        index = bisect_left(range(self.strings.count), text, key=self.string_bytes)
        return index if self.string_bytes(index) == text else -1

    def find_type(self, descriptor: bytes) -> int:
        """Return the index of a type by its descriptor, or -1."""
        string = self.find_string(descriptor)
        index = bisect_left(self.type_strings, string)
        return index if string >= 0 and index < self.types.count and self.type_strings[index] == string else -1

    def class_def(self, index: int) -> ClassDef:
        """Return the class at `index` of the class table; `IndexError` outside it."""
        if not 0 <= index < self.class_defs.count:
            raise IndexError(index)
        values = unpack_from("<8I", self.raw, self.class_defs.offset + 32 * index)
        return self._class_def(values)

    def classes(self) -> Iterator[ClassDef]:
        """Yield the classes the file defines, in table order."""
        start = self.class_defs.offset
        for values in iter_unpack("<8I", self.raw[start : start + 32 * self.class_defs.count]):
            yield self._class_def(values)

    def _class_def(self, values: tuple[int, ...]) -> ClassDef:
        kind, access, parent, interfaces, source, *places = values
        interfaces, *places = (offset and offset + self.data_base for offset in (interfaces, *places))
        return ClassDef(kind, access, parent, interfaces, source, *places)

    @cached_property
    def class_types(self) -> tuple[int, ...]:
        """Type index of each class the file defines, in table order."""
        return self._class_rows[::8]

    @cached_property
    def superclasses(self) -> tuple[int, ...]:
        """Type index of each class's superclass, in table order; `NO_INDEX` for none."""
        return self._class_rows[2::8]

    @cached_property
    def interface_lists(self) -> tuple[int, ...]:
        """Where the type list of each class's interfaces stands, in table order; 0 for none."""
        base = self.data_base
        return tuple(at and at + base for at in self._class_rows[3::8])

    @cached_property
    def _class_rows(self) -> tuple[int, ...]:
        return unpack_from(f"<{8 * self.class_defs.count}I", self.raw, self.class_defs.offset)

    @cached_property
    def descriptors(self) -> list[bytes]:
        """Descriptor of every type the file names, by type index."""
        raw, offsets = self.raw, self.string_offsets
        known, size = len(offsets), len(raw)
        found = []
        for index in self.type_strings:
            start = offsets[index] if index < known else size
            # One length byte is the rule by far: descriptors are shorter than 128 characters.
            if start < size and raw[start] < 0x80:
                end = raw.find(b"\0", start)
                found.append(raw[start + 1 : end if end >= 0 else size])
            else:
                found.append(self.string_bytes(index))
        return found

    @cached_property
    def class_descriptors(self) -> list[bytes]:
        """Descriptor of each class the file defines, in table order."""
        types, known = self.descriptors, self.types.count
        return [types[kind] if kind < known else b"" for kind in self.class_types]

    def class_offset(self, index: int) -> int:
        """Return where the descriptor of the class at `index` of the class table stands in the file."""
        kind = self.class_types[index]
        string = self.type_strings[kind] if kind < self.types.count else self.strings.count
        return self.string_offsets[string] if string < self.strings.count else 0

    def method(self, index: int) -> MethodId:
        """Return a method by index; empty names for an index outside the table."""
        if not 0 <= index < self.methods.count:
            return MethodId("", "")
        owner, _, name = unpack_from("<HHI", self.raw, self.methods.offset + 8 * index)
        return MethodId(self.type_name(owner), self.string(name))

    def field(self, index: int) -> MethodId:
        """Return a field by index, as the class that owns it and its name."""
        if not 0 <= index < self.fields.count:
            return MethodId("", "")
        owner, _, name = unpack_from("<HHI", self.raw, self.fields.offset + 8 * index)
        return MethodId(self.type_name(owner), self.string(name))

    def type_list(self, offset: int) -> tuple[int, ...]:
        """Return the type indices of a type list (interfaces of a class); empty for offset 0 or outside the file."""
        if not 0 < offset <= len(self.raw) - 4:
            return ()
        (count,) = unpack_from("<I", self.raw, offset)
        count = min(count, (len(self.raw) - offset - 4) // 2)
        return unpack_from(f"<{count}H", self.raw, offset + 4)


def dotted(descriptor: bytes) -> str:
    """Return `com.example.Api` for `Lcom/example/Api;`, other descriptors as they are."""
    if descriptor[:1] == b"L" and descriptor[-1:] == b";":
        descriptor = descriptor[1:-1].replace(b"/", b".")
    return decode_mutf8(descriptor)


def decode_mutf8(raw: bytes) -> str:
    """Return the text of modified UTF-8: NUL as C0 80, characters past U+FFFF as two surrogates of three bytes."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_modified(raw.replace(b"\xc0\x80", b"\0"))


def _decode_modified(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def uleb128(raw: bytes, offset: int) -> tuple[int, int]:
    """Return an unsigned LEB128 value and the offset behind it; `Malformed` at the end of the data."""
    value = 0
    for shift in range(0, 35, 7):
        if offset >= len(raw):
            break
        byte = raw[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, offset
    raise Malformed(f"number at {offset:#x} does not end")
