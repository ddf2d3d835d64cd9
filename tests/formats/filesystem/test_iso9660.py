"""ISO 9660 against genisoimage and xorriso, and damage."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import LimitReached, NotThisFormat
from inspector.extract.filesystem.iso9660 import Iso9660
from inspector.formats.filesystem.iso9660 import read_iso9660
from inspector.formats.reader import BufferReader
from tests.formats.trees import assert_same_tree, build_tree, needs, read_members, survives

PACKERS = {
    "genisoimage, Rock Ridge": ["genisoimage", "-quiet", "-R"],
    "genisoimage, both": ["genisoimage", "-quiet", "-R", "-J", "-joliet-long"],
    "xorriso": ["xorrisofs", "-quiet"],
}


def pack(root: Path, image: Path, *command: str) -> bytes:
    subprocess.run([*command, "-o", str(image), str(root)], check=True, capture_output=True)
    return image.read_bytes()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 90)
    (root / "link").symlink_to("etc/passwd")
    return pack(root, root.parent / "small.iso", "genisoimage", "-quiet", "-R", "-J")


@pytest.fixture(scope="module")
def squeezed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("squeezed")
    (root / "passwd").write_bytes(b"root:x:0:0\n" * 9000)
    image = root.parent / "squeezed.iso"
    compress = ["-find", "/", "-type", "f", "-exec", "set_filter", "--zisofs", "--"]
    burn = ["xorriso", "-outdev", str(image), "-padding", "0", "-map", str(root), "/", *compress]
    subprocess.run(burn, check=True, capture_output=True)
    return image.read_bytes()


class TestPackers:
    pytestmark = needs("genisoimage", "xorriso", "xorrisofs")

    @pytest.mark.parametrize("name", PACKERS)
    def test_contents_equal_the_source(self, name: str, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", *PACKERS[name])
        data = BufferReader(bytes(512) + image)
        extent = Iso9660().measure(data, 512)
        assert len(extent) <= len(image)
        contents = read_iso9660(data.slice(extent.start, extent.end))
        assert contents.properties["names"] == "Rock Ridge"
        assert_same_tree(contents, tree, BufferReader(image))

    def test_joliet_names(self, tmp_path: Path) -> None:
        tree = build_tree(tmp_path / "tree", names="plain")
        data = BufferReader(pack(tree, tmp_path / "image", "genisoimage", "-quiet", "-J", "-joliet-long"))
        contents = read_iso9660(data)
        assert contents.properties["names"] == "Joliet"
        assert_same_tree(contents, tree, data, links=False)

    def test_plain_names(self, tmp_path: Path) -> None:
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / "readme.txt").write_bytes(b"hello")
        data = BufferReader(pack(tmp_path / "tree", tmp_path / "image", "genisoimage", "-quiet"))
        contents = read_iso9660(data)
        assert contents.properties["names"] == "ISO 9660"
        assert read_members(contents)[1] == {"README.TXT": b"hello"}

    @pytest.mark.parametrize("options", ["level=9", "level=9:version_2=on:susp_z2=on", "level=1:block_size=128k"])
    def test_zisofs(self, options: str, tree: Path, tmp_path: Path) -> None:
        image = tmp_path / "image"
        compress = ["-find", "/", "-type", "f", "-exec", "set_filter", "--zisofs", "--"]
        burn = ["xorriso", "-outdev", str(image), "-zisofs", options, "-map", str(tree), "/", *compress]
        subprocess.run(burn, check=True, capture_output=True)
        data = BufferReader(image.read_bytes())
        members = assert_same_tree(read_iso9660(data), tree, data)
        big = next(m for m in members if m.path == "big.bin")
        assert sum(map(len, big.extents)) < big.size
        assert big.open is not None
        with pytest.raises(LimitReached):
            big.open(big.size - 1)

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_any_damage_of_zisofs(self, squeezed: bytes, data: st.DataObject) -> None:
        damaged = bytearray(squeezed)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(32768, len(squeezed) - 1))] = data.draw(st.integers(0, 255))
        survives(read_iso9660, bytes(damaged))

    @settings(max_examples=80, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(32768, 65000))] = data.draw(st.integers(0, 255))
        survives(read_iso9660, bytes(damaged))

    def test_prefixes(self, small: bytes) -> None:
        for end in range(32768, len(small), 1009):
            survives(read_iso9660, small[:end])


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes(tail: bytes) -> None:
    survives(read_iso9660, bytes(32768) + b"\x01CD001\x01\0" + tail)


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_iso9660(BufferReader(bytes(40000)))


def test_mark_in_the_texts_of_a_program_is_no_image() -> None:
    # iPXE looks for images and holds their mark; a text follows it.
    text = b"Could not save settings: %s\n" + bytes(range(256)) * 9
    with pytest.raises(NotThisFormat):
        Iso9660().measure(BufferReader(bytes(32768) + b"\x01CD001\x01\0" + text), 0)
