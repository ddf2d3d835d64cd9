from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint import hidden as hidden_endpoints
from inspector.scan.endpoint.hidden import HiddenEndpoints

SCANNER = HiddenEndpoints()
URL = b"https://ota.tuyacn.com/v1/check"


def scan(content, leaf_format="data"):
    found = SCANNER.scan(Artifact("fw", leaf_format, "x"), BufferReader(content), ScanNotes())
    return {(s.observable.kind.value, s.observable.value, s.decoding) for s in found}


@pytest.mark.parametrize("shift", range(6))
def test_reads_base64_in_every_alignment(shift):
    assert ("hostname", "ota.tuyacn.com", "base64") in scan(b'"' + b64encode(b"x" * shift + b" " + URL) + b'"')


@pytest.mark.parametrize("url", [b"http://a.tuyacn.com", b"mqtt://a.tuyacn.com:1883", b"rtsp://47.1.2.3/x"])
def test_reads_base64_of_any_scheme(url):
    assert ("url", url.decode(), "base64") in scan(b"=" + b64encode(url) + b"\n")


@pytest.mark.parametrize("shift", range(3))
@pytest.mark.parametrize("domain", [b".tuyacn.com", b".weibo.cn", b".tuya.net", b".tuya.org", b".tuya.io"])
@pytest.mark.parametrize("tail", [b"", b":8883", b"\n", b",b.tuyacn.com"])
def test_reads_bare_names_in_base64(shift, domain, tail):
    name = b"mqtt" + b"1" * shift + domain
    for content in (
        b"key=" + b64encode(name + tail),
        b'key="' + b64encode(name + tail) + b'";',
        b"\0" + b64encode(name + tail).rstrip(b"=") + b"\0",
    ):
        assert ("hostname", name.decode(), "base64") in scan(content)


@pytest.mark.parametrize("text", [b"see api.tuyacn.com", b"api.tuyacn.component", b"api.tuyacn.com\x07", b"a.com"])
def test_base64_that_holds_anything_else_is_no_bare_name(text):
    assert scan(b'"' + b64encode(text) + b'"') == set()


def test_a_piece_of_base64_is_no_bare_name():
    assert scan(b'"' + b"A" * 500 + b64encode(b"api.tuyacn.com") + b'"') == set()


def test_reads_hexadecimal():
    assert ("url", URL.decode(), "hex") in scan(b"\0" + URL.hex().encode() + b"\0")
    assert ("url", URL.decode(), "hex") in scan(b"1" + URL.hex().upper().encode())


@given(st.integers(1, 255))
def test_reads_any_one_byte_key(key):
    content = b"\xfe\xfd" + bytes(code ^ key for code in URL + b"\0") + b"\xfc"
    assert ("url", URL.decode(), f"xor {key:#04x}") in scan(content)


def test_reads_dns_names():
    assert scan(b"\0\x04mqtt\x06tuyacn\x03com\0\0\x01") == {("hostname", "mqtt.tuyacn.com", "dns-wire")}
    assert scan(b"abc\x03com\0") == set()
    assert scan(b"\x06tuyacn\x03com\0") == set()


@pytest.mark.parametrize(
    ("content", "decoding"), [(b"server_ip=3396469879\n", "decimal-address"), (b'"host": 0xca720477,', "hex-address")]
)
def test_reads_addresses_written_as_numbers(content, decoding):
    assert scan(content, "config") == {("ip-address", "202.114.4.119", decoding)}


@pytest.mark.parametrize(
    ("content", "address"), [(b"dns1=3232235777\n", "192.168.1.1"), (b"gw_ip=0x0a000001\n", "10.0.0.1")]
)
def test_private_addresses_written_as_numbers_have_their_scope(content, address):
    [found] = SCANNER.scan(Artifact("fw", "config", "x"), BufferReader(content), ScanNotes())
    assert (found.observable.value, found.attributes) == (address, (("scope", "private"),))


@pytest.mark.parametrize(
    "content",
    [b"fdt_addr=0x83000000\n", b"reg_addr=0x0a000004\n", b"ip=2130706433\n", b"ip=0xffffff00\n", b"ip=0xe0000001"],
)
def test_addresses_of_memory_netmasks_and_the_device_itself_are_none(content):
    assert scan(content, "config") == set()


@pytest.mark.parametrize("content", [b"timeout=3396469879\n", b"mtime: 1700000000", b"ship_size=123456789"])
def test_leaves_other_numbers_alone(content):
    assert scan(content, "config") == set()


@pytest.mark.parametrize("family", [b"\x02\x00", b"\x00\x02", b"\x10\x02"])
def test_reads_socket_addresses(family):
    constant = family + (515).to_bytes(2, "big") + bytes([202, 114, 4, 119]) + bytes(8)
    assert scan(bytes(12) + constant, "elf") == {("ip-address", "202.114.4.119", "sockaddr-in")}
    assert scan(bytes(11) + constant) == set()  # compilers align it
    leaf = Artifact("fw", "elf", "x")
    [sighting] = SCANNER.scan(leaf, BufferReader(constant), ScanNotes())
    assert sighting.attributes == (("port", "515"),)


@pytest.mark.parametrize(
    ("port", "address"), [(4242, [202, 114, 4, 119]), (80, [10, 1, 1, 1]), (80, [2, 2, 14, 15]), (80, [0, 0, 0, 0])]
)
def test_leaves_other_constants_alone(port, address):
    assert scan(b"\x02\x00" + port.to_bytes(2, "big") + bytes(address) + bytes(8), "elf") == set()


@given(st.binary(max_size=200))
def test_any_bytes_are_read(content):
    scan(b"aHR0cDovL" + content + b"68747470" + content)


def test_places_that_decode_to_nothing_are_bounded_too(monkeypatch):
    monkeypatch.setattr(hidden_endpoints, "TRIED", 50)
    notes = ScanNotes()
    content = b64encode(b"http://").rstrip(b"=") * 400
    assert not list(SCANNER.scan(Artifact("fw", "data", "x"), BufferReader(content), notes))
    assert [(reason, detail) for _, _, reason, detail in notes.gaps] == [("limit", "more than 50 encoded places")]


def test_many_places_of_one_endpoint_hide_no_other_behind_them(monkeypatch):
    monkeypatch.setattr(hidden_endpoints, "MOST", 100)
    icon = b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"/>')
    notes = ScanNotes()
    content = BufferReader((b'"' + icon + b'",') * 500 + b'"' + b64encode(URL) + b'"')
    found = list(SCANNER.scan(Artifact("fw", "data", "x"), content, notes))
    assert "ota.tuyacn.com" in {s.observable.value for s in found}
    assert not notes.gaps
    namespace = [s for s in found if s.observable.value == "www.w3.org"]
    assert len(namespace) == hidden_endpoints.KEPT
    assert [dict(s.attributes).get("count") for s in namespace[:2]] == ["1000", None]


def test_packed_data_in_base64_is_no_text_but_for_its_urls():
    noise = bytes(range(128, 256)) * 2
    picture = b"\x89PNG\r\n\x1a\n" + noise + b"\xff qz7.cn \xff" + noise + b"\0id=https://ota.tuyacn.com/x id\0" + noise
    assert scan(b'"' + b64encode(picture) + b'"') == {
        ("url", "https://ota.tuyacn.com/x", "base64"),
        ("hostname", "ota.tuyacn.com", "base64"),
    }


def test_settings_in_base64_are_read_whole():
    settings = b'{"api":"https://ota.tuyacn.com/x","mqtt":"m1.tuyacn.com:8883","ntp":"47.88.1.2"}'
    found = {value for _, value, _ in scan(b'"' + b64encode(settings) + b'"')}
    assert {"m1.tuyacn.com", "47.88.1.2", "ota.tuyacn.com"} <= found
