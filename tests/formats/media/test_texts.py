"""Text beside pictures, sound and fonts: found wherever the format keeps it, and scanned as documentation."""

from struct import pack
from zlib import compress, crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.media import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.media.texts import MOST, TEXTS, media_texts
from inspector.formats.reader import BufferReader
from inspector.model.ledger import SpanKind
from inspector.model.observation import Context
from inspector.scan import PLACERS
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint.endpoints import EndpointScanner
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, keeps_its_promise, run

URL = b"http://cc.vendor-cloud.com/a?id="
BY_NAME = {extractor.INFO.name: extractor for extractor in EXTRACTORS}


def chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    head = chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", compress(b"\0\0")) + chunk(b"IEND", b"")


def tiff(order: str = "<", tag: int = 270, kind: int = 2, value: bytes = URL + b"\0", inner: bool = False) -> bytes:
    """One value, in the first directory or in the EXIF one that it leads to."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + pack(order + "I", 8)
    lead = pack(order + "HHHIII", 1, 34665, 4, 1, 26, 0) if inner else b""
    at = 8 + len(lead) + 18
    return head + lead + pack(order + "HHHIII", 1, tag, kind, len(value), at, 0) + value


def segment(code: int, body: bytes) -> bytes:
    return pack(">BBH", 0xFF, code, len(body) + 2) + body


def jpeg(*segments: bytes) -> bytes:
    head, scan = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), b"\xff\xda\0\x08\1\1\0\0?\0xy"
    return b"\xff\xd8" + head + b"".join(segments) + scan + b"\xff\xd9"


def gif(label: int, body: bytes) -> bytes:
    return b"GIF89a\1\0\1\0\0\0\0!" + bytes([label]) + body + b",\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def blocks(text: bytes, size: int = 20) -> bytes:
    parts = (text[at : at + size] for at in range(0, len(text), size))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def riff(form: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    body = form + b"".join(kind + pack("<I", len(text)) + text + bytes(len(text) & 1) for kind, text in chunks)
    return b"RIFF" + pack("<I", len(body)) + body


def box(kind: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return pack(">I", len(body) + 8) + kind + body


def mp4(*boxes: bytes) -> bytes:
    return box(b"ftyp", b"isomisom") + box(b"moov", box(b"mvhd", bytes(20)), *boxes) + box(b"mdat", bytes(64))


def mp3(tag: bytes) -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    size = len(tag)
    return b"ID3\3\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + tag + frame * 5


def frame(name: bytes, text: bytes) -> bytes:
    return name + pack(">IH", len(text), 0) + text


def names(*texts: bytes) -> bytes:
    table = pack(">HHH", 0, len(texts), 6 + 12 * len(texts))
    at = 0
    for number, text in enumerate(texts):
        table += pack(">6H", 3, 1, 0x409, number, len(text), at)
        at += len(text)
    return table + b"".join(texts)


def font(table: bytes) -> bytes:
    count, at = 4, 12 + 16 * 4
    head = b"\0\1\0\0" + pack(">4H", count, 0, 0, 0)
    for name in (b"cmap", b"head", b"glyf"):
        head += pack(">4s3I", name, 0, at, 4)
    return head + pack(">4s3I", b"name", 0, at + 4, len(table)) + bytes(4) + table


def woff(metadata: bytes, table: bytes) -> bytes:
    packed, meta = compress(table, 9), compress(metadata)
    head = b"wOFF\0\1\0\0%s" + pack(">HHIHH", 1, 0, 0, 1, 0)
    at = 44 + 20
    entry = pack(">4s4I", b"name", at, len(packed), len(table), 0)
    end = at + len(packed)
    tail = pack(">5I", end, len(meta), len(metadata), 0, 0)
    return (head + tail + entry + packed + meta).replace(b"%s", pack(">I", end + len(meta)), 1)


WIDE = URL.decode().encode("utf-16-be")
XMP = b'<x:xmpmeta xmlns:tiff="http://ns.adobe.com/tiff/1.0/"><a>' + URL + b"</a></x:xmpmeta>"
MEDIA = {
    "png tEXt-1": png(chunk(b"tEXt", b"Comment\0" + URL)),
    "png zTXt-1": png(chunk(b"zTXt", b"Comment\0\0" + compress(URL))),
    "png iTXt-1": png(chunk(b"iTXt", b"Comment\0\0\0en\0\0" + URL)),
    "png iTXt-1 ": png(chunk(b"iTXt", b"Comment\0\1\0en\0x\0" + compress(URL))),
    "png prVt-1": png(chunk(b"prVt", b"\1\2\3\xff" + URL + b"\0\xfe")),
    "png tag 270-1": png(chunk(b"eXIf", tiff())),
    "jpeg COM-1": jpeg(segment(0xFE, URL)),
    "jpeg APP1-1": jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
    "jpeg tag 270-1": jpeg(segment(0xE1, b"Exif\0\0" + tiff(">"))),
    "jpeg tag 37510-1": jpeg(segment(0xE1, b"Exif\0\0" + tiff("<", 37510, 7, b"ASCII\0\0\0" + URL, inner=True))),
    "jpeg tag 40092-1": jpeg(segment(0xE1, b"Exif\0\0" + tiff("<", 40092, 1, URL.decode().encode("utf-16-le")))),
    "jpeg APP13-1": jpeg(segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\x24\x1c\2\x78\0\x20" + URL)),
    "gif comment-1": gif(0xFE, blocks(URL)),
    "gif application-1": gif(0xFF, b"\x0bXMP DataXMP" + XMP + b"\1" + bytes(range(255, -1, -1)) + b"\0"),
    "tiff tag 305-1": tiff(">", 305),
    "riff ICMT-1": riff(b"WAVE", (b"fmt ", bytes(16)), (b"LIST", b"INFOICMT" + pack("<I", len(URL)) + URL)),
    "riff XMP-1": riff(b"WEBP", (b"VP8X", bytes(10)), (b"XMP ", XMP)),
    "mp4 _cmt-1": mp4(box(b"udta", box(b"\xa9cmt", pack(">HH", len(URL), 0) + URL))),
    "mp4 uuid-1": mp4(box(b"uuid", bytes(range(200, 216)) + XMP)),
    "mp3 COMM-1": mp3(frame(b"COMM", b"\0eng\0" + URL)),
    "mp3 TXXX-1": mp3(frame(b"TXXX", b"\1\xff\xfe\0\0\xff\xfe" + URL.decode().encode("utf-16-le"))),
    "font name 1-1": font(names(b"\0A", WIDE)),
    "woff name-1": woff(b"<metadata/>" * 3, names(WIDE, WIDE + b"\0x")),
    "woff metadata-1": woff(b"<m>" + URL + b"</m>", names(b"\0A")),
}  # fmt: skip


class Leaves:
    def __init__(self):
        self.seen = []

    def visit(self, artifact, data, base):
        found = EndpointScanner(PLACERS).scan(artifact, data, ScanNotes())
        self.seen += [(artifact, list(found))]
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def walked(blob: bytes):
    leaves = Leaves()
    walker = Walker(Carver(CATALOGUE), Budget(Limits(), len(blob)), leaves)
    score, spans, label = walker.walk(Node("x", BufferReader(blob), "x"))
    assert sum(len(span) for span in spans) == len(blob)
    return score, spans, label, walker.found, leaves.seen


@pytest.mark.parametrize("case", MEDIA)
def test_an_endpoint_beside_the_content_is_documentation(case):
    name, _, text = case.strip().partition(" ")
    score, spans, label, found, seen = walked(MEDIA[case])
    assert (label, score, found.gaps) == (name, 1.0, [])
    assert {span.kind for span in spans} == {SpanKind.MEDIA, SpanKind.MEMBER}
    hits = [(artifact.path, hit) for artifact, hits in seen for hit in hits]
    assert {hit.context for _, hit in hits} == {Context.DOCUMENTATION}
    places = {path for path, hit in hits if hit.observable.value == "cc.vendor-cloud.com"}
    assert f"x!{name}!{text}" in places


@pytest.mark.parametrize(
    "blob",
    [
        png(),
        png(chunk(b"tEXt", b"Software\0Adobe ImageReady")),
        png(chunk(b"tEXt", b"date:create\x002020-01-01T10:00:00+00:00")),
        jpeg(),
        gif(0xFF, b"\x0bNETSCAPE2.0" + blocks(b"\1\0\0")),
        gif(0xF9, blocks(b"\4http.a.com/")),
    ],
)
def test_texts_that_hold_no_endpoint_are_no_members(blob):
    name = {0x89: "png", 0xFF: "jpeg", 0x47: "gif"}[blob[0]]
    assert not list(media_texts(name, BufferReader(blob)))


def test_a_damaged_text_is_a_gap_and_the_rest_is_read():
    score, _, label, found, seen = walked(png(chunk(b"zTXt", b"C\0\0no zlib"), chunk(b"tEXt", b"C\0" + URL)))
    assert label == "png"
    assert 0.8 < score < 1.0
    assert [(gap.path, gap.reason) for gap in found.gaps] == [("x!png!zTXt-1", "malformed")]
    assert any(hit.observable.value == "cc.vendor-cloud.com" for _, hits in seen for hit in hits)


def test_a_flood_of_texts_is_a_limit():
    _, _, label, found, seen = walked(png(chunk(b"tEXt", b"C\0" + URL) * (MOST + 5)))
    assert label == "png"
    assert len(seen) == MOST
    assert [gap.reason for gap in found.gaps] == ["limit"]


def test_a_directory_of_tiff_that_leads_to_itself_ends():
    loop = b"II*\0" + pack("<I", 8) + pack("<HHHIII", 1, 34665, 4, 1, 8, 8)
    assert not list(media_texts("tiff", BufferReader(loop)))


def test_a_pdf_is_documentation_and_a_program_in_it_is_none():
    page, info = compress(b"(read " + URL + b" for more) Tj " * 9), b"<< /Author (https://info.vendor-cloud.com/a) >>\n"
    program = compress(b"\x7fELF" + bytes(60) + b"\0api.vendor-cloud.com\0" * 9)
    seen = walked(b"%PDF-1.5\n" + info + b"stream\n" + page + b"\nendstream\n" + program + b"\n%%EOF\n")[4]
    hits = {(hit.observable.value, hit.context) for _, hits in seen for hit in hits}
    assert ("cc.vendor-cloud.com", Context.DOCUMENTATION) in hits
    assert ("info.vendor-cloud.com", Context.DOCUMENTATION) in hits
    assert ("api.vendor-cloud.com", Context.CODE) in hits


@pytest.mark.parametrize("case", MEDIA)
def test_every_prefix_and_flip(case):
    extractor = BY_NAME[case.split(" ")[0]]
    every_prefix(extractor, MEDIA[case], 100)
    every_flip(extractor, MEDIA[case], 150)


@given(st.sampled_from(sorted(MEDIA)), st.integers(0, 400), st.binary(max_size=60))
def test_any_bytes_inside(case, at, raw):
    blob = MEDIA[case]
    keeps_its_promise(BY_NAME[case.split(" ")[0]], blob[:at] + raw + blob[at + len(raw) :])


def test_every_format_with_texts_has_a_case():
    assert {case.split(" ")[0] for case in MEDIA} | {"ogg"} == set(TEXTS)


@pytest.mark.packers
@pytest.mark.parametrize("suffix", ["png", "jpg", "gif"])
def test_comment_by_imagemagick(suffix, tmp_path):
    picture = ["-size", "40x30", "gradient:red-blue", "-set", "comment", URL.decode()]
    run(tool("convert"), *picture, f"x.{suffix}", cwd=tmp_path)
    hits = [hit for _, hits in walked((tmp_path / f"x.{suffix}").read_bytes())[4] for hit in hits]
    assert any(hit.observable.value == "cc.vendor-cloud.com" for hit in hits)


@pytest.mark.packers
@pytest.mark.parametrize("suffix", ["mp3", "mp4", "ogg", "wav"])
def test_comment_by_ffmpeg(suffix, tmp_path):
    source = ["-f", "lavfi", "-i", "sine=duration=1"]
    run(tool("ffmpeg"), "-v", "error", *source, "-metadata", f"comment={URL.decode()}", f"x.{suffix}", cwd=tmp_path)
    hits = [hit for _, hits in walked((tmp_path / f"x.{suffix}").read_bytes())[4] for hit in hits]
    assert any(hit.observable.value == "cc.vendor-cloud.com" for hit in hits)
