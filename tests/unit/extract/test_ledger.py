import lzma
import struct
import zlib
from itertools import pairwise, permutations
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from inspector.extract.ledger import Claim, partition, score, totals
from inspector.extract.statistics import BLOCK, Look, _differences, is_table, look, looks
from inspector.formats.reader import BufferReader, Span
from inspector.model.ledger import LedgerSpan, SpanKind

edges = st.integers(-50, 300)
spans = st.builds(lambda a, b: Span(min(a, b), max(a, b)), edges, edges)
claims = st.lists(
    st.builds(Claim, spans, st.sampled_from(SpanKind), st.sampled_from([0.0, 0.25, 0.5, 1.0])), max_size=40
)


@given(st.integers(0, 250), claims)
def test_claims_and_remainder_cover_every_byte_exactly_once(size, made):
    spans, free = partition(size, made)
    pieces = sorted([(s.start, s.end) for s in spans] + [(f.start, f.end) for f in free])
    assert sum(end - start for start, end in pieces) == size
    at = 0
    for start, end in pieces:
        assert start == at
        assert end > start
        at = end
    assert at == size


@given(st.integers(1, 250), claims, st.randoms())
def test_the_order_of_claims_plays_no_part(size, made, random):
    shuffled = list(made)
    random.shuffle(shuffled)
    first, second = partition(size, made), partition(size, shuffled)
    assert [(s.start, s.end, s.kind, s.weight) for s in first[0]] == [
        (s.start, s.end, s.kind, s.weight) for s in second[0]
    ]
    assert first[1] == second[1]


@given(st.integers(1, 250), claims)
def test_a_claim_of_opaque_bytes_never_raises_the_score(size, made):
    def whole(all_claims):
        spans, free = partition(size, all_claims)
        return score([*spans, *(LedgerSpan(f.start, f.end, SpanKind.SCANNED) for f in free)])

    everything = Claim(Span(0, size), SpanKind.OPAQUE, 0.0)
    assert whole([*made, everything]) <= whole(made) + 1e-9


def test_a_block_that_several_members_share_is_one_span_of_their_mean():
    made = [Claim(Span(0, 10), SpanKind.MEMBER, 1.0), Claim(Span(0, 10), SpanKind.MEMBER, 0.0)]
    spans, free = partition(10, made)
    assert [(s.start, s.end, s.weight) for s in spans] == [(0, 10, 0.5)]
    assert free == []


def test_totals_name_every_kind():
    assert set(totals([])) == set(SpanKind)


def test_many_members_on_one_block_stay_linear():
    made = [Claim(Span(0, 1_000 + n), SpanKind.MEMBER, 1.0) for n in range(100_000)]
    spans, _ = partition(200_000, made)
    assert sum(len(s) for s in spans) == 100_999


def test_claims_on_the_same_bytes_give_the_same_spans_in_any_order():
    made = [
        Claim(Span(0, 1), SpanKind.STRUCTURE),
        Claim(Span(0, 2), SpanKind.MEMBER, 0.0, "content"),
        Claim(Span(0, 2), SpanKind.STRUCTURE),
    ]
    assert len({tuple(partition(2, order)[0]) for order in permutations(made)}) == 1


def test_filling_before_erased_flash_is_padding_all_the_same():
    code = b"code " * 20_000
    data = BufferReader(code + bytes(1214) + b"\xff" * 70_000 + b"more " * 500)
    filled = Span(len(code), len(code) + 71_214)
    assert list(looks(data, filled)) == [(filled, Look.PADDING)]
    runs = list(looks(data, Span(0, data.size)))
    assert (runs[0][0].start, runs[-1][0].end) == (0, data.size)
    assert all(before.end == after.start for (before, _), (after, _) in pairwise(runs))
    assert sum(len(run) for run, kind in runs if kind is Look.PADDING) > 1 << 12


def character_set(name: str, size: int) -> bytes:
    """Return code points of the double-byte characters of a character set, as libraries of encodings store them."""
    points = []
    for first in range(0x81, 0xFF):
        for second in range(0x40, 0xFF):
            text = bytes([first, second]).decode(name, "ignore")
            if len(text) == 1 and ord(text) < 0x10000:
                points.append(ord(text))
    return struct.pack(f"<{len(points)}H", *points)[:size]


def steps(size: int, width: int) -> bytes:
    """Return numbers of `size` bytes, little-endian, each within `width` of the one before: sound, or a curve."""
    random, value, numbers = Random(3), 1 << (size * 8 - 2), []
    for _ in range((1 << 16) // size):
        value = (value + random.randint(-width, width)) % (1 << size * 8)
        numbers.append(value.to_bytes(size, "little"))
    return b"".join(numbers)


LIBRARY = b"".join(path.read_bytes() for path in sorted(Path(lzma.__file__).parent.glob("*.py")))[: 1 << 20]
TABLES = {
    "big5": character_set("big5", 1 << 14),
    "gb18030": character_set("gbk", 1 << 15),
    "sound": steps(2, 300),
    "pixels": steps(3, 1 << 10),
    "curve": steps(4, 1 << 14),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_dense_table_of_numbers_is_in_the_clear(name):
    table = TABLES[name]
    assert is_table(memoryview(table))
    for shift in range(4):
        assert look(memoryview(table[shift:])) is Look.CLEAR


def hidden(name: str) -> bytes:
    key = Random(5).randbytes(1 << 13)
    if name.startswith("key of "):
        long = key[: int(name.removeprefix("key of "))]
        table = TABLES["sound"] * 4
        return bytes(a ^ b for a, b in zip(table, long * (len(table) // len(long) + 1), strict=False))
    return {
        "deflate": lambda: zlib.compress(LIBRARY, 9),
        "deflate, fast": lambda: zlib.compress(LIBRARY, 1),
        "xz": lambda: lzma.compress(LIBRARY),
        "AES-CTR": lambda: Cipher(algorithms.AES(key[:16]), modes.CTR(key[:16])).encryptor().update(bytes(1 << 18)),
        "ChaCha20": lambda: (
            Cipher(algorithms.ChaCha20(key[:32], key[:16]), None).encryptor().update(LIBRARY[: 1 << 18])
        ),
        "noise": lambda: Random(6).randbytes(1 << 18),
    }[name]()


SCHEMES = ["deflate", "deflate, fast", "xz", "AES-CTR", "ChaCha20", "noise"]


@pytest.mark.parametrize("name", [*SCHEMES, "key of 256", "key of 1000", "key of 8192"])
def test_what_is_packed_or_encrypted_is_no_table(name):
    blob = hidden(name)
    for shift in range(4):
        for start in range(shift, len(blob) - BLOCK, BLOCK):
            assert not is_table(memoryview(blob)[start : start + BLOCK])
        kinds = {kind for _, kind in looks(BufferReader(blob[shift:]), Span(0, len(blob) - shift))}
        assert kinds == {Look.HIGH_ENTROPY}


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_table_vouches_for_no_block_beside_it(at):
    blob = bytearray(TABLES["sound"])
    blob[at * BLOCK : (at + 1) * BLOCK] = Random(8).randbytes(BLOCK)
    assert not is_table(memoryview(blob))
    assert not is_table(memoryview(TABLES["sound"][: BLOCK + 5000] + Random(8).randbytes(BLOCK)))


@given(st.binary(min_size=8, max_size=200), st.sampled_from([2, 3, 4]))
def test_differences_are_taken_byte_by_byte(block, step):
    assert _differences(block, step) == bytes((b - a) & 0xFF for a, b in zip(block, block[step:], strict=False))
