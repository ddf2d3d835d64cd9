"""Archives of InstallShield 3, whose packer is not to be had: those of a writer here."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.installshield import InstallShield3
from inspector.formats.archive.installshield3 import MAGIC
from tests.formats.codec.test_dcl import implode
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, unpack

TREE = {
    "CLIENT.EXE": b"MZ" + b"server=https://planted.example.cn/v1\n" * 100,
    "CONF\\CLIENT.INI": b"[net]\nhost=iot.example.cn\n",
    "CONF\\SUB\\GR\xd6SSE": b"size",
    "EMPTY": b"",
}
STORED = 0x10


def archive(attributes: int = 0x20, *, cut: int = 0) -> bytes:
    bodies, records = b"", b""
    folders = sorted({path.rpartition("\\")[0] for path in TREE})
    counts = []
    for folder in folders:
        own = [path for path in TREE if path.rpartition("\\")[0] == folder]
        counts.append(len(own))
        for path in own:
            data, name = TREE[path], path.rpartition("\\")[2].encode("cp1252")
            packed = data if attributes & STORED else implode(data, coded=False, window=4)
            numbers = (1, len(data), len(packed), 255 + len(bodies), 30 + len(name) + 4, attributes, cut, 1, len(name))
            records += struct.pack("<B2xIII8xHBBxBB", *numbers) + name + b"\0end"
            bodies += packed
    table = b""
    for folder, count in zip(folders, counts, strict=True):
        table += struct.pack("<HHH", count, 6 + len(folder) + 1, len(folder)) + folder.encode() + b"\0"
    header = struct.pack("<8s4xH16x3x8xI4xH8x", MAGIC, len(TREE), 255 + len(bodies), len(folders))
    return header.ljust(255, b"\0") + bodies + table + records


PLAIN = {path.replace("\\", "/"): data for path, data in TREE.items()}


@pytest.mark.parametrize("attributes", [0x20, STORED])
def test_files_with_their_folders(attributes):
    blob = archive(attributes)
    span, contents, members = unpack(InstallShield3(), b"before" + blob + b"behind", 6)
    assert (len(span), contents.properties) == (len(blob), {"files": "4"})
    assert {m.path: content(m) for m in members} == PLAIN
    every_prefix(InstallShield3(), blob, 100)
    every_flip(InstallShield3(), blob, 200)
    with pytest.raises(LimitReached):
        next(m for m in members if m.path == "CLIENT.EXE").open(100)


def test_files_cut_over_disks_say_so():
    assert {type(m.problem) for m in unpack(InstallShield3(), archive(cut=1))[2]} == {Unsupported}


def test_a_cut_archive_has_no_table():
    blob = archive()
    with pytest.raises(Malformed):
        unpack(InstallShield3(), blob[:300])
    for other in (MAGIC, blob[1:], MAGIC[:4] + bytes(80)):
        with pytest.raises(NotThisFormat):
            unpack(InstallShield3(), other)
    assert files(InstallShield3(), blob) == PLAIN


@given(st.binary(max_size=200), st.integers(59, 90), st.integers(0, 3))
def test_any_bytes(raw, table, folders):
    header = struct.pack("<8s4xH16x3x8xI4xH8x", MAGIC, 1, table, folders)
    keeps_its_promise(InstallShield3(), header + raw)
