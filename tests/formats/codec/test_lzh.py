"""ARJ, LHA and the compression of EFI drivers, which pack alike."""

import contextlib
import struct
from binascii import crc32
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.lzh import Arj, Lha
from inspector.formats.archive import arj, lha
from inspector.formats.codec import lharc, lzh, tiano
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.packages import debian_file
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

CODE = b"".join(path.read_bytes() for path in sorted(Path(lzh.__file__).parent.glob("[a-f]*.py")))
TREE = {
    "text": CODE[:150_000],
    "noise": Random(3).randbytes(30_000),
    "sub/config": b"server=https://planted.example.cn/v1\n" * 300,
    "zeros": bytes(40_000),
    "empty": b"",
}


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "sub").mkdir()
    for name, data in TREE.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.packers
@pytest.mark.parametrize("method", range(5))
def test_output_of_arj(tree, method):
    run(tool("arj"), "a", "-r", f"-m{method}", "x.arj", *sorted({name.split("/")[0] for name in TREE}), cwd=tree)
    blob = (tree / "x.arj").read_bytes()
    assert files(Arj(), blob) == TREE
    assert len(unpack(Arj(), blob + b"behind")[0]) == len(blob)
    assert not any(m.open(1 << 20).damage for m in unpack(Arj(), blob)[2])
    every_prefix(Arj(), blob, 20)
    every_flip(Arj(), blob[:300], 300)
    with pytest.raises(LimitReached):
        next(m for m in unpack(Arj(), blob)[2] if m.path == "text").open(1000)


@pytest.mark.packers
def test_volumes_of_arj(tree):
    run(tool("arj"), "a", "-v30k", "-y", "x.arj", "text", "noise", cwd=tree)
    volumes = sorted(tree.glob("x.a*"), key=lambda path: (path.suffix != ".arj", path.suffix))
    assert len(volumes) > 1
    pieces: dict[str, bytes] = {}
    told = []
    for volume in volumes:
        for member in unpack(Arj(), volume.read_bytes())[2]:
            reader = member.open(1 << 20)
            pieces[member.path] = pieces.get(member.path, b"") + bytes(reader.all())
            told.append(str(reader.damage))
    assert pieces == {name: TREE[name] for name in ("text", "noise")}
    assert any("goes on in another volume" in words for words in told)


@pytest.mark.packers
def test_encrypted_members_of_arj_say_so(tree):
    run(tool("arj"), "a", "-gsecret", "x.arj", "text", cwd=tree)
    (member,) = unpack(Arj(), (tree / "x.arj").read_bytes())[2]
    assert isinstance(member.problem, Encrypted)


@pytest.mark.packers
@pytest.mark.parametrize("method", [5, 6, 7])
def test_output_of_jlha(tree, method):
    run(tool("jlha"), f"ao{method}", "x.lzh", *sorted({name.split("/")[0] for name in TREE}), cwd=tree)
    blob = (tree / "x.lzh").read_bytes()
    assert files(Lha(), blob) == TREE
    members = unpack(Lha(), blob + b"behind")[2]
    assert {m.path for m in members if m.kind is MemberKind.DIRECTORY} == {"sub"}
    assert not any(m.open(1 << 20).damage for m in members if m.open)
    every_prefix(Lha(), blob, 20)
    every_flip(Lha(), blob[:300], 300)


PACK_OLD = """
import java.io.*;
import java.nio.file.*;
import jp.gr.java_conf.dangan.util.lha.*;

public class Pack {
    public static void main(String[] names) throws Exception {
        LhaOutputStream out = new LhaOutputStream(new FileOutputStream(names[1]));
        for (int at = 2; at < names.length; at++) {
            LhaHeader header = new LhaHeader(names[at]);
            header.setCompressMethod("-" + names[0] + "-");
            out.putNextEntry(header);
            out.write(Files.readAllBytes(Paths.get(names[at])));
            out.closeEntry();
        }
        out.close();
    }
}
"""
LIBRARY = Path("/usr/share/java/jlha.jar")


@pytest.mark.packers
@pytest.mark.parametrize("method", ["lh1", "lh2", "lh3", "lzs", "lz5"])
def test_old_methods_of_the_library_of_jlha(tree, method):
    if not LIBRARY.exists():
        pytest.skip("jlha is not installed")
    (tree / "Pack.java").write_text(PACK_OLD)
    run(tool("javac"), "-cp", str(LIBRARY), "Pack.java", cwd=tree)
    run(tool("java"), "-cp", f"{LIBRARY}:.", "Pack", method, "x.lzh", *TREE, cwd=tree)
    blob = (tree / "x.lzh").read_bytes()
    members = {m.path: m for m in unpack(Lha(), blob)[2]}
    if method == "lh2":
        assert "lh2" in str(members["text"].problem)
        return
    assert files(Lha(), blob) == TREE
    assert not any(m.open(1 << 20).damage for m in members.values())
    start, decode = lha.PACKERS[f"-{method}-".encode()]
    (extent,) = members["sub/config"].extents
    packed = blob[extent.start : extent.end]
    for end in range(0, len(packed), 7):
        out = bytearray(start)
        with contextlib.suppress(Malformed):
            decode(packed[:end], out, len(start) + 5000)
        assert len(out) <= len(start) + 5000
    every_prefix(Lha(), blob, 8)


@given(st.sampled_from(sorted(lha.PACKERS)), st.binary(max_size=400), st.integers(0, 3000))
def test_any_bytes_of_each_method(method, packed, size):
    start, decode = lha.PACKERS[method]
    out = bytearray(start)
    with contextlib.suppress(Malformed):
        decode(packed, out, len(start) + size)
    assert len(out) <= len(start) + size


def test_codes_of_one_symbol_take_no_bits():
    ones = "1" + "0" * 4  # a length of one
    bits = f"{5:016b}" + ones * 3 + f"{ord('x'):09b}" + "1" + "0001" * 3 + f"{9:07b}"
    out = bytearray()
    lharc.decode_lh3(int(bits.ljust(800, "0"), 2).to_bytes(100, "big"), out, 5)
    assert bytes(out) == b"xxxxx"


@pytest.mark.packers
@pytest.mark.parametrize(("method", "kind"), [(5, tiano.EFI), (7, tiano.TIANO)])
def test_streams_of_efi_are_those_of_lha(tree, method, kind):
    run(tool("jlha"), f"ao{method}", "x.lzh", "text", cwd=tree)
    ((member,),) = [unpack(Lha(), (tree / "x.lzh").read_bytes())[2]]
    (extent,) = member.extents
    stream = (tree / "x.lzh").read_bytes()[extent.start : extent.end]
    assert tiano.decompress(stream, len(TREE["text"])) == TREE["text"]
    raw = struct.pack("<II", len(stream), len(TREE["text"])) + stream
    opened = tiano.tiano_opener(BufferReader(b"..." + raw + b"..."), 3, 3 + len(raw))
    assert bytes(opened(1 << 20).all()) == TREE["text"]
    out = bytearray()
    lzh.decode(stream, out, len(TREE["text"]), kind)
    assert bytes(out) == TREE["text"]


# --------------------------------------------------------------------------- headers of LHA built by hand


def crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def lha_file(level: int, name: bytes, data: bytes, method: bytes = b"-lh0-", plain: bytes | None = None) -> bytes:
    plain = data if plain is None else plain
    check = struct.pack("<H", crc16(plain))
    if level == 0:
        rest = method + struct.pack("<3I", len(data), len(plain), 0) + b"\x20\0" + bytes([len(name)]) + name + check
        return bytes([len(rest), sum(rest) & 0xFF]) + rest + data
    folder, _, own = name.rpartition(b"\\")
    width = 4 if level == 3 else 2
    extra = [(1, own), *([(2, folder.replace(b"\\", b"\xff") + b"\xff")] if folder else []), (0x50, b"\xa4\x81")]
    sizes = [len(raw) + 1 + width for _, raw in extra]
    told = b"".join(
        bytes([kind]) + raw + size.to_bytes(width, "little")
        for (kind, raw), size in zip(extra, [*sizes[1:], 0], strict=True)
    )
    first = sizes[0].to_bytes(width, "little")
    if level == 1:
        rest = method + struct.pack("<3I", len(data) + len(told), len(plain), 0) + b"\x20\1\0" + check + b"M" + first
        return bytes([len(rest), sum(rest) & 0xFF]) + rest + told + data
    fixed = method + struct.pack("<3I", len(data), len(plain), 0) + b"\x20" + bytes([level]) + check + b"U"
    if level == 2:
        return struct.pack("<H", 2 + len(fixed) + 2 + len(told)) + fixed + first + told + data
    return b"\4\0" + fixed + struct.pack("<I", 2 + len(fixed) + 8 + len(told)) + first + told + data


@pytest.mark.parametrize("level", range(4))
def test_headers_of_every_level(level):
    blob = lha_file(level, b"etc\\config", b"hello") + lha_file(level, b"b", b"world") + b"\0"
    assert files(Lha(), blob) == {"etc/config": b"hello", "b": b"world"}
    span, contents, _ = unpack(Lha(), b"before" + blob + b"behind", 6)
    assert (len(span), contents.damage) == (len(blob), "")
    assert "cut off" in unpack(Lha(), blob[:-3])[1].damage
    every_prefix(Lha(), blob)
    every_flip(Lha(), blob)


@pytest.mark.packers
@pytest.mark.parametrize("level", range(3))
def test_another_reader_takes_such_headers(tmp_path, level):
    (tmp_path / "x.lzh").write_bytes(lha_file(level, b"config", b"hello") + b"\0")
    assert run(tool("7z"), "e", "-so", str(tmp_path / "x.lzh")) == b"hello"


def test_what_is_damaged_or_of_another_method_says_so():
    blob = lha_file(1, b"a", b"hello").replace(b"hello", b"hellO")
    (member,) = unpack(Lha(), blob)[2]
    assert isinstance(member.open(9).damage, Malformed)
    (member,) = unpack(Lha(), lha_file(0, b"a", b"packed", b"-lh2-"))[2]
    assert isinstance(member.problem, Unsupported)
    assert "lh2" in str(member.problem)
    for other in (b"\x60\xea" + bytes(90), b"  -lh5-" + bytes(60), b"\x20\0-lh9-" + bytes(60), b""):
        with pytest.raises(NotThisFormat):
            unpack(Arj(), other)
        with pytest.raises(NotThisFormat):
            unpack(Lha(), other)


def test_matches_in_front_of_the_first_byte_are_blanks():
    # One block of one symbol: codes that take no bits, for a match of 3 bytes, 1 back.
    value = count = 0
    for field, width in ((5, 16), (0, 5), (0, 5), (0, 9), (256, 9), (0, 4), (0, 4)):
        value, count = value << width | field, count + width
    stream = (value << -count % 8).to_bytes(-(-count // 8))
    (member,) = unpack(Lha(), lha_file(0, b"a", stream, b"-lh5-", b" " * 15))[2]
    reader = member.open(99)
    assert (bytes(reader.all()), reader.damage) == (b" " * 15, None)


@pytest.mark.realworld
def test_an_archive_of_clamav():
    blob = debian_file("clamav-testfiles", "usr/share/clamav-testfiles/clam.arj")
    (member,) = unpack(Arj(), blob)[2]
    assert (member.path, content(member)[:2], member.open(1 << 20).damage) == ("clam.exe", b"MZ", None)


# --------------------------------------------------------------------------- promises


@settings(deadline=None)  # a code of 16 bits has a large table
@given(st.binary(max_size=400), st.integers(0, 3000))
def test_any_bytes_as_packed_ones(raw, size):
    for position_bits in (4, 5):
        out = bytearray(b"before")
        try:
            lzh.decode(raw, out, len(out) + size, position_bits)
        except FormatError:
            assert len(out) < 6 + size
        else:
            assert len(out) == 6 + size
    out = bytearray()
    try:
        lzh.decode_fastest(raw, out, size)
    except FormatError:
        assert len(out) < size
    else:
        assert len(out) == size


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(raw):
    for start in (b"", b"\x20\0-lh5-", b"\x1c\0-lh0-" + bytes(13) + b"\2"):
        keeps_its_promise(Lha(), start + raw)
    header = raw[:150].ljust(30, b"\0")
    header = b"\x1e" + header[1:6] + b"\2" + header[7:]
    main = arj.MAGIC + struct.pack("<H", len(header)) + header + struct.pack("<IH", crc32(header), 0)
    keeps_its_promise(Arj(), main + raw)
    keeps_its_promise(Arj(), main + main.replace(b"\2", b"\0", 1) + raw)
    assert lha.METHODS
