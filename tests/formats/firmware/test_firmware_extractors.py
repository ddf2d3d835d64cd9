"""What holds for every firmware extractor: documented, unique, and total on any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError
from inspector.extract.base import Family, Grade
from inspector.extract.firmware.shelf import EXTRACTORS
from inspector.formats.reader import BufferReader


def test_names_are_unique_and_documented():
    names = [extractor.INFO.name for extractor in EXTRACTORS]
    assert len(names) == len(set(names))
    for extractor in EXTRACTORS:
        info = extractor.INFO
        assert info.family is Family.FIRMWARE
        assert info.title
        assert info.summary.endswith(".")
        assert info.references
        assert info.tested or info.grade is Grade.RECOGNISE
        assert info.remedy or info.grade is not Grade.RECOGNISE
        assert extractor.MAGIC or extractor.NAMES


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda extractor: extractor.INFO.name)
@given(head=st.binary(max_size=64), blob=st.binary(max_size=600), offset=st.integers(0, 20))
def test_any_bytes_behind_a_magic_are_a_span_or_a_format_error(extractor, head, blob, offset):
    for magic in extractor.MAGIC:
        data = bytearray(offset) + head[: magic.offset].ljust(magic.offset, b"\0") + magic.pattern + blob
        try:
            span = extractor.measure(BufferReader(data), offset)
            assert offset == span.start < span.end <= len(data)
            list(extractor.unpack(BufferReader(data[span.start : span.end])).members)
        except FormatError:
            continue
