from struct import pack
from zlib import crc32

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.bcmtag import parse_bcmtag
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def build(kernel: bytes, rootfs: bytes, total: bytes = b"") -> bytes:
    head = pack(
        "<4s20s14s6s16s2s10s12s10s12s10s12s10s",
        b"6",
        b"Broadcom Corporatio",
        b"ver. 2.0",
        b"6328",
        b"96328avng",
        b"1",
        total or str(len(kernel) + len(rootfs)).encode(),
        b"0",
        b"0",
        b"3217096960",
        str(len(rootfs)).encode(),
        b"3219096960",
        str(len(kernel)).encode(),
    ).ljust(236, b"\0")
    return head + pack(">I16x", crc32(head) ^ 0xFFFFFFFF) + rootfs + kernel


def test_parts_follow_their_flash_addresses():
    image = parse_bcmtag(BufferReader(build(b"kernel", b"rootfs--") + b"x"))
    assert parts(image) == {"rootfs": b"rootfs--", "kernel": b"kernel"}
    assert (image.size, image.properties["board"], image.properties["chip"]) == (256 + 14, "96328avng", "6328")


def test_tag_checksum_and_length_are_held():
    with pytest.raises(NotThisFormat):
        parse_bcmtag(BufferReader(build(b"kernel", b"rootfs").replace(b"96328", b"96329")))
    with pytest.raises(Malformed):
        parse_bcmtag(BufferReader(build(b"kernel", b"rootfs", b"4000")))
    with pytest.raises(NotThisFormat):
        parse_bcmtag(BufferReader(build(b"kernel", b"rootfs", b"-1")))


def test_hostile():
    check_hostile(parse_bcmtag, build(b"kernel" * 9, b"r"))
