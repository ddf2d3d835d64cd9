import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, Malformed
from inspector.extract.archive.zip import Zip
from inspector.formats.codec.deflate64 import decompress
from inspector.formats.codec.streams import collect, span_of
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, files, run

MOST = 1 << 22
NOISE = random.Random(64).randbytes(60_000)
FAR = NOISE + b"between" + NOISE[:50_000] + bytes(70_000)
"""Matches further back than 32 KiB, and longer than 258 bytes."""


def deflated(data: bytes, level: int, strategy: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    return packer.compress(data) + packer.flush()


@pytest.mark.packers
@pytest.mark.parametrize("level", [1, 9])
def test_output_of_7z(tmp_path, level):
    (tmp_path / "far").write_bytes(FAR)
    run(tool("7z"), "a", "-tzip", "-mm=Deflate64", f"-mx={level}", "x.zip", "far", cwd=tmp_path)
    blob = (tmp_path / "x.zip").read_bytes()
    assert len(blob) < 70_000, "the matches are there"
    assert files(Zip(), blob) == {"far": FAR}
    every_prefix(Zip(), blob, 20)
    every_flip(Zip(), blob, 20)


# What deflate and deflate64 have in common: no match is longer than 257 bytes.
@given(st.text(alphabet="abc\n", max_size=200).map(str.encode), st.binary(max_size=8), st.sampled_from([0, 1, 9]))
@pytest.mark.parametrize("strategy", [zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY, zlib.Z_FIXED])
def test_deflated_bytes(strategy, data, behind, level):
    packed = deflated(data, level, strategy)
    reader = BufferReader(b"xy" + packed + behind)
    decoded = collect(decompress, reader, 2, MOST)
    assert (decoded.data, decoded.consumed, decoded.damage) == (data, len(packed), None)
    assert span_of(decompress, reader, 2) == len(packed)


def test_codes_that_only_deflate64_has():
    # A fixed block: "ab", then length code 285 with 16 extra bits over distance code 1; the end.
    fields = [(1, 1), (1, 2), *((int(f"{0x30 + byte:08b}"[::-1], 2), 8) for byte in b"ab")]
    fields += [(int("11000101"[::-1], 2), 8), (1000, 16), (int("00001"[::-1], 2), 5), (0, 7)]
    value = count = 0
    for field, width in fields:
        value |= field << count
        count += width
    decoded = collect(decompress, BufferReader(value.to_bytes(-(-count // 8), "little")), 0, MOST)
    assert (bytes(decoded.data), decoded.damage) == ((b"ab" * 600)[: 2 + 1003], None)


def test_a_stream_in_pieces():
    packed = deflated(NOISE.hex().encode(), 6, zlib.Z_HUFFMAN_ONLY)
    pieces = list(decompress(BufferReader(packed), 0, 1000))
    assert b"".join(pieces) == NOISE.hex().encode()
    assert max(map(len, pieces)) <= 1 << 16


@pytest.mark.parametrize("end", range(0, 400, 7))
def test_what_is_cut_off_gives_its_beginning(end):
    data = NOISE[:300].hex().encode()
    packed = deflated(data, 6, zlib.Z_HUFFMAN_ONLY)
    decoded = collect(decompress, BufferReader(packed[: min(end, len(packed) - 1)]), 0, MOST)
    assert isinstance(decoded.damage, Malformed)
    assert data.startswith(bytes(decoded.data))


@given(st.binary(max_size=400), st.integers(0, 7))
def test_any_bytes(raw, first):
    for blob in (raw, bytes([first]) + raw):
        try:
            decoded = collect(decompress, BufferReader(blob), 0, MOST)
        except FormatError:
            continue
        assert decoded.damage is not None or 0 < decoded.consumed <= len(blob)
