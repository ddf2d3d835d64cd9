"""FAT against mkfs.fat and mtools, and damage."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.carve import Carver
from inspector.extract.filesystem.fat import Fat
from inspector.formats.filesystem.fat import parse_fat_boot, read_fat, read_links
from inspector.formats.reader import BufferReader
from tests.formats.trees import assert_same_tree, build_tree, find_tool, needs, survives

WIDTHS = {
    "FAT12": (["-F", "12", "-s", "8"], 8),
    "FAT16": (["-F", "16", "-s", "1"], 16),
    "FAT32": (["-F", "32", "-s", "1"], 40),
    "FAT32, large sectors": (["-F", "32", "-S", "2048", "-s", "1"], 140),
    "FAT16, one table": (["-F", "16", "-f", "1", "-s", "2"], 24),
}


def pack(root: Path, image: Path, options: list[str], megabytes: int) -> bytes:
    image.write_bytes(b"")
    os.truncate(image, megabytes << 20)
    subprocess.run([find_tool("mkfs.fat") or "", *options, str(image)], check=True, capture_output=True)
    items = [str(path) for path in sorted(root.iterdir())]
    env = {**os.environ, "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}
    subprocess.run(["mcopy", "-s", "-i", str(image), *items, "::"], check=True, capture_output=True, env=env)
    return image.read_bytes()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("tree"), names="fat")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "a rather long name").write_bytes(b"root:x:0:0\n" * 900)
    (root / "SHORT.TXT").write_bytes(b"short")
    return pack(root, root.parent / "small.fat", ["-F", "12"], 1)


class TestMtools:
    pytestmark = needs("mkfs.fat", "mcopy")

    @pytest.mark.parametrize("name", WIDTHS)
    def test_contents_equal_the_source(self, name: str, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", *WIDTHS[name])
        data = BufferReader(bytes(512) + image)
        extent = Fat().measure(data, 512)
        assert len(extent) == len(image)
        contents = read_fat(data.slice(512))
        assert contents.properties["version"] == name[:5]
        assert_same_tree(contents, tree, BufferReader(image), links=False)

    @pytest.mark.parametrize(("name", "megabytes"), [("FAT12", 2), ("FAT16", 16), ("FAT16", 30)])
    def test_a_disk_as_atari_writes_it(self, name: str, megabytes: int, tree: Path, tmp_path: Path) -> None:
        """There is no mark at the end of the boot sector, and it begins with a jump of another processor."""
        source = tree if megabytes > 10 else tree / "usr" / "d1"
        image = pack(source, tmp_path / "image", ["-A", "-F", name[3:]], megabytes)
        assert (image[:1], image[510:512]) == (b"\x60", bytes(2))
        found, _ = Carver([Fat()]).identify(BufferReader(image), "image")
        assert found is not None
        assert len(found.span) == len(image)
        contents = read_fat(BufferReader(image))
        assert contents.properties["version"] == name
        assert_same_tree(contents, source, BufferReader(image), links=False)

    def test_atari_uses_links_of_sixteen_bits_on_few_clusters(self, small: bytes) -> None:
        """mtools writes 12 bits there; the links are moved into a table as wide as a hard disk of Atari has it."""
        layout = parse_fat_boot(BufferReader(small))
        links = read_links(BufferReader(small), layout)[: len(layout.table) // 2]
        table = b"".join((link | (0xF000 if link >= 0xFF0 else 0)).to_bytes(2, "little") for link in links)
        blob = bytearray(small)
        blob[510:512] = bytes(2)
        for at in range(layout.tables.start, layout.tables.end, len(layout.table)):
            blob[at : at + len(table)] = table
        contents = read_fat(BufferReader(bytes(blob)))
        assert contents.properties["version"] == "FAT16"
        assert [(m.path, bytes(m.open(1 << 20).all())) for m in contents.members if m.open] == [
            (m.path, bytes(m.open(1 << 20).all())) for m in read_fat(BufferReader(small)).members if m.open
        ]

    @pytest.mark.parametrize("place", ["media", "copy", "root"])
    def test_without_the_mark_the_tables_have_to_agree(self, small: bytes, place: str) -> None:
        layout = parse_fat_boot(BufferReader(small))
        blob = bytearray(small)
        blob[510:512] = bytes(2)
        assert Fat().measure(BufferReader(bytes(blob)), 0).end == len(small)
        at = {"media": layout.tables.start, "copy": layout.table.end + 40, "root": layout.root.start + 11}[place]
        blob[at] = 0xFE if place == "media" else blob[at] ^ 0xC0
        with pytest.raises(NotThisFormat):
            Fat().measure(BufferReader(bytes(blob)), 0)

    def test_files_in_one_piece_are_slices(self, small: bytes) -> None:
        members = {m.path: m for m in read_fat(BufferReader(small)).members}
        assert set(members) == {"etc", "etc/a rather long name", "SHORT.TXT"}
        short = members["SHORT.TXT"]
        assert short.open is not None
        assert short.open(5).all().obj is small

    @settings(max_examples=80, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(0, 20_000))] = data.draw(st.integers(0, 255))
        survives(read_fat, bytes(damaged))

    def test_prefixes(self, small: bytes) -> None:
        for end in [*range(0, 9000, 61), *range(9000, len(small), 9973)]:
            survives(read_fat, small[:end])


@given(st.binary(min_size=60, max_size=60))
def test_any_bytes(fields: bytes) -> None:
    survives(read_fat, (b"\xeb\x3c\x90mkfs.fat\0\2" + fields).ljust(510, b"\0") + b"\x55\xaa" + bytes(4096))


@given(st.binary(min_size=60, max_size=60), st.sampled_from([0xF0, 0xF8, 0xFF]))
def test_any_bytes_without_the_mark(fields: bytes, media: int) -> None:
    head = b"\x60\x1c" + b"any   \0\0\0\0\2" + fields[:8] + bytes([media]) + fields
    survives(read_fat, head.ljust(512, b"\0") + bytes([media, 0xFF, 0xFF]) + bytes(8192))


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_fat(BufferReader(bytes(1024)))
