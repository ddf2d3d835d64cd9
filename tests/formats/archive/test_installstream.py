"""What stands behind setup programs of InstallShield, as a writer here puts it there."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, NotThisFormat
from inspector.extract.archive.installshield import InstallStream
from inspector.formats.archive.installstream import MAGICS, clear
from tests.formats.promise import content, every_flip, every_prefix, keeps_its_promise, unpack

TREE = {
    "setup.inx": b"script " * 500,
    "data1.hdr": b"https://planted.example.cn/v1 " * 90,
    "grün\\0x0409.ini": b"[0x0409]\n",
    "empty": b"",
}
PLAIN = {name.replace("\\", "/"): data for name, data in TREE.items()}


def disguised(raw: bytes, name: str, flags: int) -> bytes:
    key = bytes(byte ^ b"\x13\x35\x86\x07"[at % 4] for at, byte in enumerate(name.encode()))
    out = bytearray()
    for at, byte in enumerate(raw):
        place = at % 1024 if flags & 4 else at
        mixed = ~byte & 0xFF ^ key[place % len(key)]
        out.append((mixed << 4 | mixed >> 4) & 0xFF)
    return bytes(out)


def stream(*, old: bool = False, kind: int = 0, flags: int = 6, packed: bool = True) -> bytes:
    out = struct.pack("<14sHI26x", MAGICS[old], len(TREE), kind)
    for name, data in TREE.items():
        raw = zlib.compress(data) if packed and data else data
        body = disguised(raw, name, flags) if flags & 6 else raw
        if old:
            out += struct.pack("<260sI4xI8xH30x", name.encode(), flags, len(raw), packed)
        else:
            wide = name.encode("utf-16-le")
            out += struct.pack("<II2xI8xH", len(wide), flags, len(raw), packed) + bytes(24 if kind == 4 else 0) + wide
        out += body
    return out


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("flags", [0, 2, 6])
@pytest.mark.parametrize(("old", "kind"), [(True, 0), (False, 0), (False, 4)])
def test_every_kind(old, kind, flags, packed):
    blob = stream(old=old, kind=kind, flags=flags, packed=packed)
    span, contents, members = unpack(InstallStream(), b"program" + blob + b"signature", 7)
    assert (len(span), contents.damage, contents.properties) == (len(blob), "", {"files": "4"})
    assert {m.path: content(m) for m in members} == PLAIN
    every_prefix(InstallStream(), blob, 60)
    every_flip(InstallStream(), blob, 60)
    with pytest.raises(LimitReached):
        next(m for m in members if m.path == "setup.inx").open(20)


def test_a_cut_program_gives_what_is_there():
    blob = stream(packed=False)
    _, contents, members = unpack(InstallStream(), blob[:-300])
    assert contents.damage == "setup program is cut off"
    assert [(m.path, str(m.open(1 << 20).damage)) for m in members] == [
        ("setup.inx", "None"),
        ("data1.hdr", "file is cut off"),
    ]


def test_other_texts_are_none():
    for text in (b"InstallShield\0 (R) Setup Launcher ".ljust(400), MAGICS[0].ljust(400, b"\0"), b"InstallShield"):
        with pytest.raises(NotThisFormat):
            unpack(InstallStream(), text)


@given(st.binary(max_size=3000), st.text("abcé", min_size=1, max_size=9), st.booleans())
def test_disguise(raw, name, in_blocks):
    assert clear(disguised(raw, name, 4 if in_blocks else 2), name.encode(), in_blocks=in_blocks) == raw


@given(st.binary(max_size=300), st.sampled_from(MAGICS), st.integers(0, 5))
def test_any_bytes(raw, magic, kind):
    keeps_its_promise(InstallStream(), struct.pack("<14sHI26x", magic, 3, kind) + raw)
    keeps_its_promise(InstallStream(), stream(kind=kind)[:120] + raw)
