from struct import pack
from zlib import crc32

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.xiaomi import parse_xiaomi
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def build(magic: bytes, blobs: dict[str, bytes]) -> bytes:
    ids = pack("<HH", 0, 0x11) if magic == b"HDR1" else pack("<I8s8s16x", 0, b"RA70", b"EU")
    start = 12 + len(ids) + 32
    offsets, body = [], b""
    for name, content in blobs.items():
        offsets.append(start + len(body))
        body += pack("<IIIHH32s", 0xBABE, 0, len(content), 7, 0, name.encode()) + content
    offsets += [0] * (8 - len(offsets))
    rest = ids + pack("<8I", *offsets) + body + pack("<I12x", 256) + b"S" * 256
    return magic + pack("<II", start + len(body), crc32(rest) ^ 0xFFFFFFFF) + rest


@pytest.mark.parametrize(("magic", "device"), [(b"HDR1", "0x0011"), (b"HDR2", "RA70")])
def test_blobs_under_their_names(magic, device):
    blob = build(magic, {"uImage.bin": b"kernel", "root.ubi": b"UBI#" * 4})
    image = parse_xiaomi(BufferReader(blob + b"tail"))
    assert parts(image) == {"uImage.bin": b"kernel", "root.ubi": b"UBI#" * 4}
    assert (image.size, image.notes, image.properties["device"]) == (len(blob), (), device)


def test_damage_is_noted():
    blob = build(b"HDR1", {"a": b"content"}).replace(b"content", b"contenT")
    assert parse_xiaomi(BufferReader(blob)).notes == ("checksum differs",)


def test_blob_without_magic_is_malformed():
    blob = build(b"HDR1", {"a": b"content", "b": b"more"})
    at = blob.rindex(b"\xbe\xba")
    with pytest.raises(Malformed):
        parse_xiaomi(BufferReader(blob[:at] + b"\0\0" + blob[at + 2 :]))
    with pytest.raises(NotThisFormat):
        parse_xiaomi(BufferReader(blob.replace(b"\xbe\xba", b"\0\0")))


def test_hostile():
    check_hostile(parse_xiaomi, build(b"HDR2", {"a": b"content", "b": b"more"}))
