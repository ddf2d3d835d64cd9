"""YAFFS2 against a binwalk sample, against dumps built here in each geometry, and damage."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.filesystem.yaffs2 import Yaffs2
from inspector.formats.filesystem.yaffs2 import read_yaffs2
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.trees import CORPUS, covered, read_members, survives


class Dump:
    """Writes pages as mkyaffs2image does: header first, then the data, one sequence number."""

    def __init__(self, page: int = 2048, spare: int = 64, tags: int = 0, order: str = "<") -> None:
        self.page, self.spare, self.tags, self.order = page, spare, tags, order
        self.pages: list[bytes] = []

    def _add(self, body: bytes, sequence: int, number: int, chunk: int, length: int) -> None:
        spare = bytearray(b"\xff" * self.spare)
        struct.pack_into(self.order + "IIII", spare, self.tags, sequence, number, chunk, length)
        self.pages.append(body.ljust(self.page, b"\xff") + bytes(spare))

    def header(
        self, number: int, kind: int, parent: int, name: bytes, size: int = 0, *, equivalent: int = 0,
        target: bytes = b"", sequence: int = 0x1000,
    ) -> "Dump":  # fmt: skip
        body = bytearray(struct.pack(self.order + "IIH", kind, parent, 0xFFFF) + name.ljust(258, b"\0"))
        body += struct.pack(self.order + "I20xII", 0o100644, size, equivalent) + target.ljust(160, b"\0")
        self._add(bytes(body).ljust(512, b"\xff"), sequence, number, 0, 0xFFFF)
        return self

    def file(self, number: int, parent: int, name: bytes, content: bytes, sequence: int = 0x1000) -> "Dump":
        self.header(number, 1, parent, name, len(content), sequence=sequence)
        for chunk, at in enumerate(range(0, len(content), self.page), 1):
            part = content[at : at + self.page]
            self._add(part, sequence, number, chunk, len(part))
        return self

    def image(self) -> bytes:
        return b"".join(self.pages)


def sample(**geometry: object) -> Dump:
    dump = Dump(**geometry)  # type: ignore[arg-type]
    dump.header(1, 3, 1, b"").header(257, 3, 1, b"etc")
    dump.file(258, 257, b"passwd", b"root:x:0:0\n" * 900)
    dump.header(259, 2, 1, b"link", target=b"etc/passwd").header(260, 4, 1, b"hard", equivalent=258)
    return dump


@pytest.mark.parametrize(
    "geometry",
    [
        {"page": 512, "spare": 16},
        {"page": 2048, "spare": 64},
        {"page": 2048, "spare": 64, "tags": 2},
        {"page": 2048, "spare": 64, "tags": 30},
        {"page": 4096, "spare": 128, "order": ">"},
        {"page": 4096, "spare": 224, "tags": 4},
        {"page": 8192, "spare": 256, "tags": 8, "order": ">"},
    ],
)
def test_geometries(geometry: dict[str, object]) -> None:
    image = sample(**geometry).image()
    data = BufferReader(b"boot" + image + b"\xff" * 5000)
    extent = Yaffs2().measure(data, 4)
    assert len(extent) == len(image)
    contents = read_yaffs2(data.slice(extent.start, extent.end))
    members, content = read_members(contents)
    assert content == {"etc/passwd": b"root:x:0:0\n" * 900, "hard": b"root:x:0:0\n" * 900}
    assert {(m.path, m.target) for m in members if m.kind is MemberKind.SYMLINK} == {("link", "etc/passwd")}
    assert covered(contents, members) == len(image)


def test_the_latest_header_and_page_count() -> None:
    dump = sample().file(258, 257, b"shadow", b"secret", sequence=0x1001)
    dump.header(257, 3, 1, b"conf", sequence=0x1002).header(259, 2, 4, b"link", sequence=0x1002)
    content = read_members(read_yaffs2(BufferReader(dump.image())))[1]
    assert content == {"conf/shadow": b"secret", "hard": b"secret"}


def test_files_of_a_lost_directory_are_kept() -> None:
    pages = sample().pages
    content = read_members(read_yaffs2(BufferReader(b"".join([pages[0], *pages[2:]]))))[1]
    assert content["#257/passwd"].startswith(b"root")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage(data: st.DataObject) -> None:
    image = bytearray(sample(page=512, spare=16).image())
    for _ in range(data.draw(st.integers(1, 8))):
        image[data.draw(st.integers(0, len(image) - 1))] = data.draw(st.integers(0, 255))
    survives(read_yaffs2, bytes(image))


def test_every_prefix() -> None:
    image = sample(page=512, spare=16).image()
    for end in range(0, len(image), 11):
        survives(read_yaffs2, image[:end])


@given(st.binary(max_size=3000))
def test_any_bytes(tail: bytes) -> None:
    survives(read_yaffs2, b"\1\0\0\0\1\0\0\0\xff\xff" + tail)


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_yaffs2(BufferReader(bytes(5000)))


@pytest.mark.realworld
def test_binwalk_sample() -> None:
    path = CORPUS / "binwalk-inputs" / "yaffs2.bin"
    if not path.is_file():
        pytest.skip("no corpus")
    data = BufferReader(path.read_bytes())
    extent = Yaffs2().measure(data, 0)
    members, content = read_members(read_yaffs2(data.slice(0, extent.end)))
    assert [m for m in members if m.problem] == []
    assert {"yutilsenv.h", "mkyaffs2image.c", "yaffs_packedtags2.h"} <= set(content)
    assert all(body.isascii() and body.endswith(b"\n") for body in content.values() if body)
