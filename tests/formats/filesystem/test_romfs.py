"""romfs against genromfs, a binwalk sample, and damage."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.filesystem.romfs import Romfs
from inspector.formats.filesystem.romfs import read_romfs
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.trees import CORPUS, assert_same_tree, build_tree, covered, needs, read_members, survives


def pack(root: Path, image: Path) -> bytes:
    subprocess.run(["genromfs", "-f", str(image), "-d", str(root), "-V", "label"], check=True, capture_output=True)
    return image.read_bytes()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 20)
    (root / "link").symlink_to("etc/passwd")
    return pack(root, root.parent / "small.romfs")


class TestGenromfs:
    pytestmark = needs("genromfs")

    def test_contents_equal_the_source(self, tmp_path: Path) -> None:
        tree = build_tree(tmp_path / "tree")
        image = pack(tree, tmp_path / "image")
        data = BufferReader(b"boot" + image)
        extent = Romfs().measure(data, 4)
        contents = read_romfs(data.slice(extent.start, extent.end))
        members = assert_same_tree(contents, tree, data)
        assert covered(contents, members) > len(extent) - 16 * len(members)
        assert contents.properties == {"label": "label"}
        assert {m.kind for m in members} >= {MemberKind.HARDLINK, MemberKind.SYMLINK}

    @settings(max_examples=100, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(32, len(small) - 1))] = data.draw(st.integers(0, 255))
        words = [int.from_bytes(damaged[i : i + 4], "big") for i in range(0, 512, 4)]
        damaged[12:16] = (-(sum(words) - words[3]) & 0xFFFFFFFF).to_bytes(4, "big")
        survives(read_romfs, bytes(damaged))

    def test_every_prefix(self, small: bytes) -> None:
        for end in range(len(small)):
            survives(read_romfs, small[:end])


@given(st.binary(max_size=100))
def test_any_bytes(tail: bytes) -> None:
    survives(read_romfs, b"-rom1fs-" + tail)


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_romfs(BufferReader(bytes(100)))


@pytest.mark.realworld
def test_binwalk_sample() -> None:
    path = CORPUS / "binwalk-inputs" / "romfs.bin"
    if not path.is_file():
        pytest.skip("no corpus")
    data = BufferReader(path.read_bytes())
    extent = Romfs().measure(data, 0)
    members, _ = read_members(read_romfs(data.slice(0, extent.end)))
    assert [m for m in members if m.problem] == []
    assert members
