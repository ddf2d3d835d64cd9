import random
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Malformed
from inspector.extract.archive.zip import Zip
from inspector.formats.codec import dcl
from inspector.formats.reader import BufferReader
from tests.formats.codec.test_zip_legacy import Writer, archive
from tests.formats.packages import pinned_file
from tests.formats.promise import every_flip, every_prefix, files


def exploded(packed: bytes, size: int) -> bytes:
    decoded = dcl.explode(BufferReader(packed), size)
    assert decoded.damage is None
    assert decoded.consumed <= len(packed)
    return bytes(decoded.data)


def test_the_example_that_its_description_gives():
    assert exploded(bytes.fromhex("00048224258f807f"), 13) == b"AIAIAIAIAIAIA"


@pytest.mark.realworld
@pytest.mark.parametrize(
    ("name", "size", "digest"),
    [
        ("small", 472, "6a6cfd00548aa0c0"),
        ("medium", 1945, "229969906755222d"),
        ("large", 3838, "c9e4149806241715"),
        ("coded", 3838, "c9e4149806241715"),
        ("binary", 4096, "80da81ac06bbecc4"),
        ("no-explicit-end", 63, "567efcf5d16bb4c5"),  # its matches reach in front of the first byte
    ],
)
def test_files_that_another_decoder_is_tested_with(name, size, digest):
    packed = pinned_file(f"dcl-{name}").read_bytes()
    plain = exploded(packed, size)
    assert sha256(plain).hexdigest()[:16] == digest
    assert files(Zip(), archive(10, packed, plain)) == {"f": plain}


# --------------------------------------------------------------------------- the packer's side


def codes(lengths: str) -> list[tuple[int, int]]:
    """Give the code of each symbol as its bits, first one lowest, and their number."""
    found, code, before = [(0, 0)] * len(lengths), -1, 0
    for length, symbol in sorted((int(digit, 16), symbol) for symbol, digit in enumerate(lengths)):
        code = code + 1 << length - before
        before = length
        inverted = f"{code ^ (1 << length) - 1:0{length}b}"
        found[symbol] = int(inverted[::-1], 2), length
    return found


LITERALS, LENGTHS, DISTANCES = codes(dcl.LITERALS), codes(dcl.LENGTHS), codes(dcl.DISTANCES)


def put_length(out: Writer, length: int) -> None:
    starts = zip(dcl.LENGTH_BASES, dcl.LENGTH_EXTRA, strict=True)
    slot = next(n for n, (base, extra) in enumerate(starts) if base <= length < base + (1 << extra))
    out.put(1, 1)
    out.put(*LENGTHS[slot])
    out.put(length - dcl.LENGTH_BASES[slot], dcl.LENGTH_EXTRA[slot])


def implode(data: bytes, *, coded: bool, window: int) -> bytes:
    out, at, seen = Writer(), 0, dict[bytes, int]()
    out.put(int(coded), 8)
    out.put(window, 8)
    while at < len(data):
        length, before = 0, seen.get(data[at : at + 2], -1)
        distance = at - before
        if before >= 0 and distance <= 64 << window:
            while length < 518 and at + length < len(data) and data[before + length] == data[at + length]:
                length += 1
        seen[data[at : at + 2]] = at
        if length >= 3 or (length == 2 and distance <= 256):
            low = 2 if length == 2 else window
            put_length(out, length)
            out.put(*DISTANCES[distance - 1 >> low])
            out.put((distance - 1) & (1 << low) - 1, low)
        else:
            length = 1
            out.put(0, 1)
            out.put(*LITERALS[data[at]] if coded else (data[at], 8))
        at += length
    put_length(out, 519)
    return out.end()


@given(st.lists(st.sampled_from([b"a", b"bc", b"\0" * 300, b"some words ", b"\xff\xfe"]) | st.binary(max_size=9)))
@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize("window", dcl.WINDOWS)
def test_imploded_bytes(coded, window, pieces):
    data = b"".join(pieces)
    packed = implode(data, coded=coded, window=window)
    assert exploded(packed, len(data)) == data
    more = dcl.explode(BufferReader(packed), len(data) + 1)
    assert bytes(more.data) == data
    assert isinstance(more.damage, Malformed)


TEXT = random.Random(10).randbytes(3000).hex().encode() + b"https://planted.example.cn/v1\n" * 40


def test_entries_of_a_zip():
    blob = archive(10, implode(TEXT, coded=True, window=6), TEXT)
    assert files(Zip(), blob) == {"f": TEXT}
    every_prefix(Zip(), blob, 40)
    every_flip(Zip(), blob, 40)


@given(st.binary(max_size=400), st.integers(0, 3000))
def test_any_bytes(raw, size):
    for packed in (raw, b"\0\4" + raw, b"\1\6" + raw):
        decoded = dcl.explode(BufferReader(packed), size)
        assert len(decoded.data) <= size
        assert decoded.damage is not None or len(decoded.data) == size
