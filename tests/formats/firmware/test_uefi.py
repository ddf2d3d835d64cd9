from lzma import FORMAT_ALONE, LZMADecompressor
from struct import pack
from uuid import UUID

import pytest

from inspector.errors import NotThisFormat, Unsupported
from inspector.formats.codec.tiano import decompress
from inspector.formats.firmware.optionrom import parse_optionrom
from inspector.formats.firmware.uefi import parse_capsule, parse_sections, parse_volume
from inspector.formats.reader import BufferReader
from tests.formats.packages import debian_file
from tests.formats.wrapper_checks import attempt, check_hostile, parts

NAME = UUID("12345678-1234-1234-1234-1234567890ab")


def section(kind: int, content: bytes) -> bytes:
    blob = (4 + len(content)).to_bytes(3, "little") + bytes([kind]) + content
    return blob + bytes(-len(blob) % 4)


def file(kind: int, content: bytes) -> bytes:
    blob = pack("<16sHBB3sB", NAME.bytes_le, 0, kind, 0, (24 + len(content)).to_bytes(3, "little"), 0xF8) + content
    return blob + b"\xff" * (-len(blob) % 8)


def volume(*files: bytes) -> bytes:
    body = b"".join(files) + b"\xff" * 64
    system = UUID("8c8ce578-8a3d-4f1c-9935-896185c32dd3").bytes_le
    head = pack("<16s16sQ4sIHHHBB", b"", system, 72 + len(body), b"_FVH", 0, 72, 0, 0, 0, 2) + bytes(16)
    checksum = -sum(int.from_bytes(head[at : at + 2], "little") for at in range(0, 72, 2)) & 0xFFFF
    return head[:50] + pack("<H", checksum) + head[52:] + body


DRIVER = section(0x10, b"MZ driver") + section(0x15, "Net".encode("utf-16-le") + b"\0\0")
UNKNOWN = section(0x02, pack("<16sHH", NAME.bytes_le, 24, 1) + b"sealed")


def test_sections_of_the_files():
    image = parse_volume(BufferReader(volume(file(7, DRIVER), file(0xF0, b"pad"), file(1, b"raw"), file(2, UNKNOWN))))
    assert parts(image) == {
        f"{NAME}.driver/0-pe32": b"MZ driver",
        f"{NAME}.driver/1-name": b"Net",
        f"{NAME}.raw": b"raw",
    }
    assert isinstance(image.members[-1].problem, Unsupported)


def test_header_checksum():
    blob = bytearray(volume(file(7, DRIVER)))
    blob[48] ^= 2
    with pytest.raises(NotThisFormat):
        parse_volume(BufferReader(bytes(blob)))


def test_capsule():
    blob = pack("<16sIII", UUID("6dcbd5ed-e82d-4c44-bda1-7194199ad92a").bytes_le, 32, 0, 40) + bytes(4) + b"payload!"
    image = parse_capsule(BufferReader(blob + b"x"))
    assert (parts(image), image.properties["kind"]) == ({"payload": b"payload!"}, "firmware management")


@pytest.mark.packers
def test_output_of_edk2_pytool_library():
    reason = "needs edk2-pytool-library"
    capsule = pytest.importorskip("edk2toollib.uefi.uefi_capsule_header", reason=reason).UefiCapsuleHeaderClass()
    management = pytest.importorskip("edk2toollib.uefi.fmp_capsule_header", reason=reason)
    image = management.FmpCapsuleImageHeaderClass()
    image.Payload = volume(file(7, DRIVER))
    capsule.FmpCapsuleHeader = management.FmpCapsuleHeaderClass()
    capsule.FmpCapsuleHeader.AddFmpCapsuleImageHeader(image)
    blob = capsule.Encode()
    image = parse_capsule(BufferReader(blob + b"behind"))
    assert image.size == len(blob)
    assert image.properties["kind"] == "firmware management"
    assert volume(file(7, DRIVER)) in parts(image)["payload"]


@pytest.mark.realworld
def test_ovmf_down_to_the_drivers():
    image = parse_volume(BufferReader(debian_file("ovmf", "usr/share/OVMF/OVMF_CODE_4M.fd")))
    assert [member.format for member in image.members] == ["lzma"]
    stream = LZMADecompressor(FORMAT_ALONE).decompress(next(iter(parts(image).values())))
    sections = parts(parse_sections(BufferReader(stream)))
    drivers = parts(parse_volume(BufferReader(sections["3-volume"])))
    names = {content for path, content in drivers.items() if path.endswith("name")}
    assert {b"DxeCore", b"Ip4Dxe", b"HttpDxe", b"TlsDxe"} <= names
    assert all(content[:2] in (b"MZ", b"VZ") for path, content in drivers.items() if path.endswith(("pe32", "-te")))


@pytest.mark.realworld
def test_efi_driver_in_an_option_rom():
    image = parse_optionrom(BufferReader(debian_file("ipxe-qemu", "usr/lib/ipxe/qemu/efi-e1000.rom")))
    assert [member.path for member in image.members] == ["0-bios", "1-efi"]
    driver = parts(image)["1-efi"]
    pe = int.from_bytes(driver[0x3C:0x40], "little")
    assert (driver[:2], driver[pe : pe + 4]) == (b"MZ", b"PE\0\0")
    assert b"ipxe.org" in driver


def test_compression_of_nothing_but_zeros_ends_with_an_error():
    assert attempt(lambda data: decompress(bytes(data.all()), 100) and None, bytes(50)) is None  # type: ignore[arg-type]


def test_hostile():
    check_hostile(parse_volume, volume(file(7, DRIVER), file(0xF0, b"pad"), file(2, UNKNOWN)))
    check_hostile(parse_sections, DRIVER)
    packed = section(0x01, pack("<IB", 20, 1) + pack("<II", 12, 20) + bytes(range(40)))
    check_hostile(parse_sections, packed)
