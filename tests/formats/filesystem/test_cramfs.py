"""cramfs against mkfs.cramfs, a binwalk sample, and damage."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import Malformed, NotThisFormat
from inspector.extract.filesystem.cramfs import Cramfs
from inspector.formats.filesystem.cramfs import read_cramfs
from inspector.formats.reader import BufferReader
from tests.formats.trees import CORPUS, assert_same_tree, build_tree, covered, find_tool, needs, read_members, survives


def pack(root: Path, image: Path, *options: str) -> bytes:
    subprocess.run([find_tool("mkfs.cramfs") or "", *options, str(root), str(image)], check=True, capture_output=True)
    return image.read_bytes()


class TestMkfsCramfs:
    pytestmark = needs("mkfs.cramfs")

    @pytest.mark.parametrize(
        "options",
        [["-N", "little"], ["-N", "big"], ["-N", "little", "-z"], ["-b", "16384"], ["-N", "big", "-b", "8192"]],
    )
    def test_contents_equal_the_source(self, options: list[str], tmp_path: Path) -> None:
        tree = build_tree(tmp_path / "tree")
        image = pack(tree, tmp_path / "image", *options)
        data = BufferReader(b"bootloader" + image)
        extent = Cramfs().measure(data, 10)
        assert extent.end == data.size
        contents = read_cramfs(data.slice(10))
        assert contents.notes == ()
        members = assert_same_tree(contents, tree, data)
        assert covered(contents, members) > 0.99 * len(extent)

    def test_damage_is_noted_and_costs_one_file(self, tmp_path: Path) -> None:
        tree = tmp_path / "tree"
        tree.mkdir()
        (tree / "a").write_bytes(b"alpha " * 3000)
        (tree / "b").write_bytes(b"beta " * 3000)
        image = bytearray(pack(tree, tmp_path / "image"))
        members, content = read_members(read_cramfs(BufferReader(bytes(image))))
        first = min(m.extents[0].start for m in members if m.extents)
        image[first : first + 8] = b"\xff" * 8
        contents = read_cramfs(BufferReader(bytes(image)))
        assert contents.notes == ("wrong CRC",)
        a, b = (m for m in contents.members if m.open is not None)
        assert a.open is not None
        assert b.open is not None
        with pytest.raises(Malformed):
            a.open(1 << 20)
        assert b.open(1 << 20).all() == content[b.path]

    @settings(max_examples=80, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(0, 400))] = data.draw(st.integers(0, 255))
        survives(read_cramfs, bytes(damaged))

    def test_every_prefix(self, small: bytes) -> None:
        for end in range(0, len(small), 5):
            survives(read_cramfs, small[:end])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 600)
    (root / "link").symlink_to("etc/passwd")
    return pack(root, root.parent / "small.cramfs")


@given(st.binary(max_size=200), st.sampled_from([b"\x45\x3d\xcd\x28", b"\x28\xcd\x3d\x45"]))
def test_any_bytes(tail: bytes, magic: bytes) -> None:
    survives(read_cramfs, magic + tail[:12].ljust(12, b"\0") + b"Compressed ROMFS" + tail)


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_cramfs(BufferReader(bytes(100)))


@pytest.mark.realworld
def test_binwalk_sample() -> None:
    path = CORPUS / "binwalk-inputs" / "cramfs.bin"
    if not path.is_file():
        pytest.skip("no corpus")
    contents = read_cramfs(BufferReader(path.read_bytes()))
    members, content = read_members(contents)
    assert contents.notes == ()
    assert [m for m in members if m.problem] == []
    assert len(content) == 1
