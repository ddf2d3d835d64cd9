from struct import pack

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.hikvision import parse_hikvision, unscramble
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts


def build(files: dict[str, bytes], *, scrambled: bool) -> bytes:
    offset = 64 + 44 * len(files)
    table = b""
    for name, content in files.items():
        table += pack("<32sIII", name.encode(), offset, len(content), sum(content))
        offset += len(content)
    tail = pack("<4I36x", len(files), 1, 2, 1) + table
    head = b"SWKH" + pack("<II", sum(tail), 64 + len(table)) + tail
    return (unscramble(head) if scrambled else head) + b"".join(files.values())


FILES = {"uImage": b"kernel", "initrun.sh": b"#!/bin/sh\n", "hroot.img": b"rootfs" * 5}


@pytest.mark.parametrize("scrambled", [False, True])
def test_files_of_plain_and_scrambled_headers(scrambled):
    blob = build(FILES, scrambled=scrambled)
    image = parse_hikvision(BufferReader(blob))
    assert parts(image) == FILES
    assert (image.size, image.notes) == (len(blob), ())
    assert image.properties["header"] == ("xor" if scrambled else "plain")


def test_scrambling_as_public_tools_describe_it():
    # an XORed package begins with these four bytes: SWKH under BA CD BC FE, its zeros show the key turned per 16 bytes
    assert unscramble(bytes(32)).hex() == "bacdbcfed6caddd3bab9a3abbfcbb5becdbcfed6caddd3bab9a3abbfcbb5beba"
    assert build(FILES, scrambled=True)[:4] == bytes.fromhex("e99af7b6")


def test_wrong_header_checksum_is_a_note():
    blob = build(FILES, scrambled=False).replace(b"uImage", b"uImagE")
    assert parse_hikvision(BufferReader(blob)).notes == ("header checksum differs",)


def test_file_outside_is_malformed_and_zeros_are_another_format():
    with pytest.raises(Malformed):
        parse_hikvision(BufferReader(build(FILES, scrambled=False)[:-1]))
    with pytest.raises(NotThisFormat):
        parse_hikvision(BufferReader(bytes(400)))


def test_hostile():
    check_hostile(parse_hikvision, build(FILES, scrambled=True))


def test_access_controller():
    image = parse_hikvision(BufferReader(corpus("hikvision/ACS_DS-K260X_GML_GM_V2.0.5_build190301_Net.bin")))
    assert [(m.path, m.extents[0].start, m.notes) for m in image.members] == [("file0", 0x80, ())]
    assert image.size == 726280
    assert b"<?xml" in parts(image)["file0"]
