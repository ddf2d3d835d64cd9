"""cpio against GNU cpio, and damage."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.filesystem.cpio import Cpio
from inspector.formats.filesystem.cpio import read_cpio
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.trees import assert_same_tree, build_tree, covered, needs, survives


def pack(root: Path, kind: str) -> bytes:
    names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
    command = ["cpio", "-o", "--quiet", "-H", kind]
    return subprocess.run(command, cwd=root, input=names, check=True, capture_output=True).stdout


def swapped(image: bytes) -> bytes:
    """A little-endian binary archive as a big-endian machine writes it: every header word turned round."""
    out, at = bytearray(image), 0
    while image[at : at + 2] == b"\xc7\x71":
        words = memoryview(image)[at : at + 26].cast("H")
        out[at : at + 26] = b"".join(word.to_bytes(2, "big") for word in words)
        at += 26 + words[10] + words[10] % 2
        size = words[11] << 16 | words[12]
        at += size + size % 2
    return bytes(out)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("tree"))


class TestGnuCpio:
    pytestmark = needs("cpio", "find")

    @pytest.mark.parametrize("kind", ["newc", "crc", "odc", "bin"])
    def test_contents_equal_the_source(self, kind: str, tree: Path) -> None:
        image = pack(tree, kind)
        data = BufferReader(b"before" + image)
        extent = Cpio().measure(data, 6)
        assert image[len(extent) :].strip(b"\0") == b""
        contents = read_cpio(data.slice(extent.start, extent.end))
        members = assert_same_tree(contents, tree, data)
        assert covered(contents, members) > len(extent) - 4 * len(members)

    @pytest.mark.parametrize("kind", ["hpodc", "hpbin"])
    def test_the_number_of_a_device_is_no_length(self, kind: str, tmp_path: Path) -> None:
        (tmp_path / "z").write_bytes(b"server=iot.example.cn")
        command = ["cpio", "-o", "--quiet", "-H", kind]
        names = f"/dev/null\n{tmp_path / 'z'}\n".encode()
        image = subprocess.run(command, input=names, check=True, capture_output=True).stdout
        device, file = read_cpio(BufferReader(image)).members
        assert device.kind is MemberKind.DEVICE
        assert file.open is not None
        assert file.open(1 << 20).all() == b"server=iot.example.cn"

    def test_big_endian_words(self, tree: Path) -> None:
        data = BufferReader(swapped(pack(tree, "bin")))
        contents = read_cpio(data)
        assert contents.properties == {"header": "binary, big endian"}
        assert_same_tree(contents, tree, data)

    def test_only_one_hard_link_carries_the_data(self, tree: Path) -> None:
        members = {m.path: m for m in read_cpio(BufferReader(pack(tree, "newc"))).members}
        assert {members["big.bin"].kind, members["usr/hard"].kind} == {MemberKind.FILE, MemberKind.HARDLINK}

    def test_files_are_slices(self, tree: Path) -> None:
        image = pack(tree, "newc")
        member = next(m for m in read_cpio(BufferReader(image)).members if m.path == "zeros.bin")
        assert member.open is not None
        assert member.open(1 << 20).all().obj is image

    @pytest.mark.parametrize("kind", ["newc", "odc", "bin"])
    def test_every_prefix(self, kind: str, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"alpha" * 9)
        (tmp_path / "b").mkdir()
        image = pack(tmp_path, kind)
        for end in range(len(image)):
            survives(read_cpio, image[:end])

    def test_a_cut_archive_keeps_its_whole_members(self, tmp_path: Path) -> None:
        for name in "abc":
            (tmp_path / name).write_bytes(name.encode() * 100)
        image = pack(tmp_path, "newc")
        data = BufferReader(image[: image.rindex(b"070701", 0, image.index(b"TRAILER") - 110) + 150])
        extent = Cpio().measure(data, 0)
        members = list(read_cpio(data.slice(0, extent.end)).members)
        whole = [m.path for m in members if m.open is not None]
        assert len(whole) == 2
        assert [m for m in members if m.problem]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"070701", b"070707", b"\xc7\x71", b"\x71\xc7", b""]))
def test_any_bytes(tail: bytes, magic: bytes) -> None:
    survives(read_cpio, magic + tail)


def test_names_that_escape_are_noted() -> None:
    header = "070701" + "".join(f"{n:08x}" for n in (1, 0o100644, 0, 0, 1, 0, 2, 0, 0, 0, 0, 7, 0))
    image = header.encode() + b"../etc\0" + b"\0" * 3 + b"hi\0\0"
    member = next(iter(read_cpio(BufferReader(image)).members))
    assert (member.path, member.notes) == ("../etc", ("path escapes the container",))


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        Cpio().measure(BufferReader(b"070701" + bytes(200)), 0)
