"""QNX4 file systems: a real image where the corpus has it, volumes laid out as documented, and damage."""

import gzip
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.extract.filesystem.qnx import Qnx4
from inspector.formats.filesystem.qnx4 import measure_qnx4, read_qnx4
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.packages import pypi_file
from tests.formats.promise import content, every_flip, every_prefix, keeps_its_promise, unpack
from tests.formats.trees import survives

BLOCK = 512
CONF = b"server=https://planted.example.cn/v1\n" * 30
BIG = bytes(range(256)) * 300
LONG = "a name that is longer than the forty-eight bytes that an entry with a link has.txt"


class Volume:
    """A writer of QNX4 as documented; blocks are counted from one, and the first two are taken."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = [bytes(BLOCK), bytes(BLOCK)]

    def put(self, raw: bytes, count: int = 0) -> tuple[int, int]:
        """Store bytes; return the extent they take."""
        count = count or -(-len(raw) // BLOCK)
        first = len(self.blocks) + 1
        raw = raw.ljust(count * BLOCK, b"\0")
        self.blocks += [raw[at : at + BLOCK] for at in range(0, len(raw), BLOCK)]
        return first, count

    def inode(self, name: bytes, mode: int, raw: bytes, each: int = 0) -> bytes:
        """Store a file, in one extent or in many of `each` blocks, and return its inode."""
        step = each * BLOCK or max(len(raw), 1)
        extents = []
        for at in range(0, len(raw), step):
            extents.append(self.put(raw[at : at + step]))
            if each:
                self.put(b"something between", 1)
        more, rest = 0, extents[1:]
        chunks = [rest[at : at + 60] for at in range(0, len(rest), 60)]
        for chunk in reversed(chunks):
            table = b"".join(struct.pack("<II", *extent) for extent in chunk).ljust(480, b"\0")
            block = struct.pack("<IIB3xI", more, 0, len(chunk), 0) + table + b"IamXblk\0" + bytes(8)
            more = self.put(block)[0]
        first = extents[0] if extents else (0, 0)
        head = name.ljust(16, b"\0") + struct.pack("<IIII", len(raw), *first, more) + bytes(16)
        return head + struct.pack("<HHHHH4xBB", len(extents), mode, 0, 0, 1, 0, 1)

    def image(self, root: bytes) -> bytes:
        place, count = self.put(root)
        head = b"/".ljust(16, b"\0") + struct.pack("<IIII", len(root), place, count, 0) + bytes(16)
        self.blocks[1] = (head + struct.pack("<HHHHH4xBB", 1, 0o040755, 0, 0, 1, 0, 0x21)).ljust(BLOCK, b"\0")
        return b"".join(self.blocks)


def link(name: bytes, block: int, index: int, longer: int = 0) -> bytes:
    return name[:48].ljust(48, b"\0") + struct.pack("<IBI", block, index, longer) + bytes(6) + b"\x08"


def volume() -> bytes:
    """Return a volume with a tree of every kind of entry."""
    made = Volume()
    bits = made.inode(b".bitmap", 0o100444, bytes(64))
    conf = made.inode(b"cloud.conf", 0o100644, CONF)
    folder = made.inode(b"etc", 0o040755, conf)
    big = made.inode(b"big.bin", 0o100755, BIG, each=2)
    target = made.inode(b"", 0o120777, b"etc/cloud.conf")
    long = made.inode(b"", 0o100600, b"long\n")
    null = made.inode(b"null", 0o020666, b"")
    apart = made.put(target + long)[0]
    name = made.put(struct.pack("<IBB", 0, 0, 0) + LONG.encode())[0]
    links = link(b"a link with a name of more than 16", apart, 0) + link(b"short form", apart, 1, name)
    gone = bytearray(big)
    gone[63] = 0
    return made.image(bits + folder + big + links + null + bytes(gone) + bytes(64) + link(b"again", apart, 1))


VOLUME = volume()


def test_tree():
    span, contents, members = unpack(Qnx4(), b"before" + VOLUME, 6)
    assert len(span) == min(len(VOLUME), 64 * 8 * BLOCK)
    assert {m.path: content(m) for m in members if m.open} == {
        ".bitmap": bytes(64),
        "etc/cloud.conf": CONF,
        "big.bin": BIG,
        LONG: b"long\n",
    }
    by_path = {m.path: m for m in members}
    assert [m for m in members if m.problem] == []
    assert by_path["a link with a name of more than 16"].target == "etc/cloud.conf"
    assert by_path["null"].kind is MemberKind.DEVICE
    assert by_path["again"].kind is MemberKind.HARDLINK
    assert by_path["big.bin"].mode == 0o755
    assert len(by_path["big.bin"].extents) > 60
    assert any(len(part) == BLOCK for part in contents.structure())
    with pytest.raises(LimitReached):
        by_path["big.bin"].open(1000)


def test_extents_in_a_circle_end():
    made = Volume()
    bits = made.inode(b".bitmap", 0o100444, bytes(64))
    block = len(made.blocks) + 1
    table = struct.pack("<II", block, 0) * 60
    made.put(struct.pack("<IIB3xI", block, 0, 60, 0) + table + b"IamXblk\0" + bytes(8))
    head = b"circle".ljust(16, b"\0") + struct.pack("<IIII", 1 << 30, block, 0, block) + bytes(16)
    circle = head + struct.pack("<HHHHH4xBB", 65535, 0o100644, 0, 0, 1, 0, 1)
    members = list(read_qnx4(BufferReader(made.image(bits + circle))).members)
    assert {m.path for m in members} == {".bitmap", "circle"}


def test_block_that_holds_no_extents():
    image = VOLUME.replace(b"IamXblk\0", b"IamXxxx\0")
    members = {m.path: m for m in read_qnx4(BufferReader(image)).members}
    assert isinstance(members["big.bin"].problem, Malformed)
    assert members["etc/cloud.conf"].open is not None


@pytest.mark.parametrize("image", [VOLUME.replace(b".bitmap", b".bitmax"), bytes(2048), VOLUME[:900]])
def test_what_is_no_volume(image):
    with pytest.raises((NotThisFormat, Malformed)):
        measure_qnx4(BufferReader(image))


def test_hostile():
    every_prefix(Qnx4(), VOLUME, 60)
    every_flip(Qnx4(), VOLUME, 300)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage(data):
    image = bytearray(VOLUME)
    for _ in range(data.draw(st.integers(1, 6))):
        image[data.draw(st.integers(528, len(image) - 1))] = data.draw(st.integers(0, 255))
    survives(read_qnx4, bytes(image))


@given(st.binary(max_size=700))
def test_any_bytes(raw):
    keeps_its_promise(Qnx4(), bytes(BLOCK) + b"/".ljust(16, b"\0") + raw)
    root = struct.pack("<IIII", len(raw), 3, 2, 0) + bytes(16) + struct.pack("<HHHHH4xBB", 1, 0o040755, 0, 0, 1, 0, 1)
    keeps_its_promise(Qnx4(), bytes(BLOCK) + (b"/".ljust(16, b"\0") + root).ljust(BLOCK, b"\0") + raw)


@pytest.mark.realworld
def test_image_of_qnx():
    packed = pypi_file("dissect-qnxfs==1.2", "tests/_data/qnx4.bin.gz", source=True)
    span, _, members = unpack(Qnx4(), gzip.decompress(packed))
    assert span.end == 512 << 10
    found = {m.path: content(m) for m in members if m.open and not m.path.startswith(".")}
    assert found == {
        "file.txt": b"wow much qnx\n",
        "directory/another.txt": b"very realtime\n",
        "very_long_file_name_that_will_never_fit_in_a_regular_directory_entry.txt": b"very long file indeed\n",
        "another_very_long_file_name_to_find_out_how_the_long_entries_work.txt": b"how long?\n",
    }
    assert {m.target for m in members if m.kind is MemberKind.SYMLINK} == {"directory", "directory/another.txt"}
