"""Squashfs against mksquashfs, real camera firmware, and damage."""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, NotThisFormat
from inspector.extract.filesystem.squashfs import Squashfs
from inspector.formats.filesystem.squashfs import MAGICS, parse_superblock, read_squashfs
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.trees import CORPUS, assert_same_tree, build_tree, covered, find_tool, needs, read_members, survives

OPTIONS = {
    "gzip": ["-comp", "gzip"],
    "gzip-small-window": ["-comp", "gzip", "-Xwindow-size", "10"],
    "xz": ["-comp", "xz"],
    "xz-bcj": ["-comp", "xz", "-Xbcj", "arm,x86"],
    "lzma": ["-comp", "lzma"],
    "lzo": ["-comp", "lzo"],
    "lz4": ["-comp", "lz4"],
    "zstd": ["-comp", "zstd"],
    "small blocks": ["-comp", "gzip", "-b", "4096"],
    "large blocks": ["-comp", "zstd", "-b", "1M"],
    "no fragments": ["-comp", "gzip", "-no-fragments"],
    "always fragments": ["-comp", "gzip", "-always-use-fragments"],
    "nothing compressed": ["-noI", "-noD", "-noF", "-noX", "-noId"],
    "no exports": ["-comp", "lz4", "-no-exports", "-no-xattrs"],
}


def pack(root: Path, image: Path, *options: str) -> bytes:
    command = ["mksquashfs", str(root), str(image), "-noappend", "-quiet", "-no-progress", *options]
    subprocess.run(command, check=True, capture_output=True)
    return image.read_bytes()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def small_image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 600)
    (root / "run").write_bytes(b"#!/bin/sh\n")
    return pack(root, root.parent / "small.img", "-b", "4096")


class TestMksquashfs:
    pytestmark = needs("mksquashfs")

    @pytest.mark.parametrize("name", OPTIONS)
    def test_contents_equal_the_source(self, name: str, tree: Path, tmp_path: Path) -> None:
        data = BufferReader(pack(tree, tmp_path / "image", *OPTIONS[name]))
        extent = Squashfs().measure(data, 0)
        contents = read_squashfs(data.slice(extent.start, extent.end))
        members = assert_same_tree(contents, tree, data)
        assert covered(contents, members) == len(extent)

    def test_ten_thousand_files_attributes_and_names_that_are_no_utf8(self, tmp_path: Path) -> None:
        tree = tmp_path / "tree"
        (tree / "flat").mkdir(parents=True)
        for number in range(10_000):
            (tree / "flat" / f"file-{number}").write_bytes(b"%d\n" % number * (number % 40))
        raw = os.fsencode(tree) + b"/raw-\xff\xfe"
        with open(raw, "wb") as file:
            file.write(b"bytes")
        with contextlib.suppress(OSError):
            os.setxattr(tree / "flat" / "file-7", "user.note", b"x" * 3000)
        for number in range(0, 400, 10):
            with contextlib.suppress(OSError):
                os.chown(tree / "flat" / f"file-{number}", 1000 + number, 2000 + number)
        data = BufferReader(pack(tree, tmp_path / "image", "-b", "1M"))
        members, content = read_members(read_squashfs(data))
        assert [m for m in members if m.problem] == []
        assert content.pop("raw-\\xff\\xfe") == b"bytes"
        assert content == {f"flat/file-{number}": b"%d\n" % number * (number % 40) for number in range(10_000)}

    @pytest.mark.parametrize("compressor", ["gzip", "xz", "lzo", "lz4", "zstd"])
    def test_images_of_another_packer(self, compressor: str, tree: Path, tmp_path: Path) -> None:
        if not find_tool("gensquashfs"):
            pytest.skip("not installed: gensquashfs")
        command = ["gensquashfs", "-D", str(tree), "-c", compressor, "-q", str(tmp_path / "image")]
        subprocess.run(command, check=True, capture_output=True)
        data = BufferReader((tmp_path / "image").read_bytes())
        extent = Squashfs().measure(data, 0)
        assert_same_tree(read_squashfs(data.slice(extent.start, extent.end)), tree, data)

    def test_files_come_in_the_order_of_their_data(self, tree: Path, tmp_path: Path) -> None:
        data = BufferReader(pack(tree, tmp_path / "image"))
        starts = [m.extents[0].start for m in read_squashfs(data).members if m.extents]
        assert starts == sorted(starts)

    def test_uncompressed_files_are_slices_of_the_image(self, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", "-noD", "-no-fragments")
        big = next(m for m in read_squashfs(BufferReader(image)).members if m.path == "big.bin")
        assert big.open is not None
        assert big.open(big.size).all().obj is image

    def test_nothing_larger_than_the_limit_is_decoded(self, small_image: bytes) -> None:
        passwd = next(m for m in read_squashfs(BufferReader(small_image)).members if m.path == "etc/passwd")
        assert passwd.open is not None
        assert passwd.open(6600).size == 6600
        with pytest.raises(LimitReached):
            passwd.open(6599)

    def test_devices_and_pipes_are_data(self, tmp_path: Path) -> None:
        (tmp_path / "root").mkdir()
        extra = ["-p", "null c 666 0 0 1 3", "-p", "disk b 660 0 0 8 0", "-p", "pipe i 600 0 0 f"]
        data = BufferReader(pack(tmp_path / "root", tmp_path / "image", *extra))
        kinds = {m.path: (m.kind, m.mode, m.open) for m in read_squashfs(data).members}
        assert kinds == {
            "null": (MemberKind.DEVICE, 0o666, None),
            "disk": (MemberKind.DEVICE, 0o660, None),
            "pipe": (MemberKind.FIFO, 0o600, None),
        }

    def test_every_prefix_is_refused_or_read(self, small_image: bytes) -> None:
        for end in range(0, len(small_image), 7):
            survives(read_squashfs, small_image[:end])

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_damage_costs_members_only(self, small_image: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small_image)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        survives(read_squashfs, bytes(damaged))

    def test_a_damaged_block_costs_its_file(self, small_image: bytes) -> None:
        damaged = bytearray(small_image)
        damaged[100:110] = b"\xff" * 10
        members = list(read_squashfs(BufferReader(bytes(damaged))).members)
        failed = []
        for member in members:
            if member.open is not None:
                try:
                    member.open(1 << 20)
                except FormatError:
                    failed.append(member.path)
        assert failed == ["etc/passwd"]
        assert {m.path for m in members} == {"etc", "etc/passwd", "run"}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"hsqs", b"sqsh", b"shsq", b""]))
def test_any_bytes(tail: bytes, magic: bytes) -> None:
    survives(read_squashfs, magic + tail)


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        parse_superblock(BufferReader(bytes(200)))


@pytest.mark.realworld
@pytest.mark.parametrize(
    ("name", "files", "needle"),
    [
        ("xiaomi-dafang/rootfs.bin", 380, b"/bin/sh"),
        ("xiaomi-dafang/driver.bin", 8, b"vermagic=3.10.14"),
        ("binwalk-inputs/squashfs.bin", 1, b""),
        ("binwalk-inputs/squashfs_v2.bin", 400, b"ADSL"),  # version 2, big endian, zlib tables over LZMA data
    ],
)
def test_real_images(name: str, files: int, needle: bytes) -> None:
    path = CORPUS / name
    if not path.is_file():
        pytest.skip("no corpus")
    data = BufferReader(path.read_bytes())
    extent = Squashfs().measure(data, 0)
    members, content = read_members(read_squashfs(data.slice(extent.start, extent.end)))
    assert [m for m in members if m.problem] == []
    assert len([m for m in members if m.path]) >= files
    assert any(needle in body for body in content.values())


@pytest.mark.realworld
def test_tp_link_lzma_with_a_short_header() -> None:
    path = CORPUS / "tp-link" / "wr940nv6_eu.bin"
    if not path.is_file():
        pytest.skip("no corpus")
    data = BufferReader(path.read_bytes())
    extent = Squashfs().measure(data, 0x100200)
    contents = read_squashfs(data.slice(extent.start, extent.end))
    members, content = read_members(contents)
    assert contents.properties["compression"] == "lzma, 5-byte header"
    assert [m for m in members if m.problem] == []
    assert len(content) == 494
    assert content["bin/busybox"].startswith(b"\x7fELF")


@pytest.mark.parametrize("magic", MAGICS)
@pytest.mark.packers
@pytest.mark.skipif(not find_tool("mksquashfs"), reason="not installed: mksquashfs")
def test_altered_magics(magic: bytes, small_image: bytes) -> None:
    members, _ = read_members(read_squashfs(BufferReader(magic + small_image[4:])))
    assert {m.path for m in members} == {"etc", "etc/passwd", "run"}
