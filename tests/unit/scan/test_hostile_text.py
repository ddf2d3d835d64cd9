import time

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint import endpoints
from tests.unit.scan.conftest import scan

SIZE = 200_000


@pytest.mark.parametrize(
    "piece",
    [
        b".", b"a.tuyacn.com ", b"a.tuyacn.com", b"a", b"1.", b"1.1.1.1.", b"http://", b"http://a.cn/", b"(",
        b"%s.com ", b"\xff\xfe", b"a\0.\0c\0o\0m\0", b"\xd8\x00", b"2001:db8:", b"@", b"x@y.com,", b"\\/", b":\\/\\/",
        b"-", b"_.cn", b"a.com:", b"%3a%2f%2f", b"\\x2e", b"\xe4\xb8\xad.com",
    ],
)  # fmt: skip
def test_time_is_linear_in_the_input(piece):
    def seconds(size: int) -> float:
        began = time.process_time()
        scan(piece * (size // len(piece)))
        return time.process_time() - began

    seconds(10_000)
    assert seconds(SIZE) < 16 * max(seconds(SIZE // 4), 0.05)


def test_more_names_than_are_kept_is_a_gap(monkeypatch):
    monkeypatch.setattr(endpoints, "ENDPOINTS_KEPT", 1000)
    notes = ScanNotes()
    content = b"".join(b"h%d.tuyacn.com\n" % number for number in range(5000))
    found = scan(content, notes=notes)
    assert len({sighting.observable for sighting in found}) == 1000
    assert notes.rejected["truncated"] == 4000
    assert [(reason, detail.partition(":")[0]) for _, _, reason, detail in notes.gaps] == [("limit", "truncated")]


def test_many_names_hide_none_whose_owner_is_known(monkeypatch):
    monkeypatch.setattr(endpoints, "ENDPOINTS_KEPT", 100)
    monkeypatch.setattr(endpoints, "OWNED_KEPT", 10)
    scanner = endpoints.EndpointScanner()
    scanner.prepare(Anchors(hosts=frozenset(("tuyacn.com",))))
    flood = b"".join(b"h%d.example%d.cn\n" % (number, number) for number in range(500))
    owned = b"".join(b"m%d.tuyacn.com\n" % number for number in range(50))
    notes = ScanNotes()
    leaf = Artifact("fw.bin!leaf", "data", "leaf")
    found = [s.observable.value for s in scanner.scan(leaf, BufferReader(flood + flood + owned), notes)]
    assert [name for name in found if name.endswith("tuyacn.com")] == [f"m{number}.tuyacn.com" for number in range(10)]
    assert len(set(found)) == 110
    assert [reason for _, _, reason, _ in notes.gaps] == ["limit"]


@pytest.mark.parametrize("encode", [lambda t: t.encode("utf-16le"), lambda t: t.replace(".", "%2e").encode()])
def test_every_name_of_a_long_encoded_text_is_whole_and_comes_once(encode):
    names = [f"host{number * number}.vendor{number}.com" for number in range(3000)]
    found = scan(b"\0\0" + encode("&".join(names)) + b"\0\0")
    assert sorted(sighting.observable.value for sighting in found) == sorted(names)
