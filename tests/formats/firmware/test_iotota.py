import subprocess
import sys
from hashlib import sha256, sha384, sha512
from importlib.util import find_spec
from struct import pack

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.iotota import parse_matter, parse_zigbee
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


ZIGPY = """
import sys
from zigpy.ota import image
from zigpy.types import Bytes
header = image.OTAImageHeader(
    upgrade_file_id=image.OTAImageHeader.MAGIC_VALUE, header_version=256, header_length=56,
    field_control=image.FieldControl(0), manufacturer_id=0x117C, image_type=2, file_version=3, stack_version=2,
    header_string=image.HeaderString("lamp"), image_size=56 + 6 + 4,
)
element = image.SubElement(tag_id=image.ElementTagId.UPGRADE_IMAGE, data=Bytes(b"code"))
sys.stdout.buffer.write(image.OTAImage(header=header, subelements=[element]).serialize())
"""


@pytest.mark.packers
def test_zigbee_file_written_by_zigpy():
    """In a process of its own: the licence of zigpy is not that of this product."""
    if find_spec("zigpy") is None:
        pytest.skip("needs zigpy")
    blob = subprocess.run([sys.executable, "-c", ZIGPY], check=True, capture_output=True).stdout
    assert parts(parse_zigbee(BufferReader(blob))) == {"0-image": b"code"}


def test_zigbee_element_past_the_end_is_malformed():
    blob = bytearray(zigbee((0, b"firmware")))
    blob[58] = 200
    with pytest.raises(Malformed):
        parse_zigbee(BufferReader(bytes(blob)))
    with pytest.raises(NotThisFormat):
        parse_zigbee(BufferReader(bytes(100)))


def matter(payload: bytes, kind: int = 1) -> bytes:
    """Build an image after the Matter Core Specification, 11.20.2.4: the header is a structure in Matter's TLV."""
    digest = {1: sha256, 7: sha384, 8: sha512}[kind](payload).digest()
    fields = [
        b"\x25\0" + pack("<H", 0xFFF1),
        b"\x25\1" + pack("<H", 0x8001),
        b"\x26\2" + pack("<I", 3),
        b"\x2c\3\x03" + b"1.2",
        b"\x27\4" + pack("<Q", len(payload)),
        b"\x24\x08" + bytes([kind]),
        b"\x30\x09" + bytes([len(digest)]) + digest,
    ]
    head = b"\x15" + b"".join(fields) + b"\x18"
    return pack("<IQI", 0x1BEEF11E, 16 + len(head) + len(payload), len(head)) + head + payload


@pytest.mark.parametrize("kind", [1, 7, 8])
def test_matter_header_and_digest(kind):
    blob = matter(b"firmware", kind)
    image = parse_matter(BufferReader(blob + b"behind"))
    assert (parts(image), image.size, image.notes) == ({"payload": b"firmware"}, len(blob), ())
    assert image.properties == {"vendor": "65521", "product": "32769", "version": "3", "version string": "1.2"}
    assert parse_matter(BufferReader(blob[:-1] + b"E")).notes == ("payload digest differs",)
    with pytest.raises(Malformed):
        parse_matter(BufferReader(blob[:-1]))


def test_matter_image_of_another_maker():
    image = parse_matter(BufferReader(corpus("binwalk-inputs/matter_ota.bin")))
    assert parts(image) == {"payload": b"PAYLOAD\n"}
    assert image.notes == ()
    assert image.properties == {
        "vendor": "4660",
        "product": "4660",
        "version": "285240832",
        "version string": "1.2.120.0",
    }


def test_hostile():
    check_hostile(parse_zigbee, zigbee((0, b"firmware"), (1, b"s" * 50)))
    check_hostile(parse_matter, matter(b"firmware" * 20))
