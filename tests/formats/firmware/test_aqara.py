from gzip import compress, decompress
from struct import pack
from zlib import crc32

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.aqara import parse_aqara
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts

UPDATE = "aqara/ota_3.5.8_0062.bin"


def test_camera_hub_update():
    blob = corpus(UPDATE)
    image = parse_aqara(BufferReader(blob + b"tail"))
    assert (image.size, image.notes) == (2348594, ())
    assert image.properties == {"magic": "LMFW", "version": "0062", "built": "1605003208"}
    assert image.members[0].format == "gzip"
    assert decompress(parts(image)["payload"])[257:262] == b"ustar"


def update(payload: bytes, *, name: bytes = b"LMFW", inner: bool = True) -> bytes:
    """Build an update after the fields of the real one; a field of an unknown tag stands among them."""
    body = (pack("<5s8sII", b"PLJT ", b"", len(payload), 0) if inner else b"") + payload
    head = b"\0A" + bytes([len(name)]) + name + b"\x0b\x20\x07\3A\x040062\7#" + pack(">I", 1605003208)
    head += b"\5#" + pack(">I", crc32(body)) + b"\4#"
    head += pack(">I", len(head) + 4 + 6 + len(body))
    return head + b"\t#" + pack(">I", crc32(head)) + body


@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("name", [b"LMFW", b"DLMFW"])
def test_payload_behind_the_headers(name, inner):
    packed = compress(b"files")
    blob = update(packed, name=name, inner=inner)
    image = parse_aqara(BufferReader(blob + b"tail"))
    assert (parts(image), image.size, image.notes) == ({"payload": packed}, len(blob), ())
    assert image.properties == {"magic": name.decode(), "version": "0062", "built": "1605003208"}
    assert image.members[0].format == "gzip"


def test_damage_is_noted_and_a_damaged_header_refused():
    blob = bytearray(update(b"payload"))
    blob[-1] ^= 1
    assert parse_aqara(BufferReader(bytes(blob))).notes == ("body checksum differs",)
    blob[20] ^= 1
    with pytest.raises(NotThisFormat):
        parse_aqara(BufferReader(bytes(blob)))
    with pytest.raises(Malformed):
        parse_aqara(BufferReader(update(b"payload")[:-1]))


def test_hostile():
    check_hostile(parse_aqara, update(b"payload" * 300), rounds=60)
