import struct
from lzma import FILTER_LZMA1, FORMAT_ALONE, LZMADecompressor, compress, decompress
from random import Random
from zlib import crc32

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.arcadyan import parse_arcadyan
from inspector.formats.reader import BufferReader, Span
from tests.formats.wrapper_checks import check_hostile, corpus, parts

PROGRAM = Random(3).randbytes(6000) + b"https://planted.example.cn/ " * 300
LEFT_OVER = b"left over in the packer's memory"


def image_of(program: bytes, left_over: bytes = LEFT_OVER) -> bytes:
    """Pack as the article describes it: two blocks of the stream change places, the one from the start is scrambled."""
    stream = compress(program, FORMAT_ALONE, filters=[{"id": FILTER_LZMA1, "dict_size": 1 << 23}])
    head = bytearray(byte >> 4 | byte << 4 & 0xF0 for byte in stream[:0x20])
    head[0::2], head[1::2] = head[1::2], head[0::2]
    blob = b"ABCD" + stream[0x64:0x84] + stream[0x20:0x64] + bytes(head) + stream[0x84:]
    return blob + left_over + struct.pack("<4s8sIII", b"", b"", len(blob), 0x12345678, crc32(blob))


def test_blocks_are_put_back_and_unscrambled():
    blob = image_of(PROGRAM)
    image = parse_arcadyan(BufferReader(blob))
    assert (image.size, image.notes, image.properties["signature"]) == (len(blob), (), "41424344")
    content = parts(image)
    assert decompress(content.pop("firmware")) == PROGRAM
    assert content == {"left over behind the stated end": LEFT_OVER}
    wrong = parse_arcadyan(BufferReader(blob[:0x500] + bytes([blob[0x500] ^ 1]) + blob[0x501:]))
    assert wrong.notes == ("checksum of the trailer differs",)


def test_stream_decodes_to_its_stated_size_and_end():
    image = parse_arcadyan(BufferReader(corpus("binwalk-inputs/arcadyan.bin")))
    assert image.members[0].format == "lzma"
    decoder = LZMADecompressor(FORMAT_ALONE)
    assert len(decoder.decompress(parts(image)["firmware"])) == 2813252
    assert decoder.eof


def test_the_trailer_states_the_end_and_its_checksum_holds():
    whole = corpus("binwalk-inputs/arcadyan.bin")
    image = parse_arcadyan(BufferReader(whole))
    assert (image.size, image.notes) == (len(whole), ())
    sizes = {name: len(data) for name, data in parts(image).items()}
    assert sizes == {"firmware": 0xB2FEE - 4, "left over behind the stated end": 1018}
    assert Span(len(whole) - 24, len(whole)) in image.structure
    wrong = parse_arcadyan(BufferReader(whole[:0x5000] + b"\x5a" + whole[0x5001:]))
    assert wrong.notes == ("checksum of the trailer differs",)


def test_without_its_trailer_an_image_reaches_to_the_end():
    whole = image_of(PROGRAM)[:-24]
    image = parse_arcadyan(BufferReader(whole))
    assert [len(data) for data in parts(image).values()] == [len(whole) - 4]


@pytest.mark.parametrize("end", [0, 0xFFF, 0x3000, 0xFFFFFFFF])
def test_a_trailer_that_states_nonsense_is_none(end):
    whole = bytearray(image_of(PROGRAM))
    whole[-12:] = struct.pack("<III", end, 0x12345678, 0)
    assert parse_arcadyan(BufferReader(bytes(whole))).members[0].size == len(whole) - 4


def test_mark_alone_is_not_enough():
    with pytest.raises(NotThisFormat):
        parse_arcadyan(BufferReader(bytes(0x68) + b"\x00\xd5\x08" + bytes(0x2000)))


def test_hostile():
    check_hostile(parse_arcadyan, image_of(PROGRAM))
