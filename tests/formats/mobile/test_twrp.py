"""TWRP backups laid out as documented, with chunks filled up or not, and damage."""

import gzip
import io
import struct
import tarfile
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, NotThisFormat
from inspector.extract.mobile.twrp import TwrpBackup
from inspector.formats.mobile import twrp
from inspector.formats.mobile.twrp import CHUNK, parse_twrp
from inspector.formats.reader import BufferReader
from tests.formats.promise import content, keeps_its_promise, unpack
from tests.formats.wrapper_checks import check_hostile

IMAGE = bytes(range(256)) * 5000 + b"https://planted.example.cn/v1"


def block(kind: bytes, fields: bytes, checksum: int, width: int = 4) -> bytes:
    raw = bytearray((b"TWRP\0\0\0\0" + kind.ljust(16, b"\0") + fields).ljust(512, b"\0"))
    raw[checksum : checksum + width] = bytes(width)
    check = crc32(raw)
    raw[checksum : checksum + 4] = check.to_bytes(4, "little")
    return bytes(raw)


def archive(packed: bool) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("data/app.conf")
        entry.size = 40
        tar.addfile(entry, io.BytesIO(b"server=https://planted.example.cn/second"))
    return gzip.compress(out.getvalue(), mtime=0) if packed else out.getvalue()


def backup(*, filled: bool = True, parts: tuple[tuple[bytes, bytes, bytes], ...] = ()) -> bytes:
    """Return a backup; `filled` tells whether the last chunk of a part is as long as the others."""
    parts = parts or (
        (b"twimage", b"/data/media/0/TWRP/boot.emmc.win", IMAGE),
        (b"twfilename", b"/data/media/0/TWRP/data.ext4.win", archive(packed=True)),
        (b"twfilename", b"system.ext4.win", archive(packed=False)),
    )
    out = block(b"twstreamheader", struct.pack("<QQ", len(parts), 3), 40)
    for kind, name, raw in parts:
        size = len(raw) if kind == b"twimage" else 1 << 33  # of an archive, what the partition holds
        out += block(kind, struct.pack("<QQI", size, raw[:2] == b"\x1f\x8b", 0) + name, 40)
        for at in range(0, len(raw), CHUNK):
            chunk = raw[at : at + CHUNK]
            chunk += bytes(CHUNK - len(chunk) if filled else -len(chunk) % 512)
            out += block(b"twdatablock", b"", 24) + chunk
        out += block(b"md5trailer", bytes(8) + b"0" * 32, 24, 8)
    return out + block(b"twendadb", b"", 24)


@pytest.mark.parametrize("filled", [True, False])
def test_backup(filled):
    blob = backup(filled=filled)
    span, contents, (image, packed, plain) = unpack(TwrpBackup(), b"in front" + blob + b"behind", 8)
    assert len(span) == len(blob)
    assert (contents.notes, contents.damage) == ((), "")
    assert [m.path for m in (image, packed, plain)] == [
        "data/media/0/TWRP/boot.emmc.win", "data/media/0/TWRP/data.ext4.win", "system.ext4.win",
    ]  # fmt: skip
    assert content(image) == IMAGE
    assert gzip.decompress(content(packed).rstrip(b"\0") + bytes(8)).startswith(b"data/app.conf")
    assert content(plain).startswith(archive(packed=False))
    assert [m.notes for m in (image, packed, plain)] == [(), (), ()]
    owned = sum(len(part) for m in (image, packed, plain) for part in m.extents)
    assert owned + sum(map(len, contents.structure())) == len(blob)
    with pytest.raises(LimitReached):
        image.open(1000)


def test_data_that_looks_like_a_control_block():
    false = block(b"md5trailer", b"", 24, 8)[:-1] + b"!"
    raw = false * 3 + b"end of the image"
    for filled in (True, False):
        (image,) = unpack(TwrpBackup(), backup(filled=filled, parts=((b"twimage", b"boot", raw),)))[2]
        assert content(image) == raw


def test_backup_that_ends_early():
    blob = backup()
    contents = parse_twrp(BufferReader(blob[:1_200_000]))
    assert contents.damage
    assert contents.members[0].notes == ("backup ends early",)
    assert contents.notes == ("header counts 3 parts, 1 there",)


def test_what_is_no_backup():
    blob = backup()
    for damaged in (blob[:500], blob[:30] + b"x" + blob[31:], b"TWRP\0\0\0\0tw" + blob[10:20]):
        with pytest.raises(NotThisFormat):
            parse_twrp(BufferReader(damaged))


def test_too_many_chunks(monkeypatch):
    monkeypatch.setattr(twrp, "MOST_CHUNKS", 4)
    with pytest.raises(LimitReached):
        parse_twrp(BufferReader(backup()))


def test_hostile():
    check_hostile(parse_twrp, backup(filled=False, parts=((b"twimage", b"boot", b"short" * 300),)))


@given(st.binary(max_size=2000))
def test_any_bytes(raw):
    start = block(b"twstreamheader", struct.pack("<QQ", 1, 3), 40)
    keeps_its_promise(TwrpBackup(), b"TWRP\0\0\0\0twstreamheader" + raw)
    keeps_its_promise(TwrpBackup(), start + raw)
    keeps_its_promise(
        TwrpBackup(),
        start + block(b"twimage", struct.pack("<QQ", len(raw), 0), 40) + block(b"twdatablock", b"", 24) + raw,
    )
