"""The code of a DEX file: which method loads a string, reads a field or calls a method, without disassembling it all.

Candidates are found over the whole code at once (an opcode unit followed by a wanted index); a candidate counts only
when a linear decode of the one method around it comes out exactly there.

Format: source.android.com, "Dalvik bytecode", "Dalvik executable instruction formats".
Limits: compact DEX keeps its code in another layout and has none here; reflection and native code are not followed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import environ
from struct import unpack_from
from typing import Any, Final

from inspector.errors import Malformed, Unsupported
from inspector.formats.program.dex import Dex, MethodId, Table, parse_dexes, uleb128
from inspector.formats.reader import Reader

CODE_HEADER: Final = 16
CONST: Final = 0x14
CONST_STRING, CONST_STRING_JUMBO = 0x1A, 0x1B
SGET_OBJECT: Final = 0x62
FIELD_READS: Final = range(0x60, 0x67)
INVOKES: Final = (*range(0x6E, 0x73), *range(0x74, 0x79))
STRING_VALUE: Final = 0x17
LARGEST_STATICS: Final = 1 << 16
"""Bytes read past the last static initialiser, whose end no table tells."""

_WIDTHS: Final = {
    1: (0x00, 0x01, 0x04, 0x07, *range(0x0A, 0x13), 0x1D, 0x1E, 0x21, 0x27, 0x28, *range(0x3E, 0x44)),
    3: (0x03, 0x06, 0x09, 0x14, 0x17, 0x1B, *range(0x24, 0x27), *range(0x2A, 0x2D), *INVOKES, 0xE9, 0xEA, 0xFC, 0xFD),
    4: (0xFA, 0xFB),
    5: (0x18,),
}


def _widths() -> bytes:
    """Return the length of each opcode in units of 16 bits; unused opcodes count one."""
    table = bytearray([2]) * 256
    for low, high in ((0x73, 0x74), (0x79, 0x90), (0xB0, 0xD0), (0xF3, 0xFA)):
        table[low:high] = bytes([1]) * (high - low)
    for width, opcodes in _WIDTHS.items():
        for opcode in opcodes:
            table[opcode] = width
    return bytes(table)


WIDTHS: Final = _widths()
_ASKED: Final = ((CONST,), (CONST_STRING,), (CONST_STRING_JUMBO,), FIELD_READS, INVOKES)
_KINDS: Final = bytes(next((kind[0] for kind in _ASKED if opcode in kind), 0) for opcode in range(256))
"""The first opcode of the kind that each opcode belongs to; 0 for those nobody asks for."""


def numpy() -> Any:
    """Return numpy, imported on first use; who is about to fork calls this before, so that the children share it.

    Its linear algebra would start threads, for work that nobody here has.
    """
    environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import numpy as np

    return np


@dataclass(frozen=True, slots=True)
class Use:
    """A place in the code that names an index of a table."""

    index: int
    """The string, field or method that is named."""
    method: int
    """Index of the method whose code names it."""
    offset: int
    """Of the instruction, in the file."""


class DexCode:
    """Every method body of a DEX, found through the class data."""

    def __init__(self, dex: Dex) -> None:
        """Index the methods; `Unsupported` for compact DEX, `Malformed` where class data overlap themselves."""
        np = numpy()
        if not dex.code_readable:
            raise Unsupported("code of compact DEX")
        self.dex: Final = dex
        self._np = np
        self._bytes = np.frombuffer(dex.raw, np.uint8)
        self._methods: Any = np.zeros(0, np.int64)
        self._starts: Any = self._methods
        self._sizes: Any = self._methods
        self._budget = 0
        self._kinds: Any = self._methods
        self._found: dict[int, tuple[Any, Any]] = {}
        self._decoded: dict[int, frozenset[int]] = {}
        self._index()

    # ------------------------------------------------------------------ methods

    def _index(self) -> None:
        np = self._np
        methods, codes = self._class_data()
        keep = (codes > 0) & (codes + CODE_HEADER <= len(self._bytes)) & (codes % 2 == 0)
        methods, codes = methods[keep], codes[keep]
        order = np.lexsort((methods, codes))
        self._methods, self._starts = methods[order], codes[order]
        if not len(codes):
            return
        units = self._units(0, len(self._bytes))
        at = self._starts // 2
        sizes = units[at + 6].astype(np.int64) | units[at + 7].astype(np.int64) << 16
        self._sizes = np.minimum(sizes, (len(self._bytes) - self._starts - CODE_HEADER) // 2)
        low, high = int(self._starts[0]), int((self._starts + CODE_HEADER + 2 * self._sizes).max())
        self._low, self._code = low, self._units(low, high)
        # Overlapping code items could otherwise be decoded over and over.
        self._budget = 2 * len(self._code)

    def _units(self, low: int, high: int) -> Any:
        count = (high - low) // 2
        return self._np.frombuffer(self.dex.raw, "<u2", count, low)

    def _class_data(self) -> tuple[Any, Any]:
        """Return (method index, code offset) of every method defined in the file."""
        np, table = self._np, self.dex.class_defs
        none = np.zeros(0, np.int64)
        rows = np.frombuffer(self.dex.raw, "<u4", 8 * table.count, table.offset).reshape(-1, 8)
        offsets = self._distinct(rows[:, 6].astype(np.int64))
        offsets = offsets[(offsets > 0) & (offsets < len(self._bytes))] + self.dex.data_base
        if not len(offsets):
            return none, none
        numbers, starts = self._numbers(int(offsets[0]), self._class_data_end(int(offsets[-1])))
        first = np.searchsorted(starts, offsets - offsets[0])
        first = first[first + 4 <= len(numbers)]
        # Offsets in the middle of a number belong to no table a compiler wrote.
        first = first[starts[first] == (offsets - offsets[0])[: len(first)]]
        fields = numbers[first] + numbers[first + 1]
        direct, virtual = numbers[first + 2], numbers[first + 3]
        fits = first + 4 + 2 * fields + 3 * (direct + virtual) <= len(numbers)
        first, fields, direct, virtual = first[fits], fields[fits], direct[fits], virtual[fits]
        at = first + 4 + 2 * fields
        runs = np.concatenate((at, at + 3 * direct))
        lengths = np.concatenate((direct, virtual))
        return self._expand(numbers, runs[lengths > 0], lengths[lengths > 0])

    def _expand(self, numbers: Any, runs: Any, lengths: Any) -> tuple[Any, Any]:
        """Return the methods of runs of (index difference, access, code offset), differences added up."""
        np = self._np
        total = int(lengths.sum())
        if 3 * total > len(numbers):
            raise Malformed("class data overlap")
        ends = np.cumsum(lengths)
        firsts = ends - lengths
        at = np.repeat(runs, lengths) + 3 * (np.arange(total) - np.repeat(firsts, lengths))
        steps = numbers[at]
        sums = np.cumsum(steps)
        methods = sums - np.repeat((sums - steps)[firsts] if total else sums, lengths)
        codes = numbers[at + 2]
        return methods, np.where(codes > 0, codes + self.dex.data_base, 0)

    def _class_data_end(self, start: int) -> int:
        """Return where the last class data end, at most."""
        raw, at = self.dex.raw, start
        try:
            counts = []
            for _ in range(4):
                value, at = uleb128(raw, at)
                counts.append(value)
        except Malformed:
            return min(start + 20, len(raw))
        return min(len(raw), at + 5 * (2 * (counts[0] + counts[1]) + 3 * (counts[2] + counts[3])))

    def _numbers(self, low: int, high: int) -> tuple[Any, Any]:
        """Return every LEB128 number of a range, and where each starts in it."""
        np = self._np
        data = self._bytes[low:high]
        ends = np.flatnonzero(data < 0x80)
        starts = np.empty_like(ends)
        starts[:1] = 0
        starts[1:] = ends[:-1] + 1
        lengths = ends - starts
        numbers = (data[starts] & 0x7F).astype(np.int64)
        for step in range(1, 5):
            longer = np.flatnonzero(lengths >= step)
            if not len(longer):
                break
            numbers[longer] |= (data[starts[longer] + step] & 0x7F).astype(np.int64) << 7 * step
        return numbers, starts

    def _distinct(self, values: Any) -> Any:
        """Return the values sorted, each once; `numpy.unique` would import masked arrays for it."""
        ordered = self._np.sort(values)
        return ordered[self._np.flatnonzero(self._np.diff(ordered, prepend=ordered[:1] - 1))]

    @property
    def method_count(self) -> int:
        """Return how many methods have code."""
        return len(self._starts)

    # ------------------------------------------------------------------ uses

    def string_loads(self, strings: Iterable[int]) -> list[Use]:
        """Return where code loads any of the strings, in file order."""
        wanted = self._table(strings, self.dex.strings.count)
        short = self._find(CONST_STRING, wanted)
        return sorted([*short, *self._find_jumbo(wanted)], key=lambda use: use.offset)

    def calls(self, methods: Iterable[int]) -> list[Use]:
        """Return where code invokes any of the methods (by method index of this file), in file order."""
        return self._find(INVOKES[0], self._table(methods, self.dex.methods.count))

    def field_reads(self, fields: Iterable[int]) -> list[Use]:
        """Return where code reads any of the static fields, in file order."""
        return self._find(FIELD_READS[0], self._table(fields, self.dex.fields.count))

    def constant_loads(self, values: Collection[int]) -> list[Use]:
        """Return where code loads one of the 32-bit values (`index` is the value), in file order."""
        np = self._np
        if not len(self._starts) or not values:
            return []
        at, low = self._operations(CONST)
        numbers = low.astype(np.int64) | self._code[at + 2].astype(np.int64) << 16
        hit = np.isin(numbers, np.fromiter(values, np.int64))
        return self._confirmed(at[hit], numbers[hit])

    def fields_of(self, names: Iterable[str], class_end: bytes) -> dict[int, str]:
        """Return field index → name for fields of these names in classes whose descriptor ends like `class_end`."""
        np, dex = self._np, self.dex
        strings = {dex.find_string(name.encode("utf-8", "surrogatepass")): name for name in names}
        table = np.frombuffer(dex.raw, "<u4", 2 * dex.fields.count, dex.fields.offset)
        rows = np.flatnonzero(np.isin(table[1::2], [index for index in strings if index >= 0]))
        owners = (table[2 * rows] & 0xFFFF).tolist()
        return {
            row: strings[int(table[2 * row + 1])]
            for row, owner in zip(rows.tolist(), owners, strict=True)
            if dex.descriptor(owner).endswith(class_end)
        }

    def _table(self, indices: Iterable[int], count: int) -> Any:
        table = self._np.zeros(max(count, 1 << 16), bool)
        table[[index for index in indices if 0 <= index < count]] = True
        return table

    def _find(self, kind: int, wanted: Any) -> list[Use]:
        if not len(self._starts) or not wanted.any():
            return []
        at, indices = self._operations(kind)
        hit = wanted[indices]
        return self._confirmed(at[hit], indices[hit])

    def _operations(self, kind: int) -> tuple[Any, Any]:
        """Return the unit positions of a kind of opcode and the units behind them; operands may look like opcodes.

        A kind goes by its first opcode. One pass over the code serves every later question.
        """
        np = self._np
        if not len(self._kinds):
            low, units = self._low, max(len(self._code) - 2, 0)
            self._kinds = np.frombuffer(self.dex.raw[low : low + 2 * units : 2].translate(_KINDS), np.uint8)
        if kind not in self._found:
            at = np.flatnonzero(self._kinds == kind)
            self._found[kind] = at, self._code[at + 1]
        return self._found[kind]

    def _find_jumbo(self, wanted: Any) -> list[Use]:
        np = self._np
        if not len(self._starts) or not wanted[1 << 16 :].any():
            return []
        at, low = self._operations(CONST_STRING_JUMBO)
        indices = low.astype(np.int64) | self._code[at + 2].astype(np.int64) << 16
        inside = indices < len(wanted)
        at, indices = at[inside], indices[inside]
        hit = wanted[indices]
        return self._confirmed(at[hit], indices[hit])

    def _confirmed(self, at: Any, indices: Any) -> list[Use]:
        """Keep the candidates (unit positions) on which a decode of their method really comes out."""
        np = self._np
        offsets = at.astype(np.int64) * 2 + self._low
        rows = np.searchsorted(self._starts, offsets, "right") - 1
        uses = []
        for offset, row, index in zip(offsets.tolist(), rows.tolist(), indices.tolist(), strict=True):
            if row >= 0 and offset in self._instructions(row):
                uses += [Use(index, method, offset) for method in self._sharing(row)]
        return uses

    def _sharing(self, row: int) -> Iterator[int]:
        """Yield the methods of a code item: optimisers let equal methods share one."""
        start, first = self._starts[row], row
        while first > 0 and row - first < 4 and self._starts[first - 1] == start:
            first -= 1
        for index in range(first, row + 1):
            yield int(self._methods[index])

    def _instructions(self, row: int) -> frozenset[int]:
        """Return the offsets of a method's instructions; none once the budget for decoding is spent."""
        known = self._decoded.get(row)
        if known is None:
            known = self._decoded[row] = frozenset(offset for offset, _ in self._decode(row))
        return known

    def _decode(self, row: int) -> Iterator[tuple[int, int]]:
        """Yield (offset, opcode) of a method in order."""
        start, size = int(self._starts[row]) + CODE_HEADER, int(self._sizes[row])
        if size > self._budget:
            return
        self._budget -= size
        raw, at, end = self.dex.raw, start, start + 2 * size
        while at < end:
            opcode = raw[at]
            yield at, opcode
            if opcode == 0 and raw[at + 1]:
                at += _payload_width(raw, at, end)
            else:
                at += 2 * WIDTHS[opcode]

    def owner(self, method: int) -> bytes:
        """Return the descriptor of the class that a method id names."""
        if not 0 <= method < self.dex.methods.count:
            return b""
        return self.dex.descriptor(unpack_from("<H", self.dex.raw, self.dex.methods.offset + 8 * method)[0])

    def field_owner(self, field: int) -> int:
        """Return the type index of the class that a field id names, -1 outside the table."""
        if not 0 <= field < self.dex.fields.count:
            return -1
        return int(unpack_from("<H", self.dex.raw, self.dex.fields.offset + 8 * field)[0])

    def methods_of(self, types: Iterable[int], names: frozenset[str]) -> set[int]:
        """Return the method ids of some types (by index) that carry one of the names."""
        rows = self._np.flatnonzero(self._np.isin(self.method_owners, list(types)))
        return {index for index in rows.tolist() if self.dex.method(index).name in names}

    def called_by(self, methods: Iterable[int]) -> list[Use]:
        """Return what the code of the methods invokes, in file order of the calls."""
        return self._operands(methods, _INVOKES)

    def fields_read_by(self, methods: Iterable[int]) -> list[Use]:
        """Return the static fields that the code of the methods reads, in file order."""
        return self._operands(methods, _FIELD_READS)

    def _operands(self, methods: Iterable[int], opcodes: frozenset[int]) -> list[Use]:
        np = self._np
        rows = np.flatnonzero(np.isin(self._methods, list(methods)))
        uses = []
        for row in rows.tolist():
            for offset, opcode in self._decode(row):
                if opcode in opcodes and offset + 4 <= len(self.dex.raw):
                    index = unpack_from("<H", self.dex.raw, offset + 2)[0]
                    uses.append(Use(index, int(self._methods[row]), offset))
        return uses

    def calls_between(self, groups: Sequence[int], most: int = 8) -> dict[int, list[Use]]:
        """Return group → calls of its methods from outside it, at most `most` each, in file order.

        `groups` holds a number for each type of the file; calls of group 0 are not looked for.
        """
        np = self._np
        if not len(self._starts) or not any(groups):
            return {}
        owners = self.method_owners.astype(np.int64)
        of_type = np.asarray(groups, np.int64)
        of_method = np.where(owners < len(of_type), of_type[np.minimum(owners, len(of_type) - 1)], 0)
        wanted = np.zeros(1 << 16, bool)
        wanted[: len(of_method)] = of_method[: 1 << 16] > 0
        at, indices = self._operations(INVOKES[0])
        at, indices = at[wanted[indices]], indices[wanted[indices]]
        rows = np.searchsorted(self._starts, at * 2 + self._low, "right") - 1
        at, rows, indices = at[rows >= 0], rows[rows >= 0], indices[rows >= 0]
        callee = of_method[indices]
        outside = callee != of_method[np.minimum(self._methods[rows], len(of_method) - 1)]
        at, callee = at[outside], callee[outside]
        found: dict[int, list[Use]] = {}
        for group in self._distinct(callee).tolist():
            some = at[callee == group][:most]
            if uses := self._confirmed(some, self._code[some + 1]):
                found[group] = uses
        return found

    @property
    def method_owners(self) -> Any:
        """Type index of the class that each method id names, as an array."""
        table = self.dex.methods
        return self._np.frombuffer(self.dex.raw, "<u2", 4 * table.count, table.offset)[::4]

    def methods_named(self, wanted: Mapping[str, frozenset[str]]) -> dict[int, MethodId]:
        """Return index → method for method ids of the classes in `wanted` (dotted); an empty set takes all of one."""
        return self._named(wanted, self.dex.methods, self.dex.method)

    def fields_named(self, wanted: Mapping[str, frozenset[str]]) -> dict[int, MethodId]:
        """Return index → field, as `methods_named`."""
        return self._named(wanted, self.dex.fields, self.dex.field)

    def _named(
        self, wanted: Mapping[str, frozenset[str]], table: Table, name_of: Callable[[int], MethodId]
    ) -> dict[int, MethodId]:
        types = [self.dex.find_type(b"L" + name.replace(".", "/").encode() + b";") for name in wanted]
        owners = self._np.frombuffer(self.dex.raw, "<u2", 4 * table.count, table.offset)[::4]
        rows = self._np.flatnonzero(self._np.isin(owners, [index for index in types if index >= 0]))
        named = {index: name_of(index) for index in rows.tolist()}
        return {index: one for index, one in named.items() if not wanted[one.owner] or one.name in wanted[one.owner]}

    # ------------------------------------------------------------------ static initialisers

    def static_strings(self, strings: Iterable[int]) -> list[tuple[int, int]]:
        """Return (string, field) for static fields that start with one of the strings, by index."""
        np, table = self._np, self.dex.class_defs
        wanted = self._table(strings, self.dex.strings.count)
        rows = np.frombuffer(self.dex.raw, "<u4", 8 * table.count, table.offset).reshape(-1, 8)
        places = rows[:, 7].astype(np.int64) + self.dex.data_base
        classes = np.flatnonzero((rows[:, 7] > 0) & (places < len(self._bytes)))
        classes = classes[np.argsort(places[classes], kind="stable")]
        if not len(classes) or not wanted.any():
            return []
        places = places[classes]
        low = int(places[0])
        data = self._bytes[low : int(places[-1]) + LARGEST_STATICS]
        found = []
        owners = np.searchsorted(places, self._string_values(data, wanted) + low, "right") - 1
        for row in self._distinct(owners).tolist():
            found += self._initialised(int(classes[row]), int(places[row]), wanted)
        return found

    def initial_texts(self, names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
        """Yield (dotted class, field, text) of static fields with one of the names that start with a text."""
        dex = self.dex
        fields = self.fields_of(names, b";")
        owners = {unpack_from("<H", dex.raw, dex.fields.offset + 8 * index)[0] for index in fields}
        for row, kind in enumerate(dex.class_types):
            place = dex.class_def(row).static_values if kind in owners else 0
            if not 0 < place < len(dex.raw):
                continue
            try:
                texts = dict(_encoded_strings(dex.raw, place))
                known = self._static_fields(row, max(texts, default=-1) + 1)
            except Malformed:
                continue
            for position, index in enumerate(known):
                if index in fields and position in texts:
                    yield dex.type_name(kind), fields[index], dex.string(texts[position])

    def _string_values(self, data: Any, wanted: Any) -> Any:
        """Return where an encoded value that is one of the wanted strings may stand."""
        np = self._np
        at = np.flatnonzero((data & 0x1F) == STRING_VALUE)
        widths = (data[at] >> 5).astype(np.int64)
        at, widths = at[(widths < 4) & (at + 4 < len(data))], widths[(widths < 4) & (at + 4 < len(data))]
        values = data[at + 1].astype(np.int64)
        for step in range(1, 4):
            values |= np.where(widths >= step, data[at + 1 + step].astype(np.int64) << 8 * step, 0)
        inside = values < len(wanted)
        return at[inside][wanted[values[inside]]]

    def _initialised(self, class_index: int, offset: int, wanted: Any) -> list[tuple[int, int]]:
        try:
            values = [(n, s) for n, s in _encoded_strings(self.dex.raw, offset) if s < len(wanted) and wanted[s]]
            fields = self._static_fields(class_index, max((n for n, _ in values), default=-1) + 1)
        except Malformed:
            return []
        return [(string, fields[position]) for position, string in values if position < len(fields)]

    def _static_fields(self, class_index: int, count: int) -> list[int]:
        """Return the field indices of the first `count` static fields of a class."""
        raw, at = self.dex.raw, self.dex.class_def(class_index).data
        if not at:
            return []
        known, at = uleb128(raw, at)
        for _ in range(3):
            _, at = uleb128(raw, at)
        fields: list[int] = []
        for _ in range(min(known, count)):
            step, at = uleb128(raw, at)
            _, at = uleb128(raw, at)
            fields.append(step + (fields[-1] if fields else 0))
        return fields


_INVOKES: Final = frozenset(INVOKES)
_FIELD_READS: Final = frozenset(FIELD_READS)


class _Opened:
    """The file read last: scanner and placer ask for the same one after the other, and indexing is what costs."""

    raw: bytes = b""
    codes: tuple["DexCode", ...] = ()


def open_code(data: Reader) -> tuple[DexCode, ...]:
    """Return the code of every DEX in a file, each with its tables in `.dex`; none for compact DEX.

    Raises as `parse_dexes`; asked again for the same bytes object it answers from memory.
    """
    dexes = parse_dexes(data)
    raw = dexes[0].raw
    if raw is not _Opened.raw:
        codes = tuple(DexCode(dex) for dex in dexes if dex.code_readable)
        _Opened.raw, _Opened.codes = raw, codes
    return _Opened.codes


def _payload_width(raw: bytes, at: int, end: int) -> int:
    """Return the bytes of a switch or array payload that stands in the code at `at`."""
    kind = raw[at + 1]
    if at + 8 > end:
        return end - at
    if kind == 1:
        return 8 + 4 * int(unpack_from("<H", raw, at + 2)[0])
    if kind == 2:
        return 4 + 8 * int(unpack_from("<H", raw, at + 2)[0])
    if kind == 3:
        width, count = unpack_from("<HI", raw, at + 2)
        return 8 + (int(width) * int(count) + 1) // 2 * 2
    return 2


def _encoded_strings(raw: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """Yield (position, string index) of the strings in an encoded array; stops before nested values."""
    count, at = uleb128(raw, offset)
    for position in range(min(count, len(raw) - at)):
        if at >= len(raw):
            return
        kind, width = raw[at] & 0x1F, (raw[at] >> 5) + 1
        at += 1
        if kind in (0x1C, 0x1D):
            return
        if kind == STRING_VALUE:
            yield position, int.from_bytes(raw[at : at + width], "little")
        # null and booleans carry their value in the argument.
        at += 0 if kind in (0x1E, 0x1F) else width
