from gzip import decompress

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.aqara import parse_aqara
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


def test_damage_is_noted_and_a_damaged_header_refused():
    blob = bytearray(corpus(UPDATE))
    blob[-1] ^= 1
    assert parse_aqara(BufferReader(bytes(blob))).notes == ("body checksum differs",)
    blob[20] ^= 1
    with pytest.raises(NotThisFormat):
        parse_aqara(BufferReader(bytes(blob)))
    with pytest.raises(Malformed):
        parse_aqara(BufferReader(corpus(UPDATE)[:-1]))


def test_hostile():
    check_hostile(parse_aqara, corpus(UPDATE)[:], rounds=60)
