"""JFFS2 against mkfs.jffs2, a camera's partition, and damage."""

import lzma
import struct
import subprocess
import zlib
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import Malformed, NotThisFormat
from inspector.extract.filesystem.jffs2 import Jffs2
from inspector.formats.filesystem.jffs2 import read_jffs2, rtime
from inspector.formats.reader import BufferReader
from tests.formats.trees import CORPUS, assert_same_tree, build_tree, covered, find_tool, needs, read_members, survives

OPTIONS = {
    "little endian": ["-l"],
    "big endian": ["-b"],
    "rtime": ["-l", "-x", "zlib", "-x", "lzo"],
    "lzo": ["-l", "-x", "zlib", "-X", "lzo", "-y", "90:lzo"],
    "none": ["-b", "-m", "none"],
    "best of all": ["-l", "-m", "size", "-X", "lzo"],
    "small erase blocks": ["-l", "-e", "8KiB", "-n"],
    "large pages": ["-l", "-s", "65536", "-e", "256KiB"],
    "padded": ["-l", "-p", "-e", "128KiB"],
}


def pack(root: Path, image: Path, *options: str) -> bytes:
    tool = find_tool("mkfs.jffs2") or ""
    subprocess.run([tool, "-r", str(root), "-o", str(image), *options], check=True, capture_output=True)
    return image.read_bytes()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 900)
    (root / "link").symlink_to("etc/passwd")
    return pack(root, root.parent / "small.jffs2", "-l")


class TestMkfsJffs2:
    pytestmark = needs("mkfs.jffs2")

    @pytest.mark.parametrize("name", OPTIONS)
    def test_contents_equal_the_source(self, name: str, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", *OPTIONS[name])
        data = BufferReader(bytes(64) + image)
        extent = Jffs2().measure(data, 64)
        assert data.read_at(extent.end, data.size - extent.end).strip(b"\xff") == b""
        contents = read_jffs2(data.slice(extent.start, extent.end))
        members = assert_same_tree(contents, tree, data)
        erased = image.count(b"\xff" * 64) * 64 + 64 * len(members)
        assert covered(contents, members) >= len(extent) - erased

    def test_a_later_node_wins(self, small: bytes) -> None:
        image = padded(small) + inode_node(number_of(small, b"passwd"), 1000, b"daemon", offset=0, size=9900)
        content = read_members(read_jffs2(BufferReader(image)))[1]["etc/passwd"]
        assert content == b"daemon" + (b"root:x:0:0\n" * 900)[6:]

    def test_what_a_later_node_covers_is_a_file_of_its_own(self, small: bytes) -> None:
        number = number_of(small, b"passwd")
        image = padded(small)
        for version, text in enumerate((b"server=old.example.test\n", b"server=new.example.test\n"), 1000):
            image += inode_node(number, version, text, offset=0, size=24)
        files = read_members(read_jffs2(BufferReader(image)))[1]
        assert files.pop("etc/passwd") == b"server=new.example.test\n"
        assert files.pop(f"left-behind/#{number} passwd").startswith(b"root:x:0:0\n")
        assert not files

    def test_nodes_marked_obsolete_are_read_too(self, small: bytes) -> None:
        number = number_of(small, b"passwd")
        image = padded(small)
        for version, text in enumerate((b"a=first.example.test", b"a=second.example.test"), 1000):
            image += obsolete(inode_node(number, version, zlib.compress(text), 0, len(text), 6, len(text)))
        image += obsolete(dirent_node(1, 1000, 77, b"gone.conf"))
        image += obsolete(inode_node(77, 1, b"server=gone.example.test", offset=0, size=24))
        data = BufferReader(image)
        assert Jffs2().measure(data, 0).end == len(image)
        files = read_members(read_jffs2(data))[1]
        assert files["etc/passwd"] == b"root:x:0:0\n" * 900
        assert files[f"left-behind/#{number} passwd"] == b"a=first.example.test\n\0\na=second.example.test"
        assert files["left-behind/#77 gone.conf"] == b"server=gone.example.test"

    def test_an_obsolete_copy_of_what_is_there_says_nothing_new(self, small: bytes) -> None:
        number = number_of(small, b"passwd")
        image = padded(small) + obsolete(inode_node(number, 1, b"root:x:0:0", offset=11, size=9900))
        assert read_members(read_jffs2(BufferReader(image)))[1][f"left-behind/#{number} passwd"] == b""

    def test_an_image_may_begin_with_an_obsolete_node(self, small: bytes) -> None:
        image = obsolete(inode_node(99, 1, b"server=gone.example.test", offset=0, size=24)) + small
        assert any(image.startswith(magic.pattern) for magic in Jffs2.MAGIC)
        assert "left-behind/#99" in read_members(read_jffs2(BufferReader(image)))[1]

    def test_a_removed_name_is_gone(self, small: bytes) -> None:
        image = padded(small) + dirent_node(1, 1000, 0, b"link")
        assert {m.path for m in read_jffs2(BufferReader(image)).members} == {"etc", "etc/passwd"}

    def test_lzma_without_a_header(self, small: bytes) -> None:
        text = b"http://example.test/ " * 90
        chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 8192, "lc": 0, "lp": 0, "pb": 0}]
        stored = lzma.compress(text, lzma.FORMAT_RAW, filters=chain)
        node = inode_node(
            number_of(small, b"passwd"), 1000, stored, offset=0, size=len(text), codec=8, decoded=len(text)
        )
        assert read_members(read_jffs2(BufferReader(padded(small) + node)))[1]["etc/passwd"] == text

    @pytest.mark.parametrize("part", range(1, 7))
    def test_a_cut_image_says_so(self, part: int, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", "-l")
        data = BufferReader(image[: len(image) * part // 7 // 4 * 4 + 1])
        assert Jffs2().measure(data, 0).end == data.size
        *_, last = read_jffs2(data).members
        assert "ends inside a node" in str(last.problem)
        assert last.extents[0].end == data.size

    def test_lost_directories_do_not_lose_their_files(self, small: bytes) -> None:
        at = small.index(b"etc", small.index(b"\x85\x19\x01\xe0")) - 40
        damaged = small[: at + 12] + b"\xff" * 32 + small[at + 44 :]
        paths = {m.path for m in read_jffs2(BufferReader(damaged)).members}
        assert any(path.endswith("/passwd") for path in paths)

    @settings(max_examples=80, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(0, len(small) - 1))] = data.draw(st.integers(0, 255))
        survives(read_jffs2, bytes(damaged))

    def test_every_prefix(self, small: bytes) -> None:
        for end in range(0, len(small), 3):
            survives(read_jffs2, small[:end])


def kernel_crc(data: bytes) -> int:
    return crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def header(kind: int, length: int) -> bytes:
    head = struct.pack("<HHI", 0x1985, kind, length)
    return head + struct.pack("<I", kernel_crc(head))


def inode_node(
    number: int, version: int, stored: bytes, offset: int, size: int, codec: int = 0, decoded: int | None = None
) -> bytes:
    length = len(stored) if decoded is None else decoded
    head = header(0xE002, 68 + len(stored))
    head += struct.pack(
        "<IIIHHI12xIIIBBH", number, version, 0o100644, 0, 0, size, offset, len(stored), length, codec, 0, 0
    )
    node = head + struct.pack("<II", kernel_crc(stored), kernel_crc(head)) + stored
    return node + b"\xff" * (-len(node) % 4)


def dirent_node(parent: int, version: int, number: int, name: bytes) -> bytes:
    head = header(0xE001, 40 + len(name)) + struct.pack("<IIIIBBxx", parent, version, number, 0, len(name), 10)
    node = head + struct.pack("<II", kernel_crc(head), kernel_crc(name)) + name
    return node + b"\xff" * (-len(node) % 4)


def obsolete(node: bytes) -> bytes:
    """Clear the bit as NOR flash does: the checksums stay."""
    return node[:3] + bytes([node[3] & ~0x20]) + node[4:]


def number_of(image: bytes, name: bytes) -> int:
    at = image.index(name)
    while not image.startswith(b"\x85\x19\x01\xe0", at - 40):
        at = image.index(name, at + 1)
    return int(struct.unpack_from("<I", image, at - 20)[0])


def test_rtime_copies_what_it_is_just_writing() -> None:
    assert rtime(b"a\0a\x05", 7) == b"aaaaaaa"
    with pytest.raises(Malformed):
        rtime(b"a\0a\xff", 100)


@given(st.binary(max_size=200), st.sampled_from([b"\x85\x19\x02\xe0", b"\x19\x85\xe0\x01"]))
def test_any_bytes(tail: bytes, magic: bytes) -> None:
    survives(read_jffs2, magic + tail)


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        Jffs2().measure(BufferReader(b"\x85\x19\x02\xe0" + bytes(100)), 0)


@pytest.mark.realworld
def test_camera_partition() -> None:
    path = CORPUS / "xiaomi-dafang" / "para.bin"
    if not path.is_file():
        pytest.skip("no corpus")
    data = BufferReader(path.read_bytes())
    extent = Jffs2().measure(data, 0)
    members, content = read_members(read_jffs2(data.slice(0, extent.end)))
    assert [m for m in members if m.problem] == []
    assert content["config/.product_config"].startswith(b"[xiaomi]")
    assert content["left-behind/#3 .product_config"].count(b"[xiaomi]") == 5


def padded(image: bytes) -> bytes:
    return image + b"\xff" * (-len(image) % 4)
