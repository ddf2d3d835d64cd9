"""uzip and cloop disks against the packer of cloop and QEMU's reader, samples laid out as mkuzip does, and damage."""

import lzma
import struct
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.extract.archive.uzip import Uzip
from inspector.formats.archive import uzip
from inspector.formats.archive.uzip import parse_uzip
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import keeps_its_promise, run, unpack
from tests.formats.wrapper_checks import check_hostile

BLOCK = 4096
PACK = {
    b"V2.0 Format\n": zlib.compress,
    b"L3.0\n": lambda raw: lzma.compress(raw, check=lzma.CHECK_CRC32),
    b"Z4.0 Format\n": lambda raw: zstandard.ZstdCompressor().compress(raw),
}


def disk() -> bytes:
    """Return zeros, repeats, text, and zeros at the end."""
    text = b"https://planted.example.cn/v1 ".ljust(60, b".") * 1000
    other = bytes(range(256)) * 64
    return (
        bytes(2 * BLOCK)
        + text[: 3 * BLOCK]
        + other[:BLOCK]
        + text[: 2 * BLOCK]
        + bytes(BLOCK)
        + other[:BLOCK]
        + bytes(BLOCK)
    )


def sample(raw: bytes, script: bytes = b"V2.0 Format\n", *, once: bool = False) -> bytes:
    """Return a disk as mkuzip lays it out: no bytes for zeros, padded to a sector; `once` is its option -d."""
    pack = PACK[script]
    if once:
        script = script[:1].lower() + script[1:].replace(b"2", b"3")
    blocks = [raw[at : at + BLOCK] for at in range(0, len(raw), BLOCK)]
    offset, last, starts, body, seen = 136 + 8 * (len(blocks) + 1), 0, [], b"", {}
    for block in blocks:
        packed = pack(block) if block.strip(b"\0") else b""
        if once and packed and seen.get(packed, last) != last:
            starts.append(seen[packed])
            continue
        starts.append(offset)
        last = offset
        seen.setdefault(packed, offset)
        offset, body = offset + len(packed), body + packed
    padding = -offset % 512
    starts.append(offset if padding else 0)
    head = (b"#!/bin/sh\n#" + script).ljust(128, b"\0") + struct.pack(">II", BLOCK, len(blocks))
    return head + struct.pack(f">{len(starts)}Q", *starts) + body + bytes(padding)


def content(blob: bytes) -> bytes:
    _, _, (member,) = unpack(Uzip(), blob)
    memory = member.open(1 << 24)
    return memory.read_at(0, memory.size)


@pytest.mark.packers
@pytest.mark.parametrize("level", ["0", "1", "9", "-1"])
@pytest.mark.parametrize("width", [512, 65536])
def test_disk_of_the_original_packer(tmp_path, level, width):
    (tmp_path / "disk").write_bytes(disk())
    run(tool("create_compressed_fs"), "-q", "-L", level, "-B", str(width), "disk", "out", cwd=tmp_path)
    blob = (tmp_path / "out").read_bytes()
    back = content(blob)
    assert back[: len(disk())] == disk()
    assert not back[len(disk()) :].strip(b"\0")
    assert parse_uzip(BufferReader(blob)).size == len(blob)


@pytest.mark.parametrize("script", PACK)
@pytest.mark.parametrize("once", [False, True])
def test_disk_as_mkuzip_lays_it_out(script, once):
    blob = sample(disk(), script, once=once)
    assert content(blob) == disk()
    span, contents, (member,) = unpack(Uzip(), b"boot" + blob, 4)
    assert len(span) == len(blob)
    assert contents.properties["block size"] == "4096"
    if once:
        assert len(blob) < len(sample(disk(), script))
    with pytest.raises(LimitReached):
        member.open(BLOCK)


@pytest.mark.packers
def test_qemu_reads_the_sample(tmp_path):
    (tmp_path / "disk").write_bytes(sample(disk().replace(bytes(BLOCK), b"0" * BLOCK)))
    run(tool("qemu-img"), "convert", "-f", "cloop", "-O", "raw", "disk", "out", cwd=tmp_path)
    assert (tmp_path / "out").read_bytes() == disk().replace(bytes(BLOCK), b"0" * BLOCK)


def test_last_block_without_an_end():
    """Where the image fills its last sector, mkuzip leaves the end of the last block at zero."""
    for extra in range(600):
        blob = sample(bytes(BLOCK) + bytes(range(256)) * 15 + b"x" * 250 + zlib.compress(bytes(extra)))
        if struct.unpack_from(">Q", blob, 136 + 16)[0] == 0:
            break
    assert len(blob) % 512 == 0
    assert content(blob).startswith(bytes(BLOCK) + bytes(range(256)) * 15)


def test_tables_that_do_not_fit():
    blob = bytearray(sample(disk()))
    for at, value in ((136, 7), (144, 1 << 40), (136 + 8 * 11, 1 << 50), (136 + 8 * 4, 136 + 8 * 12 + 1)):
        damaged = bytearray(blob)
        struct.pack_into(">Q", damaged, at, value)
        with pytest.raises(Malformed):
            parse_uzip(BufferReader(bytes(damaged)))
    for at, value in ((128, 0), (128, 100), (128, 1 << 30), (132, 0)):
        damaged = bytearray(blob)
        struct.pack_into(">I", damaged, at, value)
        with pytest.raises(NotThisFormat):
            parse_uzip(BufferReader(bytes(damaged)))


def test_too_many_blocks(monkeypatch):
    monkeypatch.setattr(uzip, "MOST_BLOCKS", 3)
    with pytest.raises(LimitReached):
        parse_uzip(BufferReader(sample(disk())))


def test_a_block_that_grows_past_its_width_is_damage():
    blob = bytearray(sample(disk()))
    struct.pack_into(">I", blob, 128, 512)
    with pytest.raises(FormatError):
        content(bytes(blob))


@pytest.mark.parametrize("script", PACK)
def test_hostile(script):
    check_hostile(parse_uzip, sample(disk(), script, once=True))


@given(st.binary(max_size=300), st.sampled_from(uzip.MAGICS))
def test_any_bytes(raw, magic):
    keeps_its_promise(Uzip(), magic + raw)
    keeps_its_promise(Uzip(), magic.ljust(128, b"\0") + b"\0\0\2\0\0\0\0\3" + raw)


@given(st.lists(st.sampled_from([bytes(BLOCK), b"a" * BLOCK, b"b" * BLOCK, b"c" * BLOCK]), min_size=1, max_size=24))
def test_any_disk(blocks):
    assert content(sample(b"".join(blocks), once=True)) == b"".join(blocks)
    assert content(sample(b"".join(blocks))) == b"".join(blocks)
