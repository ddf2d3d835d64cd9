"""What a text beside a picture may hold is what the scanners of endpoints read in text: no spelling is passed over."""

import re
from base64 import b64encode
from struct import pack
from zlib import crc32

import pytest

from inspector.formats.media.texts import media_texts
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan import PLACERS
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint import hidden
from inspector.scan.endpoint.endpoints import EndpointScanner
from inspector.scan.endpoint.hidden import HiddenEndpoints
from inspector.scan.sweep import DER, HOST, PEM, endpoint_anchors

NAME = "a.vendor-cloud.com"
SCANNERS = (EndpointScanner(PLACERS), HiddenEndpoints(PLACERS))
TEXTS = {
    "host": (b"ask vendor.com now", "vendor.com"),
    "host in its own script": ("ask bücher.de now".encode(), "xn--bcher-kva.de"),
    "url of a number": (b"http://3396469879/", "202.114.4.119"),
    "ipv4": (b"at 202.114.4.119 it", "202.114.4.119"),
    "ipv6": (b"at 2001:4860:4860:1:2:3:4:8888 it", "2001:4860:4860:1:2:3:4:8888"),
    "short ipv6": (b"at 2001:4860:4860::8888 it", "2001:4860:4860::8888"),
    "whole ipv6": (b"at 64:ff9b:1:2:3:4:5:6 it", "64:ff9b:1:2:3:4:5:6"),
    "whole ipv6, short head": (b"at 20:1:1234:2:3:4:5:6 it", "20:1:1234:2:3:4:5:6"),
    "ipv6 behind its zeros": (b"at ::2001:1:2:3 it", "::2001:1:2:3"),
    "wide": (NAME.encode("utf-16-le"), NAME),
    "wide, big": (NAME.encode("utf-16-be"), NAME),
    "wide url of a number": ("http://3396469879/".encode("utf-16-le"), "202.114.4.119"),
    "wide ipv4": ("202.114.4.119 ".encode("utf-16-le"), "202.114.4.119"),
    "slashes": (rb"http:\/\/202.114.4.119\/", "202.114.4.119"),
    "escaped colon": (rb"https\://vendor.com/a", "vendor.com"),
    "url escapes": (b"http%3A%2F%2Fvendor%2Ecom", "vendor.com"),
    "backslash u": (rb"http:\u002f\u002fvendor\u002ecom", "vendor.com"),
    "backslash x": (rb"http:\x2f\x2fvendor\x2ecom", "vendor.com"),
    "expression": (rb"^vendor\.com$", "vendor.com"),
    "expression in a string": (rb"^vendor\\.com$", "vendor.com"),
    "defanged": (b"ask vendor[.]com now", "vendor.com"),
    "defanged, a word": (b"ask vendor(DOT)com now", "vendor.com"),
    "defanged url": (b"hxxp[:]//3396469879/", "202.114.4.119"),
    "defanged, all of it": (b"hxxps[://]3396469879/", "202.114.4.119"),
    "defanged scheme": (b"hxxp://3396469879/", "202.114.4.119"),
    "ideographic stop": ("ask vendor。com now".encode(), "vendor.com"),
    "fullwidth stop": ("ask vendor．com now".encode(), "vendor.com"),
    "halfwidth stop": ("ask vendor｡com now".encode(), "vendor.com"),
    "mixed": (b"at 0xca.0x72.0x4.0x77 it", "202.114.4.119"),
    "mixed, first": (b"at 0xca.114.4.119 it", "202.114.4.119"),
    "mixed, second": (b"at 202.0x72.4.119 it", "202.114.4.119"),
    "mixed, third": (b"at 202.114.0x4.119 it", "202.114.4.119"),
    "mixed, last": (b"at 202.114.4.0x77 it", "202.114.4.119"),
    "octal": (b"at 0312.0162.04.0167 it", "202.114.4.119"),
    "base64": (b64encode(b"http://202.114.4.119/"), "202.114.4.119"),
    "hex": (b"http://a.io/".hex().encode(), "a.io"),
    **{
        f"base64 of {host}": (b" " + b64encode(host.encode()).rstrip(b"=") + b" ", host)
        for last in ("com", "net", "cn", "org", "io")
        for host in (f"www.{name}.{last}" for name in ("a", "ab", "abc"))
    },
}  # fmt: skip
"""Name of a spelling → the text, and an endpoint in it. Each holds as little besides as can be."""


def png(text: bytes) -> bytes:
    def chunk(kind, body):
        return pack(">I", len(body)) + kind + body + pack(">I", crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"prVt", text) + chunk(b"IEND", b"")


def endpoints(text: bytes) -> set[str]:
    artifact = Artifact("x", "documentation", "x")
    found = [hit for scanner in SCANNERS for hit in scanner.scan(artifact, BufferReader(text), ScanNotes())]
    return {value for hit in found for value in (hit.observable.value, dict(hit.attributes).get("host"))}


@pytest.mark.parametrize("spelling", TEXTS)
def test_a_text_with_an_endpoint_is_looked_at(spelling):
    text, endpoint = TEXTS[spelling]
    assert endpoint in endpoints(text)
    assert list(media_texts("png", BufferReader(png(text))))


def test_every_anchor_of_text_has_a_spelling():
    texts = [text + b"\0" for text, _ in TEXTS.values()]
    anchors = {anchor.pattern for anchor in endpoint_anchors() if anchor.kind not in (HOST, PEM, DER)}
    anchors |= {anchor.pattern for anchor in hidden.HiddenEndpoints().anchors() if anchor.kind == hidden._BASE64_HOST}
    compiled = {pattern: re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in anchors}
    assert {pattern for pattern in anchors if not any(map(compiled[pattern].search, texts))} == set()
