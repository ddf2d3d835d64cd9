"""F2FS against mkfs.f2fs and sload.f2fs, and damage."""

import os
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import LimitReached, NotThisFormat
from inspector.extract.filesystem.f2fs import F2fs
from inspector.formats.filesystem.f2fs import read_f2fs
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import F2FS, inflated
from tests.formats.trees import assert_same_tree, build_tree, find_tool, needs, read_members, survives

FEATURES = {
    "plain": [],
    "extra attributes": ["-O", "extra_attr,inode_checksum,flexible_inline_xattr,inode_crtime"],
    "all attributes": ["-O", "extra_attr,inode_checksum,inode_crtime,encrypt,verity,quota,lost_found,compression"],
    "label": ["-l", "userdata"],
}


def pack(root: Path, image: Path, *options: str) -> bytes:
    image.write_bytes(b"")
    os.truncate(image, 64 << 20)
    subprocess.run([find_tool("mkfs.f2fs") or "", "-f", "-q", *options, str(image)], check=True, capture_output=True)
    # Its exit status tells whether the log was tidy, not whether the files are in.
    subprocess.run([find_tool("sload.f2fs") or "", "-f", str(root), str(image)], check=False, capture_output=True)
    return image.read_bytes()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Past 512 nodes sload.f2fs 1.15 loses one: its own dump.f2fs finds no block for it.
    return build_tree(tmp_path_factory.mktemp("tree"), 100, holes=False)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 900)
    (root / "link").symlink_to("etc/passwd")
    image = pack(root, root.parent / "small.f2fs")
    return image[: len(image.rstrip(b"\0"))]


class TestF2fsTools:
    pytestmark = needs("mkfs.f2fs", "sload.f2fs")

    @pytest.mark.parametrize("name", FEATURES)
    def test_contents_equal_the_source(self, name: str, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", *FEATURES[name])
        data = BufferReader(image)
        assert len(F2fs().measure(data, 0)) == len(image)
        contents = read_f2fs(data)
        assert_same_tree(contents, tree, data)
        assert contents.properties["label"] == ("userdata" if name == "label" else "")

    def test_encrypted_directories_are_named(self, tree: Path, tmp_path: Path) -> None:
        image = bytearray(pack(tree, tmp_path / "image", "-O", "encrypt"))
        wanted = {b"wide", b"zeros.bin", *(path.name.encode() for path in (tree / "wide").iterdir())}
        for at in range(0, len(image), 4096):
            # Number of the node's inode and of the node itself; mode; the name that every inode carries.
            nid, ino = struct.unpack_from("<II", image, at + 4072)
            (length,) = struct.unpack_from("<I", image, at + 88)
            if nid == ino and nid and length < 256 and bytes(image[at + 92 : at + 92 + length]) in wanted:
                image[at + 2] |= 4
        members = {member.path: member for member in read_f2fs(BufferReader(bytes(image))).members}
        inside = [path.stat().st_size for path in (tree / "wide").iterdir()]
        why = f"directory encrypted with fscrypt: {len(inside)} entries of {sum(inside)} bytes"
        assert str(members["wide"].problem) == why
        assert not [path for path in members if path.startswith("wide/")]
        assert [path for path, member in members.items() if member.problem] == ["wide", "zeros.bin"]

    @settings(max_examples=20, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        used = [at for at in range(0, len(small), 4096) if any(small[at : at + 64])]
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 12))):
            at = data.draw(st.sampled_from(used)) + data.draw(st.integers(0, 500))
            damaged[min(at, len(small) - 1)] = data.draw(st.integers(0, 255))
        survives(read_f2fs, bytes(damaged))

    def test_prefixes(self, small: bytes) -> None:
        for end in range(0, len(small), len(small) // 20):
            survives(read_f2fs, small[:end])


@pytest.mark.parametrize("name", F2FS)
def test_compressed_files(name: str) -> None:
    image = zlib.decompress(inflated(F2FS[name]))
    data = BufferReader(image.ljust(64 << 20, b"\0"))
    members, content = read_members(read_f2fs(data))
    assert content == {"etc/hosts": b"https://planted.example.cn/v1 line\n" * 1500, "short": b"short\n"}
    hosts = next(m for m in members if m.path == "etc/hosts")
    assert 0 < sum(map(len, hosts.extents)) < hosts.size
    assert hosts.open is not None
    with pytest.raises(LimitReached):
        hosts.open(hosts.size - 1)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_damage_of_compressed_files(data: st.DataObject) -> None:
    image = bytearray(zlib.decompress(inflated(F2FS["lz4"])))
    used = [at for at in range(0, len(image), 4096) if any(image[at : at + 64])]
    for _ in range(data.draw(st.integers(1, 12))):
        image[min(data.draw(st.sampled_from(used)) + data.draw(st.integers(0, 500)), len(image) - 1)] ^= 0x41
    survives(read_f2fs, bytes(image))


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_f2fs(BufferReader(bytes(8192)))
