from lzma import FORMAT_ALONE, LZMADecompressor

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.arcadyan import parse_arcadyan
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts


def test_stream_decodes_to_its_stated_size_and_end():
    image = parse_arcadyan(BufferReader(corpus("binwalk-inputs/arcadyan.bin")))
    assert image.members[0].format == "lzma"
    decoder = LZMADecompressor(FORMAT_ALONE)
    assert len(decoder.decompress(parts(image)["firmware"])) == 2813252
    assert decoder.eof


def test_mark_alone_is_not_enough():
    with pytest.raises(NotThisFormat):
        parse_arcadyan(BufferReader(bytes(0x68) + b"\x00\xd5\x08" + bytes(0x2000)))


def test_hostile():
    check_hostile(parse_arcadyan, corpus("binwalk-inputs/arcadyan.bin")[:0x2000])
