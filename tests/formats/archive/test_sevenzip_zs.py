"""7z with the methods of 7-Zip ZS and py7zr: no packer of them is at hand, so the archives are put together here."""

import bz2
import struct
import zlib
from random import Random

import brotli
import lz4.frame
import pytest

from inspector.errors import FormatError, Malformed, Unsupported
from inspector.extract.archive.sevenzip import SevenZip
from inspector.formats.archive.brotli import decompress_frames
from inspector.formats.codec.streams import CutOff, collect
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, files, run, unpack

ZSTD, BROTLI, LZ4, LZ5, LIZARD = (b"\x04\xf7\x11" + bytes([number]) for number in (1, 2, 4, 5, 6))
DATA = b"server=https://planted.example.cn/v1\n" * 4000 + Random(6).randbytes(9000)


def number(value: int) -> bytes:
    """Give a number of a 7z header, in eight bytes."""
    return b"\xff" + value.to_bytes(8, "little")


def archive(method: bytes, packed: bytes, plain: bytes, properties: bytes = b"") -> bytes:
    """Give a 7z of one file, `f`."""
    coder = bytes([len(method) | 0x20]) + method + number(len(properties)) + properties
    folder = b"\x07\x0b\x01\0\x01" + coder + b"\x0c" + number(len(plain)) + b"\0"
    streams = b"\x04\x06" + number(0) + b"\x01\x09" + number(len(packed)) + b"\0" + folder
    streams += b"\x08\x0a\x01" + struct.pack("<I", zlib.crc32(plain)) + b"\0\0"
    name = b"\0f\0\0\0"
    header = b"\x01" + streams + b"\x05\x01\x11" + number(len(name)) + name + b"\0\0"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def framed(packed: bytes, plain: int) -> bytes:
    return struct.pack("<III2sH", 0x184D2A50, 8, len(packed), b"BR", -(-plain // 65536)) + packed


def pieces(size: int = 50_000) -> list[bytes]:
    return [DATA[at : at + size] for at in range(0, len(DATA), size)]


PACKED = {
    "brotli": (BROTLI, brotli.compress(DATA)),
    "brotli in a frame": (BROTLI, framed(brotli.compress(DATA), len(DATA))),
    "brotli in frames": (BROTLI, b"".join(framed(brotli.compress(piece), len(piece)) for piece in pieces())),
    "lz4": (LZ4, lz4.frame.compress(DATA)),
    "lz4 in frames": (
        LZ4,
        b"".join(struct.pack("<III", 0x184D2A50, 4, len(raw)) + raw for raw in map(lz4.frame.compress, pieces())),
    ),
}


@pytest.mark.parametrize("name", PACKED)
def test_contents(name):
    method, packed = PACKED[name]
    blob = archive(method, packed, DATA, b"\1\0\3")
    assert files(SevenZip(), blob) == {"f": DATA}
    (member,) = unpack(SevenZip(), blob)[2]
    reader = member.open(1 << 20)
    assert (reader.damage, reader.notes) == (None, ())
    every_prefix(SevenZip(), blob, 40)
    every_flip(SevenZip(), blob, 40)


@pytest.mark.packers
def test_zstandard():
    blob = archive(ZSTD, run(tool("zstd"), "-q", "-c", data=DATA), DATA)
    assert files(SevenZip(), blob) == {"f": DATA}


@pytest.mark.packers
def test_the_archive_around_it_is_what_7z_reads(tmp_path):
    (tmp_path / "x.7z").write_bytes(archive(b"\x04\x02\x02", bz2.compress(DATA), DATA))
    assert run(tool("7z"), "e", "-so", str(tmp_path / "x.7z")) == DATA
    (tmp_path / "y.7z").write_bytes(archive(BROTLI, PACKED["brotli"][1], DATA, b"\1\0\3"))
    assert b"Method = 04F71102" in run(tool("7z"), "l", "-slt", str(tmp_path / "y.7z"))


@pytest.mark.parametrize(("method", "name"), [(LZ5, "LZ5"), (LIZARD, "Lizard")])
def test_other_methods_are_named(method, name):
    (member,) = unpack(SevenZip(), archive(method, b"packed", DATA))[2]
    assert isinstance(member.problem, Unsupported)
    assert name in str(member.problem)


def test_damaged_frames():
    whole = PACKED["brotli in frames"][1]
    for blob, kind in ((whole[:-5], CutOff), (whole + b"behind", FormatError), (whole + b"x" * 16, Malformed)):
        decoded = collect(decompress_frames, BufferReader(blob), 0, 1 << 20)
        assert isinstance(decoded.damage, kind)
        assert DATA.startswith(bytes(decoded.data))
        assert len(decoded.data) >= 100_000
