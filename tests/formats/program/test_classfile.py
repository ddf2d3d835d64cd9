import subprocess
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, NotThisFormat
from inspector.formats.program.classfile import MAGIC, parse_class
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Presence
from inspector.scan.android.java_classes import JavaClasses, JavaReferences
from inspector.scan.base import ScanNotes
from tests.formats.original import tool

SOURCE = """
package com.example.net;
public class Api {
    static final String BASE = "https://base.example.cn";
    static final long NUMBER = 1234567890123L;
    static String other = "https://other.example.cn";
    java.net.NetworkInterface card;
    String connect(int way) throws Exception {
        switch (way) {
            case 1: return "https://one.example.cn";
            case 1000: return "https://thousand.example.cn";
            case -5: return new String(card.getHardwareAddress());
        }
        for (int i = 0; i < 70000; i++) { way += 300; }
        switch (way) { case 1: case 2: case 3: return "x" + way; default: return "https://end.example.cn" + way; }
    }
    String unused() { return "https://one.example.cn/é"; }
}
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("java")
    (folder / "Api.java").write_text(SOURCE)
    subprocess.run(
        [tool("javac"), "-encoding", "UTF-8", "-d", str(folder), str(folder / "Api.java")],
        check=True,
        capture_output=True,
    )
    return (folder / "com/example/net/Api.class").read_bytes()


def users(blob: bytes, text: str) -> set[str]:
    found = parse_class(BufferReader(blob))
    return {
        name
        for names in found.uses(found.users_of_text(found.text_at(blob.index(text.encode())))).values()
        for name in names
    }


@pytest.mark.packers
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://base.example.cn", {"BASE"}),
        ("https://other.example.cn", {"<clinit>"}),
        ("https://one.example.cn", {"connect"}),
        ("https://thousand.example.cn", {"connect"}),
        ("https://one.example.cn/é", {"unused"}),
    ],
)
def test_users_of_a_constant(api, text, expected):
    assert users(api, text) == expected


@pytest.mark.packers
def test_text_put_together_at_run_time_belongs_to_the_method_that_does_it(api):
    assert users(api, "https://end.example.cn") == {"connect"}


@pytest.mark.packers
def test_scanner_and_placer(api):
    scanner = JavaClasses()
    scanner.prepare(Anchors(packages=frozenset({"com.example"})))
    artifact = Artifact("a.jar!jar!Api.class", "class", "Api.class")
    package, sensitive = scanner.scan(artifact, BufferReader(api), ScanNotes())
    assert package.observable.value == "com.example"
    assert sensitive.observable.value == "sensitive-api:device-id"
    assert sensitive.referenced_by == ("com.example.net.Api.connect",)
    at = api.index(b"one.example.cn")
    (place,) = JavaReferences().places(artifact, BufferReader(api), [(at, at + 14)])
    assert (place.presence, place.referenced_by) == (Presence.REFERENCED, ("com.example.net.Api.connect",))


@pytest.mark.packers
def test_a_hit_that_begins_with_the_length_is_told(api):
    at = api.index(b"\x16https://one.example.cn") + 1
    (place,) = JavaReferences().places(Artifact("a", "class", "a"), BufferReader(api), [(at - 1, at + 14)])
    assert (place.prefix, place.referenced_by) == (1, ("com.example.net.Api.connect",))


@pytest.mark.packers
def test_damage_and_prefixes(api):
    random = Random(1)
    blobs = [api[:cut] for cut in range(len(api))]
    for _ in range(400):
        blob = bytearray(api)
        for _ in range(random.randint(1, 5)):
            blob[random.randrange(8, len(blob))] = random.randrange(256)
        blobs.append(bytes(blob))
    for blob in blobs:
        attempt(blob)


@given(st.binary(max_size=120))
def test_any_bytes(blob):
    attempt(MAGIC + b"\0\0\0\x34" + blob)


def attempt(blob: bytes) -> None:
    try:
        found = parse_class(BufferReader(blob))
        list(found.references({"a"}))
        assert isinstance(found.name, str)
        for index in found.users_of_text(found.text_at(len(blob) // 2)):
            found.text(index)
        found.uses(range(50))
    except FormatError:
        return


def test_fat_macho_is_no_class_file():
    with pytest.raises(NotThisFormat):
        parse_class(BufferReader(MAGIC + b"\0\0\0\x02" + bytes(40)))
