"""Mach-O: programs, libraries and object files of Apple's systems; load commands, sections, symbols, class names.

Format: Apple `mach-o/loader.h`, `nlist.h`, `reloc.h`, `fixup-chains.h`; `objc4` runtime `objc-runtime-new.h`.
Limits: code is not disassembled, so what loads a constant is known only as far as tables tell: a literal that a
constant `CFString` points to, the name of a global constant for it, and in an object file the classes it defines.
Pointers of arm64e images are followed by their target bits; ones that a dynamic linker would bind to another image are
not.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from struct import Struct, iter_unpack
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.reader import Reader, Span

MAGICS: Final = {
    b"\xce\xfa\xed\xfe": ("<", 32),
    b"\xcf\xfa\xed\xfe": ("<", 64),
    b"\xfe\xed\xfa\xce": (">", 32),
    b"\xfe\xed\xfa\xcf": (">", 64),
}
CPUS: Final = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 0x0200000C: "arm64_32", 18: "ppc"}
ARM_KINDS: Final = {6: "armv6", 9: "armv7", 11: "armv7s", 12: "armv7k"}
OBJECT, EXECUTABLE, DYLIB, BUNDLE, DSYM = 1, 2, 6, 8, 10
MOST_COMMANDS: Final = 4096
MOST_SECTIONS: Final = 8192
MOST_SYMBOLS: Final = 1_000_000
MOST_CLASSES: Final = 200_000
FEW_CLASSES: Final = 8
LONGEST_NAME: Final = 512
SEGMENT, SYMTAB, DYLIB_ID, SIGNATURE, SEGMENT64, UUID = 0x1, 0x2, 0xD, 0x1D, 0x19, 0x1B
LOADS: Final = {0xC: "load", 0x80000018: "weak", 0x8000001F: "reexport", 0x20: "lazy", 0x80000023: "upward"}
ENCRYPTION: Final = (0x21, 0x2C)
STAB: Final = 0xE0
TYPE_MASK, UNDEFINED, DEFINED = 0x0E, 0x00, 0x0E
CLASS_PREFIXES: Final = (b"_OBJC_CLASS_$_", b".objc_class_name_")
_IDENTIFIER: Final = re.compile(rb"[A-Za-z_$][\w$.]*\Z")
_C_NAME: Final = re.compile(rb"_([A-Za-z]\w*)\Z")
CFSTRING: Final = "__cfstring"
CONSTANTS: Final = (("__DATA", "__const"), ("__DATA", "__data"), ("__DATA_CONST", "__const"))
"""Sections with the pointers that global constants are."""
CLASS_LISTS: Final = ("__objc_classlist", "__objc_nlclslist")
EAGER_LIST: Final = "__objc_nlclslist"
"""Classes with a `load` method, which the runtime calls when it maps the image: before the app's own code."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section: where it lies in memory and in the file; `offset` 0 for ones without content."""

    segment: str
    name: str
    address: int
    size: int
    offset: int
    relocations: int
    relocation_count: int

    @property
    def title(self) -> str:
        """Return `__TEXT,__cstring`."""
        return f"{self.segment},{self.name}"


@dataclass(frozen=True, slots=True)
class Encryption:
    """FairPlay: `[offset, offset + size)` of the file is encrypted where `system` is not 0."""

    offset: int
    size: int
    system: int


@dataclass(frozen=True, slots=True)
class Symbols:
    """Places of the symbol table."""

    offset: int
    count: int
    text: int
    text_size: int


def architecture(cpu: int, kind: int) -> str:
    """Return the name Apple's tools use: `arm64`, `arm64e`, `armv7` …, or the number for one unknown here."""
    name = CPUS.get(cpu, f"cpu-{cpu:#x}")
    if name == "arm":
        return ARM_KINDS.get(kind & 0xFFFFFF, "arm")
    return "arm64e" if name == "arm64" and kind & 0xFFFFFF == 2 else name


class Macho:
    """One thin image. Tables are read when first asked for; raises `NotThisFormat` or `Malformed` on creation."""

    def __init__(self, data: Reader) -> None:
        known = MAGICS.get(data.read_upto(0, 4))
        if known is None:
            raise NotThisFormat("no Mach-O header")
        self._order, self.bits = known
        self._data = data
        cpu, kind, self.kind, count, size, self.flags = data.unpack_at(4, Struct(self._order + "6I"))
        self.architecture: Final = architecture(cpu, kind)
        self.commands_end: Final = min((28 if self.bits == 32 else 32) + size, data.size)
        self.sections: list[Section] = []
        self.libraries: list[tuple[str, str]] = []
        """(path, how it is loaded), in the order of two-level name space."""
        self.own_name = ""
        self.encryption: Encryption | None = None
        self.signature: Span | None = None
        self.uuid = ""
        self._symbols: Symbols | None = None
        self._base = 0
        self._read_commands(min(count, MOST_COMMANDS))

    # ------------------------------------------------------------------ load commands

    def _read_commands(self, count: int) -> None:
        header = Struct(self._order + "2I")
        at = 28 if self.bits == 32 else 32
        for _ in range(count):
            if at + 8 > self.commands_end:
                break
            command, size = self._data.unpack_at(at, header)
            if size < 8 or at + size > self.commands_end:
                raise Malformed(f"Mach-O load command of {size} bytes at {at:#x}")
            self._command(command, at, size)
            at += size

    def _command(self, command: int, at: int, size: int) -> None:
        words = self._words(at + 8, size - 8)
        if command in (SEGMENT, SEGMENT64):
            self._segment(at, size, wide=command == SEGMENT64)
        elif command in LOADS:
            self.libraries.append((self._text(at, size), LOADS[command]))
        elif command == DYLIB_ID:
            self.own_name = self._text(at, size)
        elif command == SYMTAB and len(words) >= 4:
            self._symbols = Symbols(*words[:4])
        elif command in ENCRYPTION and len(words) >= 3:
            self.encryption = Encryption(*words[:3])
        elif command == SIGNATURE and len(words) >= 2:
            start = min(words[0], self._data.size)
            self.signature = Span(start, min(start + words[1], self._data.size))
        elif command == UUID and size >= 24:
            self.uuid = self._data.read_at(at + 8, 16).hex()

    def _words(self, at: int, size: int) -> tuple[int, ...]:
        count = min(size // 4, 4)
        return self._data.unpack_at(at, Struct(f"{self._order}{count}I"))

    def _text(self, at: int, size: int) -> str:
        words = self._words(at + 8, size - 8)
        start = words[0] if words and 8 <= words[0] < size else size
        return self._data.read_at(at + start, size - start).split(b"\0", 1)[0].decode("utf-8", "replace")

    def _segment(self, at: int, size: int, *, wide: bool) -> None:
        head = Struct(self._order + ("16s4Q4I" if wide else "16s8I"))
        entry = Struct(self._order + ("16s16s2Q8I" if wide else "16s16s9I"))
        if size < 8 + head.size:
            raise Malformed("Mach-O segment cut short")
        name, address, _, offset, file_size, _, _, count, _ = self._data.unpack_at(at + 8, head)
        if offset == 0 and file_size:
            self._base = address
        for index in range(min(count, (size - 8 - head.size) // entry.size)):
            if len(self.sections) >= MOST_SECTIONS:
                return
            fields = self._data.unpack_at(at + 8 + head.size + index * entry.size, entry)
            section, segment, start, length, place, _, relocations, many, kind = fields[:9]
            empty = kind & 0xFF in (1, 12, 18)  # zero fill: in memory only
            length = length if empty else min(length, max(self._data.size - place, 0))
            self.sections.append(
                Section(_name(segment) or _name(name), _name(section), start, length, 0 if empty else place,
                        relocations, many)
            )  # fmt: skip

    # ------------------------------------------------------------------ places

    @cached_property
    def _by_offset(self) -> list[Section]:
        return sorted((s for s in self.sections if s.offset and s.size), key=lambda s: s.offset)

    @cached_property
    def _offsets(self) -> list[int]:
        return [section.offset for section in self._by_offset]

    @cached_property
    def _by_address(self) -> list[Section]:
        return sorted(self._by_offset, key=lambda s: s.address)

    @cached_property
    def _addresses(self) -> list[int]:
        return [section.address for section in self._by_address]

    def section_at(self, offset: int) -> Section | None:
        """Return the section that holds a file offset, or None."""
        index = bisect_right(self._offsets, offset) - 1
        if index < 0:
            return None
        section = self._by_offset[index]
        return section if offset < section.offset + section.size else None

    def offset_of(self, address: int) -> int:
        """Return the file offset of a virtual address, or -1."""
        index = bisect_right(self._addresses, address) - 1
        if index < 0:
            return -1
        section = self._by_address[index]
        inside = address - section.address
        return section.offset + inside if inside < section.size else -1

    def in_symbols(self, offset: int) -> bool:
        """Tell whether a file offset lies in the names of the symbol table."""
        table = self._symbols
        return table is not None and table.text <= offset < table.text + table.text_size

    def named(self, *names: str) -> Iterator[Section]:
        """Yield the sections of these names, in the order of the load commands."""
        return (section for section in self.sections if section.name in names and section.offset)

    def content(self, section: Section) -> bytes:
        """Return a section's bytes, as many as the file holds."""
        return self._data.read_upto(section.offset, section.size)

    def target(self, pointer: int) -> int:
        """Return the file offset a stored pointer leads to, or -1; plain, chained and authenticated forms are tried."""
        if not pointer:
            return -1
        plain = self.offset_of(pointer)
        if plain >= 0 or self.bits == 32:
            return plain
        low = pointer & 0xFFFFFFFFF
        for address in (low, self._base + low, self._base + (pointer & 0xFFFFFFFF), pointer & 0x7FFFFFFFFFF):
            if (place := self.offset_of(address)) >= 0:
                return place
        return -1

    def pointer(self, offset: int) -> int:
        """Return the pointer stored at a file offset, 0 where none fits."""
        raw = self._data.read_upto(offset, self.bits // 8) if offset >= 0 else b""
        return int.from_bytes(raw, "little" if self._order == "<" else "big") if len(raw) == self.bits // 8 else 0

    def string_at(self, offset: int) -> bytes:
        """Return the zero-terminated bytes at a file offset, at most `LONGEST_NAME`; empty outside the file."""
        return self._data.read_upto(offset, LONGEST_NAME).split(b"\0", 1)[0] if offset >= 0 else b""

    # ------------------------------------------------------------------ symbols and classes

    @cached_property
    def _symbol_rows(self) -> list[tuple[int, int, int]]:
        """Place of the name, type, value of every symbol, by its number."""
        table = self._symbols
        if table is None:
            return []
        width, fields = (12, "IBxxxI") if self.bits == 32 else (16, "IBxxxQ")
        raw = self._data.read_upto(table.offset, min(table.count, MOST_SYMBOLS) * width)
        return list(iter_unpack(self._order + fields, raw[: len(raw) // width * width]))

    def symbols(self) -> Iterator[tuple[bytes, bool]]:
        """Yield name and whether another image defines it, of each symbol that is no debugging entry."""
        table = self._symbols
        if table is None:
            return
        text = self._data.read_upto(table.text, table.text_size)
        for name, kind, _ in self._symbol_rows:
            if not kind & STAB:
                end = text.find(b"\0", name, name + LONGEST_NAME)
                yield text[name : end if end >= 0 else name + LONGEST_NAME], kind & TYPE_MASK == UNDEFINED

    @cached_property
    def classes(self) -> dict[str, int]:
        """Name of each Objective-C or Swift class the image defines → file offset that tells so, sorted by name."""
        found = dict(self._listed_classes(*CLASS_LISTS))
        for name, offset in self._symbol_classes[0].items():
            found.setdefault(name, offset)
        return dict(sorted(found.items()))

    @property
    def only_classes(self) -> tuple[str, ...]:
        """The classes of an object file small enough that they say who uses what it holds; else empty."""
        return tuple(self.classes) if self.kind == OBJECT and len(self.classes) <= FEW_CLASSES else ()

    @cached_property
    def used_classes(self) -> tuple[str, ...]:
        """Names of classes that the image takes from others, by its undefined symbols, sorted."""
        return tuple(sorted(self._symbol_classes[1]))

    @cached_property
    def _symbol_classes(self) -> tuple[dict[str, int], dict[str, int]]:
        """Classes that symbols define and use, with the place of the symbol names."""
        defined: dict[str, int] = {}
        used: dict[str, int] = {}
        place = self._symbols.text if self._symbols else 0
        for name, undefined in self.symbols():
            for prefix in CLASS_PREFIXES:
                if name.startswith(prefix) and len(defined) + len(used) < MOST_CLASSES:
                    (used if undefined else defined)[name[len(prefix) :].decode("utf-8", "replace")] = place
        return defined, used

    @cached_property
    def eager_classes(self) -> frozenset[str]:
        """Names of the classes whose `load` method runs when the image is mapped."""
        return frozenset(name for name, _ in self._listed_classes(EAGER_LIST))

    def _listed_classes(self, *lists: str) -> Iterator[tuple[str, int]]:
        """Follow each entry of the class list: class → read-only part → name; only linked images have the pointers."""
        width = self.bits // 8
        for section in self.named(*lists):
            for at in range(section.offset, section.offset + min(section.size, MOST_CLASSES * width), width):
                if name := self._class_name(self.target(self.pointer(at))):
                    yield name.decode("utf-8", "replace"), at

    def _class_name(self, entry: int) -> bytes:
        if entry < 0:
            return b""
        width = self.bits // 8
        # class_t: isa, superclass, cache, vtable, data; the low bits of data are flags (Swift).
        data = self.target(self.pointer(entry + 4 * width) & ~7)
        if data < 0:
            return b""
        # class_ro_t: three words (and a reserved one on 64 bits), ivar layout, name.
        name = self.string_at(self.target(self.pointer(data + (24 if width == 8 else 16))))
        return name if _IDENTIFIER.match(name) else b""

    # ------------------------------------------------------------------ constants

    @cached_property
    def literals(self) -> frozenset[int]:
        """File offsets of the texts that constant `CFString` objects point to: literals that code names."""
        width = self.bits // 8
        found: set[int] = set()
        for section in self.named(CFSTRING):
            if self.kind == OBJECT:
                found.update(self._relocated(section, 2 * width))
            else:
                for at in range(section.offset + 2 * width, section.offset + section.size, 4 * width):
                    found.add(self.target(self.pointer(at)))
        return frozenset(found - {-1})

    @cached_property
    def constants(self) -> dict[int, str]:
        """File offset of a text → name of the global constant for it: `NSString *const kHost`, `char *const kHost`."""
        kept = [section for section in self.sections if (section.segment, section.name) in CONSTANTS]
        leads = self._leads((*kept, *self.named(CFSTRING))) if self.kind == OBJECT else None
        found: dict[int, str] = {}
        for section in kept:
            for place, name in self._named_in(section):
                target = self.target(self.pointer(place)) if leads is None else leads.get(place, -1)
                held = self.section_at(target)
                if held is not None and held.name == CFSTRING:
                    place = target + 2 * self.bits // 8
                    target = self.target(self.pointer(place)) if leads is None else leads.get(place, -1)
                elif held is None or held.name != "__cstring":
                    continue
                found.setdefault(target, name)
        return found

    def _named_in(self, section: Section) -> Iterator[tuple[int, str]]:
        """Yield file offset and name of what symbols of C call in a section."""
        table, low, high = self._symbols, section.address, section.address + section.size
        for name, kind, value in self._symbol_rows:
            if low <= value < high and kind & TYPE_MASK == DEFINED and not kind & STAB and table is not None:
                match = _C_NAME.match(self.string_at(table.text + name))
                if match and section.offset:
                    yield section.offset + value - low, match.group(1).decode("ascii")

    def _leads(self, sections: Iterable[Section]) -> dict[int, int]:
        """Return where the relocations of sections stand → where they lead, both in the file."""
        return {section.offset + place: target for section in sections for place, target in self._relocations(section)}

    def _relocated(self, section: Section, field: int) -> Iterator[int]:
        """Yield where relocations of a section lead that stand at `field` of its 4-pointer records."""
        record = 4 * self.bits // 8
        return (target for place, target in self._relocations(section) if place % record == field)

    def _relocations(self, section: Section) -> Iterator[tuple[int, int]]:
        """Yield place in the section and target in the file of its relocations."""
        raw = self._data.read_upto(section.relocations, min(section.relocation_count, MOST_SYMBOLS) * 8)
        symbols = self._symbol_rows
        for place, packed in iter_unpack(self._order + "2I", raw[: len(raw) // 8 * 8]):
            if place & 0x80000000 or place >= section.size:
                continue
            number, external = packed & 0xFFFFFF, packed >> 27 & 1
            stored = self.pointer(section.offset + place)
            if external:
                stored += symbols[number][2] if number < len(symbols) else 0
            yield place, self.offset_of(stored)


def _name(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("ascii", "replace")
