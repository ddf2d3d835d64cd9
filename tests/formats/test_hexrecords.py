import subprocess
from random import Random

import pytest

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.hexrecords import parse_ihex, parse_srec, parse_ti_txt
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
@pytest.mark.parametrize(("kind", "parse"), [("ihex", parse_ihex), ("srec", parse_srec)])
@pytest.mark.parametrize("address", [0, 0x8000, 0x0801_0000])
def test_records_of_objcopy(tmp_path, kind, parse, address):
    blob = records(tmp_path, kind, address)
    image = parse(BufferReader(blob + b"behind"))
    assert parts(image) == {f"memory@{address:#010x}": CODE}
    assert (image.size, image.notes) == (len(blob), ())


@pytest.mark.packers
@pytest.mark.parametrize("address", [0, 0x8000, 0x0801_0000])
def test_text_of_srec_cat(tmp_path, address):
    (tmp_path / "code").write_bytes(CODE)
    options = ["code", "-binary", "-offset", str(address), "-o", "out", "-titxt"]
    subprocess.run([tool("srec_cat"), *options], cwd=tmp_path, check=True)
    blob = (tmp_path / "out").read_bytes()
    image = parse_ti_txt(BufferReader(blob))
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
