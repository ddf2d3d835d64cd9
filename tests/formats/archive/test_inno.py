"""Installers of Inno Setup, whose compiler runs on Windows alone: built here; innoextract reads them too."""

import bz2
import hashlib
import lzma
import struct
import zlib
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.inno import Inno
from inspector.formats.archive import inno_records as records
from inspector.formats.archive.inno import TABLES, branches_back, old_branches_back
from inspector.formats.archive.inno_records import Version
from inspector.formats.layout import MemberKind
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

CODE = b"".join(bytes([0xE8]) + struct.pack("<i", n * 3001 - 90_000) + b"\x90" * (n % 7) for n in range(20_000))
TREE = {
    r"{app}\text.txt": b"server=https://planted.example.cn/v1\n" * 3000,
    r"{app}\noise.bin": Random(3).randbytes(30_000),
    r"{app}\client.exe": CODE,
    r"{sys}\empty": b"",
    r"{app}\conf\client.ini": b"[net]\nhost=iot.example.cn\n",
}
PLAIN = {path.replace("\\", "/"): data for path, data in TREE.items()}
VERSIONS = {
    name: Version(tuple(int(part) for part in name.rstrip("u").split(".")), name.endswith("u"))
    for name in [
        "5.0.0",
        "5.0.4",
        "5.1.0",
        "5.1.7",
        "5.1.13",
        "5.2.1",
        "5.2.5",
        "5.2.5u",
        "5.3.3",
        "5.3.6u",
        "5.3.9u",
        "5.3.10",
        "5.4.2u",
        "5.5.0",
        "5.5.0u",
        "5.5.6u",
        "5.5.7u",
        "5.6.0u",
        "6.0.0u",
        "6.1.0u",
        "6.3.0u",
        "6.4.0.1u",
        "6.4.3u",
        "6.5.0u",
        "6.5.2u",
        "6.6.0u",
        "6.6.1u",
        "6.7.0u",
        "7.0.0.3u",
    ]
}
METHODS = ("stored", "zlib", "bzip2", "lzma", "lzma2")
READ_BY_INNOEXTRACT = [name for name in VERSIONS if VERSIONS[name].number < (6, 3)]


def raw_lzma(data: bytes, kind: int = lzma.FILTER_LZMA1) -> bytes:
    chain = [{"id": kind, "dict_size": 1 << 20}]
    head = struct.pack("<BI", 0x5D, 1 << 20) if kind == lzma.FILTER_LZMA1 else b"\x10"
    return head + lzma.compress(data, lzma.FORMAT_RAW, filters=chain)


PACK = {
    "stored": lambda data: data,
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
    "lzma": raw_lzma,
    "lzma2": lambda data: raw_lzma(data, lzma.FILTER_LZMA2),
}


@cache
def branches_there(raw: bytes, *, flips: bool) -> bytes:
    """Return code with relative targets made absolute, as the compiler does since 5.2."""
    out = bytearray(raw)
    for start in range(0, len(out), 1 << 16):
        at, end = start, min(start + (1 << 16), len(out)) - 4
        while at < end:
            at += 1
            if out[at - 1] in (0xE8, 0xE9):
                if out[at + 3] in (0, 0xFF):
                    target = int.from_bytes(out[at : at + 3], "little")
                    if flips and target & 0x800000:
                        out[at + 3] ^= 0xFF
                    out[at : at + 3] = (target + at + 4 & 0xFFFFFF).to_bytes(3, "little")
                at += 4
    return bytes(out)


@cache
def old_branches_there(raw: bytes) -> bytes:
    out, at = bytearray(raw), 0
    while at + 5 <= len(out):
        at += 1
        if out[at - 1] in (0xE8, 0xE9):
            target = int.from_bytes(out[at : at + 4], "little") + at + 4 & 0xFFFFFFFF
            out[at : at + 4] = target.to_bytes(4, "little")
            at += 4
    return bytes(out)


def text(words: str, version: Version) -> bytes:
    raw = words.encode("utf-16-le" if version.wide else "cp1252")
    return struct.pack("<I", len(raw)) + raw


def blank(layout: records.Record) -> bytes:
    return bytes(4 * layout.texts + layout.rest)


def block(raw: bytes, version: Version, *, packed: bool = True) -> bytes:
    raw = raw_lzma(raw) if packed else raw
    pieces = [raw[at : at + 4096] for at in range(0, len(raw), 4096)]
    body = b"".join(struct.pack("<I", zlib.crc32(piece)) + piece for piece in pieces)
    head = struct.pack("<QB" if version.number >= (6, 7) else "<IB", len(body), packed)
    return struct.pack("<I", zlib.crc32(head)) + head + body


def setup_0(version: Version, method: str, paths: list[tuple[str, int]], locations: int) -> bytes:
    """Return the records of an installer with one language, one directory and the files."""
    number = version.number
    layouts = records._records(version)
    out = text("Client 1.0", version) + bytes(4 * (records._sum(records.HEADER_TEXTS, number) - 1))
    out += b"" if version.wide else bytes(32)
    counts = [1, 2, 1, 1, 1, 1, 1, 1][: len(layouts)]
    out += struct.pack(f"<{len(counts) + 9}I", *counts, len(paths), locations, *[0] * 7)
    rest = bytearray(records._header_rest(version))
    options = (
        8
        if number >= (6, 7)
        else records._set(records._sum(records.OPTIONS, number) + (not version.wide and number >= (5, 1, 7)))
    )
    behind = options + (8 if number >= (5, 5) else 4 if number >= (5, 3, 6) else 0) + 2 * (number >= (5, 3, 3))
    behind += 8 * ((5, 2, 1) <= number < (5, 3, 10)) + 2 * ((5, 1) <= number < (6, 3))
    rest[-behind - 1] = METHODS.index(method)
    out += bytes(rest)
    out += b"".join(blank(layout) * count for count, layout in zip(counts, layouts, strict=True))
    layout, before = records._file(version)
    for path, location in paths:
        out += text(f"C:\\build\\{path[-3:]}", version) + text(path, version) + bytes(4 * (layout.texts - 2))
        rest = bytearray(layout.rest)
        struct.pack_into("<I", rest, before, location)
        out += bytes(rest)
    out += bytes(8)  # no pictures
    return out + bytes(4) * (method in ("zlib", "bzip2"))  # no library


def location(version: Version, at: int, start: int, data: bytes, stored: int, flags: dict[str, bool]) -> bytes:
    number = version.number
    hasher = hashlib.sha256 if number >= (6, 4) else hashlib.sha1 if number >= (5, 3, 9) else hashlib.md5
    names = ["version", "no-version", "utc", "uninstaller", "branches", "touch", "encrypted", "packed", "break"]
    if number >= (6, 4, 3):
        names = ["version", "utc", "branches", "encrypted", "packed"]
    bits = sum(1 << names.index(name) for name, value in flags.items() if value)
    size = 1 if number >= (6, 4, 3) or number < (5, 1, 13) else 3 if number >= (6, 3) else 2
    fields = struct.pack("<IIQQQQ" if number >= (6, 5, 2) else "<IIIQQQ", 0, 0, at, start, len(data), stored)
    when = struct.pack("<QII", 0x1DB_0000_0000_0000, 0, 0)
    return fields + hasher(data).digest() + when + bits.to_bytes(size, "little")


def installer(
    version: Version,
    method: str = "lzma",
    tree: dict[str, bytes] = TREE,
    *,
    solid: bool = True,
    encrypted: bool = False,
    links: tuple[tuple[str, int], ...] = (),
    scope: int = 0,
) -> bytes:
    number = version.number
    chunks = locations = b""
    groups = [list(tree.values())] if solid else [[data] for data in tree.values()]
    for group in groups:
        converted = []
        for data in group:
            coded = branches_there(data, flips=number >= (5, 3, 9)) if number >= (5, 2) else old_branches_there(data)
            converted.append(coded if data.startswith(b"\xe8") else data)
        packed = PACK[method](b"".join(converted))
        start = 0
        for data in group:
            flags = {"branches": data.startswith(b"\xe8"), "packed": method != "stored", "encrypted": encrypted}
            locations += location(version, len(chunks), start, data, len(packed), flags)
            start += len(data)
        chunks += b"zlb\x1a" + (bytes(8) if encrypted else b"") + packed
    paths = [(path, index) for index, path in enumerate(tree)] + list(links)
    name = "Inno Setup Setup Data ({}){}".format(
        ".".join(map(str, number)), " (u)" if version.wide and number < (6, 3) else ""
    )
    head = name.encode().ljust(64, b"\0")
    if number >= (6, 5):
        told = bytes([scope]) + bytes(48)
        head += struct.pack("<I", zlib.crc32(told)) + told
    head += block(setup_0(version, method, paths, len(tree)), version) + block(locations, version)
    engine = block(branches_there(CODE, flips=number >= (5, 3, 9)), version)
    loader = bytearray(b"MZ".ljust(0x30, b"\0") + b"Inno" + struct.pack("<II", 0x40, 0x40 ^ 0xFFFFFFFF)).ljust(
        0x800, b"\0"
    )
    at = [len(loader), len(loader) + len(engine), len(loader) + len(engine) + len(chunks)]
    size = at[2] + len(head)
    if number >= (6, 5, 2):
        table = TABLES[0] + struct.pack("<IQQIIQQI", 2, size, at[0], len(CODE), zlib.crc32(CODE), at[2], at[1], 0)
    else:
        table = TABLES[0] + struct.pack("<7I", 1, size, at[0], len(CODE), zlib.crc32(CODE), at[2], at[1])
    table += struct.pack("<I", zlib.crc32(table))
    loader[0x40 : 0x40 + len(table)] = table
    return bytes(loader) + engine + chunks + head


@pytest.mark.parametrize("name", VERSIONS)
def test_every_version(name):
    version = VERSIONS[name]
    method = "lzma2" if version.number >= (5, 3, 9) else "lzma"
    blob = installer(version, method, links=((r"{tmp}\copy", 0), (r"{app}\outside", 0xFFFFFFFF)))
    span, contents, members = unpack(Inno(), blob + b"signature")
    assert (len(span), contents.damage) == (len(blob), "")
    plain = {m.path: content(m) for m in members if m.open}
    assert plain.pop("loader.exe").startswith(b"MZ")
    assert plain.pop("setup.exe") == CODE
    assert text("Client 1.0", version) in plain.pop("header")
    assert plain == PLAIN
    assert [(m.path, m.target) for m in members if m.kind is MemberKind.HARDLINK] == [("{tmp}/copy", "{app}/text.txt")]
    assert all(m.open(1 << 24).damage is None for m in members if m.open)


@pytest.mark.packers
@pytest.mark.parametrize(
    ("name", "method"),
    [(name, "lzma") for name in READ_BY_INNOEXTRACT]
    + [(name, method) for name in ("5.0.0", "5.3.10", "6.1.0u") for method in METHODS if method != "lzma"],
)
def test_innoextract_reads_the_same(tmp_path, name, method):
    version = VERSIONS[name]
    if method == "lzma2" and version.number < (5, 3, 9):
        pytest.skip("not known to this version")
    blob = installer(version, method, solid=method != "zlib")
    (tmp_path / "x.exe").write_bytes(blob)
    run(tool("innoextract"), "-s", "x.exe", cwd=tmp_path)
    assert {path: (tmp_path / path.replace("{", "").replace("}", "")).read_bytes() for path in PLAIN} == PLAIN
    ours = files(Inno(), blob)
    assert {path: ours[path] for path in PLAIN} == PLAIN


@pytest.mark.parametrize("name", ["5.0.0", "5.5.0u", "6.4.3u"])
def test_cut_or_altered_bytes(name):
    blob = installer(VERSIONS[name], "lzma", {path: data[:5000] for path, data in TREE.items()})
    every_prefix(Inno(), blob, 60)
    every_flip(Inno(), blob, 60)
    every_flip(Inno(), blob[:0x90], 0x90)
    (noise,) = [m for m in unpack(Inno(), blob)[2] if m.path.endswith("noise.bin")]
    with pytest.raises(LimitReached):
        noise.open(1000)


def test_a_cut_installer_names_what_is_missing():
    version = VERSIONS["5.5.0u"]
    blob = bytearray(installer(version, "stored", solid=False))
    at = blob.index(b"zlb\x1a", blob.index(b"zlb\x1a") + 1)
    blob[at] ^= 1  # the second file
    members = unpack(Inno(), bytes(blob))[2]
    assert [(m.path, type(m.problem)) for m in members if m.problem] == [("{app}/noise.bin", Malformed)]
    altered = bytearray(installer(version, "stored", solid=False))
    altered[altered.index(b"planted")] ^= 1
    (member,) = [m for m in unpack(Inno(), bytes(altered))[2] if m.path == "{app}/text.txt"]
    assert "checksum" in str(member.open(1 << 20).damage)


@pytest.mark.parametrize("name", ["5.5.0u", "6.4.3u"])
def test_files_with_a_password_say_so(name):
    members = unpack(Inno(), installer(VERSIONS[name], encrypted=True))[2]
    assert {type(m.problem) for m in members if m.path in PLAIN} == {Encrypted}


def test_everything_with_a_password_says_so():
    with pytest.raises(Encrypted):
        unpack(Inno(), installer(VERSIONS["6.5.2u"], scope=2))


def test_versions_that_are_not_known_give_files_without_names():
    blob = installer(VERSIONS["5.5.0u"], tree={r"{app}\one": b"one" * 99})
    newer = blob.replace(b"Data (5.5.0) (u)", b"Data (5.2.5) (u)")
    with pytest.raises(FormatError):
        unpack(Inno(), newer)  # its checksums have another size
    newer = blob.replace(b"Data (5.5.0) (u)", b"Data (6.1.0) (u)")
    _, contents, members = unpack(Inno(), newer)
    assert "not known" in contents.damage
    assert content(members[-1]) == b"one" * 99
    assert members[-1].path == "data/0000"
    for other in (b"Data (4.2.6)    ", b"Data (what)     "):
        with pytest.raises(Unsupported):
            unpack(Inno(), blob.replace(b"Data (5.5.0) (u)", other))


def test_other_programs_are_none():
    blob = installer(VERSIONS["5.5.0u"])
    for other in (
        b"MZ" + bytes(4000),
        blob[:0x800],
        b"ZM" + blob[2:],
        blob.replace(b"Inno Setup Setup Data", b"x" * 21),
    ):
        with pytest.raises(NotThisFormat):
            unpack(Inno(), other)
    with pytest.raises(NotThisFormat):
        unpack(Inno(), b"xx" + blob, 2)


@given(st.binary(max_size=400), st.booleans())
def test_branches(raw, flips):
    raw = bytes(byte if byte < 200 else 0xE8 + byte % 2 if byte < 240 else 0xFF * (byte % 2) for byte in raw)
    assert branches_back(branches_there(raw, flips=flips), flips=flips) == raw
    assert len(old_branches_back(raw)) == len(raw)
    coded = old_branches_there(raw)
    assert old_branches_back(coded)[:-5] == raw[:-5]


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(list(VERSIONS)), st.booleans())
def test_any_records(raw, name, packed):
    version = VERSIONS[name]
    blob = installer(version, tree={"a": b"a"})
    at = blob.index(b"Inno Setup Setup Data") + (117 if version.number >= (6, 5) else 64)
    keeps_its_promise(Inno(), blob[:at] + block(raw, version, packed=packed) + block(raw[::-1], version))
    keeps_its_promise(Inno(), blob[:at] + raw)
    keeps_its_promise(Inno(), blob[:0x40] + raw)
