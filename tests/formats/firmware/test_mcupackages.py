import subprocess
from binascii import crc32
from struct import pack

import pytest

from inspector.errors import Encrypted
from inspector.formats.firmware.mcuimage import parse_uf2
from inspector.formats.firmware.mcupackages import parse_avb_footer, parse_dfuse, parse_ebl, parse_vbmeta, parse_verity
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, run
from tests.formats.wrapper_checks import attempt, check_hostile, parts

CODE = b"\x00\x20\x00\x20\x01\x08\x00\x08 mqtt.example.cn " * 30


def dfuse() -> bytes:
    elements = b"".join(pack("<II", at, len(body)) + body for at, body in ((0x08000000, CODE), (0x0800C000, b"data")))
    target = pack("<6sBI255sII", b"Target", 0, 1, b"Internal Flash", len(elements), 2) + elements
    body = pack("<5sBIB", b"DfuSe", 1, 11 + len(target), 1) + target
    body += pack("<HHHH3sB", 0x0000, 0xDF11, 0x0483, 0x011A, b"UFD", 16)
    return body + (crc32(body) ^ 0xFFFFFFFF).to_bytes(4, "little")


def test_dfuse_elements():
    image = parse_dfuse(BufferReader(dfuse() + b"behind"))
    assert parts(image) == {"0-Internal Flash@0x08000000": CODE, "0-Internal Flash@0x0800c000": b"data"}
    assert (image.size, image.notes, image.properties["vendor"]) == (len(dfuse()), (), "0x0483")
    assert parse_dfuse(BufferReader(dfuse()[:-1] + b"?")).notes
    check_hostile(parse_dfuse, dfuse())


@pytest.mark.packers
def test_the_suffix_is_the_one_of_dfu_util(tmp_path):
    (tmp_path / "a.dfu").write_bytes(dfuse()[:-16])
    run(tool("dfu-suffix"), "-v", "0483", "-p", "df11", "-d", "0", "-S", "0x011A", "-a", "a.dfu", cwd=tmp_path)
    assert (tmp_path / "a.dfu").read_bytes() == dfuse()


def ebl(*, encrypted: bool = False) -> bytes:
    def tag(number: int, body: bytes) -> bytes:
        return pack(">HH", number, len(body)) + body

    out = tag(0, b"\x02\x01\xe3\x50" + bytes(136))
    if encrypted:
        return out + tag(0xFB05, bytes(8)) + tag(0xF907, CODE)
    for at in range(0, len(CODE), 64):
        out += tag(0xFD03, pack(">I", 0x4000 + at) + CODE[at : at + 64])
    out += tag(0xFE01, pack(">I", 0x20000) + b"elsewhere")
    return out + tag(0xFC04, bytes(4))


def test_ebl_programs_are_put_together():
    image = parse_ebl(BufferReader(ebl() + b"\xff" * 20))
    assert (parts(image), image.size) == ({"memory@0x00004000": CODE, "memory@0x00020000": b"elsewhere"}, len(ebl()))
    assert isinstance(parse_ebl(BufferReader(ebl(encrypted=True))).members[0].problem, Encrypted)
    check_hostile(parse_ebl, ebl())


def vbmeta(flags: int = 0) -> bytes:
    head = (
        pack(">4sIIQQI", b"AVB0", 1, 0, 64, 128, 1)
        + bytes(80)
        + pack(">QI4x", 7, flags)
        + b"avbtool 1.2.0".ljust(48, b"\0")
    )
    return head.ljust(256, b"\0") + b"s" * 64 + b"descriptors".ljust(128, b"\0")


def test_vbmeta_header_and_footer():
    image = parse_vbmeta(BufferReader(vbmeta() + b"behind"))
    assert (parts(image), image.size) == ({"descriptors": b"descriptors".ljust(128, b"\0")}, 448)
    assert image.properties["algorithm"] == "SHA256-RSA2048"
    assert image.properties["verification"] == "enabled"
    assert parse_vbmeta(BufferReader(vbmeta(2))).properties["verification"] == "disabled"
    footer = pack(">4sIIQQQ28s", b"AVBf", 1, 0, 4096, 8192, 448, b"")
    assert parse_avb_footer(BufferReader(footer)).properties == {
        "original size": "4096",
        "vbmeta": "448 bytes at 0x2000",
    }
    check_hostile(parse_vbmeta, vbmeta())
    check_hostile(parse_avb_footer, footer)


@pytest.mark.packers
@pytest.mark.parametrize(("blocks", "hash_name"), [(3, "sha256"), (128, "sha256"), (129, "sha1"), (3000, "sha512")])
def test_hash_tree_of_veritysetup(tmp_path, blocks, hash_name):
    (tmp_path / "data").write_bytes(bytes(4096 * blocks))
    run(tool("veritysetup"), "format", "data", "tree", "--hash", hash_name, cwd=tmp_path)
    blob = (tmp_path / "tree").read_bytes()
    image = parse_verity(BufferReader(blob + b"behind"))
    assert (image.size, image.properties) == (len(blob), {"digest": hash_name, "blocks": str(blocks)})
    check_hostile(parse_verity, blob, rounds=50)


@pytest.mark.parametrize("parse", [parse_dfuse, parse_ebl, parse_vbmeta, parse_avb_footer, parse_verity])
def test_other_bytes_are_not_these_formats(parse):
    assert attempt(parse, b"some text of no interest".ljust(3000, b".")) is None
    assert attempt(parse, bytes(3000)) is None


@pytest.mark.packers
def test_uf2_of_esptool(tmp_path):
    parts_ = {0x1000: bytes(range(256)) * 9, 0x10000: bytes(reversed(range(256))) * 33}
    for at, body in parts_.items():
        (tmp_path / f"{at:x}").write_bytes(body)
    places = [text for at in parts_ for text in (hex(at), f"{at:x}")]
    try:
        run(tool("esptool"), "--chip", "esp32s2", "merge_bin", "--format", "uf2", "-o", "x", *places, cwd=tmp_path)
    except subprocess.CalledProcessError:
        pytest.skip("this esptool writes no UF2")
    blob = (tmp_path / "x").read_bytes()
    image = parse_uf2(BufferReader(blob + b"behind"))
    assert image.size == len(blob)
    assert [content(member)[:2304] for member in image.members] == [body[:2304] for body in parts_.values()]
