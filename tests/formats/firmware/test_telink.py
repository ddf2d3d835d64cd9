from zlib import crc32

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.telink import parse_telink
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts

OTA = "tuya/Original_OTA_MHO_C122_tuya.bin"


def test_thermometer_update():
    image = parse_telink(BufferReader(corpus(OTA) + b"\xff" * 9))
    assert (image.size, image.notes, image.members[0].size) == (133652, (), 133616)


def firmware(program: bytes) -> bytes:
    head = b"\x26\x80\0\0\0\0\x5d\x02KNLT".ljust(0x18, b"\0") + (0x20 + len(program) + 4).to_bytes(4, "little")
    blob = head.ljust(0x20, b"\0") + program
    return blob + (crc32(blob) ^ 0xFFFFFFFF).to_bytes(4, "little")


def test_program_between_header_and_checksum():
    image = parse_telink(BufferReader(firmware(b"program") + b"behind"))
    assert (parts(image), image.size, image.notes) == ({"program": b"program"}, 0x2B, ())
    with pytest.raises(NotThisFormat):
        parse_telink(BufferReader(firmware(b"program").replace(b"KNLT", b"KNLU")))


def test_damage_is_noted_and_a_cut_is_malformed():
    damaged = firmware(b"program").replace(b"program", b"pr0gram")
    assert parse_telink(BufferReader(damaged)).notes == ("checksum differs or is missing",)
    with pytest.raises(Malformed):
        parse_telink(BufferReader(damaged[:-1]))


def test_hostile():
    check_hostile(parse_telink, firmware(b"program" * 300), rounds=60)
