import zlib
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.formats.program.luajit import texts
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes

COMPILED = {
    "stripped": (
        "eNpdjz1Ow0AQhd/Orv9DZLkC0VgUOBQ4CggEFBQpkS9hYgdbMvZibwClWnECjkBFTYU4AnegR+IWrChSUM7M9/TN282uaDyA2eBw"
        "TxiQEEMkCOdEdGB9Yk6cLomzjBHcvpT2NbMIAlo/axHmebqs+0Glixbhep2qqu4LM3hVN6idYpbKJm9VWRwO5aJr/y6y6xX/Gr8x"
        "B1vwECYwUsZwTIRTzhFZQGSbJxzCxBWYeBYS30YSOEhGLvaDUTDnLjsCdGYy9qPfdO1NHH+/P/18vMYPdVFutCu1PDNSYRxav2hh"
        "yvmyr1uFvUopOVxMp7msN3izyg09vZ9t394p9W+NX9SoRVQ="
    ),
    "with names": (
        "eNpdUMtKw1AQPTP35iZ9WrpSRCguTF2YUkVRFyJdSn8ibVIbqElMbmvp6qI/4Ce48hPET3Dp3r3gX3gRqeDZDHPmDOfMbA+vuK4u"
        "y2A2Dx8IpCDgNQSOCfCZ0JaMM2bed94wYMEXLGhIDK+IczUihyFhzKORrTAMJklR6mCcorVaBXqaFJFtKtOs1FtRP8hnYarj6KCM"
        "x1n6M8mzQouPJn6xBCp4JxcNW1s7UL4lfSIcMeNECLQdoK1sKJfR9SS6FQd+VcGvufDrHvZq9dpAeHQImKHdUcvqLEuvO53Pl/uv"
        "1+fOXRLF6xhzPTm1IaT1MObJSHtsNS+SVGN3qnVenvd6YZ6s5fY/Vt1b9DdvbrX+RxML+QfHCcEbI1BzAmoA30lCSfM="
    ),
}
"""Output of LuaJIT 2.1.0-beta3, deflated: a function with a table in a function, numbers of all kinds between texts."""
DUMPS = {name: zlib.decompress(b64decode(text)) for name, text in COMPILED.items()}
EXPECTED = [
    *("rep", "b", "aa.first.cn", "zz.third.cn", "host", "d1.planted-second.cn", "port", "x", "long "),
    *("涂鸦 wide.planted-utf8.cn", "print", "https://api.planted-lua.cn/v1", "mqtt.planted-lua.cn"),
]


def read(blob: bytes) -> list[bytes]:
    return [blob[text.start : text.end] for text in texts(BufferReader(blob))]


@pytest.mark.parametrize("name", DUMPS)
def test_texts_have_their_borders(name):
    assert read(DUMPS[name]) == [text.encode() for text in EXPECTED]


@pytest.mark.parametrize("name", DUMPS)
def test_endpoints_that_touch_stay_apart(name):
    found = scan_leaf(Artifact("a.luac", "luac", "a.luac"), BufferReader(DUMPS[name]), SCANNERS, ScanNotes())
    assert {one.observable.value for one in found if one.observable.kind is Kind.HOSTNAME} == {
        *("aa.first.cn", "zz.third.cn", "d1.planted-second.cn", "wide.planted-utf8.cn"),
        *("api.planted-lua.cn", "mqtt.planted-lua.cn"),
    }
    assert "https://api.planted-lua.cn/v1" in {one.observable.value for one in found}


def test_what_stands_before_the_damage_is_kept():
    whole = read(DUMPS["stripped"])
    for end in range(len(DUMPS["stripped"])):
        blob = DUMPS["stripped"][:end]
        if len(blob) > 4:
            assert whole[: len(found := read(blob))] == found


def test_other_bytes_are_none():
    for blob in (b"", b"\x1bL", b"\x1bLua\x53" + bytes(40)):
        with pytest.raises(NotThisFormat):
            read(blob)


@given(st.binary(max_size=200))
def test_any_bytes_give_ranges_in_order(tail):
    blob = b"\x1bLJ\x02" + tail
    found = list(texts(BufferReader(blob)))
    assert all(0 <= one.start <= one.end <= len(blob) for one in found)
    assert found == sorted(found)
