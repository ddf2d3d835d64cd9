"""QNX deflate: blocks of the original libraries in the layout of the QNX utility, and damage."""

import struct
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lzallright import LZOCompressor

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.extract.archive.qnx_deflate import QnxDeflate
from inspector.formats.codec.nrv2b import un_nrv2b
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import NRV2B, NRV2B_SOURCE, inflated
from tests.formats.nrv2b import literals
from tests.formats.promise import content, every_flip, every_prefix, keeps_its_promise, unpack

LZO, UCL = 0, 1
WIDTH = 8192


def laid_out(raw: bytes, packed: Sequence[bytes], codec: int, width: int = WIDTH) -> bytes:
    """Return a file as the QNX utility lays it out: each block names the length of the one before it."""
    out = b"iwlyfmbp" + struct.pack("<IHBB", len(raw), width, codec, 0)
    before = (0, 0)
    for number, block in enumerate(packed):
        plain = min(width, len(raw) - number * width)
        out += struct.pack("<HHHH", before[0], len(block) + 8, before[1], plain) + block
        before = (len(block) + 8, plain)
    return out + struct.pack("<HHHH", before[0], 0, before[1], 0)


def sample(codec: int, raw: bytes = NRV2B_SOURCE, width: int = WIDTH) -> bytes:
    blocks = [raw[at : at + width] for at in range(0, len(raw), width)]
    pack = LZOCompressor().compress if codec == LZO else literals
    return laid_out(raw, [bytes(pack(block)) for block in blocks], codec, width)


def original() -> bytes:
    return laid_out(NRV2B_SOURCE, [inflated(block) for block in NRV2B], UCL)


@pytest.mark.parametrize("blob", [original(), sample(LZO), sample(UCL), sample(LZO, width=4096)])
def test_file(blob):
    span, contents, (member,) = unpack(QnxDeflate(), b"in front" + blob + b"behind", 8)
    assert len(span) == len(blob)
    assert content(member) == NRV2B_SOURCE
    assert contents.properties["compression"] in ("lzo", "ucl")
    with pytest.raises(LimitReached):
        member.open(1000)


def test_blocks_of_the_original_library():
    for number, block in enumerate(NRV2B):
        stored, plain = inflated(block), NRV2B_SOURCE[number * WIDTH : (number + 1) * WIDTH]
        assert un_nrv2b(stored, WIDTH) == plain
        for damaged in (stored[:-1], stored + b"\0"):
            with pytest.raises(Malformed):
                un_nrv2b(damaged, WIDTH)
        with pytest.raises(Malformed):
            un_nrv2b(stored, len(plain) - 1)


@given(st.binary(max_size=300), st.integers(0, 5000))
def test_any_block(raw, limit):
    with suppress(Malformed):
        assert len(un_nrv2b(raw, limit)) <= limit


@given(st.binary(max_size=2000))
def test_literals_come_back(raw):
    assert un_nrv2b(literals(raw), len(raw)) == raw


def test_what_is_no_such_file():
    blob = original()
    for damaged in (
        blob[:20],
        blob[:12] + b"\0\x30" + blob[14:],
        blob[:14] + b"\2" + blob[15:],
        b"iwlyfmbx" + blob[8:],
    ):
        with pytest.raises(NotThisFormat):
            QnxDeflate().measure(BufferReader(damaged), 0)


def test_cut_off_file_keeps_its_first_blocks():
    blob = original()
    (member,) = unpack(QnxDeflate(), blob[:-100])[2]
    reader = member.open(1 << 20)
    assert reader.damage is not None
    assert bytes(reader.all()) == NRV2B_SOURCE[:WIDTH]


def test_chain_that_does_not_name_the_block_before():
    blob = bytearray(original())
    second = 16 + struct.unpack_from("<H", blob, 18)[0]
    blob[second] ^= 1
    with pytest.raises(Malformed):
        QnxDeflate().measure(BufferReader(bytes(blob)), 0)


@pytest.mark.parametrize("blob", [original(), sample(LZO, NRV2B_SOURCE[:9000])])
def test_hostile(blob):
    every_prefix(QnxDeflate(), blob)
    every_flip(QnxDeflate(), blob)


@given(st.binary(max_size=200), st.integers(0, 1), st.integers(1, 5000))
def test_any_bytes(raw, codec, size):
    keeps_its_promise(QnxDeflate(), b"iwlyfmbp" + raw)
    head = b"iwlyfmbp" + struct.pack("<IHBBHHHH", size, 4096, codec, 0, 0, len(raw) + 8, 0, min(size, 4096))
    keeps_its_promise(QnxDeflate(), head + raw)
