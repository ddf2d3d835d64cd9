import struct
from lzma import FORMAT_ALONE, LZMADecompressor

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.arcadyan import parse_arcadyan
from inspector.formats.reader import BufferReader, Span
from tests.formats.wrapper_checks import check_hostile, corpus, parts


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
    whole = corpus("binwalk-inputs/arcadyan.bin")[:-24]
    image = parse_arcadyan(BufferReader(whole))
    assert [len(data) for data in parts(image).values()] == [len(whole) - 4]


@pytest.mark.parametrize("end", [0, 0xFFF, 0x3000, 0xFFFFFFFF])
def test_a_trailer_that_states_nonsense_is_none(end):
    whole = bytearray(corpus("binwalk-inputs/arcadyan.bin")[:0x2000])
    whole[-12:] = struct.pack("<III", end, 0x12345678, 0)
    assert parse_arcadyan(BufferReader(bytes(whole))).members[0].size == len(whole) - 4


def test_mark_alone_is_not_enough():
    with pytest.raises(NotThisFormat):
        parse_arcadyan(BufferReader(bytes(0x68) + b"\x00\xd5\x08" + bytes(0x2000)))


def test_hostile():
    check_hostile(parse_arcadyan, corpus("binwalk-inputs/arcadyan.bin")[:0x2000])
