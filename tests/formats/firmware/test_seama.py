from hashlib import md5
from struct import pack

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.seama import parse_seama
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def entity(order: str, meta: bytes, content: bytes) -> bytes:
    meta = meta.ljust(len(meta) + 3 & ~3, b"\0")
    checksum = md5(content).digest() if content else b""
    return pack(order + "IHHI", 0x5EA3A417, 0, len(meta), len(content)) + checksum + meta + content


def sealed(order: str) -> bytes:
    return entity(order, b"signature=wrgn49\0", b"") + entity(
        order, b"dev=/dev/mtdblock/2\0type=firmware\0", b"kernel!"
    )


@pytest.mark.parametrize("order", [">", "<"])
def test_seal_and_image_in_both_byte_orders(order):
    image = parse_seama(BufferReader(sealed(order) + bytes(5)))
    assert parts(image) == {"image1": b"kernel!"}
    assert image.properties == {"signature": "wrgn49", "dev": "/dev/mtdblock/2", "type": "firmware"}
    assert (image.size, image.notes) == (len(sealed(order)), ())


def test_wrong_digest_is_a_note():
    assert parse_seama(BufferReader(sealed(">")[:-1] + b"?")).notes == ("MD5 sum of image1 differs",)


def test_seal_alone_is_no_image():
    with pytest.raises(NotThisFormat):
        parse_seama(BufferReader(entity(">", b"a=b\0", b"")))


def test_hostile():
    check_hostile(parse_seama, sealed(">"))
