"""Squashfs 1 to 3 and vendor compressions, on images built from the headers of squashfs-tools: no packer is left."""

import lzma
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.formats.filesystem.squashfs import read_squashfs
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.trees import covered, read_members, survives

Codec = Callable[[bytes], bytes]
BLOCK = 32768
CONTENT = b"".join(b"line %d of a file in several blocks\n" % number for number in range(1200))


def lzma_stream(raw: bytes, lc: int = 3, lp: int = 0, pb: int = 2) -> bytes:
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": lc, "lp": lp, "pb": pb}]
    return lzma.compress(raw, lzma.FORMAT_RAW, filters=chain)


CODECS: dict[str, Codec] = {
    "gzip": zlib.compress,
    "lzma": lambda raw: b"\x5d\0\0\1\0" + struct.pack("<Q", len(raw)) + lzma_stream(raw),
    "lzma, 5-byte header": lambda raw: b"\x5d\0\0\1\0" + lzma_stream(raw),
    "lzma, 9-byte header": lambda raw: b"\x5d\0\0\1\0" + struct.pack("<I", len(raw)) + lzma_stream(raw),
    "lzma, 4 bytes and a 5-byte header": lambda raw: b"\xaa\xbb\xcc\xdd\x5d\0\0\1\0" + lzma_stream(raw),
    "lzma, no header": lzma_stream,
    "lzma, no header, properties 0x9": lambda raw: lzma_stream(raw, 0, 1, 0),
}


def bits(order: str, *fields: tuple[int, int]) -> bytes:
    """Pack (width, value) pairs from the low end of a little-endian number, or the high end of a big-endian one."""
    value = at = 0
    for width, field in fields:
        value = value | field << at if order == "<" else value << width | field
        at += width
    return value.to_bytes(at // 8, "little" if order == "<" else "big")


class Builder:
    """Lays out one image: root/etc/passwd of several blocks, root/link."""

    def __init__(self, major: int, order: str, codec: Codec) -> None:
        self.major, self.order, self.codec = major, order, codec
        self.start = {1: 51, 2: 63, 3: 119}[major]

    def meta(self, raw: bytes) -> bytes:
        stored = self.codec(raw)
        return struct.pack(self.order + "H", len(stored)) + stored

    def base(self, kind: int, mode: int, number: int) -> bytes:
        owner = 4 if self.major == 1 else 8
        more = ((32, 0), (32, number)) if self.major == 3 else ()
        return bits(self.order, (4, kind), (12, mode), (owner, 0), (owner, 0), *more)

    def file(self, sizes: list[int]) -> bytes:
        head = self.base(2, 0o644, 1)
        if self.major == 1:
            fields = ((32, 0), (32, self.start), (32, len(CONTENT)), *((16, size) for size in sizes))
        elif self.major == 2:
            fields = ((32, 0), (32, self.start), (32, 0), (32, 0), (32, len(CONTENT)), *((32, size) for size in sizes))
        else:
            fields = ((64, self.start), (32, 0), (32, 0), (32, len(CONTENT)), *((32, size) for size in sizes))
        return head + b"".join(bits(self.order, field) for field in fields)

    def link(self, target: bytes) -> bytes:
        links = ((32, 1),) if self.major == 3 else ()
        return self.base(3, 0o777, 2) + bits(self.order, *links, (16, len(target))) + target

    def directory(self, size: int, offset: int, number: int) -> bytes:
        place = ((19, size), (13, offset))
        if self.major == 3:
            return self.base(1, 0o755, number) + bits(self.order, (32, 2), *place, (32, 0), (32, 0))
        return self.base(1, 0o755, number) + bits(self.order, *place, (32, 0), (24, 0))

    def listing(self, *entries: tuple[bytes, int, int]) -> bytes:
        if self.major == 3:
            out = bits(self.order, (8, len(entries) - 1), (32, 0), (32, 1))
        else:
            out = bits(self.order, (8, len(entries) - 1), (24, 0))
        for name, offset, kind in entries:
            more = ((16, 0),) if self.major == 3 else ()
            out += bits(self.order, (13, offset), (3, kind), (8, len(name) - 1), *more) + name
        return out

    def image(self) -> bytes:
        data = b""
        sizes = []
        tail = b"" if self.major == 1 else CONTENT[len(CONTENT) // BLOCK * BLOCK :]
        for at in range(0, len(CONTENT) - len(tail), BLOCK):
            stored = self.codec(CONTENT[at : at + BLOCK])
            data += stored
            sizes.append(len(stored))
        fragment_at = self.start + len(data)
        fragment = self.codec(tail) if tail else b""
        data += fragment

        file, link = self.file(sizes), self.link(b"etc/passwd")
        inner = self.listing((b"passwd", 0, 2))
        extra = 3 if self.major == 3 else 0
        etc_at = len(file) + len(link)
        etc = self.directory(len(inner) + extra, 0, 3)
        outer = self.listing((b"etc", etc_at, 1), (b"link", len(file), 3))
        root = self.directory(len(outer) + extra, len(inner), 4)
        inodes_at = self.start + len(data)
        data += self.meta(file + link + etc + root)
        directories_at = self.start + len(data)
        data += self.meta(inner + outer)
        table_at = self.start + len(data)
        if self.major > 1:
            data += self.meta(struct.pack(self.order + ("II" if self.major == 2 else "QII"),
                              *(fragment_at, len(fragment), 0)[: self.major]))  # fmt: skip
            index_at = self.start + len(data)
            data += struct.pack(self.order + ("I" if self.major == 2 else "Q"), table_at)
        else:
            index_at = 0
        return self.superblock(inodes_at, directories_at, index_at, etc_at + len(etc), self.start + len(data)) + data

    def superblock(self, inodes: int, directories: int, index: int, root: int, used: int) -> bytes:
        magic = b"hsqs" if self.order == "<" else b"sqsh"
        short = [0 if self.major == 3 else value for value in (used, used, used, inodes, directories)]
        out = magic + struct.pack(self.order + "6I", 4, *short)
        out += struct.pack(self.order + "4H3BiQ", self.major, 0, BLOCK, 15, 0, 0, 0, 0, root)
        if self.major > 1:
            out += struct.pack(self.order + "3I", BLOCK, 1, 0 if self.major == 3 else index)
        if self.major > 2:
            out += struct.pack(self.order + "7q", used, used, used, inodes, directories, index, -1)
        assert len(out) == self.start
        return out


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("major", [1, 2, 3])
@pytest.mark.parametrize("codec", CODECS)
def test_versions_orders_and_compressions(major: int, order: str, codec: str) -> None:
    data = BufferReader(Builder(major, order, CODECS[codec]).image())
    contents = read_squashfs(data)
    members, content = read_members(contents)
    assert contents.properties["version"] == f"{major}.0"
    assert contents.properties["compression"] == codec
    assert content == {"etc/passwd": CONTENT}
    assert {(m.path, m.kind, m.target) for m in members if m.kind is not MemberKind.FILE} == {
        ("etc", MemberKind.DIRECTORY, ""),
        ("link", MemberKind.SYMLINK, "etc/passwd"),
    }
    assert covered(contents, members) == data.size


def test_tables_in_zlib_over_data_in_lzma() -> None:
    builder = Builder(3, "<", CODECS["lzma, 5-byte header"])
    builder.meta = lambda raw: struct.pack("<H", len(zlib.compress(raw))) + zlib.compress(raw)  # type: ignore[method-assign]
    assert read_members(read_squashfs(BufferReader(builder.image())))[1] == {"etc/passwd": CONTENT}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.sampled_from("<>"), st.data())
def test_any_damage(major: int, order: str, data: st.DataObject) -> None:
    damaged = bytearray(Builder(major, order, zlib.compress).image())
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    survives(read_squashfs, bytes(damaged))
