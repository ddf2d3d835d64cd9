"""Installers of NSIS: of makensis itself, and of a writer for what it no longer makes."""

import bz2
import lzma
import struct
import zlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, NotThisFormat
from inspector.extract.archive.nsis import Nsis
from inspector.formats.archive.nsis import MAGIC, VARIABLES
from inspector.formats.codec.bare_bzip2 import decompress
from inspector.formats.codec.streams import collect
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

TREE = {
    "text.txt": b"".join(b"%d server=https://planted.example.cn/v1\n" % (n * n) for n in range(3000)),
    "noise.bin": Random(3).randbytes(30_000),
    "zeros": bytes(40_000),
    "empty": b"",
    "sub/config.ini": b"[net]\nhost=iot.example.cn\n",
}
SCRIPT = r"""
Name "Client $\"x$\""
OutFile "x.exe"
InstallDir "$PROGRAMFILES\Client"
Section "main"
  SetOutPath "$INSTDIR"
  File text.txt
  File noise.bin
  File zeros
  File empty
  SetOutPath "$INSTDIR\sub"
  File sub\config.ini
  File "/oname=$TEMP\renamed $$1.ini" sub\config.ini
  SetOutPath "$SMPROGRAMS\Client"
  File /oname=zeros.lnk zeros
  WriteRegStr HKCU "Software\Client" "Url" "https://update.example.cn/$LANGUAGE"
  WriteUninstaller "$INSTDIR\uninstall.exe"
SectionEnd
Section "Uninstall"
  SetOutPath "$TEMP"
  File /oname=last.bin text.txt
  Exec "https://goodbye.example.cn"
SectionEnd
"""
INSTALLED = {f"$INSTDIR/{name}": data for name, data in TREE.items()}


def installer_at(program: bytes) -> int:
    return program.index(MAGIC) - 4


@pytest.mark.packers
@pytest.mark.parametrize("solid", [False, True])
@pytest.mark.parametrize("method", ["zlib", "bzip2", "lzma", "off"])
@pytest.mark.parametrize("target", ["x86-unicode", "x86-ansi", "amd64-unicode"])
def test_output_of_makensis(tmp_path, target, method, solid):
    if method == "off" and solid:
        pytest.skip("makensis packs nothing as one without a method")
    (tmp_path / "sub").mkdir()
    for name, data in TREE.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "x.nsi").write_text(SCRIPT)
    packing = "SetCompress off" if method == "off" else f"SetCompressor {'/SOLID ' if solid else ''}{method}"
    run(tool("makensis"), f"-XTarget {target}", f"-X{packing}", "x.nsi", cwd=tmp_path)
    program = (tmp_path / "x.exe").read_bytes()
    at = installer_at(program)
    span, contents, members = unpack(Nsis(), program + b"behind", at)
    assert (span.end, contents.damage) == (len(program), "")
    assert contents.properties["kind"] == "installer"
    plain = {m.path: content(m) for m in members if m.open}
    assert {path: data for path, data in plain.items() if path in INSTALLED} == INSTALLED
    links = {m.path: m.target for m in members if m.kind is MemberKind.HARDLINK}
    assert links == {
        "$TEMP/renamed $1.ini": "$INSTDIR/sub/config.ini",
        "$SMPROGRAMS/Client/zeros.lnk": "$INSTDIR/zeros",
    }
    encoding = "latin-1" if "ansi" in target else "utf-16-le"
    assert "https://update.example.cn/".encode(encoding) in plain["header"]
    others = b"".join(data for path, data in plain.items() if path.startswith("data"))
    removal = files(Nsis(), others[installer_at(others) :])
    assert removal["$TEMP/last.bin"] == TREE["text.txt"]
    assert "https://goodbye.example.cn".encode(encoding) in removal["header"]
    assert all(m.open(1 << 24).damage is None for m in members if m.open)
    if target == "x86-ansi":
        every_prefix(Nsis(), program[at:], 12)
        every_flip(Nsis(), program[at:], 12)
        with pytest.raises(LimitReached):
            next(m for m in members if m.path == "$INSTDIR/text.txt").open(1000)


# --------------------------------------------------------------------------- built by hand


def bare(stream: bytes) -> bytes:
    """Return a bzip2 stream of one block as NSIS writes it."""
    bits = "".join(f"{byte:08b}" for byte in stream[4:])
    end = bits.rindex(f"{0x177245385090:048b}")
    bits = f"{0x31:08b}" + bits[48 + 32 + 1 : end] + f"{0x17:08b}"
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def raw_lzma(data: bytes, *filters: int) -> bytes:
    properties = {"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 23}
    chain = [*({"id": one} for one in filters), properties]
    return struct.pack("<BI", 0x5D, 1 << 23) + lzma.compress(data, lzma.FORMAT_RAW, filters=chain)


METHODS = {
    "deflate": lambda data: zlib.compress(data, 9, -15),
    "bzip2": lambda data: bare(bz2.compress(data)),
    "lzma": raw_lzma,
    "filtered lzma": lambda data: b"\1" + raw_lzma(data, lzma.FILTER_X86),
    "lzma behind a zero": lambda data: b"\0" + raw_lzma(data),
}


def header_of(entries: list[tuple[int, ...]], texts: bytes, width: str = "I") -> bytes:
    begin = 4 + 8 * struct.calcsize(f"<{width}I") + 20
    rows = b"".join(struct.pack("<7I", *(*entry, *[0] * 7)[:7]) for entry in entries)
    places = [(begin, 0), (begin, 0), (begin, len(entries)), (begin + len(rows), 0)]
    places += [(begin + len(rows) + len(texts), 0)] * 4
    blocks = b"".join(struct.pack(f"<{width}I", *place) for place in places)
    return (bytes(4) + blocks).ljust(begin, b"\0") + rows + texts


def installer(header: bytes, contents: list[bytes], pack=METHODS["deflate"], *, solid=False, flags=0) -> bytes:
    def sized(data: bytes) -> bytes:
        packed = pack(data)
        return struct.pack("<I", len(packed) | 1 << 31) + packed

    if solid:
        body = pack(b"".join(struct.pack("<I", len(data)) + data for data in [header, *contents]))
    else:
        body = b"".join(map(sized, [header, *contents]))
    body += b"" if flags & 4 else b"CRC!"
    return struct.pack("<I16sII", flags, MAGIC, len(header), 28 + len(body)) + body


TEXTS = b"\0\xfd\x95\x80\\\xfca\0name\0\xfe\x26\x26\\b\0\xff\x81\x80\0C:\\x\0"
"""Of NSIS 2, 8 bits wide: "$INSTDIR\\a" with a letter that is marked as one, then others; the places are 1, 8, 13, …"""
SETS_FOLDER, EXTRACTS = 11, 20


@pytest.mark.parametrize("solid", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_names_of_nsis_2(method, solid):
    first, second = b"first " * 90, b"second " * 90
    packed = METHODS[method](first)
    place = 4 + (len(first) if solid else len(packed))
    entries = [
        (SETS_FOLDER, 1, 1),
        (EXTRACTS, 0, 8, 0),
        (SETS_FOLDER, 13, 0),
        (EXTRACTS, 0, 13, place),
        (EXTRACTS, 0, 23, place),
        (EXTRACTS, 0, 19, place),
    ]
    blob = installer(header_of(entries, TEXTS), [first, second, b"nameless"], METHODS[method], solid=solid)
    found = files(Nsis(), blob)
    assert found["$INSTDIR/a/name"] == first
    assert found["$PROGRAMFILES/b"] == second
    assert any(b"nameless" in data for path, data in found.items() if path.startswith("data"))
    links = [m.path for m in unpack(Nsis(), blob)[2] if m.kind is MemberKind.HARDLINK]
    assert links == ["C:/x", "$(text1)"]
    every_prefix(Nsis(), blob, 200)
    every_flip(Nsis(), blob, 200)


def test_wide_texts_of_the_variant_of_nsis_2():
    texts = "\0\ue001\x15\\\ue000x\0\ue001\x20\0".encode("utf-16-le")
    entries = [(EXTRACTS, 0, 1, 0), (EXTRACTS, 0, 7, 9)]
    blob = installer(header_of(entries, texts, "Q"), [b"hello"], METHODS["lzma"], solid=True, flags=5)
    span, contents, members = unpack(Nsis(), blob)
    assert [content(m) for m in members if m.path == "$INSTDIR/x"] == [b"hello"]
    assert (len(span), contents.properties["kind"]) == (len(blob), "uninstaller")
    (outside,) = [m for m in members if m.path == "$var0"]
    with pytest.raises(FormatError, match="outside"):
        outside.open(1 << 20)


def test_files_without_names_are_read_all_the_same():
    blob = installer(b"?" * 200, [b"one", b"two"])
    assert files(Nsis(), blob) == {"header": b"?" * 200, "data/00000000": b"one", "data/00000009": b"two"}


def test_one_stream_that_begins_like_a_packed_size():
    for seed in range(3_000):
        noise = bytes(Random(seed).choices(range(90), k=300 + seed % 400))
        blob = installer(b"?" * 200, [noise], METHODS["bzip2"], solid=True)
        if blob[31] == 0x80:
            break
    _, contents, members = unpack(Nsis(), blob)
    assert (blob[31], contents.properties["compression"]) == (0x80, "bzip2, all as one")
    assert content(members[0]) == b"?" * 200
    assert noise in content(members[1])


def test_a_cut_installer_says_so():
    blob = installer(b"?" * 200, [b"one", b"two" * 50])[:-9]
    _, contents, members = unpack(Nsis(), blob)
    assert contents.damage == "installer is cut off"
    assert [m.path for m in members if m.problem] == ["data/00000009"]


def test_other_bytes_are_none():
    good = installer(b"?" * 200, [])
    for blob in (good[:20], b"\xff" + good[1:], good[:20] + bytes(4) + good[24:], b"x" * 64):
        with pytest.raises(NotThisFormat):
            unpack(Nsis(), blob)


@given(st.binary(max_size=2000), st.integers(1, 300))
def test_bare_bzip2(data, times):
    data = data * times
    packed = bare(bz2.compress(data)) if data else b"\x17"
    if len(data) <= 800_000:
        decoded = collect(decompress, BufferReader(b"x" + packed + b"behind"), 1, 1 << 24)
        assert (bytes(decoded.data), decoded.consumed, decoded.damage) == (data, len(packed), None)


@given(
    st.binary(max_size=300), st.integers(0, 20), st.sampled_from([b"", b"\x31", b"\x5d\0\0\x80\0\0", b"\x10\0\0\x80"])
)
def test_any_bytes(raw, flags, start):
    keeps_its_promise(Nsis(), struct.pack("<I16sII", flags, MAGIC, len(raw) + 9, 28 + len(raw)) + start + raw)
    keeps_its_promise(Nsis(), raw)


@given(st.lists(st.tuples(*[st.integers(0, 60)] * 4), max_size=9), st.binary(max_size=60))
def test_any_instructions(entries, texts):
    keeps_its_promise(Nsis(), installer(header_of(entries, texts), [b"one"]))
    assert len(VARIABLES) == 32
