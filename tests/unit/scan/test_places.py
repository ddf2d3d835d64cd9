import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes


def place(content, leaf_format, inner="/etc/x"):
    leaf = Artifact("fw", leaf_format, inner.rpartition("/")[2], "fw", inner)
    endpoints = [s for s in SCANNERS if s.INFO.name == "endpoints"]
    return scan_leaf(leaf, BufferReader(content), endpoints, ScanNotes())[0]


@pytest.mark.parametrize(
    ("leaf_format", "content", "key"),
    [
        ("config", b"[cloud]\nserver_host = m.tuyacn.com\n", "server_host"),
        ("config", b"config timeserver 'ntp'\n\tlist server 'ntp.tuyacn.com'\n", "server"),
        ("config", b"nameserver 114.114.114.114\n", "nameserver"),
        ("config", b"\tproxy_pass http://up.tuyacn.com;\n", "proxy_pass"),
        ("config", b"mqtt:\n  broker: m.tuyacn.com\n", "broker"),
        (
            "config",
            b"InternetGatewayDevice.ManagementServer.URL=http://acs.chinamobile.com:9090/\n",
            "InternetGatewayDevice.ManagementServer.URL",
        ),
        ("json", b'{"a": {"api_host": "m.tuyacn.com"}}', "api_host"),
        ("json", b'{"hosts": ["m.tuyacn.com"]}', "hosts"),
        ("xml", b'<r><string name="api_host">m.tuyacn.com</string></r>', "string/api_host"),
        ("xml", b"<dict><key>Endpoint</key><string>m.tuyacn.com</string></dict>", "Endpoint"),
        ("xml", b'<server url="http://m.tuyacn.com/"/>', "url"),
        ("data", b"\x00bootcmd=x\x00serverip=47.1.2.3\x00", "serverip"),
    ],
)
def test_names_the_key(leaf_format, content, key):
    sighting = place(content, leaf_format)
    assert (sighting.key, sighting.context, sighting.presence) == (key, Context.CONFIG, Presence.CONFIGURED)


@pytest.mark.parametrize(
    ("leaf_format", "content", "key"),
    [
        ("shell", b"URL='http://m.tuyacn.com/fw'\n", "URL"),
        ("shell", b"wget http://m.tuyacn.com/fw\n", "wget"),
        ("javascript", b'var a={baseURL:"https://m.tuyacn.com"}', "baseURL"),
        ("javascript", b'fetch("https://m.tuyacn.com")', "fetch"),
    ],
)
def test_code_uses_its_constants(leaf_format, content, key):
    sighting = place(content, leaf_format)
    assert (sighting.key, sighting.context, sighting.presence) == (key, Context.CODE, Presence.REFERENCED)


@pytest.mark.parametrize(
    ("leaf_format", "content", "inner"),
    [
        ("config", b"# see http://m.tuyacn.com/\n", "/etc/x"),
        ("javascript", b"/* by http://m.tuyacn.com/ */", "/www/x.js"),
        ("xml", b'<a xmlns:t="http://m.tuyacn.com/ns">', "/x.xml"),
        ("text", b"http://m.tuyacn.com/", "/usr/share/doc/x/README"),
        ("elf", b"http://www.w3.org/2001/XMLSchema", "/bin/x"),
        ("data", b"http://m.tuyacn.com", "/LICENSE.txt"),
    ],
)
def test_documentation_is_told_apart(leaf_format, content, inner):
    assert place(content, leaf_format, inner).context is Context.DOCUMENTATION


def test_test_data_is_told_apart():
    assert place(b'"m.tuyacn.com"', "javascript", "/lib/tests/x.js").context is Context.TEST_DATA


def test_elf_section_is_the_key():
    with open("/bin/sh", "rb") as file:
        content = file.read()
    if content[:4] != b"\x7fELF":
        pytest.skip("no ELF shell here")
    from inspector.formats.elf import Elf

    rodata = next(s for s in Elf(BufferReader(content)).sections if s.name == ".rodata")
    planted = content[: rodata.start + 16] + b"\x00m.tuyacn.com\x00" + content[rodata.start + 30 :]
    found = [s for s in _all(planted) if s.observable.value == "m.tuyacn.com"]
    assert [s.key for s in found] == [".rodata"]


def _all(content):
    return scan_leaf(Artifact("fw", "elf", "sh"), BufferReader(content), SCANNERS, ScanNotes())
