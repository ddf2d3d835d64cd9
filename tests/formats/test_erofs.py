"""EROFS against mkfs.erofs, and damage."""

import lzma
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.filesystem.erofs import Erofs
from inspector.formats.erofs import read_erofs
from inspector.formats.erofs.compressed import HEAD, Extent, MapHeader, decode_extent
from inspector.formats.reader import BufferReader
from tests.formats.trees import assert_same_tree, build_tree, find_tool, needs, survives

OPTIONS = {
    "uncompressed": [],
    "lz4": ["-zlz4"],
    "lz4hc": ["-zlz4hc,12"],
    "large clusters": ["-zlz4hc", "-C65536"],
    "full index": ["-zlz4", "-Elegacy-compress"],
    "tails in inodes": ["-zlz4hc", "-Eztailpacking"],
    "fragments": ["-zlz4hc", "-C65536", "-Efragments"],
    "whole fragments": ["-zlz4hc", "-Eall-fragments", "-C65536"],
    "chunks": ["--chunksize=4096"],
    "extended inodes": ["-Eforce-inode-extended", "-zlz4"],
    "no inline data": ["-Enoinline_data"],
}


def pack(root: Path, image: Path, *options: str) -> bytes:
    command = [find_tool("mkfs.erofs") or "", "--quiet", *options, str(image), str(root)]
    result = subprocess.run(command, check=False, capture_output=True)
    if result.returncode:
        pytest.skip(f"this mkfs.erofs does not know {' '.join(options)}")
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
    return pack(root, root.parent / "small.erofs", "-zlz4hc")


class TestMkfsErofs:
    pytestmark = needs("mkfs.erofs")

    @pytest.mark.parametrize("name", OPTIONS)
    def test_contents_equal_the_source(self, name: str, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", *OPTIONS[name])
        data = BufferReader(bytes(512) + image)
        extent = Erofs().measure(data, 512)
        assert_same_tree(read_erofs(data.slice(extent.start, extent.end)), tree, BufferReader(image))

    @settings(max_examples=80, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(1024, len(small) - 1))] = data.draw(st.integers(0, 255))
        survives(read_erofs, bytes(damaged))

    def test_prefixes(self, small: bytes) -> None:
        for end in range(1024, len(small), 17):
            survives(read_erofs, small[:end])


def test_blocks_of_the_other_compressors() -> None:
    text = b"http://example.test/ " * 400
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 65536, "lc": 3, "lp": 0, "pb": 2}]
    stream = lzma.compress(text, lzma.FORMAT_RAW, filters=chain)
    deflater = zlib.compressobj(wbits=-15)
    stored = {1: bytes([~0x5D & 0xFF]) + stream[1:], 2: deflater.compress(text) + deflater.flush()}
    for algorithm, block in stored.items():
        extent = Extent(0, len(text), 0, 4096, HEAD)
        padded = memoryview(block.rjust(4096, b"\0"))
        header = MapHeader(0, (algorithm, 0), 12, 0, 0, whole=False)
        assert decode_extent(padded, extent, header, 4096) == text


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=124, max_size=3000))
def test_any_bytes(tail: bytes) -> None:
    survives(read_erofs, bytes(1024) + b"\xe2\xe1\xf5\xe0" + tail[:8] + b"\x0c" + tail[9:])


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_erofs(BufferReader(bytes(4096)))
