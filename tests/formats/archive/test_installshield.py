"""Cabinets of InstallShield, whose packer is not to be had: those of a writer here, which unshield reads too."""

import hashlib
import struct
import subprocess
import zlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.installshield import InstallShield
from inspector.extract.parts import joined
from inspector.formats.archive.installshield import clear
from inspector.formats.image import stored
from inspector.formats.layout import MemberKind
from inspector.formats.parts import are_parts, sets_of
from inspector.formats.reader import BufferReader, MappedReader, Piece
from tests.formats.original import tool
from tests.formats.promise import content, keeps_its_promise

TREE = {
    "bin/client.exe": b"MZ" + b"server=https://planted.example.cn/v1\n" * 5000,
    "bin/noise.dll": Random(3).randbytes(150_000),
    "conf/client.ini": b"[net]\nhost=iot.example.cn\n",
    "conf/empty": b"",
}
VERSIONS = {5: 0x0100500C, 6: 0x01006000, 20: 0x020007D0}
SPLIT, OBFUSCATED, COMPRESSED = 1, 2, 4


def packed(data: bytes, *, old: bool = False) -> bytes:
    out = b""
    for at in range(0, max(len(data), 1), 30_000):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        piece = packer.compress(data[at : at + 30_000])
        piece += packer.flush(zlib.Z_SYNC_FLUSH if old else zlib.Z_FINISH)
        out += piece if old else struct.pack("<H", len(piece)) + piece
    return out


def disguised(raw: bytes) -> bytes:
    """Return what `clear` makes the bytes from."""
    shifted = [byte + at % 0x47 & 0xFF for at, byte in enumerate(raw)]
    return bytes(((byte << 2 | byte >> 6) & 0xFF) ^ 0xD5 for byte in shifted)


def build(major: int, *, cut: int = 0, flags: int = COMPRESSED, old: bool = False, links: int = 0):
    """Return {name: bytes} of a set; with `cut` the last file with content goes on in a second cabinet."""
    wide = major >= 17
    layout = 20 + (40 if major <= 5 else 64)

    def text(words: str) -> bytes:
        return (words + "\0").encode("utf-16-le" if wide else "latin-1")

    folders = ["bin", "conf"]
    bodies, at = [], layout
    for data in TREE.values():
        raw = packed(data, old=old) if flags & COMPRESSED else data
        bodies.append((at, disguised(raw) if flags & OBFUSCATED else raw))
        at += len(raw)
    whole = b"".join(raw for _, raw in bodies)
    # The names come behind the table and the descriptors, all counted from the start of the table.
    names, place = b"", 4 * (len(folders) + len(TREE)) + (len(TREE) + links) * 0x57
    table, offsets = b"", {}
    for words in (*folders, *(path.rpartition("/")[2] for path in TREE)):
        offsets[words] = place + len(names)
        names += text(words)
    for folder in folders:
        table += struct.pack("<I", offsets[folder])
    descriptors = b""
    index_cut = 1
    for index, (path, data) in enumerate([*TREE.items(), *list(TREE.items())[:links]]):
        folder, _, name = path.partition("/")
        own = index % len(TREE)
        start, raw = bodies[own]
        told = flags | (SPLIT if cut and own == index_cut and major > 5 else 0)
        digest = hashlib.md5(data).digest()
        volume = 2 if cut and own > index_cut else 1
        if volume == 2:
            start = start - (bodies[index_cut][0] + cut) + layout
        if major <= 5:
            table += struct.pack("<I", 4 * (len(folders) + len(TREE)) + len(descriptors))
            descriptors += struct.pack(
                "<IIHII20xI16s", offsets[name], folders.index(folder), told, len(data), len(raw), start, digest
            )
        else:
            table += bytes(4) if index < len(TREE) else b""
            link = (own, 0, 1) if index >= len(TREE) else (0, 0, 0)
            descriptors += struct.pack(
                "<HQQQ16s16xIH12xIIBH",
                told, len(data), len(raw), start, digest, offsets[name], folders.index(folder), *link, volume,
            )  # fmt: skip
    tables = (table + descriptors).ljust(place, b"\0") + names
    count = len(TREE) + links
    descriptor = bytearray(0x300)
    numbers = (0x300, len(tables), len(tables), len(folders), count, 4 * (len(folders) + len(TREE)))
    struct.pack_into("<12xI4xII I8xII", descriptor, 0, *numbers)
    # One group of all files, by which unshield goes.
    struct.pack_into("<I", descriptor, 0x3E, 0x280)
    struct.pack_into("<III", descriptor, 0x280, 0x2F0, 0x290, 0)
    struct.pack_into("<I", descriptor, 0x290, 0x2F0)
    struct.pack_into("<II", descriptor, 0x294 + (0x48 if major <= 5 else 0x12), 0, count - 1)
    descriptor[0x2F0 : 0x2F0 + len(text("g"))] = text("g")
    first = bodies[index_cut]

    def volume(number: int, last: int, body: bytes) -> bytes:
        common = struct.pack("<4sIIII", b"ISc(", VERSIONS[major], 0, 0, 0)
        kind = "<I4x8I" if major <= 5 else "<QIIQQQQQQ"
        data = list(TREE.values())[index_cut]
        begins = number == 2
        numbers = [layout, index_cut if begins else 0, last]
        numbers += [layout, len(data) - cut, len(first[1]) - cut] if begins else [layout, 0, 0]
        numbers += [first[0], cut, cut] if cut and number == 1 else [0, 0, 0]
        return common + struct.pack(kind, *numbers) + body

    if cut:
        border = first[0] + cut - layout
        cabinets = [volume(1, index_cut, whole[:border]), volume(2, count - 1, whole[border:])]
    else:
        cabinets = [volume(1, count - 1, whole)]
    header = struct.pack("<4sIIII", b"ISc(", VERSIONS[major], 0, 0x200, 0x300 + len(tables)).ljust(0x200, b"\0")
    files = {f"data{number}.cab": raw for number, raw in enumerate(cabinets, 1)}
    return files | {"data1.hdr": header + bytes(descriptor) + tables}


def together(files: dict[str, bytes]):
    order = [*sorted(name for name in files if name.endswith("cab")), "data1.hdr"]
    return MappedReader([Piece(len(files[name]), BufferReader(files[name])) for name in order])


def members_of(files: dict[str, bytes]):
    data = together(files)
    assert len(InstallShield().measure(data, 0)) == data.size
    return list(InstallShield().unpack(data).members)


CASES = [
    (major, options)
    for major in VERSIONS
    for options in (
        {},
        {"flags": 0},
        {"flags": COMPRESSED | OBFUSCATED},
        {"cut": 70_001},
        {"cut": 70_000, "flags": 0},
        {"old": True},
    )
]


@pytest.mark.parametrize(("major", "options"), CASES)
def test_every_version_and_packing(major, options):
    members = members_of(build(major, **options))
    plain = {m.path: content(m) for m in members if m.open}
    assert ("client.ini".encode("utf-16-le") if major == 20 else b"client.ini") in plain.pop("header")
    assert plain == TREE
    assert all(m.open(1 << 24).damage is None for m in members if m.open)


@pytest.mark.packers
@pytest.mark.parametrize(("major", "options"), CASES)
def test_unshield_reads_the_same(tmp_path, major, options):
    for name, raw in build(major, **options).items():
        (tmp_path / name).write_bytes(raw)
    old = ["-O"] if options.get("old") else []
    # It takes an empty file at the end of a cabinet for one beside it, and ends with 1.
    subprocess.run([tool("unshield"), *old, "-d", "out", "x", "data1.cab"], cwd=tmp_path, check=False)
    found = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {name: data for name, data in found.items() if data} == {
        path.rpartition("/")[2]: data for path, data in TREE.items() if data
    }


def test_a_file_that_is_another_is_a_link():
    members = members_of(build(6, links=1))
    assert [(m.path, m.target) for m in members if m.kind is MemberKind.HARDLINK] == [("bin/client.exe",) * 2]


def test_files_of_a_set_are_found_by_name():
    files = build(6, cut=70_001)
    names = ["setup.exe", *sorted(files)]
    (found,) = sets_of(names, lambda _: 1000)
    assert (found.names, found.shown) == (("data1.cab", "data2.cab", "data1.hdr"), "data1.{cab,hdr}")
    blob = b"".join(files.values())
    data, at, listed = BufferReader(blob), 0, []
    for name, raw in files.items():
        listed.append(stored(data, name, at, at + len(raw)))
        at += len(raw)
    (member,) = joined(listed, lambda: 1 << 24)
    assert {m.path for m in InstallShield().unpack(member.open(1 << 24)).members} == {"header", *TREE}
    assert not are_parts([b"ISc(" + bytes(40), b"MSCF" + bytes(40)])


def test_what_is_missing_is_told():
    files = build(6, cut=70_001)
    with pytest.raises(Unsupported, match=r"data1\.hdr"):
        InstallShield().unpack(BufferReader(files["data1.cab"]))
    del files["data2.cab"]
    problems = {m.path: m.problem for m in members_of(files) if m.problem}
    assert set(problems) == {"bin/noise.dll", "conf/client.ini", "conf/empty"}
    assert all(isinstance(problem, Malformed) for problem in problems.values())


def test_altered_bytes_are_told():
    files = build(6, flags=0)
    files["data1.cab"] = files["data1.cab"].replace(b"planted", b"altered", 1)
    members = {m.path: m for m in members_of(files)}
    assert "checksum" in str(members["bin/client.exe"].open(1 << 20).damage)
    with pytest.raises(LimitReached):
        members["bin/noise.dll"].open(1000)
    packed_files = build(6)
    raw = bytearray(packed_files["data1.cab"])
    raw[400:420] = bytes(20)
    packed_files["data1.cab"] = bytes(raw)
    damaged = next(m for m in members_of(packed_files) if m.path == "bin/client.exe")
    keeps_its_promise(InstallShield(), bytes(raw))
    with pytest.raises(Malformed):
        raise damaged.open(1 << 20).damage


def test_other_bytes_are_none():
    for blob in (b"ISc(", b"ISc(" + bytes(60), b"MSCF" + bytes(60)):
        with pytest.raises(NotThisFormat):
            InstallShield().measure(BufferReader(blob), 0)


@given(st.binary(max_size=300))
def test_disguise(raw):
    assert clear(disguised(raw)) == raw


SMALL = {name: raw for name, raw in build(6).items() if name.endswith("hdr")}["data1.hdr"]


@given(st.binary(max_size=120), st.integers(0, len(SMALL)), st.sampled_from(list(VERSIONS)))
def test_any_bytes(raw, at, major):
    blob = SMALL[:at] + raw + SMALL[at + len(raw) :]
    keeps_its_promise(InstallShield(), blob[:4] + struct.pack("<I", VERSIONS[major]) + blob[8:])
    keeps_its_promise(InstallShield(), b"ISc(" + struct.pack("<I", VERSIONS[major]) + raw)
