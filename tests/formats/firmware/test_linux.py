from gzip import compress, decompress
from lzma import FORMAT_XZ, LZMADecompressor
from struct import pack

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.linux import parse_bzimage, parse_ikconfig, parse_image, parse_zboot, parse_zimage
from inspector.formats.reader import BufferReader
from tests.formats.packages import debian_file
from tests.formats.wrapper_checks import check_hostile, parts

KERNEL = compress(b"vmlinux" * 40)


def bzimage() -> bytes:
    body = b"decompressor 16b" + KERNEL + b"tail"
    body += bytes(-len(body) % 16)
    head = bytearray(1024)
    head[0x1F1] = 1
    head[0x1F4:0x1F8] = pack("<I", len(body) // 16)
    head[0x1FE:0x206] = b"\x55\xaa\xeb\x66HdrS"
    head[0x206:0x210] = pack("<H6xH", 0x20F, 0x180)
    head[0x248:0x250] = pack("<II", 16, len(KERNEL))
    head[0x380:0x386] = b"5.10.1"
    return bytes(head) + body


def test_bzimage():
    image = parse_bzimage(BufferReader(bzimage() + b"signature"))
    assert decompress(parts(image)["vmlinux"]) == b"vmlinux" * 40
    assert image.properties == {"protocol": "2.15", "version": "5.10.1"}
    assert (image.size, image.members[0].format) == (len(bzimage()), "gzip")


@pytest.mark.parametrize("order", ["<", ">"])
def test_zimage(order):
    loader = b"L" * 0x1000
    size = 0x30 + len(loader) + len(KERNEL)
    head = bytes(0x24) + pack(order + "3I", 0x016F2818, 0x1000, 0x1000 + size)
    image = parse_zimage(BufferReader(head + loader + KERNEL + b"dtb"))
    assert parts(image) == {"loader": loader, "vmlinux": KERNEL}
    assert image.size == size
    with pytest.raises(Malformed):
        parse_zimage(BufferReader(head + loader))


def arm64(magic: bytes = b"ARM\x64") -> bytes:
    return (bytes(16) + pack("<QQ", 0x2000, 10)).ljust(0x38, b"\0") + magic + bytes(4) + b"kernel code"


@pytest.mark.parametrize(("magic", "name"), [(b"ARM\x64", "arm64"), (b"RSC\x05", "riscv")])
def test_image(magic, name):
    image = parse_image(BufferReader(arm64(magic)))
    assert (parts(image), image.properties["architecture"]) == ({"kernel": b"kernel code"}, name)


def zboot() -> bytes:
    return b"MZ\0\0zimg" + pack("<II8x8s", 64, len(KERNEL), b"gzip").ljust(56, b"\0") + KERNEL + b"pe"


def test_zboot():
    assert parts(parse_zboot(BufferReader(zboot()))) == {"vmlinux": KERNEL}


def test_configuration():
    packed = compress(b"CONFIG_MODULES=y\n")
    image = parse_ikconfig(BufferReader(b"IKCFG_ST" + packed + b"IKCFG_EDrest"))
    assert decompress(parts(image)["config"]) == b"CONFIG_MODULES=y\n"
    assert image.size == 16 + len(packed)
    with pytest.raises(NotThisFormat):
        parse_ikconfig(BufferReader(b"IKCFG_ST" + packed))


@pytest.mark.realworld
def test_zimage_of_debian():
    blob = debian_file(
        "debian-installer-12-netboot-armhf",
        "usr/lib/debian-installer/images/12/armhf/text/debian-installer/armhf/vmlinuz",
    )
    image = parse_zimage(BufferReader(blob))
    member = image.members[1]
    assert member.format == "xz"
    decoder = LZMADecompressor(FORMAT_XZ)
    assert b"Linux version " in decoder.decompress(bytes(member.open(1 << 30).all()))
    assert decoder.eof


@pytest.mark.realworld
def test_bzimage_of_ipxe():
    image = parse_bzimage(BufferReader(debian_file("ipxe", "boot/ipxe.lkrn")))
    assert (image.properties["protocol"], image.members[0].path) == ("2.07", "kernel")


def test_hostile():
    check_hostile(parse_bzimage, bzimage(), rounds=100)
    check_hostile(parse_zimage, bytes(0x24) + pack("<3I", 0x016F2818, 0, 0x1030 + len(KERNEL)) + b"L" * 0x1000 + KERNEL)
    check_hostile(parse_image, arm64())
    check_hostile(parse_zboot, zboot())
    check_hostile(parse_ikconfig, b"IKCFG_ST" + compress(b"a" * 50) + b"IKCFG_ED")
