import subprocess
from functools import partial
from struct import pack
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.carve import Carver
from inspector.extract.firmware.uimage import UImage
from inspector.formats.firmware.uimage import VENDOR_MAGICS, parse_uimage
from inspector.formats.reader import BufferReader, Span
from inspector.scan.database import load_database
from tests.formats.original import tool
from tests.formats.wrapper_checks import attempt, check_hostile, corpus, parts


def resealed(head: bytes, payload: bytes) -> bytes:
    """Give a header its checksum, so that damage behind the checksum is reached."""
    return head[:4] + pack(">I", crc32(head[:4] + bytes(4) + head[8:64])) + head[8:64] + payload


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    mkimage = tool("mkimage")
    folder = tmp_path_factory.mktemp("uimage")

    def build(kind: str, codec: str, *payloads: bytes) -> bytes:
        names = []
        for index, payload in enumerate(payloads):
            (folder / f"p{index}").write_bytes(payload)
            names.append(str(folder / f"p{index}"))
        subprocess.run(
            [
                mkimage,
                "-A",
                "arm",
                "-O",
                "linux",
                "-T",
                kind,
                "-C",
                codec,
                "-a",
                "80008000",
                "-e",
                "80008000",
                "-n",
                "Linux-5.4 test",
                "-d",
                ":".join(names),
                str(folder / "out"),
            ],
            check=True,
            capture_output=True,
        )
        return (folder / "out").read_bytes()

    return build


@pytest.mark.packers
@pytest.mark.parametrize("codec", ["none", "gzip", "bzip2", "lzma", "lzo", "lz4", "zstd"])
def test_every_codec_becomes_the_format_of_the_payload(built, codec):
    image = parse_uimage(BufferReader(built("kernel", codec, b"payload" * 9) + b"\xff" * 64))
    assert parts(image) == {"kernel": b"payload" * 9}
    assert image.members[0].format == ("" if codec == "none" else codec)
    assert image.size == 64 + 63
    assert image.notes == ()
    assert image.properties == {
        "name": "Linux-5.4 test",
        "system": "Linux",
        "architecture": "arm",
        "type": "kernel",
        "compression": codec,
        "load": "0x80008000",
        "entry": "0x80008000",
    }


@pytest.mark.packers
def test_multi_file_image_gives_each_file_without_its_padding(built):
    image = parse_uimage(BufferReader(built("multi", "none", b"kernel", b"ramdisk", b"dtb!")))
    assert parts(image) == {"image0": b"kernel", "image1": b"ramdisk", "image2": b"dtb!"}
    assert image.structure[0].end == 64 + 16


@pytest.mark.packers
def test_script_is_handed_over_as_text(built):
    assert parts(parse_uimage(BufferReader(built("script", "none", b"setenv serverip 10.0.0.1\n")))) == {
        "script": b"setenv serverip 10.0.0.1\n"
    }


@pytest.mark.packers
def test_hostile(built):
    check_hostile(parse_uimage, built("multi", "none", b"kernel" * 20, b"ramdisk"))


@given(size=st.integers(0, 2**32 - 1), kind=st.integers(0, 255), codec=st.integers(0, 255), tail=st.binary(max_size=40))
def test_any_header_with_a_right_checksum(size, kind, codec, tail):
    head = pack(">7I4B32s", 0x27051956, 0, 0, size, 0, 0, 0, 5, 2, kind, codec, b"")
    attempt(parse_uimage, resealed(head, tail))


@given(st.binary(max_size=200))
def test_any_bytes(blob):
    attempt(parse_uimage, blob)
    attempt(parse_uimage, b"\x27\x05\x19\x56" + blob)


def test_wrong_header_checksum_is_another_format():
    with pytest.raises(NotThisFormat):
        parse_uimage(BufferReader(b"\x27\x05\x19\x56" + bytes(80)))


@pytest.mark.parametrize("magic", VENDOR_MAGICS)
def test_vendor_magic_needs_the_checksum(magic):
    head = pack(">7I4B32s", magic, 0, 0, 4, 0, 0, crc32(b"data"), 5, 5, 2, 3, b"vendor")
    image = parse_uimage(BufferReader(resealed(head, b"data")))
    assert (parts(image), image.notes) == ({"kernel": b"data"}, ())


@pytest.mark.parametrize("magic", VENDOR_MAGICS)
@pytest.mark.parametrize("load", [load_database, None], ids=["hyperscan", "re"])
def test_vendor_magic_is_carved(magic, load):
    head = pack(">7I4B32s", magic, 0, 0, 4, 0, 0, crc32(b"data"), 5, 5, 2, 3, b"vendor")
    there = bytes(777) + resealed(head, b"data") + magic.to_bytes(4, "big") * 20 + bytes(99)
    carver = Carver((UImage(),), load and partial(load, caseless=False))
    assert [find.span for find in carver.carve(BufferReader(there), Span(0, len(there))).finds] == [Span(777, 777 + 68)]


def test_damaged_and_cut_payloads_are_read_with_a_note():
    head = pack(">7I4B32s", 0x27051956, 0, 0, 8, 0, 0, 0, 5, 5, 2, 3, b"")
    assert parse_uimage(BufferReader(resealed(head, b"12345678"))).notes == ("payload checksum differs",)
    assert parse_uimage(BufferReader(resealed(head, b"1234"))).notes == ("payload cut short: 4 of 8 bytes",)


def test_xiaomi_dafang_kernel():
    image = parse_uimage(BufferReader(corpus("xiaomi-dafang/kernel.bin")))
    assert image.size == 64 + 1806186
    assert image.notes == ()
    assert (image.members[0].path, image.members[0].format) == ("kernel", "lzma")
    assert image.properties["name"] == "Linux-3.10.14"


def test_uboot_stage_inside_a_tplink_image():
    image = parse_uimage(BufferReader(corpus("tp-link/wr940nv6_eu.bin")[0x4204:]))
    assert (image.size, image.notes, image.properties["name"]) == (64 + 42922, (), "u-boot image")
