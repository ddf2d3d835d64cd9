from struct import pack

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.chk import netgear_checksum, parse_chk
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def build(kernel: bytes, rootfs: bytes) -> bytes:
    board = b"U12H139T00_NETGEAR\0"
    sums = netgear_checksum(kernel), netgear_checksum(rootfs)

    def head(own: int) -> bytes:
        whole = netgear_checksum(kernel + rootfs)
        return pack(">4sI8s6I", b"*#$^", 40 + len(board), bytes(8), *sums, len(kernel), len(rootfs), whole, own) + board

    return head(netgear_checksum(head(0))) + kernel + rootfs


def test_checksum_of_a_known_text():
    # sum 0x126 and running sums 0x61 + 0xc3 + 0x126, by hand
    assert netgear_checksum(b"abc") == 0x24A << 16 | 0x126


def test_kernel_and_rootfs():
    image = parse_chk(BufferReader(build(b"kernel", b"rootfs")))
    assert parts(image) == {"kernel": b"kernel", "rootfs": b"rootfs"}
    assert image.properties == {"board": "U12H139T00_NETGEAR"}
    assert all(not member.notes for member in image.members)


def test_changed_part_is_noted_and_changed_header_is_another_format():
    blob = build(b"kernel", b"rootfs")
    assert parse_chk(BufferReader(blob[:-1] + b"?")).members[1].notes == ("checksum differs",)
    with pytest.raises(NotThisFormat):
        parse_chk(BufferReader(blob.replace(b"U12H", b"U13H")))


def test_hostile():
    check_hostile(parse_chk, build(b"kernel" * 9, b""))
