import bz2
import gzip
import lzma
import os
import zlib
from itertools import product
from random import Random
from time import process_time

import brotli
import lz4.block
import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.brotli import Brotli
from inspector.extract.archive.bzip2 import Bzip2
from inspector.extract.archive.compress import Compress
from inspector.extract.archive.gzip import Gzip
from inspector.extract.archive.lz4 import Lz4
from inspector.extract.archive.lzip import Lzip
from inspector.extract.archive.lzma_alone import LzmaAlone
from inspector.extract.archive.lzop import Lzop
from inspector.extract.archive.xz import Xz
from inspector.extract.archive.zlib import Zlib
from inspector.extract.archive.zstd import Zstd
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.formats.archive import brotli as brotli_format
from inspector.formats.archive import zstd
from inspector.formats.codec import streams
from inspector.formats.reader import BufferReader, Span
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

CODECS = {
    "gzip": (Gzip(), gzip.compress),
    "bzip2": (Bzip2(), bz2.compress),
    "xz": (Xz(), lzma.compress),
    "lzma": (LzmaAlone(), lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE)),
    "zstd": (Zstd(), zstandard.compress),
    "lz4": (Lz4(), lz4.frame.compress),
    "lz4 legacy": (Lz4(), lambda data: lz4_legacy(data)),  # noqa: PLW0108 - defined below
    "zlib": (Zlib(), zlib.compress),
}
TOOLS = {
    "gzip": (Gzip(), "gzip"),
    "bzip2": (Bzip2(), "bzip2"),
    "xz": (Xz(), "xz"),
    "lzma": (LzmaAlone(), "lzma"),
    "zstd": (Zstd(), "zstd"),
    "lz4": (Lz4(), "lz4"),
    "lz4 legacy": (Lz4(), "lz4 -l"),
    "lz4 with block checksums": (Lz4(), "lz4 -BX --content-size"),
    "lzop": (Lzop(), "lzop"),
    "lzip": (Lzip(), "lzip"),
}


def lz4_legacy(data: bytes) -> bytes:
    blocks = [
        lz4.block.compress(data[at : at + (8 << 20)], store_size=False) for at in range(0, len(data) or 1, 8 << 20)
    ]
    return b"\x02\x21\x4c\x18" + b"".join(len(block).to_bytes(4, "little") + block for block in blocks)


TEXT = b"".join(b"line %d of a log with iot.example.cn\n" % i for i in range(20_000))
NOISE = os.urandom(70_000)
each = pytest.mark.parametrize("name", CODECS)


NOTHING_BUT_A_HEADER = [(name, "empty") for name in ("lzma", "zlib", "lz4 legacy")]
PLAIN = {"empty": b"", "byte": b"x", "text": TEXT, "noise": NOISE, "zeros": bytes(1 << 20)}


@pytest.mark.parametrize(
    ("name", "kind"), [pair for pair in product(CODECS, PLAIN) if pair not in NOTHING_BUT_A_HEADER]
)
def test_content_and_extent_are_exact(name, kind):
    plain = PLAIN[kind]
    extractor, pack = CODECS[name]
    stored = pack(plain)
    for before, after in ((b"", b""), (b"abc", b"\xff" * 50), (b"", b"\0" * 4096)):
        span, _, (member,) = unpack(extractor, before + stored + after, len(before))
        assert content(member) == plain
        if before or not after:
            assert (span.start, span.end) == (len(before), len(before) + len(stored))


@pytest.mark.packers
@pytest.mark.parametrize("name", TOOLS)
def test_output_of_the_original_packer(name):
    extractor, command = TOOLS[name]
    program, *options = command.split()
    for level in ("-1", "-9"):
        stored = run(tool(program), *options, level, "-c", data=TEXT + NOISE)
        span, _, (member,) = unpack(extractor, b"?" + stored + bytes(4096), 1)
        assert (len(span), content(member)) == (len(stored), TEXT + NOISE)
        every_prefix(extractor, stored, 12)
        every_flip(extractor, stored, 12)


@pytest.mark.packers
@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_output_of_compress(bits):
    plain = TEXT[:300_000] + NOISE[:100_000] * 3 + TEXT[:100_000]  # the noise makes it clear its table
    stored = run(tool("compress"), "-c", "-f", "-b", str(bits), data=plain)
    span, _, (member,) = unpack(Compress(), stored)
    assert (len(span), content(member)) == (len(stored), plain)
    assert content(unpack(Compress(), run(tool("compress"), "-c", "-f", data=b"a"))[2][0]) == b"a"
    every_prefix(Compress(), stored[:3000], 60)
    every_flip(Compress(), stored[:3000], 60)


@given(st.binary(max_size=300), st.integers(0, 255))
def test_any_bytes_as_compress(raw, flags):
    keeps_its_promise(Compress(), b"\x1f\x9d" + bytes([flags]) + raw)


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd"])
def test_joined_streams_are_one_content(name):
    extractor, pack = CODECS[name]
    _, _, (member,) = unpack(extractor, pack(b"one ") + pack(b"two") + b"trail", 0)
    assert content(member) == b"one two"


@pytest.mark.parametrize("name", [name for name in CODECS if name not in ("zlib", "lz4 legacy")])
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


@pytest.mark.parametrize(("system", "read"), [(0, True), (3, True), (13, True), (19, True), (255, True), (20, False)])
def test_gzip_is_read_whatever_known_system_packed_it(system, read):
    stored = bytearray(gzip.compress(TEXT))
    stored[9] = system  # 19 is what zlib writes on a Mac
    if read:
        assert content(unpack(Gzip(), bytes(stored))[2][0]) == TEXT
    else:
        with pytest.raises(NotThisFormat):
            unpack(Gzip(), bytes(stored))


def test_gzip_with_a_wrong_checksum_is_kept_and_flagged():
    stored = bytearray(gzip.compress(TEXT))
    stored[-5] ^= 1
    member = next(iter(Gzip().unpack(BufferReader(bytes(stored))).members))
    reader = member.open(1 << 26)
    assert (bytes(reader.all()), reader.damage is not None) == (TEXT, True)


def test_gzip_cut_in_its_trailer_is_measured_to_the_end():
    stored = gzip.compress(TEXT)[:-3]
    span, _, (member,) = unpack(Gzip(), b"?" + stored, 1)
    reader = member.open(1 << 26)
    assert (len(span), bytes(reader.all()), isinstance(reader.damage, Malformed)) == (len(stored), TEXT, True)


def test_xz_with_padding_between_streams():
    stored = lzma.compress(b"one ") + bytes(8) + lzma.compress(b"two", check=lzma.CHECK_SHA256)
    span, _, (member,) = unpack(Xz(), stored + b"zz")
    assert (len(span), content(member)) == (len(stored), b"one two")


def test_xz_blocks_with_filters_are_walked():
    filters = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 6}]
    stored = lzma.compress(TEXT + NOISE, filters=filters)
    span, _, (member,) = unpack(Xz(), stored + b"behind")
    assert (len(span), content(member)) == (len(stored), TEXT + NOISE)


def test_zstd_blocks_are_no_larger_than_their_one_segment():
    """Compilers write the magic into code; what stands behind it there makes headers that contradict one another."""
    code = bytes.fromhex("28b52ffd74106a05eb0e6a01eb0a6a03eb066a02eb026a04")
    with pytest.raises(Malformed, match="the frame allows 27408"):
        zstd.frame_length(BufferReader(code), 0)


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


@pytest.mark.parametrize("size", [None, len(TEXT)], ids=["end mark", "size"])
@pytest.mark.parametrize(
    "settings",
    [
        (0, 0, 0, 1 << 16),
        (1, 1, 1, 1 << 23),
        (2, 2, 4, 1 << 22),
        (3, 0, 2, 3 << 20),
        (3, 1, 2, 48 << 20),
        (3, 0, 2, 12288),
    ],
)
def test_lzma_of_any_settings_at_the_start_of_a_file(settings, size):
    lc, lp, pb, dictionary = settings
    chain = [{"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": dictionary}]
    stored = bytearray(lzma.compress(TEXT, format=lzma.FORMAT_ALONE, filters=chain))
    if size is not None:
        stored[5:13] = size.to_bytes(8, "little")
    found, _ = Carver(CATALOGUE).identify(BufferReader(bytes(stored)), "rootfs")
    assert found is not None
    assert found.extractor.INFO.name == "lzma"
    assert files(found.extractor, bytes(stored)) == {"content": TEXT}


def test_a_table_of_numbers_is_no_lzma():
    table = bytes.fromhex("00000001007c006a02000000000000000053002900000000") + bytes(range(256)) * 20
    assert Carver(CATALOGUE).identify(BufferReader(table), "table.bin") == (None, None)


@given(st.binary(min_size=9, max_size=200))
def test_noise_behind_an_lzma_header_is_no_stream(raw):
    try:
        LzmaAlone().measure(BufferReader(b"\x5d\0\0\x80\0" + raw), 0)
    except FormatError:
        return
    # What passes must really decode.
    assert next(iter(LzmaAlone().unpack(BufferReader(b"\x5d\0\0\x80\0" + raw)).members)).open(1 << 20).size >= 0


def test_zlib_streams_count_only_whole():
    stored = zlib.compress(TEXT)
    assert len(unpack(Zlib(), b"??" + stored + b"behind", 2)[0]) == len(stored)
    for broken in (stored[:-1], stored[:-1] + b"?", stored[:100]):
        with pytest.raises(NotThisFormat):
            Zlib().measure(BufferReader(broken), 0)


def test_zlib_streams_at_any_offset_between_other_bytes():
    first, second = zlib.compress(TEXT), zlib.compress(b"http://cloud.example.cn/ota " * 9, 1)
    noise = bytes(Random(1).randbytes(5000))
    blob = b"x\x9c" + noise + first + b"\x78\x9c\x4b" + noise + second + noise
    finds = list(Zlib().scattered(BufferReader(blob), Span(100, len(blob) - 100)))
    starts = [2 + len(noise), 2 + 2 * len(noise) + len(first) + 3]
    assert finds == [Span(starts[0], starts[0] + len(first)), Span(starts[1], starts[1] + len(second))]
    assert content(unpack(Zlib(), blob, starts[1])[2][0]) == b"http://cloud.example.cn/ota " * 9
    assert not list(Zlib().scattered(BufferReader(noise + zlib.compress(b"short")), Span(0, 5000)))


def test_zlib_starts_inside_one_another_do_not_cost_their_square():
    nest = b"".join(b"\x78\x01\x00" + (5).to_bytes(2, "little") + (0xFFFA).to_bytes(2, "little") for _ in range(60_000))
    started = process_time()
    assert not list(Zlib().scattered(BufferReader(nest), Span(0, len(nest))))
    assert process_time() - started < 10


def test_a_leaf_is_searched_for_streams(tmp_path):
    noise = Random(2).randbytes(3000)
    blob = noise + zlib.compress(b"http://hidden.example.cn/ota " * 40) + noise
    found = Carver([Zlib(), Brotli()]).scattered(BufferReader(blob), Span(0, len(blob)))
    assert [find.span.start for find in found] == [3000]


@pytest.mark.packers
def test_brotli_is_told_by_its_name():
    carver, stored = Carver([Brotli()]), run(tool("brotli"), "-c", "-", data=TEXT)
    find, _ = carver.identify(BufferReader(stored), "app.js.br")
    assert content(next(iter(find.extractor.unpack(BufferReader(stored)).members))) == TEXT
    assert carver.identify(BufferReader(stored), "app.js") == (None, None)
    assert carver.identify(BufferReader(b"no stream at all" * 9), "app.js.br") == (None, None)
    every_prefix(Brotli(), stored)


@pytest.mark.packers
@pytest.mark.parametrize("bits", [25, 26, 30])
def test_brotli_with_a_large_window_is_named(bits):
    stored = run(tool("brotli"), "-c", f"--large_window={bits}", "-", data=TEXT)
    find, _ = Carver([Brotli()]).identify(BufferReader(stored), "app.js.br")
    with pytest.raises(Unsupported, match=f"large window of {bits} bits"):
        find.extractor.unpack(BufferReader(stored))
    assert "large_window" in Brotli.INFO.remedy


@pytest.mark.parametrize("data", [b"a" * 5_000_000, os.urandom(1_500_000), os.urandom(1_500_000).hex().encode()])
@pytest.mark.parametrize("step", [4096, 1 << 22])
def test_brotli_that_gives_more_than_one_piece(data, step):
    stored = brotli.compress(data, quality=4)
    assert b"".join(brotli_format.decompress(BufferReader(stored), 0, step)) == data


def test_brotli_by_explicit_call():
    stored = brotli.compress(TEXT)
    assert streams.collect(brotli_format.decompress, BufferReader(stored), 0, 1 << 26).data == TEXT
    with pytest.raises(LimitReached):
        streams.collect(brotli_format.decompress, BufferReader(stored), 0, len(TEXT) - 1)
    assert streams.collect(brotli_format.decompress, BufferReader(stored[:-9]), 0, 1 << 26).damage is not None


@given(st.binary(max_size=200))
def test_any_bytes_as_brotli(raw):
    assert len(streams.collect(brotli_format.decompress, BufferReader(raw), 0, 1 << 26).data) >= 0


def test_zlib_bytes_are_not_gzip():
    with pytest.raises(NotThisFormat):
        Gzip().measure(BufferReader(zlib.compress(TEXT)), 0)
