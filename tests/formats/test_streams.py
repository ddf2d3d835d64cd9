import bz2
import gzip
import lzma
import os
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.extract.archive.bzip2 import Bzip2
from inspector.extract.archive.gzip import Gzip
from inspector.extract.archive.lzma_alone import LzmaAlone
from inspector.extract.archive.xz import Xz
from inspector.extract.archive.zstd import Zstd
from inspector.formats.reader import BufferReader
from tests.formats.promise import content, every_flip, every_prefix, keeps_its_promise, run, unpack

CODECS = {
    "gzip": (Gzip(), gzip.compress),
    "bzip2": (Bzip2(), bz2.compress),
    "xz": (Xz(), lzma.compress),
    "lzma": (LzmaAlone(), lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE)),
    "zstd": (Zstd(), zstandard.compress),
}
TOOLS = {"gzip": "gzip", "bzip2": "bzip2", "xz": "xz", "lzma": "lzma", "zstd": "zstd"}
TEXT = b"".join(b"line %d of a log with iot.example.cn\n" % i for i in range(20_000))
NOISE = os.urandom(70_000)
each = pytest.mark.parametrize("name", CODECS)


@each
@pytest.mark.parametrize(
    "plain", [b"", b"x", TEXT, NOISE, bytes(1 << 20)], ids=["empty", "byte", "text", "noise", "zeros"]
)
def test_content_and_extent_are_exact(name, plain):
    if name == "lzma" and plain == b"":
        pytest.skip("an empty LZMA stream is nothing but a header")
    extractor, pack = CODECS[name]
    stored = pack(plain)
    for before, after in ((b"", b""), (b"abc", b"\xff" * 50), (b"", b"\0" * 4096)):
        span, _, (member,) = unpack(extractor, before + stored + after, len(before))
        assert content(member) == plain
        if before or not after:
            assert (span.start, span.end) == (len(before), len(before) + len(stored))


@each
@pytest.mark.packers
def test_output_of_the_original_packer(name):
    extractor, _ = CODECS[name]
    for level in ("-1", "-9"):
        stored = run(TOOLS[name], level, "-c", data=TEXT)
        span, _, (member,) = unpack(extractor, b"?" + stored + b"!", 1)
        assert (len(span), content(member)) == (len(stored), TEXT)


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd"])
def test_joined_streams_are_one_content(name):
    extractor, pack = CODECS[name]
    _, _, (member,) = unpack(extractor, pack(b"one ") + pack(b"two") + b"trail", 0)
    assert content(member) == b"one two"


@each
def test_the_good_beginning_of_a_cut_stream_is_kept(name):
    extractor, pack = CODECS[name]
    half = pack(TEXT + NOISE + TEXT)[:-2000]
    span, _, (member,) = unpack(extractor, half)
    reader = member.open(1 << 26)
    assert len(span) == len(half)
    assert isinstance(reader.damage, Malformed)
    assert bytes(reader.all()) == (TEXT + NOISE + TEXT)[: reader.size]
    assert reader.size >= len(TEXT) // 2


@each
def test_limit_is_exact(name):
    extractor, pack = CODECS[name]
    (member,) = unpack(extractor, pack(bytes(100_000)))[2]
    assert member.open(100_000).size == 100_000
    with pytest.raises(LimitReached):
        member.open(99_999)


@each
@pytest.mark.attack
def test_bomb_is_cut_off_early(name):
    extractor, pack = CODECS[name]
    (member,) = unpack(extractor, pack(bytes(1 << 28)))[2]
    with pytest.raises(LimitReached):
        member.open(1 << 24)


@each
def test_every_prefix_and_every_changed_byte(name):
    extractor, pack = CODECS[name]
    stored = pack(NOISE[:300] + TEXT[:2000])
    every_prefix(extractor, stored)
    every_flip(extractor, stored)


@each
@given(raw=st.binary(max_size=300))
def test_any_bytes(name, raw):
    extractor, pack = CODECS[name]
    keeps_its_promise(extractor, raw)
    keeps_its_promise(extractor, pack(b"")[:6] + raw)


def test_gzip_name_is_the_member_without_folders():
    stored = bytearray(gzip.compress(b"x"))
    stored[3] |= 8
    stored[10:10] = b"/etc/rootfs.img\0"
    assert unpack(Gzip(), bytes(stored))[2][0].path == "rootfs.img"


def test_gzip_with_a_wrong_checksum_is_kept_and_flagged():
    stored = bytearray(gzip.compress(TEXT))
    stored[-5] ^= 1
    member = next(iter(Gzip().unpack(BufferReader(bytes(stored))).members))
    reader = member.open(1 << 26)
    assert (bytes(reader.all()), reader.damage is not None) == (TEXT, True)


def test_xz_with_padding_between_streams():
    stored = lzma.compress(b"one ") + bytes(8) + lzma.compress(b"two", check=lzma.CHECK_SHA256)
    span, _, (member,) = unpack(Xz(), stored + b"zz")
    assert (len(span), content(member)) == (len(stored), b"one two")


def test_xz_blocks_with_filters_are_walked():
    filters = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 6}]
    stored = lzma.compress(TEXT + NOISE, filters=filters)
    span, _, (member,) = unpack(Xz(), stored + b"behind")
    assert (len(span), content(member)) == (len(stored), TEXT + NOISE)


def test_zstd_skippable_frames_are_part_of_the_stream():
    skippable = (0x184D2A53).to_bytes(4, "little") + (5).to_bytes(4, "little") + b"12345"
    stored = skippable + zstandard.compress(b"data") + skippable
    span, _, (member,) = unpack(Zstd(), stored + b"behind")
    assert (len(span), content(member)) == (len(stored), b"data")
    with pytest.raises(NotThisFormat):
        Zstd().measure(BufferReader(skippable), 0)


def _lzma_parts() -> tuple[bytes, bytes]:
    stored = lzma.compress(TEXT, format=lzma.FORMAT_ALONE)
    return stored[:5], stored[13:]


BENT = {
    "known size": len(TEXT).to_bytes(8, "little"),
    "zero size": bytes(8),
    "left-over size": b"\x11" * 8,
    "four bytes": len(TEXT).to_bytes(4, "little"),
    "no size": b"",
}


@pytest.mark.parametrize("bent", BENT)
def test_lzma_with_a_bent_header(bent):
    head, coder = _lzma_parts()
    stored = head + BENT[bent] + coder
    span, _, (member,) = unpack(LzmaAlone(), b"boot" + stored + b"\xff" * 3000, 4)
    assert content(member)[: len(TEXT)] == TEXT
    assert 0 <= len(span) - len(stored) < 300


@given(st.binary(min_size=9, max_size=200))
def test_noise_behind_an_lzma_header_is_no_stream(raw):
    try:
        LzmaAlone().measure(BufferReader(b"\x5d\0\0\x80\0" + raw), 0)
    except FormatError:
        return
    # What passes must really decode.
    assert next(iter(LzmaAlone().unpack(BufferReader(b"\x5d\0\0\x80\0" + raw)).members)).open(1 << 20).size >= 0


def test_zlib_bytes_are_not_gzip():
    with pytest.raises(NotThisFormat):
        Gzip().measure(BufferReader(zlib.compress(TEXT)), 0)
