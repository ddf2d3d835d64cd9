"""D-Link ROMFS laid out as the reader of binwalk describes it, read by that reader too, and damage."""

import lzma
import struct
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.extract.filesystem.dlink_romfs import DlinkRomfs
from inspector.formats.filesystem.dlink_romfs import measure_dlink_romfs, read_dlink_romfs
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, keeps_its_promise, run, unpack
from tests.formats.trees import survives

PAGE = b"<a href='https://planted.example.cn/v1'>cloud</a>\n" * 60
FILES = {
    "index.htm": PAGE,
    "js/app-with-a-rather-long-name.js": b"var url = 'https://planted.example.cn/second';" * 20,
    "js/plain.js": b"var a = 1;",
    "js/deep/exactly-24-characters-ab": b"<b>bold</b>",
    "empty": b"",
}
PACK = {
    "index.htm": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    "js/app-with-a-rather-long-name.js": zlib.compress,
}


def record(order: str, number: int, name: str) -> bytes:
    raw = struct.pack(order + "II", number, 0) + name.encode()
    return raw.ljust((len(raw) // 32 + 1) * 32, b"\0")


def image(order: str = "<", files: dict[str, bytes] = FILES) -> bytes:
    """Return a file system: folders first, numbered in the order in which they are met."""
    folders, numbers = {"": 0}, {}
    for path in files:
        for depth in range(1, len(path.split("/"))):
            folders.setdefault("/".join(path.split("/")[:depth]), len(folders))
    for path in files:
        numbers[path] = len(folders) + len(numbers)
    every = {**folders, **numbers}
    rows, body, start = b"", b"", 32 * (len(every) + 1)
    for path, number in every.items():
        if path in folders:
            parent = folders[path.rpartition("/")[0]]
            inside = [(n, p) for p, n in every.items() if p and p.rpartition("/")[0] == path and p != path]
            raw = record(order, number, ".") + record(order, parent, "..")
            raw += b"".join(record(order, n, p.rpartition("/")[2]) for n, p in inside)
        else:
            raw = PACK.get(path, bytes)(files[path])
        kind = 1 if path in folders else 8
        fields = struct.pack(order + "7I", kind, 0, 0, len(raw), 0, start + len(body), 0)
        rows, body = rows + fields + b"%04d" % number, body + raw + bytes(-len(raw) % 32)
    size = start + len(body)
    head = (b".moR" if order == "<" else b"Rom.") + bytes(4) + struct.pack(order + "II", size, 0) + b"ROMFS v2.0"
    return head.ljust(32, b"\0") + rows + body


@pytest.mark.parametrize("order", ["<", ">"])
def test_tree(order):
    blob = image(order)
    span, contents, members = unpack(DlinkRomfs(), b"boot" + blob + b"behind", 4)
    assert len(span) == len(blob)
    assert {m.path: content(m) for m in members if m.open} == FILES
    assert {m.path for m in members if m.kind is MemberKind.DIRECTORY} == {"js", "js/deep"}
    assert contents.properties == {"version": "2.0"}
    assert [m for m in members if m.problem] == []
    with pytest.raises(LimitReached):
        next(m for m in members if m.path == "index.htm").open(100)


@pytest.mark.packers
def test_plugin_of_binwalk_reads_the_sample(tmp_path):
    tool("binwalk")
    plugin = Path("/usr/lib/python3/dist-packages/binwalk/plugins/dlromfsextract.py")
    if not plugin.is_file():
        pytest.skip("binwalk is not the Debian package of 2.3")
    (tmp_path / "image").write_bytes(image())
    program = (
        "import sys, types\n"
        "for name in ('binwalk', 'binwalk.core', 'binwalk.core.plugin', 'binwalk.core.common'):\n"
        "    sys.modules[name] = types.ModuleType(name)\n"
        "sys.modules['binwalk'].core = sys.modules['binwalk.core']\n"
        "sys.modules['binwalk.core'].plugin = sys.modules['binwalk.core.plugin']\n"
        "sys.modules['binwalk.core'].common = sys.modules['binwalk.core.common']\n"
        "sys.modules['binwalk.core.plugin'].Plugin = object\n"
        f"source = open({str(plugin)!r}).read()\n"
        "names = {'__name__': 'plugin'}\n"
        "exec(source, names)\n"
        "fs = names['RomFS']('image')\n"
        "for uid, info in fs.entries.items():\n"
        "    if info.type == 'data':\n"
        "        print(fs.build_path(uid).lstrip('/'), fs.get_data(uid).hex())\n"
    )
    lines = run(sys.executable, "-c", program, cwd=tmp_path).decode().splitlines()
    assert {path: bytes.fromhex(raw) for path, _, raw in (line.partition(" ") for line in lines)} == FILES


def test_what_is_no_image():
    blob = image()
    for damaged in (blob[:40], b"Rom!" + blob[4:], blob[:32] + bytes(32) + blob[64:], b"\0" * 16 + blob[16:]):
        with pytest.raises(NotThisFormat):
            measure_dlink_romfs(BufferReader(damaged))
    with pytest.raises(Malformed):
        measure_dlink_romfs(BufferReader(blob[:8] + b"\x40\0\0\0" + blob[12:]))


def test_folder_that_holds_itself_and_a_number_without_a_row():
    blob = bytearray(image(files={"a/b": b"text"}))
    place = blob.index(b"b\0", 32 * 4) - 8
    for number in (0, 1, 77):
        blob[place : place + 4] = number.to_bytes(4, "little")
        members = list(read_dlink_romfs(BufferReader(bytes(blob))).members)
        assert any(isinstance(m.problem, FormatError) for m in members)


def test_cut_off_image():
    blob = image()
    contents = read_dlink_romfs(BufferReader(blob[:-64]))
    assert "cut off" in contents.damage
    assert any(m.path == "index.htm" and m.open for m in contents.members)


@pytest.mark.parametrize("order", ["<", ">"])
def test_hostile(order):
    every_prefix(DlinkRomfs(), image(order))
    every_flip(DlinkRomfs(), image(order), 300)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damage(data):
    blob = bytearray(image())
    for _ in range(data.draw(st.integers(1, 6))):
        blob[data.draw(st.integers(32, len(blob) - 1))] = data.draw(st.integers(0, 255))
    survives(read_dlink_romfs, bytes(blob))


@given(st.binary(max_size=300))
def test_any_bytes(raw):
    head = b".moR" + bytes(4) + b"\0\1\0\0" + bytes(4) + b"ROMFS v"
    keeps_its_promise(DlinkRomfs(), head + raw)
    root = struct.pack("<7I", 1, 0, 0, len(raw), 0, 64, 0) + b"0000"
    keeps_its_promise(
        DlinkRomfs(), b".moR" + bytes(4) + b"\0\1\0\0" + bytes(4) + b"ROMFS v2.0".ljust(16, b"\0") + root + raw
    )
