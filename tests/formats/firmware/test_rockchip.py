from struct import pack

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.rockchip import parse_rkaf, parse_rkfw, parse_rkpart
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def rkaf(files: dict[str, bytes]) -> bytes:
    start = 140 + 112 * (len(files) + 1)
    rows, body = b"", b""
    for name, content in files.items():
        rows += pack(
            "<32s60sIIIII", name.encode(), f"Image/{name}.img".encode(), 0, start + len(body), 0, 0, len(content)
        )
        body += content
    rows += pack("<32s60sIIIII", b"backup", b"RESERVED", 0, 0, 0, 0, 0)
    total = 140 + len(rows) + len(body)
    head = pack("<4sI34s30s56sIII", b"RKAF", total, b"rk3188", b"007", b"maker", 0, 0x10000, len(files) + 1)
    return head + rows + body + b"CRC!"


def rkfw(loader: bytes, update: bytes) -> bytes:
    head = pack(
        "<4sHII7sI4I", b"RKFW", 0x66, 0x1000000, 0, bytes(7), 0x60, 0x66, len(loader), 0x66 + len(loader), len(update)
    )
    return head.ljust(0x66, b"\0") + loader + update + b"d41d8cd98f00b204e9800998ecf8427e"


FILES = {"boot": b"KRNL....", "system": b"ext4"}


def test_rkfw_holds_an_rkaf():
    blob = rkfw(b"BOOT loader", rkaf(FILES))
    image = parse_rkfw(BufferReader(blob + b"x"))
    assert (image.size, parts(image)["loader"]) == (len(blob), b"BOOT loader")
    inner = parse_rkaf(BufferReader(parts(image)["update"]))
    assert parts(inner) == {"Image/boot.img": b"KRNL....", "Image/system.img": b"ext4"}
    assert inner.properties["model"] == "rk3188"


def test_part_with_length_and_checksum():
    image = parse_rkpart(BufferReader(pack("<4sI", b"KRNL", 6) + b"\x1f\x8b\x08gzp" + b"CRC!" + b"rest"))
    assert (parts(image), image.size, image.members[0].format) == ({"kernel": b"\x1f\x8b\x08gzp"}, 18, "gzip")
    with pytest.raises(Malformed):
        parse_rkpart(BufferReader(pack("<4sI", b"PARM", 60) + b"FIRMWARE_VER:5.0"))
    with pytest.raises(NotThisFormat):
        parse_rkpart(BufferReader(bytes(40)))


def test_hostile():
    check_hostile(parse_rkfw, rkfw(b"BOOT loader", rkaf(FILES)))
    check_hostile(parse_rkaf, rkaf(FILES))
    check_hostile(parse_rkpart, pack("<4sI", b"PARM", 20) + b"FIRMWARE_VER:5.0".ljust(30))
