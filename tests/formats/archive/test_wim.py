"""Windows images against wimlib, and damage."""

import os
import subprocess
from hashlib import sha1
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.wim import Wim
from inspector.formats.archive import wim
from inspector.formats.archive.wim import measure_wim, read_wim
from inspector.formats.codec import xpress
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader, MappedReader, Piece
from inspector.sets import parts_of, read_parts, set_of
from tests.builders.original_tools import WIM, inflated
from tests.formats.original import tool
from tests.formats.trees import assert_same_tree, assert_spans, build_tree, read_members, survives

pytestmark = pytest.mark.packers
IMAGES = "[images].xml"


def capture(folder: Path, source: Path, *options: str, command: str = "capture") -> bytes:
    image = folder / "x.wim"
    run(command, str(source), str(image), *options)
    return image.read_bytes()


def run(*words: str) -> None:
    subprocess.run([tool("wimlib-imagex"), *words], check=True, capture_output=True)


def files_only(contents):
    """Leave out the text that describes the images: it is no file of the source."""
    return contents.__class__((m for m in contents.members if m.path != IMAGES), contents.structure)


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    root = build_tree(tmp_path_factory.mktemp("tree"), names="unix")
    for name in ("blocks", "blocks and one"):  # whole chunks, and one byte more
        (root / name).write_bytes(b"0123456789abcdef" * 8192 + b"!" * (name != "blocks"))
    return root


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("small")
    (folder / "src" / "etc").mkdir(parents=True)
    (folder / "src" / "etc" / "config").write_bytes(b"server=https://planted.example.cn/v1\n" * 3000)
    (folder / "src" / "a").write_bytes(b"short")
    (folder / "src" / "link").symlink_to("etc/config")
    return capture(folder, folder / "src", "--compress=XPRESS")


@pytest.mark.parametrize(
    "options", [["--compress=none"], ["--compress=XPRESS"], ["--compress=LZX"], ["--compress=XPRESS", "--check"]]
)
def test_contents_equal_the_source(tmp_path, tree, options):
    blob = capture(tmp_path, tree, *options)
    data = BufferReader(b"before" + blob + b"behind")
    assert len(Wim().measure(data, 6)) == len(blob)
    image = BufferReader(blob)
    members = assert_same_tree(files_only(read_wim(image)), tree, image)
    assert not any(m.open(1 << 30).notes for m in members if m.open), "digests hold"
    assert read_wim(image).properties == {"compression": options[0].partition("=")[2], "images": "1"}


@pytest.mark.parametrize("codec", ["XPRESS", "LZX"])
@pytest.mark.parametrize("size", ["4096", "16384", "32768", "65536", "131072"])
def test_chunks_of_other_sizes(tmp_path, tree, codec, size):
    if codec == "LZX" and int(size) < 1 << 15:
        pytest.skip("LZX has no smaller windows")
    if codec == "XPRESS" and int(size) > 1 << 16:
        pytest.skip("XPRESS has no larger ones")
    image = BufferReader(capture(tmp_path, tree, f"--compress={codec}", f"--chunk-size={size}"))
    assert_same_tree(files_only(read_wim(image)), tree, image)


def test_several_images_share_what_is_the_same(tmp_path, small):
    for name, text in (("one", b"first"), ("two", b"second")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own").write_bytes(text)
        (tmp_path / name / "same").write_bytes(b"the same in both " * 9)
    capture(tmp_path, tmp_path / "one", "--compress=XPRESS")
    run("append", str(tmp_path / "two"), str(tmp_path / "x.wim"))
    image = BufferReader((tmp_path / "x.wim").read_bytes())
    members, content = read_members(read_wim(image))
    about = content.pop(IMAGES)
    assert "<NAME>two</NAME>".encode("utf-16-le") in about
    same = b"the same in both " * 9
    assert content == {"1/own": b"first", "1/same": same, "2/own": b"second", "2/same": same}
    assert [(m.path, m.target) for m in members if m.kind is MemberKind.HARDLINK] == [("2/same", "1/same")]


def test_parts_of_a_set_say_what_is_missing(tmp_path):
    (tmp_path / "src").mkdir()
    for number in range(4):
        (tmp_path / "src" / f"noise{number}").write_bytes(Random(number).randbytes(700_000))
    capture(tmp_path, tmp_path / "src", "--compress=XPRESS")
    run("split", str(tmp_path / "x.wim"), str(tmp_path / "y.swm"), "1")
    contents = read_wim(BufferReader((tmp_path / "y.swm").read_bytes()))
    members = [m for m in contents.members if m.kind is MemberKind.FILE and m.path != IMAGES]
    assert contents.damage.startswith("part 1 of ")
    missing = [m for m in members if m.problem]
    assert 0 < len(missing) < len(members)
    assert all("another part" in str(m.problem) for m in missing)
    whole = {m.path: bytes(m.open(1 << 20).all()) for m in members if m.open}
    assert whole == {path: (tmp_path / "src" / path).read_bytes() for path in whole}
    later, content = read_members(read_wim(BufferReader((tmp_path / "y2.swm").read_bytes())))
    content.pop(IMAGES, None)
    names = {sha1((tmp_path / "src" / path).read_bytes()).hexdigest(): path for path in os.listdir(tmp_path / "src")}
    assert len(content) == 1
    for digest, held in content.items():
        assert held == (tmp_path / "src" / names[digest]).read_bytes()
    assert not any(m.problem for m in later)


@pytest.fixture(scope="module")
def little(tmp_path_factory) -> Path:
    root = build_tree(tmp_path_factory.mktemp("little"), files=30, names="unix")
    (root / "big.bin").write_bytes(b"".join(b"%d lines of text\n" % (n * n) for n in range(9000)))
    return root


SOLID = [
    ["--solid"],
    ["--solid", "--solid-chunk-size=131072"],
    ["--solid", "--solid-compress=LZX", "--solid-chunk-size=65536"],
    ["--solid", "--solid-compress=XPRESS", "--solid-chunk-size=32768"],
]


@pytest.mark.parametrize("options", [["--compress=LZMS"], ["--compress=LZMS", "--chunk-size=32768"], *SOLID])
def test_contents_packed_with_lzms_and_together(tmp_path, little, options):
    blob = capture(tmp_path, little, *options)
    assert len(measure_wim(BufferReader(blob))) == len(blob)
    image = BufferReader(blob)
    contents = files_only(read_wim(image))
    assert contents.structure()
    members = assert_same_tree(contents, little, image)
    assert not any(m.open(1 << 30).notes for m in members if m.open), "digests hold"
    assert all(m.extents for m in members if m.open and m.size)


def split(folder: Path, options: list[str]) -> tuple[dict[str, bytes], list[Path]]:
    """Give the files of an image, and the parts it was split into."""
    (folder / "src").mkdir()
    for number in range(5):
        (folder / "src" / f"noise{number}").write_bytes(Random(number).randbytes(600_000 + number))
    capture(folder, folder / "src", *options)
    run("split", str(folder / "x.wim"), str(folder / "y.swm"), "1")
    parts = [folder / "y.swm", *(folder / f"y{number}.swm" for number in range(2, 9))]
    files = {path.name: path.read_bytes() for path in (folder / "src").iterdir()}
    return files, [part for part in parts if part.exists()]


@pytest.mark.parametrize("options", [["--compress=none"], ["--compress=XPRESS"], ["--compress=LZMS"]])
def test_parts_of_a_set_side_by_side_are_one_image(tmp_path, options):
    wanted, parts = split(tmp_path, options)
    assert len(parts) > 1
    assert all(parts_of(part) == tuple(parts) for part in parts)
    assert set_of(parts[0]).name == f"y{{,2..{len(parts)}}}.swm"
    image, _ = read_parts(parts)
    assert len(Wim().measure(image, 0)) == image.size
    contents = read_wim(image)
    assert (contents.damage, contents.properties["part"]) == ("", f"1-{len(parts)} of {len(parts)}")
    members = list(contents.members)
    assert_spans(contents, members, image)
    read = {m.path: m.open(1 << 20) for m in members if m.open and m.path != IMAGES}
    assert {path: bytes(reader.all()) for path, reader in read.items()} == wanted
    assert not any(reader.notes or reader.damage for reader in read.values())


def test_a_part_that_is_missing_ends_the_set(tmp_path):
    wanted, parts = split(tmp_path, ["--compress=XPRESS"])
    joined = MappedReader([Piece(p.stat().st_size, BufferReader(p.read_bytes())) for p in (*parts[:1], *parts[2:])])
    contents = read_wim(joined)
    assert contents.damage == f"part 1 of {len(parts)}: what the others hold is missing"
    members = list(contents.members)
    assert any("another part" in str(m.problem) for m in members)
    parts[1].write_bytes((tmp_path / "x.wim").read_bytes())
    assert parts_of(parts[0]) == (parts[0],), "of another set"
    shown = read_wim(read_parts(parts[:1])[0])
    assert {m.path for m in shown.members if m.open and m.path != IMAGES} < set(wanted)


def test_contents_packed_together_twice(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"own{number}").write_bytes(f"{name} {number} ".encode() * 40_000)
        (tmp_path / name / "same").write_bytes(b"the same in both " * 9)
    options = ("--solid", "--solid-chunk-size=131072")
    capture(tmp_path, tmp_path / "one", *options)
    run("append", str(tmp_path / "two"), str(tmp_path / "x.wim"), *options)
    image = BufferReader((tmp_path / "x.wim").read_bytes())
    members, content = read_members(read_wim(image))
    wanted = {f"{n}/{p.name}": p.read_bytes() for n, d in ((1, "one"), (2, "two")) for p in (tmp_path / d).iterdir()}
    del content[IMAGES]
    assert content == wanted
    starts = [m.extents[0].start for m in members if m.open and m.path != IMAGES]
    assert starts == sorted(starts), "each chunk is decoded once"


def test_of_what_is_packed_together_with_lzms_the_beginning_is_read(tmp_path, monkeypatch):
    (tmp_path / "src").mkdir()
    for name in "abc":
        (tmp_path / "src" / name).write_bytes(Random(name).randbytes(30_000).hex().encode())
    blob = capture(tmp_path, tmp_path / "src", "--solid", "--solid-chunk-size=65536")
    monkeypatch.setattr(wim, "MOST_TOGETHER", 100_000)
    found = {}
    for member in read_wim(BufferReader(blob)).members:
        if member.open and member.path != IMAGES:
            with pytest.raises(LimitReached):
                member.open(40_000)
            try:
                reader = member.open(1 << 20)
            except Unsupported as problem:
                found[member.path] = 0, type(problem)
            else:
                found[member.path] = reader.size, type(reader.damage)
                assert (tmp_path / "src" / member.path).read_bytes().startswith(bytes(reader.all()))
    assert sorted(found.values(), key=str) == [(0, Unsupported), (40_000, Unsupported), (60_000, type(None))]


def test_damage_in_what_is_packed_together():
    blob = inflated(WIM["solid"])
    contents = read_wim(BufferReader(blob))
    content = {m.path: (m, bytes(m.open(1 << 20).all())) for m in contents.members if m.open}
    assert b"https://planted.example.cn/v1" in content["etc/config"][1]
    (extent,) = content["etc/config"][0].extents
    random = Random(6)
    for _ in range(200):
        changed = bytearray(blob)
        changed[random.randrange(extent.start - 16, extent.end)] ^= random.randrange(1, 256)
        survives(read_wim, bytes(changed))
    for end in sorted(random.sample(range(len(blob)), 60)):
        survives(read_wim, blob[:end])
    for place in range(0x50, 0xA0):
        for value in (0, 7, 0xFF):
            survives(read_wim, blob[:place] + bytes([value]) + blob[place + 1 :])


@pytest.mark.parametrize("codec", ["none", "XPRESS", "LZX"])
def test_an_image_for_pipes(tmp_path, tree, codec):
    blob = capture(tmp_path, tree, f"--compress={codec}", "--pipable")
    data = BufferReader(b"before" + blob + b"behind")
    assert len(Wim().measure(data, 6)) == len(blob)
    image = BufferReader(blob)
    members = assert_same_tree(files_only(read_wim(image)), tree, image)
    assert not any(m.open(1 << 30).notes for m in members if m.open), "digests hold"
    with pytest.raises(Malformed, match="cut off"):
        read_wim(BufferReader(blob[:-20]))
    for end in range(0, len(blob), max(len(blob) // 10, 1)):
        survives(read_wim, blob[:end])
        survives(read_wim, blob[:end] + b"\xff" + blob[end + 1 :])


def test_streams_beside_the_contents_of_a_file(tmp_path):
    """wimlib keeps streams of NTFS: put there with ntfs-3g's own program."""
    disk = tmp_path / "ntfs"
    disk.write_bytes(b"")
    os.truncate(disk, 8 << 20)
    subprocess.run([tool("mkntfs"), "-q", "-F", "-p", "0", str(disk)], check=True, capture_output=True)
    for number, text in enumerate((b"main content " * 500, b"hidden beside it")):
        (tmp_path / "in").write_bytes(text)
        stream = ["-N", "hidden"] if number else []
        copy = [tool("ntfscp"), "-q", *stream, str(disk), str(tmp_path / "in"), "file.txt"]
        subprocess.run(copy, check=True, capture_output=True)
    _, content = read_members(read_wim(BufferReader(capture(tmp_path, disk, "--compress=XPRESS"))))
    assert content["file.txt"] == b"main content " * 500
    assert content["file.txt:hidden"] == b"hidden beside it"


def test_damage_costs_what_is_behind_it_and_digests_tell(small):
    member = next(m for m in read_wim(BufferReader(small)).members if m.path == "etc/config")
    whole = bytes(member.open(1 << 20).all())
    with pytest.raises(LimitReached):
        member.open(100)
    (extent,) = member.extents
    blob = bytearray(small)
    blob[extent.end - 100 : extent.end] = bytes(100)  # within the last of four chunks
    (damaged,) = [m for m in read_wim(BufferReader(bytes(blob))).members if m.path == "etc/config"]
    reader = damaged.open(1 << 20)
    assert isinstance(reader.damage, Malformed)
    assert whole.startswith(bytes(reader.all()))
    assert reader.size == len(whole) // 32768 * 32768
    short = next(m for m in read_wim(BufferReader(small.replace(b"short", b"sh0rt"))).members if m.path == "a")
    assert short.open(9).notes == ("SHA-1 of the content differs",)


def test_cuts_and_flips(small):
    random = Random(5)
    for end in sorted({*range(0, 260, 3), *random.sample(range(len(small)), 60)}):
        survives(read_wim, small[:end])
    for _ in range(300):
        blob = bytearray(small)
        for _ in range(random.randint(1, 3)):
            blob[random.randrange(len(blob))] = random.choice((0, 1, 0x7F, 0xFF, random.randrange(256)))
        survives(read_wim, bytes(blob))


def test_damage_inside_the_trees(tmp_path):
    (tmp_path / "src" / "d").mkdir(parents=True)
    (tmp_path / "src" / "d" / "a").write_bytes(b"content")
    blob = capture(tmp_path, tmp_path / "src", "--compress=none")
    at = blob.index("d".encode("utf-16-le") + b"\0\0") - 102
    for place in range(at - 200, at + 240):
        for value in (0, 1, 7, 0x7F, 0xFF):
            survives(read_wim, blob[:place] + bytes([value]) + blob[place + 1 :])


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 70_000))
def test_any_bytes_as_xpress(raw, size):
    try:
        assert len(xpress.unpack(raw, size)) == size
    except Malformed:
        return


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_behind_a_flat_code(raw):
    """Every symbol has nine bits: here nothing but the matches can be wrong."""
    try:
        assert len(xpress.unpack(b"\x99" * 256 + raw, 5000)) == 5000
    except Malformed:
        return


@given(st.binary(max_size=300))
def test_any_bytes(raw):
    survives(read_wim, b"MSWIM\0\0\0\xd0\0\0\0" + raw.ljust(300, b"\0"))


def test_other_bytes_are_not_this_format():
    with pytest.raises(NotThisFormat):
        measure_wim(BufferReader(b"MSWIM\0\0\0".ljust(300, b"\0")))
