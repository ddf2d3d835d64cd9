import struct
from binascii import crc32, crc_hqx
from lzma import FILTER_LZMA1, FORMAT_ALONE, compress, decompress

import pytest

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.firmware.boards import IntelFlash
from inspector.formats.firmware.avm import parse_avm
from inspector.formats.firmware.flashmaps import parse_dms_image, parse_intel_flash, parse_rtk
from inspector.formats.firmware.programstore import parse_program_store
from inspector.formats.reader import BufferReader, Span
from tests.formats.wrapper_checks import check_hostile, parts

KERNEL = b"Linux version 2.6.32 https://planted.example.cn/ " * 200


def found_as(blob: bytes) -> str:
    found, _ = Carver(CATALOGUE).identify(BufferReader(blob), "image")
    return found.extractor.INFO.name if found else ""


# --------------------------------------------------------------------------- AVM


def record(magic: int, content: bytes) -> bytes:
    address = 0x94020000
    total = -(len(content) + address + sum(content)) & 0xFFFFFFFF
    return struct.pack("<III", magic, len(content), address) + content + struct.pack("<III", total, 0, 0x94020000)


def kernel(plain: bytes) -> bytes:
    stream = compress(plain, FORMAT_ALONE, filters=[{"id": FILTER_LZMA1, "dict_size": 1 << 20}])
    body = stream[13:]
    head = struct.pack("<IIIIBI3x", 0x075A0201, len(body), len(plain), crc32(body), stream[0], 1 << 20)
    return head + body + bytes(-len(body) % 4)


def test_kernel_of_avm():
    blob = record(0xFEED1281, kernel(KERNEL))
    image = parse_avm(BufferReader(blob + b"\xff" * 40))
    assert (image.size, image.notes) == (len(blob), ())
    assert {path: decompress(data) for path, data in parts(image).items()} == {"kernel": KERNEL}
    assert found_as(blob) == "avm-kernel"
    damaged = bytearray(blob)
    damaged[60] ^= 1
    assert parse_avm(BufferReader(bytes(damaged))).notes == (
        "sum of the kernel differs",
        "checksum of the kernel differs",
    )
    check_hostile(parse_avm, blob)


def test_kernels_of_avm_for_two_processors():
    first, second = record(0xFEED1281, kernel(KERNEL)), record(0xFEEDB007, kernel(KERNEL[:999]))
    both = record(0xFEED9112, first + bytes(-len(first) % 4) + second)
    image = parse_avm(BufferReader(both))
    assert (image.size, image.notes) == (len(both), ())
    held = {path: decompress(data) for path, data in parts(image).items()}
    assert held == {"kernel": KERNEL, "second kernel": KERNEL[:999]}
    assert found_as(both) == "avm-kernel"
    check_hostile(parse_avm, both)
    with pytest.raises(NotThisFormat):
        parse_avm(BufferReader(bytes(100)))


# --------------------------------------------------------------------------- ProgramStore


def program_store(
    content: bytes, codec: int = 0, halves: tuple[int, int] | None = None, name: bytes = b"fw.bin"
) -> bytes:
    split = (1, *halves) if halves else (0, 0, 0)
    head = struct.pack(
        ">2sBBHHIII48s8sII",
        b"\xa8\x25",
        split[0],
        codec,
        5,
        7,
        1_400_000_000,
        len(content),
        0x80004000,
        name,
        b"",
        *split[1:],
    )
    return head + struct.pack(">HHI", crc_hqx(head, 0xFFFF) ^ 0xFFFF, 0, 0) + content


def test_program_of_a_cable_modem():
    blob = program_store(KERNEL)
    image = parse_program_store(BufferReader(blob + b"behind"))
    assert (parts(image), image.size) == ({"fw.bin": KERNEL}, len(blob))
    assert image.properties == {
        "signature": "a825",
        "version": "5.7",
        "compression": "none",
        "address": "0x80004000",
    }
    assert found_as(blob) == "program-store"
    check_hostile(parse_program_store, blob)


def test_program_in_halves_and_packed_ones():
    image = parse_program_store(BufferReader(program_store(b"first--second", halves=(5, 6))))
    assert parts(image) == {"fw.bin.1": b"first", "fw.bin.2": b"second"}
    (member,) = parse_program_store(BufferReader(program_store(KERNEL, 5))).members
    assert member.format == "lzma"
    (member,) = parse_program_store(BufferReader(program_store(KERNEL, 4))).members
    assert isinstance(member.problem, Unsupported)
    assert "NRV2B" in str(member.problem)
    with pytest.raises(Malformed):
        parse_program_store(BufferReader(program_store(KERNEL)[:-1]))
    with pytest.raises(Malformed):
        parse_program_store(BufferReader(program_store(b"first--second", halves=(9, 9))))
    for at in (0, 16, 84):
        blob = bytearray(program_store(KERNEL))
        blob[at] ^= 1
        with pytest.raises(NotThisFormat):
            parse_program_store(BufferReader(bytes(blob)))


# --------------------------------------------------------------------------- flash maps


def flash(regions: dict[int, tuple[int, int]], size: int) -> bytes:
    """Lay out a flash: number of a region → its first and last page."""
    blob = bytearray(b"\xff" * size)
    struct.pack_into("<4sI", blob, 16, bytes.fromhex("5aa5f00f"), 0x04 << 16 | 0x03)
    for number in range(13):
        first, last = regions.get(number, (0x7FFF, 0))
        struct.pack_into("<I", blob, 0x40 + 4 * number, last << 16 | first)
        if number and number in regions:
            blob[first * 4096 : (last + 1) * 4096] = bytes([0x40 + number]) * ((last + 1 - first) * 4096)
    return bytes(blob)


def test_regions_of_a_flash():
    blob = flash({0: (0, 0), 1: (4, 7), 2: (1, 2), 3: (3, 3)}, 0x8000)
    image = parse_intel_flash(BufferReader(blob + b"behind"))
    assert parts(image) == {"bios": b"A" * 0x4000, "management engine": b"B" * 0x2000, "ethernet": b"C" * 0x1000}
    assert (image.size, image.structure[0].end) == (0x8000, 0x1000)
    assert found_as(blob) == "intel-flash"
    cut = parse_intel_flash(BufferReader(blob[:0x7000]))
    assert cut.members[0].notes == ("region is cut off",)
    check_hostile(parse_intel_flash, blob)


@pytest.mark.parametrize("regions", [{0: (0, 0)}, {0: (1, 1), 1: (2, 3)}, {1: (1, 3)}])
def test_a_mark_without_a_map_is_no_flash(regions):
    with pytest.raises(NotThisFormat):
        parse_intel_flash(BufferReader(flash(regions, 0x4000)))


@pytest.mark.parametrize("regions", [
    {0: (0, 0), 1: (0, 3)},
    {0: (0, 0), 1: (1, 2), 2: (2, 3)},
    {0: (0, 3), 1: (1, 2)},
    dict.fromkeys(range(13), (0, 0)),
])  # fmt: skip
def test_regions_that_share_pages_are_no_flash(regions):
    blob = bytearray(flash({0: (0, 0)}, 0x4000))
    for number, (first, last) in regions.items():
        struct.pack_into("<I", blob, 0x40 + 4 * number, last << 16 | first)
    with pytest.raises(NotThisFormat):
        parse_intel_flash(BufferReader(bytes(blob)))


def test_zeros_are_a_region_that_an_older_descriptor_does_not_have():
    blob = bytearray(flash({0: (0, 0), 1: (1, 3)}, 0x4000))
    blob[0x40 + 4 * 5 : 0x40 + 4 * 13] = bytes(4 * 8)
    assert list(parts(parse_intel_flash(BufferReader(bytes(blob))))) == ["bios"]


def test_inside_other_data_the_regions_of_a_flash_are_whole():
    blob = flash({0: (0, 0), 1: (1, 3)}, 0x4000)
    assert IntelFlash().measure(BufferReader(b"in front" + blob), 8) == Span(8, 0x4008)
    with pytest.raises(NotThisFormat):
        IntelFlash().measure(BufferReader(b"in front" + blob[:-1]), 8)
    assert IntelFlash().measure(BufferReader(blob[:-1]), 0) == Span(0, 0x3FFF)


def test_rtk_states_its_size():
    blob = struct.pack("<4s7I", b"RTK0", 36 + len(KERNEL), 0, 0, 32, 0, 0, 0) + bytes(4) + KERNEL
    assert parts(parse_rtk(BufferReader(blob))) == {"content": KERNEL}
    assert found_as(blob) == "rtk0"
    with pytest.raises(NotThisFormat):
        parse_rtk(BufferReader(blob + b"?"))
    check_hostile(parse_rtk, blob)


def test_pairs_of_bytes_are_put_back():
    plain = b"\0\0GM>01<" + KERNEL
    swapped = bytes(plain[at ^ 1] for at in range(len(plain) & ~1))
    assert swapped[4:8] == b"0><1"
    image = parse_dms_image(BufferReader(swapped))
    assert parts(image) == {"image": plain[: len(plain) & ~1]}
    with pytest.raises(LimitReached):
        image.members[0].open(100)
    assert found_as(swapped) == "dms-image"
    with pytest.raises(NotThisFormat):
        parse_dms_image(BufferReader(swapped[:100]))
    check_hostile(parse_dms_image, swapped)
