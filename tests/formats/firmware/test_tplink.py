from hashlib import md5
from struct import pack, pack_into

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.tplink import SALTS, parse_safeloader, parse_tplink
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts


def build_v2(kernel: bytes, rootfs: bytes, version: int = 2) -> bytes:
    head = bytearray(b"\xff" * 0x200)
    head[:4] = pack("<I", version)
    head[4:0x34] = b"ver. 2.0".ljust(48, b"\0")
    pack_into(">II", head, 0x34, 0x12345678, 1)
    total = 0x200 + len(kernel) + len(rootfs)
    pack_into(">7I", head, 0x70, total, 0x200, len(kernel), 0x200 + len(kernel), len(rootfs), 0, 0)
    head[0x8C:0x8E], head[0x90] = b"\x55\xaa", 0xA5
    head[0x40:0x50] = bytes.fromhex(SALTS[2][0])
    head[0x40:0x50] = md5(bytes(head) + kernel + rootfs).digest()
    return bytes(head) + kernel + rootfs


@pytest.mark.parametrize("version", [2, 3])
def test_version_2_and_3(version):
    image = parse_tplink(BufferReader(build_v2(b"kernel", b"rootfs!", version)))
    assert parts(image) == {"kernel": b"kernel", "rootfs": b"rootfs!"}
    assert image.notes == ()
    assert image.properties["hardware"] == "12345678"


def test_changed_byte_is_seen_by_the_md5_sum():
    blob = bytearray(build_v2(b"kernel", b"rootfs!"))
    blob[-1] ^= 1
    assert parse_tplink(BufferReader(bytes(blob))).notes == ("MD5 sum differs",)


def test_wr940n_flash_image_nests_boot_loader_and_firmware():
    blob = corpus("tp-link/wr940nv6_eu.bin")
    outer = parse_tplink(BufferReader(blob))
    assert [(m.path, m.extents[0].start, m.format) for m in outer.members] == [
        ("bootloader", 0x200, ""),
        ("firmware", 0x20200, "tplink"),
    ]
    inner = parse_tplink(outer.members[1].open(1 << 30))
    assert [(m.path, m.extents[0].start, m.size, m.format) for m in inner.members] == [
        ("kernel", 0x200, 866902, "lzma"),
        ("rootfs", 0xE0000, 3014656, ""),
    ]
    assert outer.notes == inner.notes == ()
    assert parts(inner)["rootfs"][:4] == b"hsqs"


def build_safeloader() -> bytes:
    table = (
        b"fwup-ptn partition-table base 0x00000 size 0x00800\t\r\n"
        b"fwup-ptn os-image base 0x00800 size 0x00010\t\r\n"
        b"fwup-ptn file-system base 0x00810 size 0x00008\t\r\n\0"
    )
    body = table.ljust(0x800, b"\xff") + b"kernel".ljust(16) + b"squashfs"
    head = b"fw-type:Cloud\r\n".ljust(0x1000, b"\xff")
    return pack(">I", 0x14 + len(head) + len(body)) + bytes(16) + head + body


def test_safeloader_partitions_carry_the_names_of_the_table():
    image = parse_safeloader(BufferReader(build_safeloader()))
    assert [m.path for m in image.members] == ["partition-table", "os-image", "file-system"]
    assert parts(image)["os-image"] == b"kernel          "
    assert parts(image)["file-system"] == b"squashfs"


def test_safeloader_partition_outside_is_malformed():
    blob = build_safeloader().replace(b"0x00810 size 0x00008", b"0x00810 size 0x0000a")
    assert parse_safeloader(BufferReader(blob)).size == len(blob)  # clamped to the image
    with pytest.raises(Malformed):
        parse_safeloader(BufferReader(build_safeloader().replace(b"base 0x00810", b"base 0xf0000")))


def test_zeros_are_another_format():
    with pytest.raises(NotThisFormat):
        parse_tplink(BufferReader(bytes(0x400)))


def test_hostile():
    check_hostile(parse_tplink, build_v2(b"kernel" * 50, b"rootfs"))
    check_hostile(parse_safeloader, build_safeloader())
