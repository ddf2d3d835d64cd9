"""Files cut into parts: names put in order, parts read as one, a part without the others is a named gap."""

import base64
import io
import os
import shutil
import tarfile
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.extract.archive.rar import Rar
from inspector.extract.archive.sevenzip import SevenZip
from inspector.extract.archive.zip import Zip
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.parts import lack_of
from inspector.extract.walk import Node, Walker
from inspector.formats.parts import lone_part, sets_of
from inspector.formats.reader import BufferReader, MappedReader, Piece
from inspector.model.ledger import SpanKind
from tests.formats.archive.test_cab_rar import block4, block5, file4, vint
from tests.formats.original import tool
from tests.formats.packages import pypi_file
from tests.formats.promise import content, files, keeps_its_promise, run, unpack

TREE = {
    "etc/config": b"server=iot.example.cn\n" * 50,
    "noise": base64.b64encode(os.urandom(120_000)),
    "more": base64.b64encode(os.urandom(20_000)),
}


@pytest.fixture
def tree(tmp_path):
    for name, data in TREE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def parts_in(folder, *patterns: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for pattern in patterns for path in sorted(folder.glob(pattern))}


def end_to_end(parts) -> MappedReader:
    return MappedReader([Piece(len(part), BufferReader(part)) for part in parts])


def packed(parts: dict[str, bytes], folder: str = "") -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as out:
        for name, data in parts.items():
            entry = tarfile.TarInfo(folder + name)
            entry.size = len(data)
            out.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


class Leaves:
    """A visitor that keeps what it is shown."""

    def __init__(self):
        self.seen: dict[str, bytes] = {}

    def visit(self, artifact, data, base):
        self.seen.setdefault(artifact.path, bytes(data.all()))
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def walked(blob: bytes, name: str = "fw.tar", limits: Limits | None = None):
    leaves = Leaves()
    walker = Walker(Carver(CATALOGUE), Budget(limits or Limits(), len(blob)), leaves)
    score, spans, _ = walker.walk(Node(name, BufferReader(blob), name))
    assert sum(len(span) for span in spans) == len(blob)
    return score, walker.found, leaves.seen


def by_7z(tree):
    run(tool("7z"), "a", "-v64k", "x.7z", *TREE, cwd=tree)
    return parts_in(tree, "x.7z.*"), "x.7z.{001..003}!7z"


def by_7z_as_zip(tree):
    run(tool("7z"), "a", "-tzip", "-v64k", "x.zip", *TREE, cwd=tree)
    return parts_in(tree, "x.zip.*"), "x.zip.{001..003}!zip"


def by_zip(tree):
    run(tool("zip"), "-q", "-s", "64k", "x.zip", *TREE, cwd=tree)
    return parts_in(tree, "x.z0*", "x.zip"), "x.{z01..z02,zip}!zip"


def by_split(tree):
    run(tool("7z"), "a", "whole.tar.xz", "-txz", "-si", cwd=tree, data=packed(TREE))
    run(tool("split"), "-b", "64k", "whole.tar.xz", "whole.tar.xz.", cwd=tree)
    return parts_in(tree, "whole.tar.xz.a?"), "whole.tar.xz.{aa..ac}!xz!content!tar"


PACKERS = {"7z": by_7z, "zip by 7z": by_7z_as_zip, "zip": by_zip, "split": by_split}


@pytest.mark.packers
@pytest.mark.parametrize("packer", PACKERS)
def test_parts_side_by_side_are_read_as_one_file(tree, packer):
    parts, place = PACKERS[packer](tree)
    assert len(parts) == 3
    score, found, seen = walked(packed(parts, "update/"))
    assert {path.removeprefix(f"fw.tar!tar!update/{place}!"): data for path, data in seen.items()} == TREE
    assert (score, found.gaps) == (1.0, [])


NAMELESS = [("split", 0), ("split", 1)]
"""Parts whose names say nothing on their own."""


@pytest.mark.packers
@pytest.mark.parametrize(("packer", "missing"), [pair for pair in product(PACKERS, range(3)) if pair not in NAMELESS])
def test_what_a_part_without_the_others_is(tree, packer, missing):
    parts, _ = PACKERS[packer](tree)
    names = list(parts)
    del parts[names[missing]]
    _, found, _ = walked(packed(parts))
    gaps = [gap for gap in found.gaps if gap.reason == "missing"]
    assert gaps
    assert all(gap.remedy.startswith("join the parts") for gap in gaps)
    told = " ".join(gap.detail for gap in gaps)
    if packer == "zip":
        expected = ("part 2 of x.zip", "2 of 3 parts of x.zip", "parts 1 to 2 of x.zip")[missing]
    elif packer == "split":
        expected = "may go on"
    else:
        stem = "x.7z" if packer == "7z" else "x.zip"
        expected = (f"part 2 of {stem}", f"part 3 of {stem}", f"parts 1 to 2 of {stem}")[missing]
    assert expected in told


@pytest.mark.packers
def test_the_last_part_of_a_split_zip_alone_is_named(tree):
    parts, _ = by_zip(tree)
    _, found, _ = walked(packed({"x.zip": parts["x.zip"]}))
    assert any("the last of 3 parts of x.zip" in gap.detail for gap in found.gaps)


@pytest.mark.packers
def test_a_split_zip_that_was_put_together_by_hand_is_read(tree):
    parts, _ = by_zip(tree)
    whole = b"".join(parts.values())
    assert files(Zip(), whole) == TREE
    span, contents, members = unpack(Zip(), whole)
    assert (len(span), contents.damage, contents.notes) == (len(whole), "", ())
    assert all(not member.notes for member in members)


@pytest.mark.packers
def test_a_file_number_that_lies_does_not_hide_what_an_installer_reads(tmp_path):
    (tmp_path / "a").write_bytes(b"https://a.example.cn/")
    run(tool("zip"), "-q", "x.zip", "a", cwd=tmp_path)
    blob = bytearray((tmp_path / "x.zip").read_bytes())
    end, central = blob.rfind(b"PK\5\6"), blob.rfind(b"PK\1\2")
    for disk, directory, entry in ((1, 1, 0), (1, 0, 0), (3, 1, 2), (0, 0, 5), (2, 2, 2)):
        blob[end + 4 : end + 8] = bytes([disk, 0, directory, 0])
        blob[central + 34 : central + 36] = bytes([entry, 0])
        assert files(Zip(), bytes(blob)) == {"a": b"https://a.example.cn/"}


# --------------------------------------------------------------------------- rar


def volume4(*blocks: bytes, first: bool, more: bool) -> bytes:
    flags = 0x0001 | 0x0010 | (0x0100 if first else 0)
    return b"Rar!\x1a\x07\x00" + block4(0x73, flags, bytes(6)) + b"".join(blocks) + block4(0x7B, 0x4000 | more, b"")


def volume5(*blocks: bytes, number: int, more: bool) -> bytes:
    main = [1, 0, 1] if number == 0 else [1, 0, 3, number]
    return b"Rar!\x1a\x07\x01\x00" + block5(main) + b"".join(blocks) + block5([5, 0, int(more)])


def piece5(name: bytes, data: bytes, size: int, flags: int) -> bytes:
    tail = vint(0) + vint(1) + vint(len(name)) + name
    return block5([2, 2 | flags, len(data), 0, size, 0o100644], tail, data)


TEXT = bytes(range(256)) * 100
VOLUMES = {
    "4": [
        volume4(file4(b"a", b"first"), file4(b"big", TEXT[:9000], flags=2), first=True, more=True),
        volume4(file4(b"big", TEXT[9000:18000], flags=3), first=False, more=True),
        volume4(file4(b"big", TEXT[18000:], flags=1), file4(b"z", b"last"), first=False, more=False),
    ],
    "5": [
        volume5(piece5(b"a", b"first", 5, 0), piece5(b"big", TEXT[:9000], len(TEXT), 16), number=0, more=True),
        volume5(piece5(b"big", TEXT[9000:18000], len(TEXT), 24), number=1, more=True),
        volume5(piece5(b"big", TEXT[18000:], len(TEXT), 8), piece5(b"z", b"last", 4, 0), number=2, more=False),
    ],
}
NAMES = {"new": ["x.part1.rar", "x.part2.rar", "x.part3.rar"], "old": ["x.rar", "x.r00", "x.r01"]}


@pytest.mark.parametrize("version", VOLUMES)
@pytest.mark.parametrize("naming", NAMES)
def test_volumes_of_rar_are_one_archive(version, naming):
    blob = packed(dict(zip(NAMES[naming], VOLUMES[version], strict=True)))
    score, found, seen = walked(blob)
    place = "x.part{1..3}.rar" if naming == "new" else "x.{rar,r00..r01}"
    assert seen == {
        f"fw.tar!tar!{place}!rar!{name}": data for name, data in {"a": b"first", "big": TEXT, "z": b"last"}.items()
    }
    assert (score, found.gaps) == (1.0, [])


@pytest.mark.parametrize("version", VOLUMES)
@pytest.mark.parametrize(
    ("kept", "words"), [((0, 1), "parts 1 to 2 of x.rar"), ((1,), "part 2 of x.rar"), ((2,), "part 3 of x.rar")]
)
def test_volumes_of_rar_that_lack_others_say_so(version, kept, words):
    _, found, seen = walked(packed({NAMES["new"][index]: VOLUMES[version][index] for index in kept}))
    assert any(gap.reason == "malformed" and "several volumes" in gap.detail for gap in found.gaps)
    assert any(gap.reason == "missing" and words in gap.detail for gap in found.gaps)
    big = next(data for path, data in seen.items() if path.endswith("!big"))
    assert big == TEXT[9000 * kept[0] : 9000 * (kept[-1] + 1) if kept[-1] < 2 else None]


@pytest.mark.parametrize("version", VOLUMES)
@pytest.mark.packers
def test_another_reader_finds_the_first_volume_sound(tmp_path, version):
    (tmp_path / "x.part1.rar").write_bytes(VOLUMES[version][0])
    assert run(tool("bsdtar"), "-xOf", str(tmp_path / "x.part1.rar"), "a") == b"first"


RARFILE = {
    "new": [f"rar3-vols.part{number}.rar" for number in (1, 2, 3)],
    "old": ["rar3-old.rar", "rar3-old.r00", "rar3-old.r01"],
}


@pytest.mark.realworld
@pytest.mark.parametrize("naming", RARFILE)
def test_volumes_that_rar_itself_wrote(naming):
    blobs = [pypi_file("rarfile==4.2", f"test/files/{name}", source=True) for name in RARFILE[naming]]
    assert [found.names for found in sets_of(RARFILE[naming], len)] == [tuple(RARFILE[naming])]
    reader = end_to_end(blobs)
    assert Rar().measure(reader, 0).end == reader.size
    contents = Rar().unpack(reader)
    members = list(contents.members)
    assert contents.damage == ""
    assert len({member.path for member in members}) == len(members)
    assert any(len(member.extents) > 1 for member in members)
    assert all(len(content(member)) == member.size for member in members if member.open)
    alone = Rar().unpack(BufferReader(blobs[1]))
    assert "in the others" in alone.damage or "in those" in alone.damage


# --------------------------------------------------------------------------- what is no set, and limits


@pytest.mark.parametrize(
    ("names", "sizes"),
    [
        (["fw.bin.001", "fw.bin.002"], [4096, 5000]),
        (["fw.bin.001", "fw.bin.002"], [4097, 100]),
        (["messages.aa", "messages.ab"], [3011, 2500]),
        (["libz.so.0", "libz.so.1"], [4096, 4096]),
        (["x.7z.001", "x.7z.003"], [4096, 4096]),
        (["a.r00", "a.r01"], [4096, 4096]),
        (["report.part1", "report.part2"], [1 << 20, 1 << 21]),
    ],
)
def test_names_alone_do_not_make_a_set(names, sizes):
    assert list(sets_of(names, dict(zip(names, sizes, strict=True)).__getitem__)) == []


def test_complete_archives_in_a_row_are_not_joined(tmp_path):
    shutil.make_archive(str(tmp_path / "one"), "gztar", tmp_path)
    blob = (tmp_path / "one.tar.gz").read_bytes()
    _, found, _ = walked(packed({"log.gz.001": blob, "log.gz.002": blob}))
    assert any(node.path.startswith("fw.tar!tar!log.gz.002") for node in found.tree)


def test_parts_count_against_the_limit_once():
    parts = {f"x.7z.{number:03}": os.urandom(1 << 16) for number in range(1, 5)}
    blob = packed(parts)
    _, found, _ = walked(blob, limits=Limits(unpacked=1 << 17))
    assert found.limits_hit
    assert any(gap.reason == "limit" and "parts of more than" in gap.detail for gap in found.gaps)
    assert not walked(blob, limits=Limits(unpacked=5 << 16))[1].limits_hit


def test_a_member_that_was_read_from_parts_claims_the_bytes_of_all_of_them():
    parts = {f"x.tar.{number:03}": piece for number, piece in enumerate(cut(packed({"t": TEXT}), 10240), start=1)}
    blob = packed(parts)
    leaves = Leaves()
    walker = Walker(Carver(CATALOGUE), Budget(Limits(), len(blob)), leaves)
    _, spans, _ = walker.walk(Node("fw.tar", BufferReader(blob), "fw.tar"))
    held = sum(len(span) for span in spans if span.kind is SpanKind.MEMBER)
    assert held == sum(map(len, parts.values()))
    assert walker.found.files == 2


def cut(blob: bytes, size: int) -> list[bytes]:
    return [blob[at : at + size] for at in range(0, len(blob), size)]


NAME = st.lists(
    st.sampled_from(
        [".", "7z", "rar", "zip", "part", "{", "}", "..", "aa", "x", "r00", "z01", "0", "1", "001", "/", "\n"]
    ),
    max_size=8,
).map("".join)


@given(st.lists(NAME | st.text(max_size=12), max_size=12), st.integers(-1, 3))
def test_any_names_give_disjoint_sets_of_names_that_are_there(names, kilobytes):
    sets = list(sets_of(names, lambda name: kilobytes * 1024))
    members = [name for found in sets for name in found.names]
    assert len(members) == len(set(members))
    assert set(members) <= set(names)
    assert all(len(found.names) > 1 for found in sets)
    for name in [*names, *(found.shown for found in sets)]:
        assert (part := lone_part(name)) is None or 1 <= part[1] <= part[2]


@given(st.data())
def test_any_bytes_in_any_parts_are_read_or_refused(data):
    blobs = [*VOLUMES["4"], *VOLUMES["5"]]
    parts = data.draw(st.lists(st.sampled_from(blobs) | st.binary(max_size=64), min_size=1, max_size=5))
    raw = bytearray(b"".join(parts))
    for at in data.draw(st.lists(st.integers(0, max(len(raw) - 1, 0)), max_size=4)):
        if raw:
            raw[at] ^= 0x55
    for extractor in (Rar(), Zip(), SevenZip()):
        keeps_its_promise(extractor, bytes(raw))


@pytest.mark.packers
def test_every_beginning_of_a_split_zip_is_read_or_refused(tree):
    parts, _ = by_zip(tree)
    whole = b"".join(parts.values())
    for end in [*range(0, len(whole), 9973), *range(len(whole) - 300, len(whole))]:
        keeps_its_promise(Zip(), whole[:end])
    for blob in parts.values():
        keeps_its_promise(Zip(), blob)
        lack_of("x.zip", BufferReader(blob))
