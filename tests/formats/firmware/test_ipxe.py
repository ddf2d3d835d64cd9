import lzma
from random import Random
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.firmware.optionrom import Ipxe
from inspector.formats.firmware.ipxe import FILTERS, MAGIC, parse_ipxe
from inspector.formats.firmware.linux import parse_bzimage
from inspector.formats.firmware.optionrom import parse_optionrom
from inspector.formats.reader import BufferReader
from tests.formats.packages import debian_file
from tests.formats.wrapper_checks import attempt, check_hostile, parts

PARTS = [
    b"\xe9\x20\0\0\0code that stays low " * 10,
    bytes(400),
    b"#!ipxe\nchain http://planted.example.cn/boot.ipxe\n" * 40 + b"\xe8\0\1\0\0" * 300,
]


def packed(part: bytes) -> bytes:
    stream = lzma.compress(part, lzma.FORMAT_RAW, filters=FILTERS)
    return pack("<I", len(stream) + 4) + stream


def program() -> bytes:
    out = bytearray(MAGIC + b"more code" * 9)
    for part in PARTS:
        out += bytes([0xFF]) * (-len(out) % 16) + packed(part)
    return bytes(out)


def test_parts_behind_the_code_that_unpacks_them():
    image = parse_ipxe(BufferReader(program() + b"behind" * 400))
    assert image.size == len(program())
    assert parts(image) == {f"part{number}": part for number, part in enumerate(PARTS)}


def test_nothing_behind_it_is_none():
    for blob in (MAGIC, MAGIC + Random(3).randbytes(9000), MAGIC + pack("<I", 300) + bytes(9000), b"other" * 9):
        with pytest.raises(NotThisFormat):
            parse_ipxe(BufferReader(blob))


def test_a_damaged_part_ends_the_chain():
    blob = bytearray(program())
    blob[-200] ^= 0x40
    assert list(parts(parse_ipxe(BufferReader(bytes(blob))))) == ["part0", "part1"]


def test_hostile():
    check_hostile(parse_ipxe, program(), rounds=150)


@given(st.binary(max_size=300))
def test_any_bytes(raw):
    attempt(parse_ipxe, MAGIC + raw)
    attempt(parse_ipxe, MAGIC + pack("<I", len(raw) + 5) + b"\0" + raw)


PROGRAMS = [
    ("ipxe-qemu", "usr/lib/ipxe/qemu/pxe-e1000.rom"),
    ("ipxe-qemu", "usr/lib/ipxe/qemu/efi-virtio.rom"),
    ("ipxe", "boot/ipxe.lkrn"),
    ("ipxe", "usr/lib/ipxe/ipxe.pxe"),
    ("ipxe", "usr/lib/ipxe/undionly.kpxe"),
]


@pytest.mark.realworld
@pytest.mark.parametrize(("package", "path"), PROGRAMS)
def test_programs_of_debian(package, path):
    blob = debian_file(package, path)
    if path.endswith("rom"):
        blob = parts(parse_optionrom(BufferReader(blob)))["0-bios"]
    elif path.endswith("lkrn"):
        blob = parts(parse_bzimage(BufferReader(blob)))["kernel"]
    at = blob.index(MAGIC)
    span = Ipxe().measure(BufferReader(blob), at)
    assert len(blob) - 1024 < span.end <= len(blob)
    content = parts(parse_ipxe(BufferReader(blob[at:])))
    assert len(content) == 4
    assert b"http://ipxe.org" in content["part3"]
    assert len(content["part3"]) > 100_000
