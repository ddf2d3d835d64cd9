"""Program flash of Beken chips: what ltchiptool encrypts comes back."""

from struct import pack

import pytest

from inspector.errors import NotThisFormat
from inspector.extract.firmware.iotchip import BekenCode
from inspector.formats.firmware.bekencode import crc16, parse_beken_code
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, run
from tests.formats.wrapper_checks import check_hostile

KEY = "510fb093a3cbeadc5993a17ec7adeb03"
PROGRAM = pack("<8I", *[0xE59FF018] * 8) + b"https://planted.example.cn/v1 " * 700 + bytes(range(256)) * 20
PROGRAM = PROGRAM.ljust(-(-len(PROGRAM) // 32) * 32, b"\xff")


def with_checksums(raw: bytes) -> bytes:
    units = [raw[at : at + 32] for at in range(0, len(raw), 32)]
    return b"".join(unit + crc16(unit).to_bytes(2, "big") for unit in units)


@pytest.mark.packers
@pytest.mark.parametrize("address", ["0x0", "0x10000"])
def test_output_of_ltchiptool(address, tmp_path):
    (tmp_path / "a").write_bytes(PROGRAM)
    run(tool("ltchiptool"), "soc", "bkpackager", "encrypt", "-c", KEY, "a", "b", address, cwd=tmp_path)
    blob = (tmp_path / "b").read_bytes()
    image = parse_beken_code(BufferReader(blob + b"\xff" * 100 + b"behind"))
    (member,) = image.members
    assert (image.size, image.properties["encryption"]) == (len(blob), "published key")
    assert content(member) == PROGRAM
    assert any(blob.startswith(magic.pattern, magic.offset) for magic in BekenCode.MAGIC)


@pytest.mark.packers
def test_a_dump_with_boot_loader_and_program(tmp_path):
    (tmp_path / "a").write_bytes(PROGRAM)
    dump = bytearray(b"\xff" * 0x30000)
    for address, at in (("0x0", 0), ("0x10000", 0x11000)):
        run(tool("ltchiptool"), "soc", "bkpackager", "encrypt", "-c", KEY, "a", "b", address, cwd=tmp_path)
        blob = (tmp_path / "b").read_bytes()
        dump[at : at + len(blob)] = blob
    (member,) = parse_beken_code(BufferReader(bytes(dump))).members
    plain = content(member)
    assert plain[: len(PROGRAM)] == PROGRAM
    assert plain[0x10000:] == PROGRAM
    assert set(plain[len(PROGRAM) : 0x10000]) == {0xFF}


def test_plain_programs_and_other_keys():
    (member,) = parse_beken_code(BufferReader(with_checksums(PROGRAM))).members
    assert content(member) == PROGRAM
    with pytest.raises(NotThisFormat):
        parse_beken_code(BufferReader(with_checksums(bytes(byte ^ 0x5A for byte in PROGRAM))))
    broken = bytearray(with_checksums(PROGRAM))
    broken[34 * 100] ^= 1
    assert parse_beken_code(BufferReader(bytes(broken))).size == 3400


def test_other_bytes():
    for blob in (bytes(9000), b"\xff" * 9000, PROGRAM, with_checksums(PROGRAM)[:2000]):
        with pytest.raises(NotThisFormat):
            parse_beken_code(BufferReader(blob))
    check_hostile(parse_beken_code, with_checksums(PROGRAM[:4096]))
