"""ext2/3/4 against mke2fs, and damage."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.filesystem.ext import Ext
from inspector.formats.filesystem.ext import parse_ext_superblock, read_ext
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.trees import assert_same_tree, build_tree, find_tool, needs, survives

LAYOUTS = {
    "ext2": ["-t", "ext2"],
    "ext2, 1 KiB blocks": ["-t", "ext2", "-b", "1024"],
    "ext2, first revision": ["-t", "ext2", "-r", "0", "-O", "none"],
    "ext2, no file types": ["-t", "ext2", "-O", "^filetype"],
    "ext3": ["-t", "ext3", "-b", "2048"],
    "ext4": ["-t", "ext4"],
    "ext4, 64 bit": ["-t", "ext4", "-O", "64bit,metadata_csum"],
    "ext4, meta groups": ["-t", "ext4", "-O", "meta_bg,^resize_inode", "-b", "1024"],
    "ext4, inline data": ["-t", "ext4", "-O", "inline_data", "-I", "1024"],
    "ext4, bigalloc": ["-t", "ext4", "-O", "bigalloc"],
    "ext4, two backups": ["-t", "ext4", "-O", "sparse_super2", "-b", "1024"],
}


def pack(root: Path, image: Path, *options: str, size: str = "24M") -> bytes:
    command = [find_tool("mke2fs") or "mke2fs", "-q", "-F", "-N", "2048", *options, "-d", str(root), str(image), size]
    subprocess.run(command, check=True, capture_output=True)
    return image.read_bytes()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("tree"))


class TestMke2fs:
    pytestmark = needs("mke2fs")

    @pytest.mark.parametrize("name", LAYOUTS)
    def test_contents_equal_the_source(self, name: str, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", *LAYOUTS[name])
        data = BufferReader(bytes(1000) + image)
        extent = Ext().measure(data, 1000)
        assert len(extent) == len(image)
        contents = read_ext(data.slice(extent.start, extent.end))
        members = assert_same_tree(contents, tree, BufferReader(image))
        assert contents.properties["version"] == name[:4]
        assert unexplained(image, [*contents.structure(), *(s for m in members for s in m.extents)]) == 0

    def test_large_files_in_one_piece_are_slices(self, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", "-t", "ext4")
        member = next(m for m in read_ext(BufferReader(image)).members if m.path == "big.bin")
        assert member.open is not None
        assert member.open(member.size).all().obj is image

    def test_holes_are_not_stored(self, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", "-t", "ext4")
        member = next(m for m in read_ext(BufferReader(image)).members if m.path == "sparse.bin")
        assert member.size > 1_500_000
        assert sum(map(len, member.extents)) < 20_000

    def test_a_directory_that_contains_itself(self, tmp_path: Path) -> None:
        (tmp_path / "root" / "aaaa" / "bbbb").mkdir(parents=True)
        image = bytearray(pack(tmp_path / "root", tmp_path / "image", "-t", "ext2", size="1M"))
        at = image.index(b"bbbb") - 8
        parent = image.index(b"aaaa") - 8
        image[at : at + 4] = image[parent : parent + 4]
        members = list(read_ext(BufferReader(bytes(image))).members)
        assert [m.path for m in members if m.problem] == ["aaaa/bbbb"]

    def test_a_cut_image_keeps_what_is_there(self, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", "-t", "ext4")
        survives(read_ext, image[: len(image) // 3])
        for end in range(0, 16384, 512):
            survives(read_ext, image[:end])

    def test_encrypted_directories_are_named(self, tree: Path, tmp_path: Path) -> None:
        pack(tree, tmp_path / "image", "-t", "ext4", "-O", "encrypt")
        inside = [path for path in (tree / "wide").rglob("*") if path.is_file()]
        marked = ["/wide", *(f"/wide/{path.name}" for path in inside), "/zeros.bin"]
        lines = "".join(f"set_inode_field {path} flags 0x80800\n" for path in marked)
        command = [find_tool("debugfs") or "debugfs", "-w", "-f", "-", str(tmp_path / "image")]
        subprocess.run(command, check=True, capture_output=True, input=lines.encode())
        data = BufferReader((tmp_path / "image").read_bytes())
        members = {member.path: member for member in read_ext(data).members}
        size = sum(path.stat().st_size for path in inside)
        assert (
            str(members["wide"].problem) == f"directory encrypted with fscrypt: {len(inside)} entries of {size} bytes"
        )
        assert sum(map(len, members["wide"].extents)) == size
        assert not [path for path in members if path.startswith("wide/")]
        assert str(members["zeros.bin"].problem) == "file encrypted with fscrypt"
        assert [path for path, member in members.items() if member.problem] == ["wide", "zeros.bin"]

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 12))):
            damaged[data.draw(st.integers(1024, 60_000))] = data.draw(st.integers(0, 255))
        survives(read_ext, bytes(damaged))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 600)
    (root / "link").symlink_to("etc/passwd")
    return pack(root, root.parent / "small.img", "-t", "ext4", "-b", "1024", "-N", "64", size="256K")


def unexplained(image: bytes, spans: list) -> int:
    """Bytes other than zero in whole 512-byte sectors that no span touches."""
    seen = bytearray(len(image) // 512 + 1)
    for span in spans:
        seen[span.start // 512 : -(-span.end // 512)] = b"\1" * (-(-span.end // 512) - span.start // 512)
    return sum(len(image[i * 512 : i * 512 + 512].strip(b"\0")) for i, hit in enumerate(seen) if not hit)


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1024, max_size=1024))
def test_any_bytes(superblock: bytes) -> None:
    survives(read_ext, bytes(1024) + superblock[:56] + b"\x53\xef" + superblock[58:] + bytes(4096))


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        parse_ext_superblock(BufferReader(bytes(4096)))


def test_kinds_are_told_by_the_mode() -> None:
    from inspector.formats.filesystem.modes import kind_of

    assert kind_of(0o100644) is MemberKind.FILE
    assert kind_of(0) is None
