from struct import pack

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.phoneparts import parse_huawei, parse_mtk
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def part(name: bytes, content: bytes) -> bytes:
    fields = (98 + 4, 1, b"HW8x50\xff\xff", 1, len(content), b"2023.01.01", b"10.00.00", name, b"", 0, 4096, 0)
    head = pack("<4sII8sII16s16s16s16sHHH", b"\x55\xaa\x5a\xa5", *fields)
    blob = head + b"crc!" + content
    return blob + bytes(-len(blob) % 4)


def test_partitions_of_an_update():
    blob = part(b"SHA256RSA", b"signature") + part(b"SYSTEM", b"\x3a\xff\x26\xedsparse") + b"junk"
    image = parse_huawei(BufferReader(blob))
    assert parts(image) == {"0-SHA256RSA": b"signature", "1-SYSTEM": b"\x3a\xff\x26\xedsparse"}
    with pytest.raises(Malformed):
        parse_huawei(BufferReader(part(b"SYSTEM", b"content")[:-4]))


def test_mediatek_partition():
    blob = (pack("<II32s", 0x58881688, 7, b"LOGO").ljust(512, b"\xff")) + b"picture"
    assert parts(parse_mtk(BufferReader(blob + b"x"))) == {"LOGO": b"picture"}
    with pytest.raises(NotThisFormat):
        parse_mtk(BufferReader(bytes(600)))


def test_hostile():
    check_hostile(parse_huawei, part(b"A", b"signature") + part(b"B", b"system"))
    check_hostile(parse_mtk, (pack("<II32s", 0x58881688, 7, b"LOGO").ljust(512, b"\xff")) + b"picture")
