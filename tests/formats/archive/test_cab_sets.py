"""Cabinets in several files: built here by the rules of [MS-CAB], for no packer of such sets is at hand; cabextract
reads the same out of them."""

import struct
import zlib
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest

from inspector.errors import FormatError, Malformed
from inspector.extract.archive.cab import Cab
from inspector.formats.parts import HEAD, are_parts, sets_of
from inspector.formats.reader import BufferReader, MappedReader, Piece
from inspector.sets import parts_of, read_parts
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, keeps_its_promise, run, unpack

STORED, MSZIP = 0, 1
BLOCK = 32768
FROM_BEFORE, TO_NEXT, BOTH = 0xFFFD, 0xFFFE, 0xFFFF
TREE = {
    "first.txt": b"server=https://planted.example.cn/v1\n" * 3000,
    "dir\\noise.bin": Random(1).randbytes(150_000),
    "empty": b"",
    "last.txt": b"the end\n" * 9000,
}
OTHERS = {"other folder.txt": b"of another folder\n" * 700}


def packed(data: bytes, method: int) -> list[tuple[bytes, int]]:
    """Give the blocks of a folder and how many bytes each decodes to."""
    blocks = []
    for at in range(0, len(data), BLOCK):
        piece = data[at : at + BLOCK]
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=data[max(at - BLOCK, 0) : at])
        raw = piece if method == STORED else b"CK" + packer.compress(piece) + packer.flush()
        blocks.append((raw, len(piece)))
    return blocks


def cabinet(number: int, last: bool, folders: list, files: list, method: int, name: str) -> bytes:
    """Give one cabinet; folders are lists of blocks, files are (name, start, size, folder)."""
    flags = (1 if number else 0) | (0 if last else 2)
    names = b"".join(
        name.format(number + 1 + step).encode() + b"\0disk\0" for step, flag in ((-1, 1), (1, 2)) if flags & flag
    )
    entries = b"".join(
        struct.pack("<IIHHHH", size, start, folder, 0x21, 0, 0x20) + path.encode() + b"\0"
        for path, start, size, folder in files
    )
    files_at = 36 + len(names) + 8 * len(folders)
    data = [b"".join(struct.pack("<IHH", 0, len(raw), size) + raw for raw, size in blocks) for blocks in folders]
    starts = [*accumulate(map(len, data), initial=files_at + len(entries))]
    table = b"".join(
        struct.pack("<IHH", start, len(blocks), method) for start, blocks in zip(starts, folders, strict=False)
    )
    header = (0, starts[-1], 0, files_at, 0, 3, 1, len(folders), len(files), flags, 77, number)
    return b"MSCF" + struct.pack("<5I2B5H", *header) + names + table + entries + b"".join(data)


def cabinets(method: int, room: int, name: str = "disk{}.cab", tree: dict = TREE, others: dict = OTHERS) -> list[bytes]:
    """Give a set of two folders; each cabinet has place for so many bytes of the first."""
    starts = [*accumulate(map(len, tree.values()), initial=0)]
    blocks, parts, begins = packed(b"".join(tree.values()), method), [[]], [0]
    left = room
    for number, (raw, size) in enumerate(blocks):
        while len(raw) > left:
            if left:
                parts[-1].append((raw[:left], 0))
            raw = raw[left:]
            parts.append([])
            begins.append(number)
            left = room
        parts[-1].append((raw, size))
        left -= len(raw)
    found = []
    for number, part in enumerate(parts):
        first, last = begins[number], begins[number] + len(part) - 1
        files = []
        for (path, data), start in zip(tree.items(), starts, strict=False):
            from_block, to_block = start // BLOCK, max(start, start + len(data) - 1) // BLOCK
            if to_block < first or from_block > last:
                continue
            before = number > 0 and (from_block < first or (from_block == first and parts[number - 1][-1][1] == 0))
            goes_on = to_block > last or (to_block == last and part[-1][1] == 0)
            folder = BOTH if before and goes_on else FROM_BEFORE if before else TO_NEXT if goes_on else 0
            files.append((path, start, len(data), folder))
        folders = [part]
        if number == len(parts) - 1:
            folders.append(packed(b"".join(others.values()), method))
            own = accumulate(map(len, others.values()), initial=0)
            files += [(path, start, len(data), 1) for (path, data), start in zip(others.items(), own, strict=False)]
        found.append(cabinet(number, number == len(parts) - 1, folders, files, method, name))
    return found


def joined(cabs: list[bytes]) -> MappedReader:
    return MappedReader([Piece(len(cab), BufferReader(cab)) for cab in cabs])


def contents(data) -> dict[str, bytes]:
    found = Cab().unpack(data)
    assert found.damage == ""
    members = list(found.members)
    assert all(0 <= span.start < span.end <= data.size for member in members for span in member.extents)
    read = {member.path: member.open(1 << 20) for member in members}
    assert [reader.damage for reader in read.values()] == [None] * len(members)
    return {path: bytes(reader.all()) for path, reader in read.items()}


WANTED = {path.replace("\\", "/"): data for path, data in (TREE | OTHERS).items()}


@pytest.mark.parametrize("method", [STORED, MSZIP])
@pytest.mark.parametrize("room", [20_000, 50_000, 65536, 120_000])
def test_a_set_is_read_as_one(method, room):
    cabs = cabinets(method, room)
    assert len(cabs) > 1
    assert contents(joined(cabs)) == WANTED
    assert contents(joined([cab + b"\0" * 100 for cab in cabs])) == WANTED, "with something behind each"
    assert contents(BufferReader(b"".join(cabs))) == WANTED
    assert len(Cab().measure(BufferReader(b"".join(cabs) + b"behind"), 0)) == sum(map(len, cabs))


@pytest.mark.packers
@pytest.mark.parametrize(("method", "room"), [(STORED, 120_000), (MSZIP, 40_000), (MSZIP, 100_000)])
def test_cabextract_reads_the_same(tmp_path, method, room):
    # It expects no file but the first one to begin in a folder that comes from the cabinet before.
    tree, others = dict(TREE), dict(OTHERS)
    others["last.txt"] = tree.pop("last.txt")
    cabs = cabinets(method, room, tree=tree, others=others)
    assert len(cabs) > 1
    assert contents(joined(cabs)) == WANTED
    for number, blob in enumerate(cabs, 1):
        (tmp_path / f"disk{number}.cab").write_bytes(blob)
    run(tool("cabextract"), "-q", "-d", str(tmp_path / "out"), str(tmp_path / "disk1.cab"))
    there = {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in Path(tmp_path / "out").rglob("*.*")}
    assert there == {path: data for path, data in WANTED.items() if "." in path}


@pytest.mark.parametrize("name", ["disk{}.cab", "{}.cab", "setup-0{}.cab", "W2K{}.CAB"])
def test_files_of_a_set_belong_together_by_name_and_header(tmp_path, name):
    cabs = cabinets(MSZIP, 90_000, name)
    paths = [tmp_path / name.format(number) for number in range(1, len(cabs) + 1)]
    for path, blob in zip(paths, cabs, strict=True):
        path.write_bytes(blob)
    assert parts_of(paths[1]) == parts_of(paths[0]) == tuple(paths)
    assert contents(read_parts(paths)[0]) == WANTED
    paths[1].write_bytes(cabs[0])
    assert parts_of(paths[0]) == (paths[0],), "cabinets that only their names put in a row"


def test_twelve_in_any_order():
    names = [f"a{number}.cab" for number in (11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]
    (found,) = sets_of(names, lambda _: 1)
    assert found.names == tuple(f"a{number}.cab" for number in range(1, 13))
    assert found.shown == "a{1..12}.cab"


def test_heads_of_cabinets():
    one, two, three = (cab[:HEAD] for cab in cabinets(STORED, 100_000)[:3])
    assert are_parts([one, two])
    assert are_parts([two, three])
    assert not are_parts([one, three])
    assert not are_parts([one, one])


def test_one_alone_gives_what_it_has():
    cabs = cabinets(STORED, 50_000)
    contents = Cab().unpack(BufferReader(cabs[0]))
    assert contents.damage == "one of several cabinets: what lies in those behind is missing"
    (member,) = contents.members
    reader = member.open(1 << 20)
    assert "another cabinet" in str(reader.damage)
    assert bytes(reader.all()) == TREE["first.txt"][:BLOCK]
    contents = Cab().unpack(BufferReader(cabs[1]))
    assert "in the others" in contents.damage
    assert all(isinstance(m.problem, Malformed) and m.extents for m in contents.members)
    last = {m.path: m for m in Cab().unpack(BufferReader(cabs[-1])).members}
    assert bytes(last["other folder.txt"].open(1 << 20).all()) == OTHERS["other folder.txt"]
    assert "began in another cabinet" in str(last["last.txt"].problem)


def test_without_one_in_the_middle():
    cabs = cabinets(MSZIP, 60_000)
    for member in Cab().unpack(joined([cabs[0], *cabs[2:]])).members:
        if member.open:
            try:
                reader = member.open(1 << 20)
            except FormatError:
                continue
            assert TREE[member.path.replace("/", "\\")].startswith(bytes(reader.all()))


def test_damage_of_a_set():
    whole = b"".join(cabinets(MSZIP, 60_000))
    every_prefix(Cab(), whole, 60)
    every_flip(Cab(), whole, 60)
    every_flip(Cab(), whole[:300], 300)
    starts = [at for at in range(len(whole)) if whole.startswith(b"MSCF", at)]
    for start in starts:
        for at in range(start, start + 120):
            keeps_its_promise(Cab(), whole[:at] + b"\xff" + whole[at + 1 :])
    assert unpack(Cab(), whole)[0].end == len(whole)
