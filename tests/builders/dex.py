"""A small DEX writer: static methods that load constants and call others, static fields with text.

What it writes passes the verifier of `dexdump`.
"""

from dataclasses import dataclass, field
from hashlib import sha1
from struct import pack, pack_into
from zlib import adler32

STATIC = 0x9
NO_INDEX = 0xFFFFFFFF


@dataclass
class Class:
    """A class by descriptor; a step is ("load", text), ("const", hexadecimal) or "call" or "read" of a member.

    Members are given as class and name.
    """

    name: str
    methods: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    statics: dict[str, str] = field(default_factory=dict)
    superclass: str = "Ljava/lang/Object;"
    interfaces: tuple[str, ...] = ()


def build_dex(*classes: Class, version: bytes = b"035", extra_strings: tuple[str, ...] = ()) -> bytes:
    """Return a DEX file that defines the classes; parents must stand before children."""
    return _Writer(classes, extra_strings).build(version)


def mutf8(text: str) -> bytes:
    """Encode as DEX does: NUL as two bytes, characters past U+FFFF as surrogates."""
    units = text.encode("utf-16-le", "surrogatepass")
    out = b""
    for low, high in zip(units[::2], units[1::2], strict=True):
        unit = low | high << 8
        out += b"\xc0\x80" if not unit else chr(unit).encode("utf-8", "surrogatepass")
    return out


def uleb(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


class _Writer:
    def __init__(self, classes: tuple[Class, ...], extra: tuple[str, ...]) -> None:
        self.classes = classes
        types = {"V", "Ljava/lang/String;"}
        methods: set[tuple[str, str]] = set()
        fields: set[tuple[str, str]] = set()
        texts = {*extra, "V"}
        for one in classes:
            types |= {one.name, one.superclass, *one.interfaces}
            texts |= set(one.statics.values())
            fields |= {(one.name, name) for name in one.statics}
            methods |= {(one.name, name) for name in one.methods}
            for step in (step for steps in one.methods.values() for step in steps):
                if step[0] in ("load", "jumbo"):
                    texts.add(step[1])
                elif step[0] != "const":
                    types.add(step[1])
                    (methods if step[0] == "call" else fields).add((step[1], step[2]))
        texts |= types | {name for _, name in methods | fields}
        self.strings = sorted(texts, key=lambda text: text.encode("utf-16-be", "surrogatepass"))
        self.string = {text: index for index, text in enumerate(self.strings)}
        self.types = sorted(types, key=self.string.__getitem__)
        self.type = {name: index for index, name in enumerate(self.types)}
        order = lambda pair: (self.type[pair[0]], self.string[pair[1]])  # noqa: E731
        self.fields, self.methods = sorted(fields, key=order), sorted(methods, key=order)
        self.field = {pair: index for index, pair in enumerate(self.fields)}
        self.method = {pair: index for index, pair in enumerate(self.methods)}

    def build(self, version: bytes) -> bytes:
        self.sections: list[tuple[int, int, int]] = [(0, 1, 0)]
        counts = [len(self.strings), len(self.types), 1, len(self.fields), len(self.methods), len(self.classes)]
        offsets, at = [], 0x70
        for kind, (count, width) in enumerate(zip(counts, (4, 4, 12, 8, 8, 32), strict=True), 1):
            offsets.append(at if count else 0)
            if count:
                self.sections.append((kind, count, at))
            at += count * width
        self.out = bytearray(at)
        data_at = at
        lists = self._type_lists()
        codes = self._code()
        datas = self._class_data(codes)
        strings = self._string_data()
        statics = self._statics()
        for index, start in enumerate(strings):
            pack_into("<I", self.out, offsets[0] + 4 * index, start)
        for index, name in enumerate(self.types):
            pack_into("<I", self.out, offsets[1] + 4 * index, self.string[name])
        pack_into("<III", self.out, offsets[2], self.string["V"], self.type["V"], 0)
        for index, (owner, name) in enumerate(self.fields):
            row = (self.type[owner], self.type["Ljava/lang/String;"], self.string[name])
            pack_into("<HHI", self.out, offsets[3] + 8 * index, *row)
        for index, (owner, name) in enumerate(self.methods):
            pack_into("<HHI", self.out, offsets[4] + 8 * index, self.type[owner], 0, self.string[name])
        for index, one in enumerate(self.classes):
            pack_into(
                "<8I", self.out, offsets[5] + 32 * index,
                self.type[one.name], 1, self.type[one.superclass], lists[index], NO_INDEX, 0,
                datas[index], statics[index],
            )  # fmt: skip
        map_at = self._map()
        header = (len(self.out), 0x70, 0x12345678, 0, 0, map_at)
        tables = [value for pair in zip(counts, offsets, strict=True) for value in pair]
        pack_into("<20I", self.out, 32, *header, *tables, len(self.out) - data_at, data_at)
        self.out[:8] = b"dex\n" + version + b"\0"
        self.out[12:32] = sha1(bytes(self.out[32:])).digest()
        pack_into("<I", self.out, 8, adler32(bytes(self.out[12:])))
        return bytes(self.out)

    def _align(self) -> int:
        self.out += bytes(-len(self.out) % 4)
        return len(self.out)

    def _section(self, kind: int, starts: list[int]) -> None:
        real = [start for start in starts if start]
        if real:
            self.sections.append((kind, len(real), real[0]))

    def _type_lists(self) -> list[int]:
        starts = []
        for one in self.classes:
            starts.append(self._align() if one.interfaces else 0)
            if one.interfaces:
                self.out += pack("<I", len(one.interfaces))
                self.out += b"".join(pack("<H", self.type[name]) for name in one.interfaces)
        self._section(0x1001, starts)
        return starts

    def _code(self) -> dict[tuple[str, str], int]:
        codes = {}
        for one in self.classes:
            for name, steps in one.methods.items():
                body = b"".join(self._step(step) for step in steps) + b"\x0e\x00"
                codes[one.name, name] = self._align()
                self.out += pack("<4H2I", 1, 0, 0, 0, 0, len(body) // 2) + body
        self._section(0x2001, list(codes.values()))
        return codes

    def _step(self, step: tuple[str, ...]) -> bytes:
        if step[0] == "load":
            index = self.string[step[1]]
            return pack("<BBH", 0x1A, 0, index) if index < 1 << 16 else pack("<BBI", 0x1B, 0, index)
        if step[0] == "jumbo":
            return pack("<BBI", 0x1B, 0, self.string[step[1]])
        if step[0] == "const":
            return pack("<BBI", 0x14, 0, int(step[1], 16))
        if step[0] == "read":
            return pack("<BBH", 0x62, 0, self.field[step[1], step[2]])
        return pack("<BBHH", 0x71, 0, self.method[step[1], step[2]], 0)

    def _class_data(self, codes: dict[tuple[str, str], int]) -> list[int]:
        starts = []
        for one in self.classes:
            if not one.methods and not one.statics:
                starts.append(0)
                continue
            starts.append(len(self.out))
            self.out += uleb(len(one.statics)) + uleb(0) + uleb(len(one.methods)) + uleb(0)
            last = 0
            for index in sorted(self.field[one.name, name] for name in one.statics):
                self.out += uleb(index - last) + uleb(STATIC)
                last = index
            last = 0
            for name in sorted(one.methods, key=lambda name: self.method[one.name, name]):
                index = self.method[one.name, name]
                self.out += uleb(index - last) + uleb(STATIC) + uleb(codes[one.name, name])
                last = index
        self._section(0x2000, starts)
        return starts

    def _string_data(self) -> list[int]:
        starts = []
        for text in self.strings:
            starts.append(len(self.out))
            self.out += uleb(len(text.encode("utf-16-le", "surrogatepass")) // 2) + mutf8(text) + b"\0"
        self._section(0x2002, starts)
        return starts

    def _statics(self) -> list[int]:
        starts = []
        for one in self.classes:
            starts.append(len(self.out) if one.statics else 0)
            if one.statics:
                self.out += uleb(len(one.statics))
                for name in sorted(one.statics, key=lambda name: self.field[one.name, name]):
                    raw = self.string[one.statics[name]].to_bytes(4, "little").rstrip(b"\0") or b"\0"
                    self.out += bytes([(len(raw) - 1) << 5 | 0x17]) + raw
        self._section(0x2005, starts)
        return starts

    def _map(self) -> int:
        start = self._align()
        items = sorted([*self.sections, (0x1000, 1, start)], key=lambda item: item[2])
        self.out += pack("<I", len(items)) + b"".join(pack("<HHII", kind, 0, n, at) for kind, n, at in items)
        return start
