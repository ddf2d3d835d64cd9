import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.archive.szdd import Szdd
from inspector.formats.archive.szdd import MAGIC, decompress
from inspector.formats.codec.streams import CutOff, collect
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.packages import debian_file
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

DATA = {
    "text": b"".join(b"%d server=https://planted.example.cn/v1\n" % (n * n) for n in range(600)),
    "noise": os.urandom(9000),
    "zeros": bytes(20_000),
}
"""No file of a few bytes: mscompress 0.4 packs those wrongly, and its own msexpand gives other bytes back."""


@pytest.mark.packers
@pytest.mark.parametrize("name", DATA)
def test_output_of_mscompress(tmp_path, name):
    (tmp_path / "x.dll").write_bytes(DATA[name])
    run(tool("mscompress"), "x.dll", cwd=tmp_path)
    blob = (tmp_path / "x.dll_").read_bytes()
    span, _, (member,) = unpack(Szdd(), b"before" + blob + b"behind", 6)
    assert (content(member), len(span)) == (DATA[name], len(blob))
    assert b"".join(decompress(BufferReader(blob), 0, 1000)) == DATA[name]
    every_prefix(Szdd(), blob, 40)
    every_flip(Szdd(), blob, 40)
    cut = collect(decompress, BufferReader(blob[:-1]), 0, 1 << 20)
    assert isinstance(cut.damage, CutOff)
    assert DATA[name].startswith(bytes(cut.data))


def packed(size: int, raw: bytes, letter: bytes = b"l") -> bytes:
    return MAGIC + letter + struct.pack("<I", size) + raw


def test_matches_before_the_beginning_are_blanks():
    # "ab"; four bytes from where the window begins; three that run into what they write.
    blob = packed(9, b"\x03ab" + b"\x00\x01" + b"\xf5\xf0")
    assert files(Szdd(), blob) == {"content.__l": b"ab" + b"    " + b"   "}
    assert files(Szdd(), packed(1, b"\x01x")) == {"content.__l": b"x"}
    assert files(Szdd(), packed(5, b"\x03ab" + b"\xf0\xf0", b"\0")) == {"content": b"ababa"}


def test_other_bytes_are_none():
    for blob in (b"SZDD" + bytes(40), packed(1000, b"\xffabc"), MAGIC):
        with pytest.raises(NotThisFormat):
            unpack(Szdd(), blob)


@pytest.mark.realworld
def test_a_file_of_clamav():
    blob = debian_file("clamav-testfiles", "usr/share/clamav-testfiles/clam.exe.szdd")
    (member,) = unpack(Szdd(), blob)[2]
    assert (content(member)[:2], len(content(member))) == (b"MZ", 544)


@given(st.binary(max_size=300), st.integers(0, 5000))
def test_any_bytes(raw, size):
    keeps_its_promise(Szdd(), packed(size, raw))
    keeps_its_promise(Szdd(), raw)
