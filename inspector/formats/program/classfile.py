"""Java class files: the constant pool, and which method uses which constant.

Format: The Java Virtual Machine Specification, chapter 4.
Limits: annotations and debug attributes are not read.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from struct import unpack_from
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.program.dex import contiguous, decode_mutf8
from inspector.formats.reader import Reader

MAGIC: Final = b"\xca\xfe\xba\xbe"
LARGEST: Final = 1 << 25
UTF8, LONG, DOUBLE, CLASS, STRING = 1, 5, 6, 7, 8
FIELD_REF, METHOD_REF, INTERFACE_REF, NAME_AND_TYPE = 9, 10, 11, 12
INVOKE_DYNAMIC: Final = 18
_SIZES: Final = {
    3: 4,
    4: 4,
    5: 8,
    6: 8,
    7: 2,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 4,
    15: 3,
    16: 2,
    17: 4,
    18: 4,
    19: 2,
    20: 2,
}

LDC, LDC_W = 0x12, 0x13
WIDE, TABLE_SWITCH, LOOKUP_SWITCH = 0xC4, 0xAA, 0xAB


def _lengths() -> bytes:
    """Return the length of each instruction in bytes, opcode included."""
    table = bytearray([1]) * 256
    two = (0x10, 0x12, *range(0x15, 0x1A), *range(0x36, 0x3B), 0xA9, 0xBC)
    three = (0x11, 0x13, 0x14, 0x84, *range(0x99, 0xA9), *range(0xB2, 0xB9), 0xBB, 0xBD, 0xC0, 0xC1, 0xC6, 0xC7)
    five = (0xB9, 0xBA, 0xC8, 0xC9)
    for width, opcodes in ((2, two), (3, three), (5, five), (4, (0xC5,))):
        for opcode in opcodes:
            table[opcode] = width
    return bytes(table)


LENGTHS: Final = _lengths()
_NAMING: Final = frozenset((LDC, LDC_W, 0x14, *range(0xB2, 0xBC), 0xBD, 0xC0, 0xC1, 0xC5))
"""Opcodes with a constant pool index behind them."""


@dataclass(frozen=True, slots=True)
class Body:
    """A method with code: `[start, end)` of its instructions in the file."""

    name: str
    start: int
    end: int


class ClassFile:
    """One class. Constants are decoded when asked for; indices outside the pool give empty text."""

    def __init__(self, raw: bytes) -> None:
        """Read the pool; `NotThisFormat` without the magic, `Malformed` where the pool is cut short."""
        if raw[:4] != MAGIC or len(raw) < 24:
            raise NotThisFormat("no class file")
        self.raw: Final = raw
        self.version: Final[int] = unpack_from(">H", raw, 6)[0]
        if self.version < 45:
            raise NotThisFormat("no class file version")
        self.tags = bytearray(1)
        """Tag of each constant, 0 where the index is not used."""
        self.starts = [0]
        """Where the bytes behind each constant's tag stand in the file."""
        self._rest = self._read_pool()

    def _read_pool(self) -> int:
        """Fill `tags` and `starts`; return where the pool ends."""
        raw, tags, starts = self.raw, self.tags, self.starts
        (count,) = unpack_from(">H", raw, 8)
        at, end = 10, len(raw) - 3
        while len(tags) < count:
            if at > end:
                raise Malformed("constant pool cut short")
            tag = raw[at]
            size = (raw[at + 1] << 8 | raw[at + 2]) + 2 if tag == UTF8 else _SIZES.get(tag, 0)
            if not size:
                raise Malformed(f"constant {len(tags)} with tag {tag}")
            tags.append(tag)
            starts.append(at + 1)
            if tag in (LONG, DOUBLE):
                tags.append(0)
                starts.append(0)
            at += 1 + size
        return at

    def _short(self, at: int) -> int:
        if at + 2 > len(self.raw):
            raise Malformed("class file cut short")
        return int(unpack_from(">H", self.raw, at)[0])

    def _word(self, at: int) -> int:
        if at + 4 > len(self.raw):
            raise Malformed("class file cut short")
        return int(unpack_from(">I", self.raw, at)[0])

    def _tag(self, index: int) -> int:
        return self.tags[index] if 0 <= index < len(self.tags) else 0

    def text(self, index: int) -> str:
        """Return the text of a Utf8, String or Class constant."""
        if self._tag(index) in (STRING, CLASS):
            index = self._short(self.starts[index])
        if self._tag(index) != UTF8:
            return ""
        start = self.starts[index] + 2
        return decode_mutf8(self.raw[start : start + self._short(start - 2)])

    @cached_property
    def name(self) -> str:
        """Dotted name of the class; empty where the header does not say."""
        return self.text(self._short(self._rest + 2)).replace("/", ".")

    def references(self, owners: Container[str]) -> Iterator[tuple[int, str, str]]:
        """Yield (index, dotted class, name) of the references to fields and methods of some classes, by index."""
        classes = {index: self.text(index).replace("/", ".") for index, tag in enumerate(self.tags) if tag == CLASS}
        wanted = {index: name for index, name in classes.items() if name in owners}
        if not wanted:
            return
        for index, tag in enumerate(self.tags):
            if tag not in (FIELD_REF, METHOD_REF, INTERFACE_REF):
                continue
            owner = wanted.get(self._short(self.starts[index]))
            pair = self._short(self.starts[index] + 2)
            if owner is not None and self._tag(pair) == NAME_AND_TYPE:
                yield index, owner, self.text(self._short(self.starts[pair]))

    def text_at(self, offset: int) -> int:
        """Return the Utf8 constant whose length or text holds the byte `offset`, or 0."""
        for index, tag in enumerate(self.tags):
            start = self.starts[index]
            if tag == UTF8 and start <= offset < start + 2 + self._short(start):
                return index
        return 0

    def users_of_text(self, text: int) -> list[int]:
        """Return the pool indices through which code can name a Utf8 constant."""
        strings = (index for index, tag in enumerate(self.tags) if tag == STRING)
        return [index for index in strings if self._short(self.starts[index]) == text]

    # ------------------------------------------------------------------ members

    @cached_property
    def _tables(self) -> tuple[list[Body], dict[int, list[str]], list[tuple[int, ...]]]:
        """Method bodies, constants that fields start with, and what each bootstrap method is given."""
        at = self._rest + 6
        at += 2 + 2 * self._short(at)
        bodies: list[Body] = []
        initial: dict[int, list[str]] = {}
        for methods in (False, True):
            count, at = self._short(at), at + 2
            for _ in range(count):
                name = self.text(self._short(at + 2))
                parts, at = self._attributes(at + 6)
                if methods and "Code" in parts:
                    start, length = parts["Code"]
                    code = start + 8
                    bodies.append(Body(name, code, min(code + self._word(start + 4), start + length, len(self.raw))))
                elif not methods and "ConstantValue" in parts:
                    initial.setdefault(self._short(parts["ConstantValue"][0]), []).append(name)
        parts, _ = self._attributes(at)
        return bodies, initial, self._bootstraps(*parts["BootstrapMethods"]) if "BootstrapMethods" in parts else []

    def _attributes(self, at: int) -> tuple[dict[str, tuple[int, int]], int]:
        """Return name → (start, length) of an attribute table, and where it ends."""
        found = {}
        count, at = self._short(at), at + 2
        for _ in range(count):
            length = self._word(at + 2)
            found[self.text(self._short(at))] = (at + 6, length)
            at += 6 + length
        return found, at

    def _bootstraps(self, at: int, length: int) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        end = min(at + length, len(self.raw))
        count, at = self._short(at), at + 2
        for _ in range(count):
            arguments = self._short(at + 2)
            if at + 4 + 2 * arguments > end:
                break
            found.append(unpack_from(f">{arguments}H", self.raw, at + 4))
            at += 4 + 2 * arguments
        return found

    def initial_texts(self) -> Iterator[tuple[str, str, str]]:
        """Yield (dotted class, field, text) of constants that hold a text."""
        for index, names in self._tables[1].items():
            if self._tag(index) == STRING:
                for field in names:
                    yield self.name, field, self.text(index)

    def uses(self, indices: Iterable[int]) -> dict[int, list[str]]:
        """Return pool index → names of the methods that name it and of the fields that start with it, in file order."""
        wanted = frozenset(indices)
        found: dict[int, list[str]] = {}
        if not wanted:
            return found
        try:
            bodies, initial, bootstraps = self._tables
        except Malformed:
            return found
        for index in wanted & initial.keys():
            found.setdefault(index, []).extend(initial[index])
        for body in bodies:
            for index in dict.fromkeys(self._given(self._named(body), bootstraps)):
                if index in wanted:
                    found.setdefault(index, []).append(body.name)
        return found

    def _given(self, indices: Iterable[int], bootstraps: Sequence[tuple[int, ...]]) -> Iterator[int]:
        """Yield the indices, and for calls bound at run time what they are bound with: the text of a concatenation."""
        for index in indices:
            yield index
            if self._tag(index) == INVOKE_DYNAMIC:
                method = self._short(self.starts[index])
                yield from bootstraps[method] if method < len(bootstraps) else ()

    def _named(self, body: Body) -> Iterator[int]:
        """Yield the pool indices that the instructions of a method name."""
        raw, at = self.raw, body.start
        while at < body.end:
            opcode = raw[at]
            if opcode in _NAMING and at + LENGTHS[opcode] <= body.end:
                yield raw[at + 1] if opcode == LDC else raw[at + 1] << 8 | raw[at + 2]
            at += self._length(at, body) if opcode in (WIDE, TABLE_SWITCH, LOOKUP_SWITCH) else LENGTHS[opcode]

    def _length(self, at: int, body: Body) -> int:
        opcode = self.raw[at]
        if opcode == WIDE:
            return 6 if self.raw[at + 1 : at + 2] == b"\x84" else 4
        # Operands of switches are aligned to four bytes within the method.
        first = at + 4 - (at - body.start) % 4
        if opcode == LOOKUP_SWITCH:
            return first + 8 + 8 * self._word(first + 4) - at
        low, high = self._word(first + 4), self._word(first + 8)
        return first + 12 + 4 * ((high - low & 0xFFFFFFFF) + 1) - at


def parse_class(data: Reader) -> ClassFile:
    """Return a class file; raises as `ClassFile`."""
    if data.size > LARGEST:
        raise Malformed(f"class file of {data.size} bytes")
    return ClassFile(contiguous(data))
