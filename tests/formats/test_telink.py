import pytest

from inspector.errors import Malformed
from inspector.formats.reader import BufferReader
from inspector.formats.telink import parse_telink
from tests.formats.wrapper_checks import check_hostile, corpus

OTA = "tuya/Original_OTA_MHO_C122_tuya.bin"


def test_thermometer_update():
    image = parse_telink(BufferReader(corpus(OTA) + b"\xff" * 9))
    assert (image.size, image.notes, image.members[0].size) == (133652, (), 133616)


def test_damage_is_noted_and_a_cut_is_malformed():
    assert parse_telink(BufferReader(corpus(OTA)[:-1] + b"\0")).notes == ("checksum differs or is missing",)
    with pytest.raises(Malformed):
        parse_telink(BufferReader(corpus(OTA)[:-1]))


def test_hostile():
    check_hostile(parse_telink, corpus(OTA), rounds=60)
