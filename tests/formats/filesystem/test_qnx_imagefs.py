"""QNX image file systems, laid out as documented; and damage."""

import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Malformed, NotThisFormat
from inspector.extract.filesystem.qnx import QnxImageFs
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.promise import content, every_flip, every_prefix, keeps_its_promise, unpack

FILES = {
    "etc/cloud.conf": b"server=https://planted.example.cn/v1\n" * 40,
    "bin/empty": b"",
    "proc/boot/big.bin": bytes(range(256)) * 700,
    ".script": b"\x14\0\0\0io-net -d planted.example.cn\0",
}


def entry(order: str, mode: int, number: int, rest: bytes) -> bytes:
    rest += bytes(-len(rest) % 4)
    return struct.pack(order + "HHIIIII", 24 + len(rest), 0, number, mode, 0, 0, 0) + rest


def imagefs(order: str = "<", contents: dict[str, bytes] = FILES, mount: bytes = b"/") -> bytes:
    """Return an image file system of `contents`, with a folder, a link, a device and a second name of one file."""
    first = 88 + (len(mount) // 4 + 1) * 4
    fixed = [
        entry(order, 0o040755, 1, b"\0"),
        entry(order, 0o040755, 2, b"etc\0"),
        entry(order, 0o120777, 3, struct.pack(order + "HH", 8, 10) + b"lib/one\0libtwo.so\0"),
        entry(order, 0o020644, 4, struct.pack(order + "II", 1, 2) + b"dev/null\0"),
        entry(order, 0o100644, 0, bytes(8) + b"unused\0"),
    ]
    named = [*contents.items(), *([("bin/again", contents["etc/cloud.conf"])] if "etc/cloud.conf" in contents else [])]
    lines = [entry(order, 0o100755, 5, bytes(8) + name.encode() + b"\0") for name, _ in named]
    at = first + sum(map(len, [*fixed, *lines])) + 4
    tables, body, places = b"".join(fixed), b"", {}
    tables_end = at
    for number, (name, raw) in enumerate(named):
        place = places.setdefault(raw, tables_end + len(body))
        if place == tables_end + len(body):
            body += raw + bytes(-len(raw) % 4)
        path = struct.pack(order + "II", place, len(raw)) + name.encode() + b"\0"
        tables += entry(order, 0o100755, 6 + number, path)
    flags = 1 if order == ">" else 0
    head = b"imagefs" + bytes([flags])
    size = tables_end + len(body) + 4
    head += struct.pack(order + "3I", size, tables_end, first) + bytes(64) + struct.pack(order + "I", 0)
    image = head + mount.ljust(first - 88, b"\0") + tables + bytes(4) + body
    words = array("I", image)
    if order == ">":
        words.byteswap()
    return image + struct.pack(order + "I", -sum(words) & 0xFFFFFFFF)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("mount", [b"/", b"/proc/boot"])
def test_file_system(order, mount):
    image = imagefs(order, mount=mount)
    span, contents, members = unpack(QnxImageFs(), b"boot" + image + b"behind it", 4)
    assert len(span) == len(image)
    assert contents.notes == ()
    assert contents.properties["mount point"] == mount.decode()
    assert {m.path: content(m) for m in members if m.open} == FILES
    by_path = {m.path: m for m in members}
    assert by_path["etc"].kind is MemberKind.DIRECTORY
    assert (by_path["lib/one"].kind, by_path["lib/one"].target) == (MemberKind.SYMLINK, "libtwo.so")
    assert by_path["dev/null"].kind is MemberKind.DEVICE
    assert (by_path["bin/again"].kind, by_path["bin/again"].target) == (MemberKind.HARDLINK, "etc/cloud.conf")
    assert by_path["etc/cloud.conf"].mode == 0o755
    assert "unused" not in by_path
    owned = sum(len(part) for m in members for part in m.extents) + sum(map(len, contents.structure()))
    assert owned > len(image) - 40 - 4 * len(FILES)


def test_wrong_checksum_is_noted():
    image = bytearray(imagefs())
    image[-10] ^= 1
    assert unpack(QnxImageFs(), bytes(image))[1].notes == ("wrong checksum",)


def test_cut_off_image():
    image = imagefs()
    whole, contents, members = unpack(QnxImageFs(), image[: len(image) - 1000])
    assert "cut off" in contents.damage
    assert sum(isinstance(m.problem, Malformed) for m in members) >= 1
    assert len(whole) == len(image) - 1000


def test_mark_without_a_header_is_no_file_system():
    with pytest.raises(NotThisFormat):
        QnxImageFs().measure(BufferReader(b"imagefs of the board".ljust(400, b".")), 0)


def test_hostile():
    small = {"a": b"text", "b/c": b"more text" * 20}
    for order in "<>":
        every_prefix(QnxImageFs(), imagefs(order, small))
        every_flip(QnxImageFs(), imagefs(order, small), 800)


@given(st.binary(max_size=300))
def test_any_bytes(raw):
    keeps_its_promise(QnxImageFs(), b"imagefs" + raw)
    head = b"imagefs\0" + struct.pack("<3I", 92 + len(raw), 92 + len(raw), 92) + bytes(72)
    keeps_its_promise(QnxImageFs(), head + raw)
