import plistlib
from datetime import UTC, datetime
from random import Random
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.extract.mobile.apple import BinaryPlist
from inspector.formats.data.plist import parse_plist, render_plist
from inspector.formats.reader import BufferReader
from tests.formats.promise import every_prefix, files, keeps_its_promise

VALUE = {
    "CFBundleIdentifier": "com.example.app",
    "name": "涂鸦智能",
    "list": [1, -5, 1 << 40, 1.5, True, False, b"bytes", {"deep": [["x"]]}],
    "when": datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None),
}
BINARY = plistlib.dumps(VALUE, fmt=plistlib.FMT_BINARY)
XML = plistlib.dumps(VALUE, fmt=plistlib.FMT_XML)
BOMB = b"""<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<plist><string>&b;</string></plist>"""


@pytest.mark.parametrize("blob", [BINARY, XML])
def test_both_forms_give_the_same_values(blob):
    found = parse_plist(BufferReader(blob))
    assert found.pop("when").date() == VALUE["when"].date()
    assert found == {key: value for key, value in VALUE.items() if key != "when"}


def test_rendering_reads_back():
    value = {key: one for key, one in VALUE.items() if key not in ("list", "when")} | {"n": [1, "a<b&c", True, None]}
    again = parse_plist(BufferReader(render_plist(value)))
    assert again == value | {"n": [1, "a<b&c", True, ""]}


def test_hosts_in_a_binary_list_stand_apart_in_the_member():
    blob = plistlib.dumps({"a": "api.example.cn", "b": "ZZZZZZZZZZZ", "c": "Q"}, fmt=plistlib.FMT_BINARY)
    assert b"<string>api.example.cn</string>" in files(BinaryPlist(), blob)["plist.xml"]


def test_entities_are_refused():
    with pytest.raises(Malformed):
        parse_plist(BufferReader(BOMB))


def test_shared_containers_do_not_multiply():
    levels = 40
    objects = [b"\xa2" + bytes([index + 1, index + 1]) for index in range(levels)] + [b"\x51x"]
    body, offsets = b"bplist00", []
    for one in objects:
        offsets.append(len(body))
        body += one
    table = b"".join(pack(">H", offset) for offset in offsets)
    blob = body + table + pack(">6x2B3Q", 2, 1, len(objects), 0, len(body))
    with pytest.raises(LimitReached):
        parse_plist(BufferReader(blob))


def test_a_list_that_holds_itself_ends():
    body = b"bplist00\xa1\x00"
    with pytest.raises(LimitReached):
        parse_plist(BufferReader(body + b"\x08" + pack(">6x2B3Q", 1, 1, 1, 0, len(body))))


def test_deep_xml_ends():
    with pytest.raises(LimitReached):
        parse_plist(BufferReader(b"<plist>" + b"<array>" * 1000))


def test_other_xml_is_no_list():
    with pytest.raises(NotThisFormat):
        parse_plist(BufferReader(b'<?xml version="1.0"?><html></html>'))


def read(blob: bytes) -> None:
    try:
        render_plist(parse_plist(BufferReader(blob)))
    except FormatError:
        return


def test_prefixes_and_damage_give_values_or_typed_errors():
    random = Random(5)
    for sample in (BINARY, XML):
        for cut in range(0, len(sample), 3):
            read(sample[:cut])
        for _ in range(500):
            blob = bytearray(sample)
            for _ in range(random.randint(1, 4)):
                blob[random.randrange(len(blob))] = random.randrange(256)
            read(bytes(blob))
    every_prefix(BinaryPlist(), BINARY, 100)


@given(st.binary(max_size=120))
def test_any_bytes(blob):
    read(b"bplist00" + blob)
    read(b"<plist>" + blob)
    keeps_its_promise(BinaryPlist(), b"bplist00" + blob)
