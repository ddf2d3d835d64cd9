from struct import pack

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.realtek import parse_realtek
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def section(magic: bytes, burn: int, content: bytes) -> bytes:
    content += b"\0" * (len(content) & 1)
    total = sum(content[0::2]) * 256 + sum(content[1::2])
    body = content + pack(">H", -total & 0xFFFF)
    return pack(">4sIII", magic, 0x80500000, burn, len(body)) + body


def test_sections_one_behind_the_other():
    blob = section(b"w6cp", 0x10000, b"<html>pages") + section(b"cs6c", 0x30000, b"kernel") + b"\xff" * 20
    image = parse_realtek(BufferReader(blob))
    assert [member.path for member in image.members] == ["web@0x10000", "kernel@0x30000"]
    assert parts(image)["kernel@0x30000"][:6] == b"kernel"
    assert image.size == len(blob) - 20


def test_sum_that_is_not_zero_is_another_format():
    with pytest.raises(NotThisFormat):
        parse_realtek(BufferReader(section(b"cs6c", 0, b"kernel").replace(b"kernel", b"kernal")))


def test_hostile():
    check_hostile(parse_realtek, section(b"cs6c", 0, b"kernel" * 30) + section(b"r6cr", 0, b"root"))
