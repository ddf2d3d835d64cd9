import subprocess
from random import Random

import pytest

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.formats.firmware.hexrecords import (
    parse_ihex,
    parse_mos,
    parse_srec,
    parse_tektronix,
    parse_tektronix_extended,
    parse_ti_txt,
)
from inspector.formats.firmware.veriloghex import parse_verilog_hex
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.packages import debian_file
from tests.formats.wrapper_checks import check_hostile, parts

CODE = Random(7).randbytes(70_000)


def records(folder, kind: str, address: int) -> bytes:
    (folder / "code").write_bytes(CODE)
    command = [tool("objcopy"), "-I", "binary", "-O", kind, f"--change-addresses={address:#x}", "code", "out"]
    subprocess.run(command, cwd=folder, check=True)
    return (folder / "out").read_bytes()


@pytest.mark.packers
@pytest.mark.parametrize(
    ("kind", "parse"),
    [
        ("ihex", parse_ihex),
        ("srec", parse_srec),
        ("symbolsrec", parse_srec),
        ("tekhex", parse_tektronix_extended),
    ],
)
@pytest.mark.parametrize("address", [0, 0x8000, 0x0801_0000])
def test_records_of_objcopy(tmp_path, kind, parse, address):
    blob = records(tmp_path, kind, address)
    image = parse(BufferReader(blob + b"behind"))
    padding = bytes(-len(CODE) % 32) if kind == "tekhex" else b""  # it writes whole records of that kind only
    assert parts(image) == {f"memory@{address:#010x}": CODE + padding}
    assert (image.size, image.notes) == (len(blob), ())


def srec_cat(folder, code: bytes, address: int, *kind: str) -> bytes:
    (folder / "code").write_bytes(code)
    options = ["code", "-binary", "-offset", str(address), "-execution-start-address", "0", "-o", "out", *kind]
    subprocess.run([tool("srec_cat"), *options], cwd=folder, check=True)
    return (folder / "out").read_bytes()


SREC_CAT = {
    "-tektronix": ("tektronix-hex", parse_tektronix, 0xFFFF),
    "-tektronix-extended": ("tektronix-extended", parse_tektronix_extended, 0xFFFF_FFFF),
    "-mos-technologies": ("mos-hex", parse_mos, 0xFFFF),
    "-vmem 8": ("verilog-hex", parse_verilog_hex, 0xFFFF_FFFF),
    "-vmem 16": ("verilog-hex", parse_verilog_hex, 0xFFFF_FFFF),
    "-vmem 32": ("verilog-hex", parse_verilog_hex, 0xFFFF_FFFF),
    "-vmem 64": ("verilog-hex", parse_verilog_hex, 0xFFFF_FFFF),
}
"""Option of srec_cat → name here, parser, the last address it can state."""
TEXT = b"".join(b"https://device%d.example.net/the/report: an error in string %d\0" % (n, n * n) for n in range(150))


def found_as(blob: bytes) -> str:
    found, _ = Carver(CATALOGUE).identify(BufferReader(blob), "code.txt")
    return found.extractor.INFO.name if found else ""


@pytest.mark.packers
@pytest.mark.parametrize(
    ("kind", "address"),
    [(kind, at) for kind, (_, _, last) in SREC_CAT.items() for at in (0, 0x8000, 0x0801_0000) if at < last],
)
def test_other_records_of_srec_cat(tmp_path, kind, address):
    name, parse, _ = SREC_CAT[kind]
    code = TEXT[: len(TEXT) // 8 * 8]
    blob = srec_cat(tmp_path, code, address, *kind.split())
    image = parse(BufferReader(blob))
    assert parts(image) == {f"memory@{address:#010x}": code}
    assert (image.size, image.notes) == (len(blob), ())
    assert found_as(blob) == name


@pytest.mark.packers
@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.parametrize("target", ["elf64-x86-64", "binary"])
def test_verilog_words_of_objcopy_in_either_order(tmp_path, width, target):
    """For a program of a little-endian machine it writes the last byte of a word first, for bytes the first."""
    (tmp_path / "code").write_bytes(TEXT)
    as_object = [tool("objcopy"), "-I", "binary", "-O", "elf64-x86-64", "code", "code.o"]
    subprocess.run(as_object, cwd=tmp_path, check=True)
    source = ["-I", "binary", "code"] if target == "binary" else ["-I", target, "code.o"]
    write = [tool("objcopy"), "-O", "verilog", f"--verilog-data-width={width}", "--change-addresses=0x8000", *source]
    subprocess.run([*write, "out"], cwd=tmp_path, check=True)
    blob = (tmp_path / "out").read_bytes()
    image = parse_verilog_hex(BufferReader(blob))
    assert parts(image) == {"memory@0x00008000": TEXT}
    order = {"order": "first byte first" if target == "binary" else "last byte first"} if width > 1 else {}
    assert image.properties == {"word": f"{width} bytes", **order}
    assert found_as(blob) == "verilog-hex"


def test_verilog_comments_and_several_addresses():
    text = b"""// boot memory
/* made by
   hand: @20 FF */ @0
6C6C_6568 0000006F // hello
/* a gap */
@1_000
64 @
"""
    with pytest.raises(Malformed, match="words of different width"):
        parse_verilog_hex(BufferReader(text))
    image = parse_verilog_hex(BufferReader(text.replace(b"64 @\n", b"0064\n")))
    assert parts(image) == {"memory@0x00000000": bytes.fromhex("6c6c65680000006f"), "memory@0x00004000": b"\0d"}


@pytest.mark.parametrize(
    "text", [b"@charset 'utf-8';", b"/* x */ @media {", b"@00 \nno hex", b"@10\nABC\n", b"/*" * 2000, b"//\n" * 2000]
)
def test_other_text_is_no_verilog_memory(text):
    with pytest.raises(NotThisFormat):
        parse_verilog_hex(BufferReader(text))


@pytest.mark.parametrize(
    ("parse", "lines"),
    [
        (parse_tektronix, [b"/00000D0D48656C6C6F2C20576F726C640AB0", b"/00000000"]),
        (parse_tektronix_extended, [b"%286D980000006B48656C6C6F2C20576F726C640A", b"%0E81E800000000"]),
        (parse_mos, [b";0C000048656C6C6F2C20576F726C640454", b";0000010001"]),
    ],
)
def test_a_wrong_digit_and_a_missing_end(parse, lines):
    first = lines[0]
    assert [content[:12] for content in parts(parse(BufferReader(first + b"\n" + lines[1]))).values()] == [
        b"Hello, World"
    ]
    assert parse(BufferReader(first)).notes == ("no end record",)
    with pytest.raises(NotThisFormat):
        parse(BufferReader(first[:-1] + b"%X" % (int(first[-1:], 16) ^ 1)))
    with pytest.raises(Malformed):
        parse(BufferReader(first + b"\n" + first[:-1] + b"%X" % (int(first[-1:], 16) ^ 1)))
    check_hostile(parse, b"\n".join([first, lines[1]]), rounds=600)


def test_a_mos_file_that_lost_records():
    with pytest.raises(Malformed, match="missing"):
        parse_mos(BufferReader(b";0C000048656C6C6F2C20576F726C640454\n;0000020002\n"))


def test_an_address_of_sixteen_digits():
    blob = b"%1A6000" + b"0123456789ABCDEF" + b"4142"
    worth = sum(int(chr(digit), 16) for digit in b"1A6" + blob[6:])
    blob = blob[:4] + b"%02X" % (worth & 0xFF) + blob[6:]
    assert parts(parse_tektronix_extended(BufferReader(blob))) == {"memory@0x123456789abcdef": b"AB"}


@pytest.mark.packers
@pytest.mark.parametrize("address", [0, 0x8000, 0x0801_0000])
def test_text_of_srec_cat(tmp_path, address):
    blob = srec_cat(tmp_path, CODE, address, "-titxt")
    image = parse_ti_txt(BufferReader(blob))
    assert found_as(blob) == "ti-txt"
    assert found_as(blob.rstrip()[:-1]) == "verilog-hex"
    assert parts(image) == {f"memory@{address:#010x}": CODE}
    assert (image.size, image.notes) == (len(blob), ())
    check_hostile(parse_ti_txt, b"\n".join([*blob.split(b"\n")[:20], b"q"]), rounds=100)
    with pytest.raises(NotThisFormat):
        parse_ti_txt(BufferReader(b"@media (max-width: 40em) { body { margin: 0 } }"))


def test_small_gaps_are_filled_and_large_ones_split():
    text = b":020000000102FB\n:020010000304E7\n:02200000050601" + b"D3\n:00000001FF\n"
    text = text.replace(b"050601D3", b"0506D3")
    assert parts(parse_ihex(BufferReader(text))) == {
        "memory@0x00000000": b"\1\2" + b"\xff" * 14 + b"\3\4",
        "memory@0x00002000": b"\5\6",
    }


def test_damage_and_missing_end():
    with pytest.raises(Malformed):
        parse_ihex(BufferReader(b":020000000102FB\n:020000000102FA\n"))
    with pytest.raises(NotThisFormat):
        parse_ihex(BufferReader(b":020000000102FA\n"))
    assert parse_ihex(BufferReader(b":020000000102FB\n")).notes == ("no end record",)
    with pytest.raises(NotThisFormat):
        parse_ihex(BufferReader(b":00000001FF\n"))
    with pytest.raises(LimitReached):
        parse_ihex(BufferReader(b":020000000102FB\n")).members[0].open(1)


@pytest.mark.parametrize("parse", [parse_ihex, parse_srec, parse_tektronix, parse_tektronix_extended])
def test_one_endless_line_is_no_damaged_image(parse):
    for start in (b":", b"S1", b"/", b"%"):
        with pytest.raises(NotThisFormat):
            parse(BufferReader(start + b"A" * 100_000))


def test_four_gigabytes_of_gap_cost_nothing():
    image = parse_srec(BufferReader(b"S3060000000055A4\nS306FFFFFFF055B7\nS70500000000FA\n"))
    assert parts(image) == {"memory@0x00000000": b"\x55", "memory@0xfffffff0": b"\x55"}


@pytest.mark.realworld
@pytest.mark.packers
def test_micropython_for_the_microbit(tmp_path):
    blob = debian_file("firmware-microbit-micropython", "usr/share/firmware-microbit-micropython/firmware.hex")
    (tmp_path / "in.hex").write_bytes(blob)
    command = [tool("objcopy"), "-I", "ihex", "-O", "binary", "--gap-fill", "0xff", "in.hex", "out"]
    subprocess.run([*command[:-2], "--remove-section=.sec8", *command[-2:]], cwd=tmp_path, check=True)
    memory = parts(parse_ihex(BufferReader(blob)))
    assert (tmp_path / "out").read_bytes().startswith(memory["memory@0x00000000"])


def test_hostile():
    check_hostile(parse_ihex, b":020000040801F1\n:020000000102FB\n:020010000304E7\n:00000001FF\n")
    check_hostile(parse_srec, b"S0030000FC\nS3060000000055A4\nS306FFFFFFF055B7\nS70500000000FA\n")
    check_hostile(parse_verilog_hex, b"/* a */\n@00000010 48656C6C 6F2C2057 // b\n6F726C64\n@2000\n0A", rounds=600)
