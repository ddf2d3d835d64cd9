import subprocess
from hashlib import sha256
from struct import pack
from zlib import crc32

import pytest

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.firmware.mcuimage import parse_gbl, parse_mcuboot, parse_uf2
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.wrapper_checks import check_hostile, parts


def mcuboot(program: bytes, flags: int = 0) -> bytes:
    blob = pack("<IIHHIIBBHI4x", 0x96F3B83D, 0, 32, 0, len(program), flags, 1, 2, 3, 4) + program
    return blob + pack("<HH", 0x6907, 40) + pack("<HH", 0x10, 32) + sha256(blob).digest()


def test_mcuboot():
    image = parse_mcuboot(BufferReader(mcuboot(b"program") + b"\xff" * 8))
    assert (parts(image), image.notes, image.size) == ({"program": b"program"}, (), 32 + 7 + 40)
    assert image.properties == {"version": "1.2.3+4"}
    damaged = mcuboot(b"program").replace(b"program", b"progrAm")
    assert parse_mcuboot(BufferReader(damaged)).notes == ("SHA-256 differs",)
    assert isinstance(parse_mcuboot(BufferReader(mcuboot(b"program", 4))).members[0].problem, Encrypted)


@pytest.mark.packers
def test_mcuboot_image_of_imgtool(tmp_path):
    (tmp_path / "in.bin").write_bytes(b"program" * 100)
    subprocess.run(
        [
            tool("imgtool"),
            "sign",
            "--header-size",
            "0x100",
            "--pad-header",
            "--align",
            "4",
            "--version",
            "1.2.3+4",
            "--slot-size",
            "0x10000",
            "in.bin",
            "out.bin",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    image = parse_mcuboot(BufferReader((tmp_path / "out.bin").read_bytes()))
    assert (parts(image), image.notes) == ({"program": b"program" * 100}, ())


def gbl() -> bytes:
    tags = [(0x03A617EB, bytes(8)), (0xF60808F6, b"meta"), (0xFE0101FE, b"\0\x40\0\0code"), (0xF90707F9, b"sealed")]
    blob = b"".join(pack("<II", tag, len(content)) + content for tag, content in tags) + pack("<II", 0xFC0404FC, 4)
    return blob + pack("<I", crc32(blob))


def test_gbl():
    image = parse_gbl(BufferReader(gbl() + b"x"))
    assert parts(image) == {"1-metadata": b"meta", "2-program": b"\0\x40\0\0code"}
    assert isinstance(image.members[2].problem, Encrypted)
    assert (image.size, image.notes) == (len(gbl()), ())
    assert parse_gbl(BufferReader(gbl().replace(b"meta", b"mete"))).notes == ("CRC differs",)
    with pytest.raises(Malformed):
        parse_gbl(BufferReader(gbl()[:-12]))


def uf2(*blocks: tuple[int, bytes]) -> bytes:
    return b"".join(
        pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, address, len(content), at, len(blocks), 0x7B3EF230)
        + content.ljust(476, b"\0")
        + b"\x30\x6f\xb1\x0a"
        for at, (address, content) in enumerate(blocks)
    )


def test_uf2_blocks_become_regions():
    image = parse_uf2(BufferReader(uf2((0x1000, b"a" * 256), (0x1100, b"b" * 256), (0x9000, b"c" * 16))))
    assert parts(image) == {"7b3ef230@0x00001000": b"a" * 256 + b"b" * 256, "7b3ef230@0x00009000": b"c" * 16}
    with pytest.raises(NotThisFormat):
        parse_uf2(BufferReader(bytes(1024)))


def test_hostile():
    check_hostile(parse_mcuboot, mcuboot(b"program" * 9))
    check_hostile(parse_gbl, gbl())
    check_hostile(parse_uf2, uf2((0x1000, b"a" * 256), (0x9000, b"c" * 16)))
