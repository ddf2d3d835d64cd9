from struct import pack
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.trx import parse_trx
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import attempt, check_hostile, parts


def build(version: int, *contents: bytes) -> bytes:
    slots = 2 + version
    head = 16 + 4 * slots
    offsets, body = [], b""
    for content in contents:
        offsets.append(head + len(body))
        body += content
    offsets += [0] * (slots - len(offsets))
    rest = pack("<HH", 0, version) + pack(f"<{slots}I", *offsets) + body
    return b"HDR0" + pack("<II", 12 + len(rest), crc32(rest) ^ 0xFFFFFFFF) + rest


@pytest.mark.parametrize("version", [1, 2])
def test_partitions_end_where_the_next_begins(version):
    blob = build(version, b"loader", b"kernel--", b"squash") + b"\xff" * 40
    image = parse_trx(BufferReader(blob))
    assert parts(image) == {"partition0": b"loader", "partition1": b"kernel--", "partition2": b"squash"}
    assert (image.size, image.notes) == (len(blob) - 40, ())


def test_wrong_checksum_is_a_note_and_the_contents_stay_readable():
    blob = bytearray(build(1, b"kernel", b"rootfs"))
    blob[-1] ^= 1
    image = parse_trx(BufferReader(bytes(blob)))
    assert image.notes == ("TRX checksum differs",)
    assert parts(image)["partition0"] == b"kernel"


def test_cut_image_is_malformed():
    with pytest.raises(Malformed):
        parse_trx(BufferReader(build(1, b"kernel", b"rootfs")[:-1]))


def test_header_without_partitions_is_another_format():
    with pytest.raises(NotThisFormat):
        parse_trx(BufferReader(build(1)))


def test_hostile():
    check_hostile(parse_trx, build(2, b"a" * 30, b"b" * 7, b"c"))


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 200), min_size=3, max_size=3))
def test_any_offsets(length, offsets):
    attempt(parse_trx, b"HDR0" + pack("<IIHH3I", length, 0, 0, 1, *offsets) + bytes(100))
