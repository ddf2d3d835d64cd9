from random import Random
from struct import pack_into

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, NotThisFormat
from inspector.formats.mobile.axml import parse_axml, without_namespaces
from inspector.formats.mobile.manifest_xml import parse_manifest_xml
from inspector.formats.reader import BufferReader
from tests.builders.axml import build_axml, tag

ROOT = tag(
    "manifest",
    tag("uses-sdk", minSdkVersion=21, targetSdkVersion=34),
    tag("application", tag("activity", name=".Main", exported=True), label=("ref", 0x7F010000), debuggable=False),
    package="com.example.app",
    versionName="1.2 ünï",
)


def parsed(blob: bytes):
    return parse_axml(BufferReader(blob))


@pytest.mark.parametrize("utf8", [True, False])
@pytest.mark.parametrize("blank_names", [True, False])
def test_elements_and_typed_values(utf8, blank_names):
    document = parsed(build_axml(ROOT, utf8=utf8, blank_names=blank_names))
    assert document.notes == ()
    assert [(one.name, one.depth) for one in document.elements] == [
        ("manifest", 0),
        ("uses-sdk", 1),
        ("application", 1),
        ("activity", 2),
    ]
    manifest, sdk, application, activity = document.elements
    assert (manifest.get("package"), manifest.get("versionName")) == ("com.example.app", "1.2 ünï")
    assert (sdk.get("minSdkVersion"), activity.get("exported"), application.get("debuggable")) == (
        "21",
        "true",
        "false",
    )
    assert application.attribute("label").reference == 0x7F010000


def test_wrong_type_of_the_outer_chunk_is_read_and_noted():
    blob = bytearray(build_axml(ROOT))
    blob[0] = 0
    document = parsed(bytes(blob))
    assert len(document.elements) == 4
    assert document.notes == ("binary XML of type 0x0",)


def test_string_count_is_clamped_to_the_chunk():
    blob = bytearray(build_axml(ROOT))
    pack_into("<I", blob, 16, 0x0FFFFFF0)
    document = parsed(bytes(blob))
    assert document.strings.count < len(blob)
    assert [one.name for one in document.elements] == ["manifest", "uses-sdk", "application", "activity"]
    assert any("claims 268435440 strings" in note for note in document.notes)


def test_unknown_chunk_is_skipped_and_noted():
    blob = build_axml(ROOT)
    at = 8 + int.from_bytes(blob[12:16], "little")
    document = parsed(blob[:at] + b"\xff\x7f\x08\x00\x10\x00\x00\x00" + bytes(8) + blob[at:])
    assert len(document.elements) == 4
    assert "unknown binary XML chunk 0x7fff" in document.notes


def test_every_prefix_gives_a_subset_or_a_typed_error():
    blob = build_axml(ROOT)
    for cut in range(len(blob)):
        try:
            document = parsed(blob[:cut])
        except FormatError:
            continue
        assert len(document.elements) <= 4


@pytest.mark.parametrize("seed", range(5))
def test_damage_gives_values_or_typed_errors(seed):
    random = Random(seed)
    sample = build_axml(ROOT)
    for _ in range(200):
        blob = bytearray(sample)
        for _ in range(random.randint(1, 6)):
            blob[random.randrange(len(blob))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        try:
            for one in parsed(bytes(blob)).elements:
                assert isinstance(one.get("name"), str)
        except FormatError:
            continue


@given(st.binary(max_size=200))
def test_any_bytes(blob):
    for head in (b"", b"\x03\x00\x08\x00"):
        try:
            parsed(head + blob)
        except FormatError:
            continue


def test_plain_manifest_and_its_traps():
    plain = b'<?xml version="1.0"?><manifest xmlns:android="http://schemas.android.com/apk/res/android" package="a.b">'
    manifest, permission = parse_manifest_xml(BufferReader(plain + b'<uses-permission android:name="p"/></manifest>'))
    assert (manifest.get("package"), permission.name, permission.get("name")) == ("a.b", "uses-permission", "p")
    bomb = b'<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><manifest>&b;</manifest>'
    for blob in (bomb, b"<html/>", b"<manifest" * 3, b"", b"<manifest>" * 5000):
        with pytest.raises(FormatError):
            parse_manifest_xml(BufferReader(blob))


def test_text_is_no_binary_xml():
    with pytest.raises(NotThisFormat):
        parsed(b"<?xml version='1.0'?><manifest/>")


@pytest.mark.parametrize("utf8", [True, False])
def test_namespaces_are_blanked_and_nothing_else(utf8):
    raw = build_axml(tag("a", name="x", value="https://api.example.cn/v1"), utf8=utf8)
    plain = bytes(without_namespaces(BufferReader(raw)).all())
    encoding = "utf-8" if utf8 else "utf-16-le"
    assert len(plain) == len(raw)
    assert "schemas.android.com".encode(encoding) in raw
    assert "schemas.android.com".encode(encoding) not in plain
    assert "https://api.example.cn/v1".encode(encoding) in plain
    assert parse_axml(BufferReader(plain)).elements[0].get("value") == "https://api.example.cn/v1"
