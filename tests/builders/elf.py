"""A small ELF writer: enough of the format for readers and scanners, byte for byte the same on every run."""

from dataclasses import dataclass, field
from struct import pack

MACHINES = {"mips": 8, "arm": 40, "x86": 3, "x86_64": 62, "aarch64": 183}


@dataclass
class Elf:
    """An executable with code, constants and imported functions."""

    machine: str = "arm"
    bits: int = 32
    little: bool = True
    code: bytes = b"\x00\x00\xa0\xe1" * 16
    rodata: bytes = b""
    imports: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    extra: dict[str, bytes] = field(default_factory=dict)
    """Further sections by name."""

    def build(self) -> bytes:
        dynstr, dynsym = self._symbols()
        sections = [
            (".text", 1, 6, self.code, 0),
            (".rodata", 1, 2, self.rodata, 0),
            (".dynstr", 3, 2, dynstr, 0),
            (".dynsym", 11, 2, dynsym, 3),
            (".dynamic", 6, 3, self._dynamic(dynstr), 3),
            *((name, 1, 2, data, 0) for name, data in self.extra.items()),
        ]
        names = b"\0" + b"".join(name.encode() + b"\0" for name, *_ in sections) + b".shstrtab\0"
        sections.append((".shstrtab", 3, 0, names, 0))
        head_size, program_size = (52, 32) if self.bits == 32 else (64, 56)
        offset = head_size + program_size
        body, rows = b"", []
        for name, kind, flags, data, link in sections:
            pad = -offset % 16
            body += b"\0" * pad + data
            offset += pad
            rows.append((names.index(name.encode() + b"\0"), kind, flags, offset, len(data), link))
            offset += len(data)
        pad = -offset % 16
        table = offset + pad
        image_size = table
        out = self._head(table, len(sections) + 1, len(sections)) + self._program(image_size) + body + b"\0" * pad
        return out + self._section_headers(rows)

    def _pack(self, layout: str, *values: int) -> bytes:
        return pack(("<" if self.little else ">") + layout, *values)

    def _head(self, table: int, count: int, names: int) -> bytes:
        ident = b"\x7fELF" + bytes([1 if self.bits == 32 else 2, 1 if self.little else 2, 1]) + b"\0" * 9
        size = (52, 32, 40) if self.bits == 32 else (64, 56, 64)
        word = "I" if self.bits == 32 else "Q"
        return ident + self._pack(
            f"HHI{word}{word}{word}IHHHHHH",
            2,
            MACHINES[self.machine],
            1,
            0x10000 + size[0] + size[1],
            size[0],
            table,
            0,
            size[0],
            size[1],
            1,
            size[2],
            count,
            names,
        )

    def _program(self, size: int) -> bytes:
        if self.bits == 32:
            return self._pack("8I", 1, 0, 0x10000, 0x10000, size, size, 5, 0x1000)
        return self._pack("IIQQQQQQ", 1, 5, 0, 0x10000, 0x10000, size, size, 0x1000)

    def _symbols(self) -> tuple[bytes, bytes]:
        strings = b"\0"
        symbols = self._symbol(0, 0)
        for name in self.imports:
            symbols += self._symbol(len(strings), 0x12)
            strings += name.encode() + b"\0"
        for name in self.needed:
            strings += name.encode() + b"\0"
        return strings, symbols

    def _symbol(self, name: int, info: int) -> bytes:
        if self.bits == 32:
            return self._pack("IIIBBH", name, 0, 0, info, 0, 0)
        return self._pack("IBBHQQ", name, info, 0, 0, 0, 0)

    def _dynamic(self, strings: bytes) -> bytes:
        word = "II" if self.bits == 32 else "QQ"
        entries = [(1, strings.index(name.encode() + b"\0")) for name in self.needed]
        return b"".join(self._pack(word, *entry) for entry in [*entries, (0, 0)])

    def _section_headers(self, rows: list[tuple[int, int, int, int, int, int]]) -> bytes:
        layout = "10I" if self.bits == 32 else "IIQQQQIIQQ"
        out = self._pack(layout, *[0] * 10)
        for name, kind, flags, offset, size, link in rows:
            entry = {11: 16 if self.bits == 32 else 24, 6: 8 if self.bits == 32 else 16}.get(kind, 0)
            address = 0x10000 + offset if flags & 2 else 0
            out += self._pack(layout, name, kind, flags, address, offset, size, link, 0, 4, entry)
        return out
