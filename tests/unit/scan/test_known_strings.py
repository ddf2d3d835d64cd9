import pytest

from inspector.classify.generic import ICP_NUMBERS
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.scan.base import ScanNotes
from inspector.scan.known_strings import KnownStrings


@pytest.fixture(scope="module")
def scanner():
    made = KnownStrings()
    made.prepare(Anchors(strings=("PPCS_Listen", "viomi.vacuum."), regexes=(r"CN-[0-9]{4}-[A-F]{2}",)))
    return made


def values(scanner, content):
    found = scanner.scan(Artifact("fw", "data", "x"), BufferReader(content), ScanNotes())
    return [(s.observable.value, s.location.offset, s.decoding) for s in found]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\0PPCS_Listen\0", [("PPCS_Listen", 1, "")]),
        (b"_PPCS_Listen", [("PPCS_Listen", 1, "")]),
        (b"PPCS_Listening", []),
        (b"xPPCS_Listen", []),
        (b"ppcs_listen", []),
        (b"viomi.vacuum.v7", [("viomi.vacuum.", 0, "")]),
        ("\0PPCS_Listen".encode("utf-16le"), [("PPCS_Listen", 2, "utf-16le")]),
        (b"id CN-2024-AB end", [("CN-2024-AB", 3, "")]),
        (b"PPCS_Listen", [("PPCS_Listen", 0, "")]),
    ],
)
def test_constants_stand_for_themselves(scanner, content, expected):
    assert values(scanner, content) == expected


def test_without_knowledge_nothing_is_found():
    empty = KnownStrings()
    empty.prepare(Anchors())
    assert values(empty, b"PPCS_Listen") == []


@pytest.mark.parametrize(("encoding", "decoding"), [("utf-8", ""), ("gbk", "gb18030")])
def test_a_registration_number_is_read_in_both_encodings(encoding, decoding):
    scanner = KnownStrings()
    scanner.prepare(Anchors(regexes=ICP_NUMBERS))
    content = "<a>粤ICP备12345678号-3</a> 深圳 example.com".encode(encoding)
    [found] = scanner.scan(Artifact("fw", "text", "x"), BufferReader(content), ScanNotes())
    assert (found.observable.value, found.decoding) == ("ICP备12345678号", decoding)
    assert "粤ICP备12345678号-3</a> 深圳" in found.excerpt
