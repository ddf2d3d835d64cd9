from struct import pack
from zlib import crc32

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.routerheader import parse_dni, parse_linksys
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def dni(content: bytes) -> bytes:
    head = b"device:WNDR3700\nversion:V1.0.7.98\nregion:NA\nhd_id:29763654+16+64\n".ljust(128, b"\0")
    return head + content + bytes([0xFF - sum(head + content) & 0xFF])


def test_dni():
    image = parse_dni(BufferReader(dni(b"3700 kernel and squashfs")))
    assert (parts(image), image.notes) == ({"image": b"3700 kernel and squashfs"}, ())
    assert image.properties["device"] == "WNDR3700"
    assert image.properties["hd_id"] == "29763654+16+64"
    assert parse_dni(BufferReader(dni(b"kernel")[:-1] + b"?")).notes == ("byte sum differs",)
    with pytest.raises(NotThisFormat):
        parse_dni(BufferReader(b"device: a text about a device\nversion: none\nand so on\n" * 10))


def linksys() -> bytes:
    rest = pack("<HH3I", 0, 1, 28, 34, 0) + b"kernel" + b"rootfs"
    trx = b"HDR0" + pack("<II", 12 + len(rest), crc32(rest) ^ 0xFFFFFFFF) + rest
    return (b"W54G\0\0\0\0" + b"\x04\x05\x06" + b"\x04\x1e\x01" + b"U2ND").ljust(32, b"\0") + trx


def test_linksys_ends_with_its_trx():
    image = parse_linksys(BufferReader(linksys() + b"rest"))
    assert parts(image) == {"firmware": linksys()[32:]}
    assert image.properties == {"pattern": "W54G", "version": "4.30.1"}


def test_hostile():
    check_hostile(parse_dni, dni(b"kernel" * 9))
    check_hostile(parse_linksys, linksys())
