import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, NotThisFormat
from inspector.extract.archive.sevenzip import SevenZip
from inspector.formats.codec.bcj2 import decode as decode_bcj2
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise, run, unpack

ARM64 = [0x94000000, 0x97FFFF00, 0x90000001, 0xB0FFFFE2, 0xF0001003, 0xD07FFFE4, 0xA9BF7BFD, 0xD65F03C0] * 3000
TREE = {
    "etc/config": b"server=iot.example.cn\n" * 50,
    "bin/daemon": bytes(range(256)) * 300 + b"\xe8\x10\x00\x00\x00" * 500,
    "bin/arm64": b"".join((word + place * 7 & 0xFFFFFFFF).to_bytes(4, "little") for place, word in enumerate(ARM64)),
    "noise": os.urandom(3000),
    "empty": b"",
}
pytestmark = pytest.mark.packers


def pack(folder, *options: str) -> bytes:
    for name, data in TREE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    run(tool("7z"), "a", *options, "x.7z", *sorted({name.split("/")[0] for name in TREE}), cwd=folder)
    return (folder / "x.7z").read_bytes()


METHODS = {
    "LZMA": ["-m0=LZMA"],
    "LZMA2": ["-m0=LZMA2"],
    "not solid": ["-ms=off"],
    "plain header": ["-mhc=off"],
    "BZip2": ["-m0=BZip2"],
    "Deflate": ["-m0=Deflate"],
    "Copy": ["-m0=Copy"],
    "BCJ and LZMA": ["-m0=BCJ", "-m1=LZMA"],
    "BCJ and LZMA2": ["-m0=BCJ", "-m1=LZMA2"],
    "ARM and Deflate": ["-m0=ARM", "-m1=Deflate"],
    "BCJ2": ["-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"],
    "BCJ2 with other coders": ["-m0=BCJ2", "-m1=LZMA2", "-m2=BZip2", "-m3=Copy", "-mb0:1", "-mb0s1:2", "-mb0s2:3"],
    "ARM64 and LZMA2": ["-m0=ARM64", "-m1=LZMA2"],
    "pairs swapped": ["-m0=SWAP2", "-m1=LZMA2"],
    "words swapped": ["-m0=SWAP4", "-m1=Deflate"],
    "Delta": ["-m0=Delta:4", "-m1=LZMA"],
    "PPMd": ["-m0=PPMd"],
    "BCJ and PPMd": ["-m0=BCJ", "-m1=PPMd"],
}


@pytest.mark.parametrize("name", METHODS)
def test_output_of_7z(tmp_path, name):
    blob = pack(tmp_path, *METHODS[name])
    assert files(SevenZip(), blob) == TREE
    span, contents, members = unpack(SevenZip(), b"MZ" + blob + b"behind", 2)
    covered = {at for part in contents.structure() for at in range(part.start, part.end)}
    covered |= {at for member in members for part in member.extents for at in range(part.start, part.end)}
    assert (len(span), covered) == (len(blob), set(range(len(blob))))
    assert {m.path for m in members if m.kind is MemberKind.DIRECTORY} == {"etc", "bin"}


@pytest.mark.parametrize("level", ["-mx=5", "-mx=9"])
def test_programs_packed_with_bcj2(tmp_path, level):
    program = (Path(tool("7z")).resolve().read_bytes() + Path("/bin/bash").read_bytes())[: 2 << 20]
    (tmp_path / "a.exe").write_bytes(program)
    run(tool("7z"), "a", level, "-m0=BCJ2", "-m1=LZMA:d24", "-m2=LZMA:d19", "-m3=LZMA:d19", "-mb0:1", "-mb0s1:2",
        "-mb0s2:3", "x.7z", "a.exe", cwd=tmp_path)  # fmt: skip
    blob = (tmp_path / "x.7z").read_bytes()
    assert files(SevenZip(), blob) == {"a.exe": program}
    every_flip(SevenZip(), blob, 12)


@given(st.lists(st.binary(max_size=60), min_size=4, max_size=4), st.integers(0, 200))
def test_any_bytes_as_bcj2(streams, size):
    try:
        assert len(decode_bcj2(*streams, size)) == size
    except FormatError:
        return


def test_solid_block_over_the_limit_is_refused(tmp_path):
    members = {m.path: m for m in unpack(SevenZip(), pack(tmp_path))[2]}
    with pytest.raises(LimitReached):
        members["etc/config"].open(5000)


def test_blocks_that_cannot_be_decoded_say_why(tmp_path):
    members = {m.path: m for m in unpack(SevenZip(), pack(tmp_path, "-psecret"))[2]}
    assert isinstance(members["noise"].problem, Encrypted)
    assert members["noise"].extents


def test_encrypted_header(tmp_path):
    with pytest.raises(Encrypted):
        unpack(SevenZip(), pack(tmp_path, "-psecret", "-mhe=on"))


def test_every_prefix_and_every_changed_byte(tmp_path):
    for options in (["-mhc=off", "-m0=Copy"], []):
        blob = pack(tmp_path, *options)
        every_prefix(SevenZip(), blob, 50)
        every_flip(SevenZip(), blob[:32] + blob[32:], 150)
        (tmp_path / "x.7z").unlink()


def with_right_checksums(blob: bytes, at: int, value: int) -> bytes:
    """Change a byte of the plain header and repair both checksums, so that the parser behind them is reached."""
    from binascii import crc32

    out = bytearray(blob)
    start = 32 + int.from_bytes(out[12:20], "little")
    out[start + at] = value
    out[28:32] = crc32(out[start:]).to_bytes(4, "little")
    out[8:12] = crc32(out[12:32]).to_bytes(4, "little")
    return bytes(out)


def test_damaged_header_behind_right_checksums(tmp_path):
    blob = pack(tmp_path, "-mhc=off", "-m0=BCJ", "-m1=LZMA")
    length = len(blob) - 32 - int.from_bytes(blob[12:20], "little")
    for at in range(length):
        for value in (0, 1, 0x7F, 0xFF):
            keeps_its_promise(SevenZip(), with_right_checksums(blob, at, value))


@given(st.binary(max_size=100))
def test_any_bytes(raw):
    keeps_its_promise(SevenZip(), b"7z\xbc\xaf\x27\x1c" + raw)
    with pytest.raises((NotThisFormat, FormatError)):
        SevenZip().measure(BufferReader(raw), 0)
