import base64
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, Unsupported
from inspector.extract.archive.rar import Rar
from inspector.extract.archive.sevenzip import SevenZip
from inspector.extract.archive.zip import Zip
from inspector.formats.codec import ppmd, ppmd_i, ppmd_memory, rar_codecs
from inspector.formats.codec.ppmd import ModelH
from inspector.formats.codec.ppmd_i import ModelI
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import PPMD, inflated
from tests.formats.original import tool
from tests.formats.packages import pypi_file
from tests.formats.promise import every_flip, every_prefix, files, run, unpack

TABLE = b"".join(
    b"%d times %d is %d, as the table of https://planted%d.example.cn says\n" % (a, b, a * b, a * b % 13)
    for a in range(12)
    for b in range(12)
)
EXTRACTORS = {"7z": SevenZip(), "zip": Zip(), "rar": Rar()}
PROGRAM = Path(ppmd.__file__).parent
TEXT = b"".join(path.read_bytes() for path in sorted(PROGRAM.glob("*.py")))
NOISE = base64.b64encode(random.Random(5).randbytes(200_000))


@pytest.mark.parametrize("kind", PPMD)
def test_what_others_packed(kind):
    assert files(EXTRACTORS[kind], inflated(PPMD[kind])) == {"table": TABLE}


def packed(tmp_path, data: bytes, *options: str) -> bytes:
    (tmp_path / "f").write_bytes(data)
    run(tool("7z"), "a", *options, "x", "f", cwd=tmp_path)
    return next(tmp_path.glob("x.*")).read_bytes()


MODELS = {
    "text": (TEXT[:100_000], "o=6:mem=16m"),
    "text and little memory": (TEXT[:60_000], "o=32:mem=512k"),
    "shortest order": (TEXT[:100_000], "o=2:mem=16m"),
    "noise and little memory": (NOISE[:30_000], "o=5:mem=64k"),
    "program": (Path("/bin/sh").resolve().read_bytes()[:60_000], "o=16:mem=256k"),
    "every byte": (random.Random(6).randbytes(20_000), "o=4:mem=1m"),
    "nothing new": (bytes(100_000), "o=8:mem=1m"),
    "one byte": (b"x", "o=6:mem=1m"),
}


@pytest.mark.packers
@pytest.mark.parametrize("name", MODELS)
def test_output_of_7z_as_7z(tmp_path, name):
    data, options = MODELS[name]
    assert files(SevenZip(), packed(tmp_path, data, f"-m0=PPMd:{options}")) == {"f": data}


@pytest.mark.packers
@pytest.mark.parametrize(
    ("data", "options"),
    [
        (TEXT[:80_000], ["-mx=5"]),
        (TEXT[:200_000], ["-mx=9", "-mo=16"]),
        (NOISE[:100_000], ["-mx=5", "-mo=6"]),  # fills its memory; the model starts afresh
        (bytes(90_000), ["-mo=2"]),
    ],
)
def test_output_of_7z_as_zip(tmp_path, data, options):
    blob = packed(tmp_path, data, "-tzip", "-mm=PPMd", "-mmem=1m", *options)
    assert int.from_bytes(blob[8:10], "little") == 98
    assert files(Zip(), blob) == {"f": data}


@pytest.mark.packers
def test_memory_is_thinned_where_the_packer_did_so(tmp_path, monkeypatch):
    thinned = []
    thin_out = ModelI._thin_out
    monkeypatch.setattr(ModelI, "_thin_out", lambda self, root: (thinned.append(root), thin_out(self, root)))
    data = NOISE[:100_000]
    assert files(Zip(), packed(tmp_path, data, "-tzip", "-mm=PPMd", "-mmem=1m", "-mx=9", "-mo=5")) == {"f": data}
    assert thinned


@pytest.mark.packers
def test_arrays_that_grow_later_change_nothing(tmp_path, monkeypatch):
    blob = packed(tmp_path, TEXT[:60_000], "-m0=PPMd:o=8:mem=16m")
    monkeypatch.setattr(ppmd_memory, "FIRST_UNITS", 5_000)
    assert files(SevenZip(), blob) == {"f": TEXT[:60_000]}


@pytest.mark.packers
@pytest.mark.parametrize("solid", [False, True])
def test_text_packed_by_rars(solid):
    rars = pytest.importorskip("rars", reason="needs rars")
    tree = {"text": TEXT[:60_000], "table": TABLE, "again": TEXT[:20_000]}
    builder = rars.RarBuilder(format="rar29", compression=5, solid=solid)
    for name, data in tree.items():
        builder.add_bytes(data, name)
    assert files(Rar(), builder.to_bytes()) == tree


@pytest.mark.realworld
def test_rar_of_text():
    _, _, members = unpack(Rar(), pypi_file("rarfile==4.2", "test/files/unicode.rar", source=True))
    readers = [member.open(1 << 20) for member in members if member.open]
    assert readers
    assert all(reader.size and reader.damage is None for reader in readers), "the checksums of RAR hold"


# --------------------------------------------------------------------------- promises


@pytest.mark.parametrize("kind", PPMD)
def test_every_prefix_and_changed_bytes(kind):
    blob = inflated(PPMD[kind])
    every_prefix(EXTRACTORS[kind], blob, 12)
    every_flip(EXTRACTORS[kind], blob, 10)


def test_a_damaged_block_gives_its_beginning():
    blob = bytearray(inflated(PPMD["7z"]))
    blob[600] ^= 0x10
    (member,) = unpack(SevenZip(), bytes(blob))[2]
    try:
        reader = member.open(1 << 20)
    except FormatError:
        pytest.fail("nothing was kept")
    assert bytes(reader.all())[:1000] == TABLE[:1000]
    assert bytes(reader.all()) != TABLE


@given(st.binary(max_size=300), st.integers(2, 64), st.sampled_from([1 << 11, 2059, 5000, 1 << 24]), st.booleans())
def test_any_bytes_as_variant_h(raw, order, size, carryless):
    model, out = ModelH(order, size, carryless=carryless), bytearray()
    try:
        model.feed((b"" if carryless else b"\0") + raw, 0)
        model.decode(out, 3000)
    except Malformed:
        return
    assert len(out) == 3000 or model.ended


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_any_bytes_as_variant_i(raw, fields):
    try:
        decoded = ppmd_i.decode(BufferReader(fields.to_bytes(2, "little") + raw), 3000)
    except FormatError:
        return
    assert len(decoded.data) <= 3000
    assert decoded.damage is not None or len(decoded.data) == 3000 or decoded.consumed > 0


@pytest.mark.parametrize(
    "properties", [b"", b"\1" + b"\0\0\0\1", b"\x41" + b"\0\0\0\1", b"\6\0\0\0\0", b"\6\xff\xff\xff\xff"]
)
def test_impossible_properties_are_refused(properties):
    with pytest.raises(Malformed):
        ppmd.decode(BufferReader(bytes(100)), properties, 100)


def test_memory_that_a_header_asks_for_is_not_taken():
    model = ModelH(64, 0xFFFFFFFF - 36, carryless=False)
    assert len(model.symbols) <= 2 * (ppmd_memory.FIRST_UNITS + 1)
    assert len(ModelI(16, 256 << 20, 1).symbols) <= 2 * (ppmd_memory.FIRST_UNITS + 1)


def test_a_model_that_grows_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(ppmd_memory, "FIRST_UNITS", 4000)
    monkeypatch.setattr(ppmd_memory, "MOST_UNITS", 3000)
    (member,) = unpack(Zip(), inflated(PPMD["zip"]))[2]
    reader = member.open(1 << 20)
    assert isinstance(reader.damage, LimitReached)
    assert TABLE.startswith(bytes(reader.all()))


def test_of_a_long_stream_the_beginning_is_read(monkeypatch):
    blob = inflated(PPMD["7z"])
    monkeypatch.setattr(ppmd, "MOST", 3000)
    monkeypatch.setattr(ppmd, "STEP", 1000)
    (member,) = unpack(SevenZip(), blob)[2]
    reader = member.open(1 << 20)
    assert isinstance(reader.damage, Unsupported)
    assert TABLE.startswith(bytes(reader.all()))
    assert reader.size >= 3000


def test_models_begun_over_and_over_in_a_rar_are_stopped(monkeypatch):
    monkeypatch.setattr(rar_codecs, "MOST_MODELS", 3)
    unpacker = rar_codecs.Unpacker3()
    unpacker._forget()
    bits = rar_codecs.Bits(b"\xa5\0" + bytes(range(40)))  # a new model of order 6 with 1 MB
    for _ in range(3):
        bits.seek(0)
        unpacker._read_codes(bits)
    bits.seek(0)
    with pytest.raises(Unsupported):
        unpacker._read_codes(bits)


def test_a_file_of_rar_has_one_allowance_for_all_its_models():
    unpacker = rar_codecs.Unpacker3()
    unpacker._forget()
    unpacker._new_model(6, 1 << 20)
    unpacker._model.given = 77
    unpacker._new_model(6, 1 << 20)
    assert unpacker._model.given == 77


def test_a_frozen_memory_is_named():
    with pytest.raises(Unsupported):
        ModelI(8, 1 << 20, 2)
