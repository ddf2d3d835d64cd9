import pytest

from inspector.errors import Encrypted, FormatError, NotThisFormat, Unsupported
from inspector.extract.base import Grade
from inspector.extract.firmware.recognise import RECOGNISED
from inspector.formats.reader import BufferReader


@pytest.mark.parametrize("extractor", RECOGNISED, ids=lambda extractor: extractor.INFO.name)
def test_header_becomes_a_named_gap_with_a_remedy(extractor):
    assert extractor.INFO.grade is Grade.RECOGNISE
    assert extractor.INFO.remedy
    for magic in extractor.MAGIC:
        data = bytearray(magic.offset) + magic.pattern + bytes(4096)
        span = extractor.measure(BufferReader(bytes(data)), 0)
        assert span.end == len(data)
        (member,) = extractor.unpack(BufferReader(bytes(data[: span.end]))).members
        assert member.open is None
        assert isinstance(member.problem, FormatError)
        assert isinstance(member.problem, Encrypted if extractor.scheme.startswith("encrypted") else Unsupported)


@pytest.mark.parametrize("extractor", RECOGNISED, ids=lambda extractor: extractor.INFO.name)
def test_other_bytes_and_cuts(extractor):
    with pytest.raises(NotThisFormat):
        extractor.measure(BufferReader(b"some text of no interest".ljust(600, b".")), 0)


def test_nothing_without_a_stated_length_is_carved():
    for extractor in RECOGNISED:
        assert not any(magic.carve for magic in extractor.MAGIC), extractor.INFO.name
