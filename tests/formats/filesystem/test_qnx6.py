"""QNX6 file systems: real images where the corpus has them, volumes laid out as documented, and damage."""

import gzip
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.extract.filesystem.qnx import Qnx6
from inspector.formats.crc import crc32_forward
from inspector.formats.filesystem.qnx6 import measure_qnx6, read_qnx6
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.packages import pypi_file
from tests.formats.promise import content, every_flip, every_prefix, keeps_its_promise, unpack
from tests.formats.trees import survives

BLOCK = 512
HOLE = 0xFFFFFFFF
LONG = "a name that is longer than the twenty-seven bytes of an entry.txt"
BIG = bytes(range(256)) * 600
"""More than sixteen blocks: its pointers stand in blocks of their own."""


class Volume:
    """A writer of QNX6 as documented: blocks in the order in which they are asked for."""

    def __init__(self, order: str = "<", block: int = BLOCK, *, boot: bool = True, mmi: bool = False) -> None:
        self.order, self.block, self.boot, self.mmi = order, block, boot and not mmi, mmi
        self.blocks: list[bytes] = []
        self.inodes: list[bytes] = []
        self.names: list[bytes] = []

    def put(self, raw: bytes) -> int:
        self.blocks.append(raw.ljust(self.block, b"\0"))
        return len(self.blocks) - 1

    def node(self, raw: bytes, holes: tuple[int, ...] = ()) -> tuple[tuple[int, ...], int]:
        """Store a file; return its sixteen pointers and the levels between them and the data."""
        count = -(-len(raw) // self.block)
        pointers = [
            HOLE if number in holes else self.put(raw[number * self.block : (number + 1) * self.block])
            for number in range(count)
        ]
        levels, width = 0, self.block // 4
        while len(pointers) > 16:
            tables = [pointers[at : at + width] for at in range(0, len(pointers), width)]
            pointers = [
                self.put(struct.pack(f"{self.order}{width}I", *table, *[HOLE] * (width - len(table))))
                for table in tables
            ]
            levels += 1
        return tuple(pointers + [HOLE] * (16 - len(pointers))), levels

    def add(self, mode: int, raw: bytes, holes: tuple[int, ...] = ()) -> int:
        """Store a file and its inode; return the number of the inode."""
        pointers, levels = self.node(raw, holes)
        inode = struct.pack(self.order + "Q6IHH16IBB", len(raw), *[0] * 6, mode, 0, *pointers, levels, 3)
        self.inodes.append(inode.ljust(128, b"\0"))
        return len(self.inodes)

    def entry(self, number: int, name: str) -> bytes:
        raw = name.encode()
        if len(raw) <= 27:
            return struct.pack(self.order + "IB", number, len(raw)) + raw.ljust(27, b"\0")
        self.names.append(struct.pack(self.order + "H", len(raw)) + raw)
        head = struct.pack(self.order + "IB3xII", number, 0xFF, len(self.names) - 1, 0)
        return head.ljust(32, b"\0")

    def image(self, serial: int = 7) -> bytes:
        table = b"".join(self.inodes)
        nodes = [(table, *self.node(table)), (b"", (HOLE,) * 16, 0)]
        names = b"".join(name.ljust(self.block, b"\0") for name in self.names)
        nodes += [(names, *self.node(names)), (b"", (HOLE,) * 16, 0)]
        roots = b"".join(struct.pack(self.order + "Q16IBB6x", len(raw), *p, lv, 1) for raw, p, lv in nodes)
        base = 0x2000 if self.boot else 0
        start = -(-(base + 0x1000) // self.block) * self.block

        def superblock(number: int) -> bytes:
            body = struct.pack(self.order + "Q", number)
            counts = (self.block, len(self.inodes), 0, len(self.blocks), 0, 1)
            body += bytes(24 if self.mmi else 32) + struct.pack(self.order + "6I", *counts) + roots
            body = body.ljust(504, b"\0")
            return struct.pack(self.order + "II", 0x68191122, crc32_forward(body)) + body

        front = ((b"\xeb\x10\x90\0".ljust(base, b"\0") if base else b"") + superblock(serial - 1)).ljust(start, b"\0")
        return front + b"".join(self.blocks) + superblock(serial).ljust(0x1000, b"\0")


def volume(order: str = "<", block: int = BLOCK, **options: bool) -> bytes:
    """Return a volume with a tree of every kind of entry."""
    made = Volume(order, block, **options)
    made.inodes.append(b"")  # the root, whose entries are known last
    conf = made.add(0o100644, b"server=https://planted.example.cn/v1\n" * 30)
    big = made.add(0o100755, BIG)
    sparse = made.add(0o100644, b"a" * block + bytes(block) + b"c" * 9, holes=(1,))
    link = made.add(0o120777, b"etc/cloud.conf")
    null = made.add(0o020666, b"")
    long = made.add(0o100600, b"long\n")
    folder = made.add(0o040755, made.entry(7, ".") + made.entry(1, "..") + made.entry(conf, "cloud.conf"))
    names = [("etc", folder), ("big.bin", big), ("sparse", sparse), ("link", link), ("null", null), (LONG, long)]
    listing = made.entry(1, ".") + made.entry(1, "..") + b"".join(made.entry(n, name) for name, n in names)
    listing += made.entry(conf, "again") + made.entry(0, "gone")
    made.add(0o040755, listing)
    made.inodes[0] = made.inodes.pop()
    return made.image()


LAYOUTS = {
    "little": {}, "big": {"order": ">"}, "blocks of 4096": {"block": 4096}, "blocks of 16384": {"block": 16384},
    "no boot block": {"boot": False}, "MMI": {"mmi": True}, "MMI big": {"mmi": True, "order": ">"},
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_tree(name):
    image = volume(**LAYOUTS[name])
    span, contents, members = unpack(Qnx6(), b"before" + image + b"behind", 6)
    assert len(span) == len(image)
    block = LAYOUTS[name].get("block", BLOCK)
    assert {m.path: content(m) for m in members if m.open} == {
        "again": b"server=https://planted.example.cn/v1\n" * 30,
        "big.bin": BIG,
        "sparse": b"a" * block + bytes(block) + b"c" * 9,
        LONG: b"long\n",
    }
    by_path = {m.path: m for m in members}
    assert [m for m in members if m.problem] == []
    assert (by_path["link"].kind, by_path["link"].target) == (MemberKind.SYMLINK, "etc/cloud.conf")
    assert by_path["null"].kind is MemberKind.DEVICE
    assert {by_path["etc/cloud.conf"].kind, by_path["etc"].kind} == {MemberKind.HARDLINK, MemberKind.DIRECTORY}
    assert by_path["big.bin"].mode == 0o755
    assert contents.properties["block size"] == str(block)
    with pytest.raises(LimitReached):
        by_path["big.bin"].open(1000)


def test_later_superblock_counts():
    image = bytearray(volume())
    place = len(image) - 0x1000
    body = bytearray(image[place + 8 : place + 512])
    body[:8] = (1).to_bytes(8, "little")  # the second is older now; its table of inodes is gone
    body[64:72] = bytes(8)
    image[place + 8 : place + 512] = body
    image[place + 4 : place + 8] = crc32_forward(bytes(body)).to_bytes(4, "little")
    assert any(m.path == "big.bin" for m in read_qnx6(BufferReader(bytes(image))).members)
    body[:8] = (99).to_bytes(8, "little")
    image[place + 8 : place + 512] = body
    image[place + 4 : place + 8] = crc32_forward(bytes(body)).to_bytes(4, "little")
    with pytest.raises(Malformed):
        read_qnx6(BufferReader(bytes(image)))


def test_wrong_checksum_is_no_volume():
    image = bytearray(volume())
    image[0x2000 + 60] ^= 1
    with pytest.raises(NotThisFormat):
        measure_qnx6(BufferReader(bytes(image)))


def test_cut_off_volume():
    image = volume()
    contents = read_qnx6(BufferReader(image[:-0x800]))
    assert "cut off" in contents.damage


def test_folder_that_holds_itself():
    made = Volume()
    made.inodes.append(b"")
    inner = made.add(0o040755, made.entry(2, "again") + made.entry(1, "root"))
    assert inner == 2
    made.add(0o040755, made.entry(2, "folder"))
    made.inodes[0] = made.inodes.pop()
    members = list(read_qnx6(BufferReader(made.image())).members)
    assert sum(isinstance(m.problem, Malformed) for m in members) == 2


@pytest.mark.parametrize("name", ["little", "big", "MMI"])
def test_hostile(name):
    image = volume(**LAYOUTS[name])
    every_prefix(Qnx6(), image, 60)
    every_flip(Qnx6(), image, 150)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage(data):
    image = bytearray(VOLUME)
    for _ in range(data.draw(st.integers(1, 6))):
        image[data.draw(st.integers(0x3000, len(image) - 0x1001))] = data.draw(st.integers(0, 255))
    survives(read_qnx6, bytes(image))


@given(st.binary(max_size=600))
def test_any_bytes(raw):
    for magic in (b"\x22\x11\x19\x68", b"\x68\x19\x11\x22"):
        keeps_its_promise(Qnx6(), magic + raw)
    body = raw[:504].ljust(504, b"\0")
    keeps_its_promise(Qnx6(), struct.pack("<II", 0x68191122, crc32_forward(body)) + body + bytes(9000))


VOLUME = volume()


@pytest.mark.realworld
@pytest.mark.parametrize("name", ["qnx6-le", "qnx6-be"])
def test_image_of_qnx(name):
    packed = pypi_file("dissect-qnxfs==1.2", f"tests/_data/{name}.bin.gz", source=True)
    span, _, members = unpack(Qnx6(), gzip.decompress(packed))
    assert span.end == 512 << 10
    assert {m.path: content(m) for m in members if m.open} == {
        "file.txt": b"wow much qnx\n",
        "directory/another.txt": b"very realtime\n",
        "very_long_file_name_that_will_never_fit_in_a_regular_directory_entry.txt": b"very long file indeed\n",
        "another_very_long_file_name_to_find_out_how_the_long_entries_work.txt": b"how long?\n",
    }
    assert {m.target for m in members if m.kind is MemberKind.SYMLINK} == {"directory", "directory/another.txt"}
