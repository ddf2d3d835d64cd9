"""Files under a folder of documentation that something on the device uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence, Sighting
from inspector.scan import PLACERS
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint.endpoints import EndpointScanner
from inspector.scan.mentions import FolderMentions, raise_mentioned
from inspector.scan.stage import settle

SETTINGS = b"[cloud]\nserver = cc.vendor-cloud.com\n"
CLOUDD = ("elf", "/usr/sbin/cloudd")


def hits(leaf_format: str, inner: str, content: bytes) -> list[Sighting]:
    leaf = Artifact(f"fw!squashfs!{inner}", leaf_format, inner.rpartition("/")[2], "fw!squashfs", inner)
    return list(EndpointScanner(PLACERS).scan(leaf, BufferReader(content), ScanNotes()))


def facts(content: bytes, leaf_format: str = "elf", inner: str = "/usr/sbin/cloudd") -> list[tuple[str, str, str]]:
    notes = ScanNotes()
    leaf = Artifact(f"fw!squashfs!{inner}", leaf_format, "x", "fw!squashfs", inner)
    assert list(FolderMentions().scan(leaf, BufferReader(content), notes)) == []
    return notes.facts


@pytest.mark.parametrize(
    ("leaf_format", "inner", "content", "named", "context"),
    [
        ("config", "/usr/share/doc/cloud/a.conf", SETTINGS, b"\0/usr/share/doc/cloud/a.conf\0", Context.CONFIG),
        ("config", "/opt/app/docs/a.conf", SETTINGS, b"\0docs/a.conf\0", Context.CONFIG),
        ("config", "/opt/app/docs/a.conf", SETTINGS, b"\0./docs/a.conf\0", Context.CONFIG),
        ("json", "/opt/app/info/a.json", b'{"host": "cc.vendor-cloud.com"}', b'open("info/a.json")', Context.CONFIG),
        (
            "shell",
            "/opt/app/samples/run",
            b"curl http://cc.vendor-cloud.com/",
            b"\0/opt/app/samples/run\0",
            Context.CODE,
        ),
        ("data", "/opt/app/tests/x.bin", b"\0\1cc.vendor-cloud.com\0\2", b"\0/opt/app/tests/x.bin\0", Context.CODE),
    ],
)
def test_what_a_program_names_is_no_documentation_by_its_folder(leaf_format, inner, content, named, context):
    found = hits(leaf_format, inner, content)
    assert found
    assert {hit.context for hit in settle(found, [], [])} <= {Context.DOCUMENTATION, Context.TEST_DATA}
    used = settle(found, facts(b"\x7fELF" + named), [])
    assert {hit.context for hit in used} == {context}
    assert context is Context.CODE or {hit.presence for hit in used} == {Presence.CONFIGURED}


def test_another_file_of_the_folder_and_comments_stay_documentation():
    named = facts(b"\0/usr/share/doc/cloud/a.conf\0")
    other = hits("config", "/usr/share/doc/cloud/b.conf", SETTINGS)
    comment = hits("config", "/usr/share/doc/cloud/a.conf", b"# see http://www.vendor-cloud.com/\n")
    readme = hits("documentation", "/usr/share/doc/cloud/README.md", b"www.vendor-cloud.com")
    assert {hit.context for hit in settle([*other, *comment, *readme], named, [])} == {Context.DOCUMENTATION}


def test_documentation_does_not_make_documentation_used():
    assert facts(b"/usr/share/doc/cloud/a.conf", "config", "/usr/share/doc/cloud/index.conf") == []


def test_the_settings_that_name_a_file_use_it():
    assert ("names", "fw!squashfs!/etc/x", "/usr/share/doc/a.conf") in facts(
        b"include=/usr/share/doc/a.conf\n", "config", "/etc/x"
    )


@pytest.mark.parametrize(
    ("leaf_format", "text", "context"),
    [
        ("shell", b"see http://cc.vendor-cloud.com/a\n", Context.CODE),
        ("shell", b'X="see http://cc.vendor-cloud.com/a"; wget ${X#* }\n', Context.CODE),
        ("shell", b"wget $(see http://cc.vendor-cloud.com/a)\n", Context.CODE),
        ("script", b'u = "such as http://cc.vendor-cloud.com/a"\n', Context.CODE),
        ("shell", b'echo "no key, see http://www.vendor-cloud.com/a"\n', Context.DOCUMENTATION),
        ("script", b'raise ValueError("see https://www.vendor-cloud.com/a")\n', Context.DOCUMENTATION),
        ("javascript", b'e[1]="cannot load the module, see https://www.vendor-cloud.com/a"', Context.DOCUMENTATION),
        ("script", b"# see https://www.vendor-cloud.com/a\n", Context.DOCUMENTATION),
        ("data", b"\0Failed to load. See https://www.vendor-cloud.com/a\0", Context.DOCUMENTATION),
    ],
)
def test_see_in_a_program_is_a_pointer_only_in_a_message(leaf_format, text, context):
    assert {hit.context for hit in hits(leaf_format, "/usr/bin/x", text)} == {context}


@given(st.lists(st.binary(max_size=40)), st.sampled_from([b"/doc/", b"docs/", b"/tests/a", b"/usr/share/man/x/y"]))
def test_any_bytes_around_a_folder(parts, folder):
    for kind, _, path in facts(folder.join(parts)):
        assert kind == "names"
        assert "/" in path


def test_a_sighting_elsewhere_is_left_as_it_is():
    found = hits("config", "/etc/a.conf", SETTINGS)
    assert raise_mentioned(found, [("names", "x", "etc/a.conf")]) == found
    assert raise_mentioned(found, []) == found
