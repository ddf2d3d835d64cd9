from struct import pack

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.iotota import parse_matter, parse_zigbee
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts


def zigbee(*elements: tuple[int, bytes]) -> bytes:
    body = b"".join(pack("<HI", tag, len(content)) + content for tag, content in elements)
    head = pack(
        "<IHHHHHIH32sI", 0x0BEEF11E, 0x100, 56, 0, 0x1141, 0x0F01, 0x12345678, 2, b"TS0121 plug", 56 + len(body)
    )
    return head + body


def test_zigbee_elements():
    image = parse_zigbee(BufferReader(zigbee((0, b"firmware"), (1, b"s" * 50), (0xF000, b"x")) + b"tail"))
    assert parts(image) == {"0-image": b"firmware", "1-ecdsa-signature": b"s" * 50, "2-0xf000": b"x"}
    assert image.properties["manufacturer"] == "0x1141"
    assert image.properties["name"] == "TS0121 plug"


def test_zigbee_file_written_by_zigpy():
    image_module = pytest.importorskip("zigpy.ota.image")
    types = pytest.importorskip("zigpy.types")
    blob = image_module.OTAImage(
        header=image_module.OTAImageHeader(
            upgrade_file_id=image_module.OTAImageHeader.MAGIC_VALUE,
            header_version=256,
            header_length=56,
            field_control=image_module.FieldControl(0),
            manufacturer_id=0x117C,
            image_type=2,
            file_version=3,
            stack_version=2,
            header_string=image_module.HeaderString("lamp"),
            image_size=56 + 6 + 4,
        ),
        subelements=[
            image_module.SubElement(tag_id=image_module.ElementTagId.UPGRADE_IMAGE, data=types.Bytes(b"code"))
        ],
    ).serialize()
    assert parts(parse_zigbee(BufferReader(blob))) == {"0-image": b"code"}


def test_zigbee_element_past_the_end_is_malformed():
    blob = bytearray(zigbee((0, b"firmware")))
    blob[58] = 200
    with pytest.raises(Malformed):
        parse_zigbee(BufferReader(bytes(blob)))
    with pytest.raises(NotThisFormat):
        parse_zigbee(BufferReader(bytes(100)))


def test_matter_image():
    image = parse_matter(BufferReader(corpus("binwalk-inputs/matter_ota.bin")))
    assert parts(image) == {"payload": b"PAYLOAD\n"}
    assert image.notes == ()
    assert image.properties == {
        "vendor": "4660",
        "product": "4660",
        "version": "285240832",
        "version string": "1.2.120.0",
    }


def test_matter_digest_is_checked():
    blob = corpus("binwalk-inputs/matter_ota.bin").replace(b"PAYLOAD", b"PAYL0AD")
    assert parse_matter(BufferReader(blob)).notes == ("payload digest differs",)


def test_hostile():
    check_hostile(parse_zigbee, zigbee((0, b"firmware"), (1, b"s" * 50)))
    check_hostile(parse_matter, corpus("binwalk-inputs/matter_ota.bin"))
