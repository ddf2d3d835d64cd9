"""YAFFS1 in dumps built here after the bit fields of its sources, with tags of a real device, and damage."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.filesystem.yaffs2 import Yaffs1, Yaffs2
from inspector.formats.filesystem.yaffs1 import read_tags, read_yaffs1
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.filesystem.test_yaffs2 import Dump, sample
from tests.formats.trees import read_members, survives

LITTLE = ("chunk", 20), ("serial", 2), ("length", 10), ("number", 18), ("check", 12), ("rest", 2)
"""The bit fields, from the lowest bit on; a big-endian compiler puts the first one highest."""


def tags(order: str, **fields: int) -> bytes:
    def pack(check: int) -> bytes:
        words = [0, 0]
        at = 0
        for name, width in LITTLE:
            value = {"rest": 3, "serial": 1, "check": check, **fields}[name] & (1 << width) - 1
            place = at % 32 if order == "<" else 32 - at % 32 - width
            words[at // 32] |= value << place
            at += width
        return b"".join(word.to_bytes(4, "little" if order == "<" else "big") for word in words)

    bits = [n + 1 for n in range(64) if pack(0)[n // 8] >> n % 8 & 1]
    return pack(reduce(xor, bits, 0))


class Dump1(Dump):
    """The same pages as those of YAFFS2, under tags of YAFFS1."""

    def __init__(self, order: str = "<") -> None:
        super().__init__(512, 16, 0, order)

    def _add(self, body: bytes, sequence: int, number: int, chunk: int, length: int) -> None:
        raw = tags(self.order, chunk=chunk, length=length, number=number)
        spare = bytearray(b"\xff" * 16)
        for at, byte in zip((0, 1, 2, 3, 6, 7, 11, 12), raw, strict=True):
            spare[at] = byte
        self.pages.append(body.ljust(512, b"\xff") + bytes(spare))


def image(order: str = "<") -> Dump1:
    dump = Dump1(order)
    dump.header(1, 3, 1, b"").header(257, 3, 1, b"etc")
    dump.file(258, 257, b"passwd", b"root:x:0:0\n" * 900)
    dump.header(259, 2, 1, b"link", target=b"etc/passwd").header(260, 4, 1, b"hard", equivalent=258)
    return dump


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders(order):
    blob = image(order).image()
    data = BufferReader(b"?" * 64 + blob + b"\xff" * 528 * 40)
    assert len(Yaffs1().measure(data, 64)) == len(blob)
    members, content = read_members(read_yaffs1(BufferReader(blob)))
    assert content == {"etc/passwd": b"root:x:0:0\n" * 900, "hard": b"root:x:0:0\n" * 900}
    assert [(m.path, m.target) for m in members if m.kind is MemberKind.SYMLINK] == [("link", "etc/passwd")]
    with pytest.raises(NotThisFormat):
        Yaffs2().measure(BufferReader(blob), 0)
    found, _ = Carver(CATALOGUE).identify(BufferReader(blob), "image")
    assert found is not None
    assert found.extractor.INFO.name == "yaffs1"


def test_tags_that_a_routerboard_wrote():
    """Printed in the source of kernel2minor: object 257, a header, big endian; its check holds."""
    raw = bytes.fromhex("00000400004040c6")
    spare = bytearray(b"\xff" * 16)
    for at, byte in zip((0, 1, 2, 3, 6, 7, 11, 12), raw, strict=True):
        spare[at] = byte
    found = read_tags(bytes(spare), ">")
    assert found is not None
    assert (found.object, found.chunk) == (257, 0)
    for at in (0, 2, 6, 11):
        assert read_tags(bytes(spare[:at]) + bytes([spare[at] ^ 8]) + bytes(spare[at + 1 :]), ">") is None


def test_deleted_pages_and_erased_ones_do_not_count():
    dump = image()
    old = Dump1().file(258, 257, b"passwd", b"old content " * 80).pages
    deleted = [page[:516] + b"\0" + page[517:] for page in old]
    blob = b"".join([*dump.pages, *deleted, b"\xff" * 528, *Dump1().header(261, 3, 1, b"last").pages])
    members, content = read_members(read_yaffs1(BufferReader(blob)))
    assert content["etc/passwd"] == b"root:x:0:0\n" * 900
    assert "last" in {member.path for member in members}


def test_yaffs2_on_small_pages_is_not_taken_for_it():
    with pytest.raises(NotThisFormat):
        Yaffs1().measure(BufferReader(sample(page=512, spare=16).image()), 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage(data):
    blob = bytearray(image().image())
    for _ in range(data.draw(st.integers(1, 8))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    survives(read_yaffs1, bytes(blob))


def test_prefixes():
    blob = image().image()
    for end in range(0, len(blob), 131):
        survives(read_yaffs1, blob[:end])
