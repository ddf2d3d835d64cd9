import subprocess

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.ubootenv import parse_ubootenv
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.wrapper_checks import attempt, parts

TEXT = b"baudrate=115200\nbootcmd=tftp 0x82000000 fw.bin; bootm\nserverip=203.0.113.9\n"
pytestmark = pytest.mark.packers


@pytest.fixture(params=[(0x1000, False, False), (0x10000, True, False), (0x20000, False, True)], ids=str)
def built(request, tmp_path):
    size, redundant, big = request.param
    (tmp_path / "text").write_bytes(TEXT)
    options = ["-r"] * redundant + ["-b"] * big
    subprocess.run(
        [tool("mkenvimage"), *options, "-s", hex(size), "-o", "env", "text"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    return (tmp_path / "env").read_bytes()


def test_variables_become_lines(built):
    image = parse_ubootenv(BufferReader(built + b"\xff" * 4000))
    assert parts(image) == {"variables.txt": TEXT}
    assert (image.size, image.properties["variables"]) == (len(built), "3")


def test_changed_variable_fits_no_size(built):
    with pytest.raises(NotThisFormat):
        parse_ubootenv(BufferReader(built.replace(b"203.0.113.9", b"203.0.113.8")))


def test_every_cut_is_a_value_or_a_format_error(built):
    for cut in (*range(600), len(built) - 1):
        attempt(parse_ubootenv, built[:cut])
