from struct import pack
from zlib import crc32

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.ambarella import parse_ambarella
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def part(content: bytes, address: int) -> bytes:
    head = pack("<IIIIIII", crc32(content), 0x10002, 0x07E00101, len(content), address, 0, 0xA324EB90)
    return head.ljust(256, b"\0") + content


def test_parts_one_behind_the_other():
    image = parse_ambarella(BufferReader(part(b"system", 0xA0001000) + part(b"rom fs", 0) + bytes(300)))
    assert parts(image) == {"part0@0xa0001000": b"system", "part1@0x0": b"rom fs"}
    assert image.size == 512 + 12


def test_first_checksum_has_to_hold():
    with pytest.raises(NotThisFormat):
        parse_ambarella(BufferReader(part(b"system", 0).replace(b"system", b"sYstem")))


def test_hostile():
    check_hostile(parse_ambarella, part(b"system", 0xA0001000) + part(b"rom fs", 0))
