import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.ingenic import parse_ingenic
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts


def test_boot_loader_of_the_dafang_camera():
    image = parse_ingenic(BufferReader(corpus("xiaomi-dafang/uboot.bin")))
    assert [(m.path, m.size) for m in image.members] == [("spl", 0x305C - 0x800)]


def boot_loader(spl: bytes) -> bytes:
    head = bytes.fromhex("0605040302 55aa55aa") + b"\x5c\0\0" + (0x800 + len(spl)).to_bytes(4, "little")
    return head.ljust(0x800, b"\0") + spl


def test_the_header_states_where_the_first_stage_ends():
    image = parse_ingenic(BufferReader(boot_loader(b"first stage") + b"second stage"))
    assert (image.size, parts(image)) == (0x80B, {"spl": b"first stage"})
    assert image.properties == {"checksum": "0x5c"}
    with pytest.raises(Malformed):
        parse_ingenic(BufferReader(boot_loader(b"first stage")[:-1]))
    with pytest.raises(NotThisFormat):
        parse_ingenic(BufferReader(boot_loader(b"")))


def test_hostile():
    check_hostile(parse_ingenic, boot_loader(b"first stage" * 200), rounds=60)
