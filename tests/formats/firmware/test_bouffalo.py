from struct import pack, pack_into
from zlib import crc32

import pytest

from inspector.errors import Encrypted, NotThisFormat
from inspector.formats.firmware.bouffalo import parse_bouffalo
from inspector.formats.reader import BufferReader
from tests.formats.packages import pypi_file
from tests.formats.wrapper_checks import check_hostile, parts


def build(program: bytes, boot_config: int = 0x3300) -> bytes:
    head = bytearray(b"BFNP" + pack("<I", 1) + b"FCFG" + bytes(range(84)))
    head += pack("<I", crc32(head[12:])) + b"PCFG" + bytes(12)
    head += bytes(172 - len(head))
    pack_into("<IIII", head, 0x74, boot_config, len(program), 0, 0x1000)
    return (bytes(head) + pack("<I", crc32(head))).ljust(0x1000, b"\xff") + program


def test_program():
    image = parse_bouffalo(BufferReader(build(b"program") + b"tail"))
    assert (parts(image), image.size) == ({"program": b"program"}, 0x1007)


def test_a_loader_whose_header_is_sealed():
    """As `eflash_loader_40m.bin` of bl60x-flash 0.1.5: the start in its header is the address of the first segment."""
    head = bytearray(build(b"", 0x200)[:172])
    pack_into("<IIII", head, 0x74, 0x200, 1, 0, 0x22010000)
    loader = bytes(head) + pack("<I", crc32(head)) + pack("<IIII", 0x22010000, 7, 0, 0) + b"program"
    image = parse_bouffalo(BufferReader(loader))
    assert (parts(image), image.size) == ({"segment0@0x22010000": b"program"}, len(loader))


def test_encrypted_program_is_named():
    image = parse_bouffalo(BufferReader(build(b"program", 0x3304)))
    assert isinstance(image.members[0].problem, Encrypted)


def test_flash_configuration_checksum():
    blob = bytearray(build(b"program"))
    blob[20] ^= 1
    with pytest.raises(NotThisFormat):
        parse_bouffalo(BufferReader(bytes(blob)))


@pytest.mark.realworld
@pytest.mark.parametrize(
    ("path", "name", "size"),
    [
        ("chips/bl602/ota/FW_OTA.bin", "program", 15408),
        ("chips/bl616/ota/FW_OTA.bin", "program", 15408),
        ("chips/bl702/eflash_loader/eflash_loader_32m.bin", "segment0@0x22010000", 59200),
    ],
)
def test_images_of_the_vendors_tool(path, name, size):
    blob = pypi_file("bflb_iot_tool==1.10.0", "bflb_iot_tool/" + path)
    image = parse_bouffalo(BufferReader(blob))
    assert [(m.path, m.size) for m in image.members] == [(name, size)]
    assert image.size == len(blob)


def test_hostile():
    check_hostile(parse_bouffalo, build(b"program"))
