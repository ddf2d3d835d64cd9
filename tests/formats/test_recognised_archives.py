import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat, Unsupported
from inspector.extract.archive.recognised import RECOGNISED
from inspector.extract.archive.shelf import EXTRACTORS
from inspector.extract.base import Grade
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import keeps_its_promise, run

BY_NAME = {extractor.INFO.name: extractor for extractor in RECOGNISED}


def measured(name: str, blob: bytes) -> int:
    return len(BY_NAME[name].measure(BufferReader(blob), 0))


@pytest.mark.packers
def test_output_of_arj(tmp_path):
    (tmp_path / "a").write_bytes(b"text " * 100)
    run(tool("arj"), "a", "x.arj", "a", cwd=tmp_path)
    blob = (tmp_path / "x.arj").read_bytes()
    assert measured("arj", blob) == len(blob)
    with pytest.raises(NotThisFormat):
        measured("arj", blob[:20] + b"?" + blob[21:])


@pytest.mark.packers
def test_output_of_jlha(tmp_path):
    (tmp_path / "a").write_bytes(b"text " * 100)
    run(tool("jlha"), "-aq", "x.lzh", "a", cwd=tmp_path)
    assert measured("lha", (tmp_path / "x.lzh").read_bytes())


@pytest.mark.packers
def test_output_of_arc_and_mkudffs(tmp_path):
    (tmp_path / "a").write_bytes(b"text " * 100)
    run(tool("arc"), "a", "x.arc", "a", cwd=tmp_path)
    blob = (tmp_path / "x.arc").read_bytes()
    assert measured("arc", blob) == len(blob)
    (tmp_path / "disc").write_bytes(bytes(4 << 20))
    run(tool("mkudffs"), "disc", cwd=tmp_path)
    assert measured("udf", (tmp_path / "disc").read_bytes()) == 4 << 20


def test_names_are_unique_and_every_row_has_a_remedy():
    names = [extractor.INFO.name for extractor in EXTRACTORS]
    assert len(names) == len(set(names))
    assert all(e.INFO.grade is Grade.RECOGNISE and e.INFO.remedy for e in RECOGNISED)
    assert not any(magic.carve for e in RECOGNISED for magic in e.MAGIC)


def test_rows_without_a_check_hold_on_their_magic_alone():
    for extractor in RECOGNISED:
        for magic in extractor.MAGIC:
            blob = bytes(magic.offset) + magic.pattern + bytes(40)
            try:
                assert len(extractor.measure(BufferReader(blob), 0)) == len(blob)
            except NotThisFormat:
                assert extractor.INFO.name in ("arc", "arj", "lha", "udf", "hfs-plus", "xar")
        with pytest.raises(Unsupported):
            extractor.unpack(BufferReader(b"x"))


@given(st.binary(max_size=100))
def test_any_bytes(raw):
    for extractor in RECOGNISED:
        keeps_its_promise(extractor, raw)
        for magic in extractor.MAGIC:
            if magic.offset < 100:
                keeps_its_promise(extractor, bytes(magic.offset) + magic.pattern + raw)
