"""Compiled help against two compilers and 7z, and files of a writer here for what these do not write."""

import hashlib
import struct
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.chm import Chm
from inspector.formats.archive.chm import CONTENT, CONTROL, MAGICS, MAKER, RESETS, measure_chm
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import CHM, inflated
from tests.formats.original import tool
from tests.formats.packages import pinned_file
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

FRAME = 1 << 15
PAGE = b'<a href="https://planted.example.cn/v1">update</a> <a href="deep/long.htm">more</a>\n'
LONG = b"".join(b"step %d\n" % (n % 40) for n in range(20_000))
NOISE = Random(1).randbytes(600)
SYSTEM = ("#", "$", "_#")
"""How the names begin of what a compiler adds."""


def number(value: int) -> bytes:
    out = bytes([value & 0x7F])
    while value := value >> 7:
        out = bytes([value & 0x7F | 0x80]) + out
    return out


def uncompressed(data: bytes, translated: int = 0) -> bytes:
    """Pack a stretch as one block of LZX that is not packed; `translated` is the size that its calls were told with."""
    bits, count = (1 << 32 | translated, 33) if translated else (0, 1)
    bits, count = (bits << 3 | 3) << 24 | len(data), count + 27
    filled = -(-(count + 1) // 16) * 16
    words = (bits << filled - count).to_bytes(filled // 8, "big")
    swapped = b"".join(words[at + 1 : at + 2] + words[at : at + 1] for at in range(0, len(words), 2))
    return swapped + struct.pack("<3I", 1, 1, 1) + data + bytes(len(data) & 1)


def section(packed: list[bytes], size: int, *, units: int = 2, version: int = 2) -> dict[str, bytes]:
    """Give the parts that tell of packed contents, one stretch of `units` frames after another."""
    starts, at = [], 0
    for stretch in packed:
        starts += [at, *[at + 1] * (units - 1)]  # only where a stretch begins is looked at
        at += len(stretch)
    scale = 1 if version == 2 else FRAME
    table = struct.pack("<4I3Q", 2, len(starts), 8, 0x28, size, at, FRAME) + struct.pack(f"<{len(starts)}Q", *starts)
    control = struct.pack("<I4s5I", 6, b"LZXC", version, units * scale, 2 * scale, 1, 0)
    return {CONTENT: b"".join(packed), CONTROL: control, RESETS: table}


def chm(
    stored: dict[str, bytes],
    packed: dict[str, tuple[int, int]] | None = None,
    *,
    version: int = 3,
    told: int | None = None,
    chunk: int = 4096,
    other: int = 1,
) -> bytes:
    entries, body = [], b""
    for name, data in stored.items():
        entries.append((name, 0, len(body), len(data)))
        body += data
    entries += [(name, other, *place) for name, place in (packed or {}).items()]
    chunks = [b""]
    for name, *numbers in sorted(entries):
        raw = number(len(name.encode())) + name.encode() + b"".join(number(value) for value in numbers)
        if len(chunks[-1]) + len(raw) > chunk - 20:
            chunks.append(b"")
        chunks[-1] += raw
    listing = b"".join(
        b"PMGL" + struct.pack("<I12x", chunk - 20 - len(raw)) + raw.ljust(chunk - 20, b"\0") for raw in chunks
    )
    index = b"PMGI".ljust(chunk, b"\xff") if len(chunks) > 1 else b""
    count = len(chunks) + bool(index)
    head = struct.pack("<4s7IiI", b"ITSP", 1, 0x54, 10, chunk, 2, 1, 0, 0, len(chunks) - 1)
    directory = (head + struct.pack("<iI", -1, count)).ljust(0x54, b"\0") + listing + index
    size = 0x60 if version == 3 else 0x58
    content_at = size + 24 + len(directory)
    header = MAGICS[3 - version] + struct.pack("<III", 1, 0, 0x804) + MAKER * 2
    header += struct.pack("<4Q", size, 24, size + 24, len(directory))
    header += struct.pack("<Q", content_at) if version == 3 else b""
    about = struct.pack("<IIQQ", 0x1FE, 0, content_at + len(body) if told is None else told, 0)
    return header + about + directory + body


def compiled(folder: Path, sources: dict[str, bytes]) -> bytes:
    """Compile with chmcmd of Free Pascal."""
    for name, data in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    project = "[OPTIONS]\nCompiled file=x.chm\nTitle=x\n\n[FILES]\n" + "\n".join(sources) + "\n"
    (folder / "x.hhp").write_text(project)
    run(tool("chmcmd"), "x.hhp", cwd=folder)
    return (folder / "x.chm").read_bytes()


def by_7z(blob: bytes, folder: Path) -> Counter[tuple[str, str]]:
    (folder / "read.chm").write_bytes(blob)
    run(tool("7z"), "x", "-y", f"-o{folder / 'out'}", str(folder / "read.chm"))
    root = folder / "out"
    return Counter(
        (str(path.relative_to(root)), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in root.rglob("*")
        if path.is_file()
    )


def digests(blob: bytes) -> Counter[tuple[str, str]]:
    found = files(Chm(), blob)
    return Counter((path, hashlib.sha256(data).hexdigest()) for path, data in found.items() if path[0] != "[")


def test_a_file_of_a_compiler():
    blob = inflated(CHM)
    span, contents, members = unpack(Chm(), b"before" + blob + b"behind", 6)
    assert len(span) == len(blob)
    assert (contents.properties["language"], contents.notes, contents.damage) == ("0x0804", (), "")
    assert [m.path for m in members if m.kind is MemberKind.DIRECTORY] == ["deep"]
    found = {path: data for path, data in files(Chm(), blob).items() if not path.startswith(SYSTEM)}
    assert found == {"index.htm": PAGE, "deep/long.htm": LONG, "noise.bin": NOISE, "empty.txt": b""}


def test_no_byte_is_left_unexplained():
    blob = inflated(CHM)
    _, contents, members = unpack(Chm(), blob)
    end = 0
    for span in sorted([*contents.structure(), *(span for member in members for span in member.extents)]):
        assert span.start <= end
        end = max(end, span.end)
    assert end == len(blob)


def test_what_is_packed_comes_in_its_order():
    starts = [m.extents[0].start for m in unpack(Chm(), inflated(CHM))[2] if m.extents]
    assert starts == sorted(starts), "each stretch is decoded once"


def test_7z_reads_the_same(tmp_path):
    blob = inflated(CHM)
    assert by_7z(blob, tmp_path) == digests(blob)


@pytest.mark.packers
def test_many_files_of_free_pascal(tmp_path):
    random = Random(4)
    words = [random.randbytes(random.randint(2, 9)).hex().encode() for _ in range(300)]
    sources = {
        f"d{n % 7}/page-with-a-rather-long-name-{n}.htm": b" ".join(random.choices(words, k=random.randint(0, 900)))
        for n in range(300)
    }
    sources["big.bin"] = random.randbytes(300_000)
    blob = compiled(tmp_path, sources)
    found = files(Chm(), blob)
    assert {path: found[path] for path in sources} == sources
    assert all(path.startswith(SYSTEM) for path in found.keys() - sources.keys())
    assert by_7z(blob, tmp_path) == digests(blob)


@pytest.mark.realworld
def test_a_file_of_html_help_workshop(tmp_path):
    blob = pinned_file("help-innosetup").read_bytes()
    assert len(measure_chm(BufferReader(blob + b"behind"))) == len(blob)
    found = files(Chm(), blob)
    assert len(found) == 661
    left = found["[unnamed]/0x0"]
    assert left == found["hh_generated_contents.hhc"] + found["hh_generated_index.hhk"], "packed twice, named once"
    assert by_7z(blob, tmp_path) == digests(blob)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("control", [1, 2])
def test_versions_of_the_headers(version, control):
    data = Random(version).randbytes(2 * FRAME + 100)
    stretches = [uncompressed(data[: 2 * FRAME]), uncompressed(data[2 * FRAME :])]
    blob = chm(
        {"/plain.txt": b"plain", **section(stretches, len(data), version=control)},
        {"/a": (0, 1000), "/b": (1000, len(data) - 1000), "/d/": (0, 0)},
        version=version,
    )
    assert files(Chm(), blob) == {"plain.txt": b"plain", "a": data[:1000], "b": data[1000:]}


def test_directory_of_several_chunks_and_its_index():
    stored = {f"/page{n}.htm": b"%d" % n for n in range(500)}
    blob = chm(stored, chunk=512)
    assert files(Chm(), blob) == {name[1:]: data for name, data in stored.items()}


def test_calls_that_were_translated_are_made_relative_again():
    plain = bytearray(b"\x90" * 3000)
    plain[100:105] = b"\xe8" + struct.pack("<i", 500)
    packed = bytes(plain[:101]) + struct.pack("<i", 500 + 100) + bytes(plain[105:])
    blob = chm(section([uncompressed(packed, 1 << 20)], 3000), {"/x.exe": (0, 3000)})
    assert files(Chm(), blob) == {"x.exe": bytes(plain)}


def test_what_no_name_is_for_is_shown():
    data = Random(2).randbytes(900)
    blob = chm(section([uncompressed(data)], 900), {"/a": (100, 200), "/b": (250, 350)})
    wanted = {"a": data[100:300], "b": data[250:600], "[unnamed]/0x0": data[:100], "[unnamed]/0x258": data[600:]}
    assert files(Chm(), blob) == wanted


@pytest.mark.parametrize(("lacking", "why"), [(RESETS, "ResetTable"), (CONTROL, "ControlData"), (CONTENT, "Content")])
def test_packed_contents_that_cannot_be_read_are_named(lacking, why):
    parts = section([uncompressed(b"text")], 4)
    del parts[lacking]
    (plain, member) = unpack(Chm(), chm({"/plain": b"plain", **parts}, {"/a": (0, 4)}))[2]
    assert content(plain) == b"plain"
    assert (member.path, member.open) == ("a", None)
    assert isinstance(member.problem, Malformed)
    assert why in str(member.problem)


def test_a_section_or_a_method_that_is_not_known():
    parts = section([uncompressed(b"text")], 4)
    (member,) = unpack(Chm(), chm(parts, {"/a": (0, 4)}, other=2))[2]
    assert isinstance(member.problem, Unsupported)
    parts[CONTROL] = parts[CONTROL].replace(b"LZXC", b"LZXD")
    (member,) = unpack(Chm(), chm(parts, {"/a": (0, 4)}))[2]
    assert isinstance(member.problem, Unsupported)


def test_damage_costs_the_stretch_it_is_in():
    data = Random(3).randbytes(6 * FRAME)
    stretches = [uncompressed(data[at : at + 2 * FRAME]) for at in range(0, len(data), 2 * FRAME)]
    stretches[1] = b"\0\xff" * 20
    places = {"/a": (0, FRAME), "/b": (FRAME, 2 * FRAME), "/c": (3 * FRAME, FRAME), "/d": (4 * FRAME, 2 * FRAME)}
    _, _, members = unpack(Chm(), chm(section(stretches, len(data)), places))
    a, b, c, d = members
    assert content(a) == data[:FRAME]
    half = b.open(1 << 20)
    assert bytes(half.all()) == data[FRAME : 2 * FRAME]
    assert isinstance(half.damage, Malformed)
    with pytest.raises(Malformed):
        c.open(1 << 20)
    assert content(d) == data[4 * FRAME :]


def test_limits():
    (member,) = (m for m in unpack(Chm(), inflated(CHM))[2] if m.path == "deep/long.htm")
    with pytest.raises(LimitReached):
        member.open(len(LONG) - 1)
    (small,) = (m for m in unpack(Chm(), inflated(CHM))[2] if m.path == "index.htm")
    with pytest.raises(LimitReached, match="packed together"):
        small.open(1000)


def test_sizes_and_places_that_no_file_has():
    parts = section([uncompressed(b"text")], 1 << 62)
    blob = chm(parts, {"/far": (1 << 61, 1 << 60), "/long": (0, 1 << 60), "/c": (0, 4)})
    _, _, members = unpack(Chm(), blob)
    assert {m.path: type(m.problem) for m in members if not m.path.startswith("[")} == {
        "c": type(None),
        "long": Malformed,
        "far": Malformed,
    }
    keeps_its_promise(Chm(), blob)


def test_the_extent_of_a_file_that_does_not_tell_it():
    blob = chm({"/a": b"text", "/b": b"more"}, told=0)
    assert len(measure_chm(BufferReader(blob + b"behind"))) == len(blob)


def test_a_file_that_is_cut_off_says_so():
    blob = inflated(CHM)
    _, contents, members = unpack(Chm(), blob[:-1000])
    assert contents.notes == ("compiled help is cut off",)
    assert any(m.path == "index.htm" and content(m) == PAGE for m in members if m.open)
    _, contents, _ = unpack(Chm(), blob[:0x100])
    assert "directory" in contents.damage


def test_a_damaged_chunk_costs_its_own_names():
    stored = {f"/page{n:03}.htm": b"%d" % n for n in range(500)}
    blob = bytearray(chm(stored, chunk=512))
    at = 0x60 + 24 + 0x54 + 512
    blob[at + 20 : at + 40] = b"\xff" * 20
    found = files(Chm(), bytes(blob))
    assert 0.9 * len(stored) < len(found) < len(stored)
    assert unpack(Chm(), bytes(blob))[1].damage == "directory of names: number does not end"


def test_every_prefix_and_every_flip():
    small = chm({"/p": b"plain", **section([uncompressed(b"text" * 99)], 396)}, {"/a": (0, 396)}, chunk=512)
    for blob in (inflated(CHM), small):
        every_prefix(Chm(), blob)
        every_flip(Chm(), blob)


@given(st.binary(max_size=600))
def test_any_bytes(raw):
    keeps_its_promise(Chm(), MAGICS[0] + raw)


@given(st.binary(max_size=300), st.binary(max_size=64), st.binary(max_size=64), st.binary(max_size=64))
def test_any_bytes_in_the_parts(listing, packed, control, resets):
    blob = bytearray(chm({CONTENT: packed, CONTROL: control, RESETS: resets}, {"/a": (0, 99)}, chunk=1024))
    keeps_its_promise(Chm(), bytes(blob))
    at = 0x60 + 24 + 0x54 + 20
    blob[at : at + len(listing)] = listing
    keeps_its_promise(Chm(), bytes(blob))


def test_other_bytes_are_not_this_format():
    for blob in (MAGICS[0], MAGICS[0].ljust(300, b"\0"), b"ITSF\x04\0\0\0\x20\0\0\0".ljust(300, b"\0")):
        with pytest.raises(NotThisFormat):
            measure_chm(BufferReader(blob))
