"""EROFS against mkfs.erofs, and damage."""

import hashlib
import lzma
import subprocess
import zlib
from pathlib import Path

import lz4.block
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import Malformed, NotThisFormat
from inspector.extract.filesystem.erofs import Erofs
from inspector.formats.filesystem.erofs import read_erofs
from inspector.formats.filesystem.erofs.compressed import BEGINNINGS, HEAD, Extent, MapHeader, decode_extent
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import EROFS, inflated
from tests.formats.trees import assert_same_tree, build_tree, find_tool, needs, read_members, survives

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
    "repeated parts": ["-zlz4hc", "-Ededupe"],
    "blocks of 512 bytes": ["-b512", "-zlz4"],
    "lzma": ["-zlzma", "-C65536", "-Efragments"],
    "deflate": ["-zdeflate,9", "-Ededupe,ztailpacking"],
    "zstd": ["-zzstd", "-C65536", "-Eall-fragments,dedupe"],
    "three compressors": ["-zlz4:lzma,6:deflate,9"],
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


@pytest.mark.parametrize("name", EROFS)
def test_images_of_a_newer_mkfs(name: str) -> None:
    piece = b"".join(hashlib.sha256(b"p%d" % number).digest() for number in range(32))[:1000]
    image = zlib.decompress(inflated(EROFS[name]))
    data = BufferReader(image.ljust(-(-len(image) // 4096) * 4096, b"\0"))
    members, content = read_members(read_erofs(data))
    assert [m for m in members if m.problem] == []
    assert content == {
        "again.bin": b"x" * 777 + (piece * 60),
        "etc/hosts": b"https://planted.example.cn/v1 line\n" * 1500,
        # Where the packer finds repeated parts, some blocks hold more than the part of the file they stand for.
        "long.bin": piece * (6000 if name == "deflate" else 100),
        "short": b"short\n",
    }


@pytest.mark.parametrize("algorithm", BEGINNINGS)
def test_the_beginning_of_a_block_that_holds_more(algorithm: int) -> None:
    text = b"".join(b"http://example.test/%d " % number for number in range(300))
    deflater = zlib.compressobj(wbits=-15)
    stored = {
        0: lambda: lz4.block.compress(text, store_size=False),
        2: lambda: deflater.compress(text) + deflater.flush(),
        3: lambda: zstandard.compress(text),
    }[algorithm]()
    assert BEGINNINGS[algorithm](stored, 1000) == text[:1000]
    with pytest.raises(Malformed):
        BEGINNINGS[algorithm](b"\x07damage" + bytes(40), 1000)


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
