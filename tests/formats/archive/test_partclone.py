"""partclone images against the original program, and damage."""

import os
import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.partclone import Partclone
from inspector.formats.archive import partclone
from inspector.formats.archive.partclone import parse_partclone
from inspector.formats.reader import BufferReader, MappedReader
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, keeps_its_promise, run, unpack
from tests.formats.wrapper_checks import check_hostile

PLANTED = b"https://planted.example.cn/v1 " * 400
MAKE = {
    "ext4": ("mke2fs -q -t ext4 -O ^has_journal -d tree disk", "partclone.ext4 -c"),
    "fat16": ("mkfs.fat -F 16 disk && mcopy -i disk tree/* ::", "partclone.fat -c"),
    "ntfs": ("mkntfs -q -F -f disk", "partclone.ntfs -c"),
    "raw": ("head -c 5000000 /dev/zero >> disk", "partclone.imager -c"),
}


def cloned(folder, system: str, *options: str) -> tuple[bytes, bytes]:
    """Return (the volume, what partclone makes of it)."""
    make, clone = MAKE[system]
    for name in clone.split()[0], make.split()[0]:
        tool(name)
    (folder / "tree").mkdir()
    (folder / "tree" / "planted.txt").write_bytes(PLANTED)
    (folder / "tree" / "second.bin").write_bytes(bytes(range(256)) * 300)
    environment = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    run("sh", "-c", f"truncate -s 12M disk && {make}", cwd=folder, env=environment)
    run(tool(clone.split()[0]), *clone.split()[1:], *options, "-s", "disk", "-o", "image", "-L", "log", cwd=folder)
    return (folder / "disk").read_bytes(), (folder / "image").read_bytes()


def restored(folder, image: bytes) -> bytes:
    """Return what the original program makes of an image."""
    (folder / "image").write_bytes(image)
    run(tool("partclone.restore"), "-W", "-C", "-s", "image", "-o", "back", "-L", "log", cwd=folder)
    return (folder / "back").read_bytes()


def volume(image: bytes) -> bytes:
    _, _, (member,) = unpack(Partclone(), image)
    memory = member.open(1 << 26)
    return memory.read_at(0, memory.size)


@pytest.mark.packers
@pytest.mark.parametrize(
    ("system", "options"),
    [(system, options) for system in MAKE for options in ((), ("-a0",))]
    + [("ext4", ("-k3",)), ("ext4", ("-k7", "-K"))],  # partclone.restore itself breaks on others of these
)
def test_volume_of_the_original_program(tmp_path, system, options):
    disk, image = cloned(tmp_path, system, *options)
    span, contents, (member,) = unpack(Partclone(), b"boot" + image + b"behind", 4)
    assert len(span) == len(image)
    assert contents.notes == ()
    assert not contents.damage
    memory = member.open(1 << 26)
    assert isinstance(memory, MappedReader)
    back = memory.read_at(0, memory.size)
    if system == "ext4":
        assert PLANTED in back
    used = [index for index in range(0, len(disk), 512) if back[index : index + 512].strip(b"\0")]
    assert all(back[index : index + 512] == disk[index : index + 512] for index in used)
    assert back == restored(tmp_path, image).ljust(memory.size, b"\0")
    if system != "raw":
        assert memory.stored < memory.size
    with pytest.raises(LimitReached):
        member.open(1000)


def first_version(disk: bytes, used: list[int], block: int = 1024, width: int = 4) -> bytes:
    """Return an image of version 0001, laid out as documented; partclone itself has not written it since 2017."""
    total = len(disk) // block
    marks = bytes(int(number in used) for number in range(total))
    out = b"partclone-image" + b"EXTFS".ljust(15, b"\0") + b"0001\0\0"
    out += struct.pack("<IQQQ", block, len(disk), total, len(used)) + bytes(4096) + marks + b"BiTmAgIc"
    check = 0xFFFFFFFF
    for number in used:
        part = disk[number * block : (number + 1) * block]
        # The checksum of that version looks at the first byte only, as often as there are bytes, and never starts anew.
        check = crc32(part[:1] * block, check ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
        out += part + check.to_bytes(width, "little")
    return out


def small_disk() -> tuple[bytes, list[int]]:
    disk, used = bytearray(64 * 1024), [0, 1, 2, 9, 40, 41, 63]
    for number in used:
        disk[number * 1024 : (number + 1) * 1024] = bytes([number + 1]) * 1024
    return bytes(disk), used


@pytest.mark.parametrize("width", [4, 8])
def test_first_version(width):
    disk, used = small_disk()
    image = first_version(disk, used, width=width)
    assert volume(image) == disk
    assert parse_partclone(BufferReader(image)).size == len(image)


@pytest.mark.packers
def test_the_original_program_reads_the_sample_of_the_first_version(tmp_path):
    disk, used = small_disk()
    assert restored(tmp_path, first_version(disk, used)) == disk


def second_version(
    disk: bytes, used: list[int], *, order: str = "<", group: int = 2, kind: int = 1, block: int = 1024
) -> bytes:
    """Return an image of version 0002, laid out as documented."""
    total = len(disk) // block
    mark = b"\xde\xc0" if order == "<" else b"\xc0\xde"
    head = b"partclone-image\0" + b"0.3.23".ljust(14, b"\0") + b"0002" + mark + b"EXTFS".ljust(16, b"\0")
    head += struct.pack(
        order + "4QIIHHHHIBB", len(disk), total, len(used), len(used), block, 18, 2, 64, 32, 4, group, 1, kind
    )
    bits = bytearray(-(-total // 8))
    for number in used:
        bits[number // 8] |= 1 << number % 8
    out = head + struct.pack(order + "I", crc32(head) ^ 0xFFFFFFFF) + bits
    out += struct.pack(order + "I", crc32(bits) ^ 0xFFFFFFFF)
    for at in range(0, len(used), group):
        strip = b"".join(disk[number * block : (number + 1) * block] for number in used[at : at + group])
        out += strip + struct.pack(order + "I", crc32(strip) ^ 0xFFFFFFFF)
    return out


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("group", [1, 2, 3, 256])
def test_both_byte_orders(order, group):
    disk, used = small_disk()
    image = second_version(disk, used, order=order, group=group)
    assert volume(image) == disk
    assert parse_partclone(BufferReader(image + b"more")).size == len(image)


def test_cut_off_image_keeps_what_is_there():
    disk, used = small_disk()
    image = second_version(disk, used)
    half = parse_partclone(BufferReader(image[: len(image) - 1500]))
    assert "cut off" in half.damage
    memory = half.members[0].open(1 << 20)
    assert memory.size == len(disk)
    assert memory.read_at(0, 40 * 1024) == disk[: 40 * 1024]


def test_damage_to_header_and_map_is_told():
    disk, used = small_disk()
    image = second_version(disk, used)
    for at in (60, 112):
        with pytest.raises(Malformed):
            parse_partclone(BufferReader(image[:at] + b"\x77" + image[at + 1 :]))
    with pytest.raises(Unsupported):
        parse_partclone(BufferReader(second_version(disk, used, kind=8)))
    with pytest.raises(NotThisFormat):
        parse_partclone(BufferReader(b"partclone-image\0" + bytes(200)))


def test_blocks_in_too_many_places(monkeypatch):
    disk, _ = small_disk()
    monkeypatch.setattr(partclone, "MOST_PIECES", 20)
    with pytest.raises(LimitReached):
        parse_partclone(BufferReader(second_version(disk, list(range(0, 64, 2)))))


def test_hostile():
    disk, used = small_disk()
    for image in (second_version(disk, used, group=3), first_version(disk, used)):
        check_hostile(parse_partclone, image)
        every_prefix(Partclone(), image, 60)
        every_flip(Partclone(), image[:4800], 60)


@given(st.binary(max_size=200), st.integers(0, 1))
def test_any_bytes(raw, version):
    keeps_its_promise(Partclone(), b"partclone-image" + raw)
    keeps_its_promise(Partclone(), (b"partclone-image" + raw[:15]).ljust(30, b"\0") + b"000%d" % (version + 1) + raw)


@given(st.lists(st.integers(0, 63), unique=True), st.integers(1, 9))
def test_any_volume(used, group):
    disk = bytes(range(256)) * 256
    used.sort()
    try:
        back = volume(second_version(disk, used, group=group))
    except FormatError as error:
        pytest.fail(str(error))
    kept = {number * 1024 for number in used}
    assert back == b"".join(disk[at : at + 1024] if at in kept else bytes(1024) for at in range(0, len(disk), 1024))
