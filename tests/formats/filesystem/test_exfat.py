"""exFAT on an image of mkfs.exfat into which files are laid by hand: no tool copies files into one."""

import os
import struct
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.filesystem.exfat import Exfat
from inspector.formats.filesystem.exfat import read_exfat
from inspector.formats.reader import BufferReader
from tests.formats.trees import find_tool, needs, read_members, survives


def entry_set(name: str, cluster: int, size: int, *, directory: bool, flags: int, written: int) -> bytes:
    units = name.encode("utf-16-le")
    names = [units[i : i + 30].ljust(30, b"\0") for i in range(0, len(units), 30)]
    file = struct.pack("<BBHH26x", 0x85, 1 + len(names), 0, 0x10 if directory else 0x20)
    stream = struct.pack("<BBxBHxxQ4xIQ", 0xC0, flags, len(name), 0, written, cluster, size)
    return file + stream + b"".join(b"\xc1\0" + part for part in names)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("exfat") / "image"
    path.write_bytes(b"")
    os.truncate(path, 4 << 20)
    subprocess.run([find_tool("mkfs.exfat") or "", "-c", "4096", str(path)], check=True, capture_output=True)
    raw = bytearray(path.read_bytes())
    table, _, heap, clusters, root = struct.unpack_from("<IIIII", raw, 80)
    sector = 1 << raw[108]

    def at(cluster: int) -> int:
        return int(heap * sector + (cluster - 2) * 4096)

    free = clusters - 20
    for first, following in ((free, free + 2), (free + 2, 0xFFFFFFFF), (free + 5, 0xFFFFFFFF)):
        struct.pack_into("<I", raw, table * sector + 4 * first, following)
    raw[at(free) : at(free) + 4096] = b"a" * 4096
    raw[at(free + 2) : at(free + 2) + 904] = b"b" * 904
    raw[at(free + 8) : at(free + 8) + 10] = b"0123456789"
    inner = entry_set("pointers", free + 8, 20, directory=False, flags=3, written=10)
    raw[at(free + 5) : at(free + 5) + len(inner)] = inner
    root_at = at(root)
    used = next(i for i in range(0, 4096, 32) if not raw[root_at + i])
    outer = entry_set("a name of more than fifteen letters", free, 5000, directory=False, flags=1, written=5000)
    outer += entry_set("folder", free + 5, 4096, directory=True, flags=1, written=4096)
    raw[root_at + used : root_at + used + len(outer)] = outer
    return bytes(raw)


class TestMkfsExfat:
    pytestmark = needs("mkfs.exfat")

    def test_chained_contiguous_and_unwritten_clusters(self, image: bytes) -> None:
        data = BufferReader(image)
        assert len(Exfat().measure(data, 0)) == len(image)
        contents = read_exfat(data)
        members, content = read_members(contents)
        assert [m for m in members if m.problem] == []
        assert content == {
            "a name of more than fifteen letters": b"a" * 4096 + b"b" * 904,
            "folder/pointers": b"0123456789" + bytes(10),
        }
        assert all(span.end <= len(image) for span in contents.structure())

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_any_damage(self, image: bytes, data: st.DataObject) -> None:
        damaged = bytearray(image)
        places = st.one_of(st.integers(64, 120), st.integers(1 << 20, (1 << 20) + 20_000))
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(places)] = data.draw(st.integers(0, 255))
        survives(read_exfat, bytes(damaged))

    def test_prefixes(self, image: bytes) -> None:
        for end in range(0, len(image), 49_999):
            survives(read_exfat, image[:end])


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_exfat(BufferReader(bytes(1024)))
