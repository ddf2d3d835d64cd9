from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, NotThisFormat
from inspector.formats.program.elf import Elf
from inspector.formats.reader import BufferReader


def build(order: str = "<") -> bytes:
    """A 32-bit shared object: a load segment over everything, dynamic strings, one import, sections."""
    strings = b"\0libc.so.6\0getaddrinfo\0libx.so\0"
    names = b"\0.dynstr\0.shstrtab\0"
    symbols_at, strings_at = 0x100, 0x120
    dynamic_at = strings_at + len(strings)
    entries = [(1, 1), (14, 23), (5, strings_at), (6, symbols_at), (10, len(strings)), (0, 0)]
    dynamic = b"".join(pack(order + "iI", *entry) for entry in entries)
    names_at = dynamic_at + len(dynamic)
    sections_at = names_at + len(names)
    sections = [bytes(40)]
    for name, start, size in ((1, strings_at, len(strings)), (9, names_at, len(names))):
        sections.append(pack(order + "10I", name, 3, 0, start, start, size, 0, 0, 1, 0))
    ident = b"\x7fELF\x01" + (b"\x01" if order == "<" else b"\x02") + b"\x01" + bytes(9)
    header = ident + pack(order + "HHIIIIIHHHHHH", 3, 8, 1, 0, 52, sections_at, 0, 52, 32, 2, 40, 3, 2)
    size = sections_at + sum(map(len, sections))
    programs = pack(order + "8I", 1, 0, 0, 0, size, size, 5, 1)
    programs += pack(order + "8I", 2, dynamic_at, dynamic_at, dynamic_at, len(dynamic), len(dynamic), 6, 4)
    symbols = bytes(16) + pack(order + "IIIBBH", 11, 0, 0, 0x12, 0, 0)
    image = (header + programs).ljust(symbols_at, b"\0") + symbols
    return image + strings + dynamic + names + b"".join(sections)


@pytest.mark.parametrize("order", ["<", ">"])
def test_reads_both_byte_orders(order):
    elf = Elf(BufferReader(build(order)))
    assert elf.needed() == ("libc.so.6",)
    assert elf.soname() == "libx.so"
    assert elf.imported(frozenset(("connect", "getaddrinfo"))) == ("getaddrinfo",)
    assert elf.section_at(0x121) == ".dynstr"
    assert elf.section_at(0) == ""


def test_refuses_other_bytes():
    with pytest.raises(NotThisFormat):
        Elf(BufferReader(b"MZ" + bytes(100)))


def check(content: bytes) -> None:
    try:
        elf = Elf(BufferReader(content))
        assert all(0 <= s.start <= s.end <= len(content) for s in elf.sections)
        elf.imported(frozenset(("connect",))), elf.needed(), elf.soname()
    except FormatError:
        pass


def test_every_prefix_is_read_or_refused():
    image = build()
    for length in range(len(image)):
        check(image[:length])


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_damage_is_read_or_refused(at, patch):
    image = bytearray(build())
    image[at : at + len(patch)] = patch
    check(bytes(image))
