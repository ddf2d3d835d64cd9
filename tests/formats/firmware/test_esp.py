import subprocess
from functools import reduce
from hashlib import md5, sha256
from operator import xor
from struct import pack

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.esp import parse_esp, parse_flash, parse_partitions
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.packages import pypi_file
from tests.formats.wrapper_checks import check_hostile, parts

FIRMWARE = "esphome_dashboard/static/firmware/"


def build(segments: dict[int, bytes], *, chip: int | None = 0) -> bytes:
    blob = pack("<BBBBI", 0xE9, len(segments), 2, 0x20, 0x40080000)
    if chip is not None:
        blob += pack("<B3sHBHH4sB", 0xEE, bytes(3), chip, 0, 0, 0xFFFF, bytes(4), 1)
    for address, content in segments.items():
        blob += pack("<II", address, len(content)) + content
    blob += bytes(15 - len(blob) % 16) + bytes([reduce(xor, b"".join(segments.values()), 0xEF)])
    return blob + (sha256(blob).digest() if chip is not None else b"")


SEGMENTS = {0x3F400020: b"strings of the program!!", 0x40080000: b"code" * 5}


@pytest.mark.parametrize(("chip", "name"), [(0, "ESP32"), (9, "ESP32-S3"), (None, "ESP8266")])
def test_segments_by_address(chip, name):
    blob = build(SEGMENTS, chip=chip)
    image = parse_esp(BufferReader(blob + b"\xff" * 9))
    assert parts(image) == {"segment0@0x3f400020": b"strings of the program!!", "segment1@0x40080000": b"code" * 5}
    assert (image.size, image.notes, image.properties["chip"]) == (len(blob), (), name)


def test_program_description():
    fields = pack("<I12x32s32s16s16s32s", 0xABCD5432, b"1.2", b"plug", b"10:00:00", b"Jan  1 2024", b"v5.1")
    assert parse_esp(BufferReader(build({0x3F400020: fields + bytes(100)}))).properties == {
        "chip": "ESP32",
        "entry": "0x40080000",
        "project": "plug",
        "version": "1.2",
        "built": "Jan  1 2024 10:00:00",
        "framework": "v5.1",
    }


def test_image_of_the_second_boot_loader_of_esp8266():
    blob = pack("<BBBBI", 0xEA, 4, 0, 0, 0x40100000) + pack("<II", 0, 32) + b"irom" * 8
    image = parse_esp(BufferReader(blob + build({0x40100000: b"iram"}, chip=None)))
    assert parts(image) == {"irom@0x0": b"irom" * 8, "segment0@0x40100000": b"iram"}


def test_wrong_checksum_is_another_format_and_a_wrong_digest_a_note():
    blob = bytearray(build(SEGMENTS))
    blob[40] ^= 1
    with pytest.raises(NotThisFormat):
        parse_esp(BufferReader(bytes(blob)))
    assert parse_esp(BufferReader(build(SEGMENTS)[:-1] + b"?")).notes == ("SHA-256 differs",)


def table(*entries: tuple[str, int, int, int, int], digest: bool = True) -> bytes:
    rows = b"".join(
        pack("<2sBBII16sI", b"\xaa\x50", kind, sub, offset, size, name.encode(), 0)
        for name, kind, sub, offset, size in entries
    )
    return (rows + (b"\xeb\xeb" + b"\xff" * 14 + md5(rows).digest() if digest else b"")).ljust(0xC00, b"\xff")


PARTITIONS = (("nvs", 1, 2, 0x9000, 0x1000), ("factory", 0, 0, 0x10000, 0x1000))


def test_partition_table_alone():
    image = parse_partitions(BufferReader(table(*PARTITIONS)))
    assert image.properties == {"nvs": "0x9000+0x1000 type 1/2", "factory": "0x10000+0x1000 type 0/0"}
    assert (image.size, image.members, image.notes) == (96, (), ())
    assert parse_partitions(BufferReader(table(*PARTITIONS, digest=False))).size == 64
    with pytest.raises(NotThisFormat):
        parse_partitions(BufferReader(table(*PARTITIONS, digest=False)[:64] + b"junk" * 20))


def test_flash_dump_has_boot_loader_and_partitions():
    flash = bytearray(b"\xff" * 0x11000)
    program = build(SEGMENTS)
    flash[0x1000 : 0x1000 + len(program)] = program
    flash[0x8000:0x8C00] = table(*PARTITIONS, ("storage", 1, 0x82, 0x11000, 0x1000))
    flash[0x10000 : 0x10000 + len(program)] = program
    image = parse_flash(BufferReader(bytes(flash)))
    contents = parts(image)
    assert [*contents] == ["bootloader", "nvs", "factory"]
    assert contents["factory"].startswith(program)
    assert contents["bootloader"].startswith(program)
    assert image.notes == ("1 partitions lie behind the end of the dump",)


def test_hostile():
    check_hostile(parse_esp, build(SEGMENTS))
    check_hostile(parse_partitions, table(*PARTITIONS))


@pytest.mark.realworld
def test_boot_loader_and_table_of_esphome():
    image = parse_esp(BufferReader(pypi_file("esphome_dashboard==20260425.0", FIRMWARE + "bootloader.bin")))
    assert (image.size, image.notes, image.properties["chip"], len(image.members)) == (15872, (), "ESP32", 4)
    listing = parse_partitions(BufferReader(pypi_file("esphome_dashboard==20260425.0", FIRMWARE + "partitions.bin")))
    assert [*listing.properties] == ["nvs", "otadata", "app0", "app1", "eeprom", "spiffs"]
    assert listing.notes == ()


@pytest.mark.packers
def test_flash_merged_by_esptool(tmp_path):
    program = build(SEGMENTS)
    (tmp_path / "program.bin").write_bytes(program)
    (tmp_path / "table.bin").write_bytes(table(*PARTITIONS))
    subprocess.run(
        [
            tool("esptool"),
            "--chip",
            "esp32",
            "merge-bin",
            "-o",
            "flash.bin",
            "0x1000",
            "program.bin",
            "0x8000",
            "table.bin",
            "0x10000",
            "program.bin",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    image = parse_flash(BufferReader((tmp_path / "flash.bin").read_bytes()))
    assert parts(image)["factory"].startswith(program)
    assert parts(image)["bootloader"].startswith(program[:1])


@pytest.mark.packers
def test_image_converted_from_elf_by_esptool(tmp_path):
    (tmp_path / "main.c").write_text("int _start(void) { return 0; }")
    elf = tmp_path / "main.elf"
    blob = elf_for_esp8266(b"c0de" * 16)
    elf.write_bytes(blob)
    subprocess.run(
        [tool("esptool"), "--chip", "esp8266", "elf2image", "--version", "1", "-o", str(tmp_path / "out-"), str(elf)],
        check=True,
        capture_output=True,
    )
    produced = next(tmp_path.glob("out-0x0*.bin")).read_bytes()
    image = parse_esp(BufferReader(produced))
    assert (image.properties["chip"], parts(image)) == ("ESP8266", {"segment0@0x40100000": b"c0de" * 16})


def elf_for_esp8266(code: bytes) -> bytes:
    """Give the smallest Xtensa program file that esptool takes: one loaded section and the names of sections."""
    names = b"\0.text\0.shstrtab\0"
    start = 52
    names_at = start + len(code)
    sections = names_at + len(names) + 3 & ~3
    head = b"\x7fELF\1\1\1" + bytes(9)
    head += pack("<HHIIIIIHHHHHH", 2, 94, 1, 0x40100000, 0, sections, 0, 52, 32, 0, 40, 3, 2)
    rows = bytes(40)
    rows += pack("<10I", 1, 1, 6, 0x40100000, start, len(code), 0, 0, 4, 0)
    rows += pack("<10I", 7, 3, 0, 0, names_at, len(names), 0, 0, 1, 0)
    return (head + code + names).ljust(sections, b"\0") + rows
