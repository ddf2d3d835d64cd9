"""Archives and streams in the walk: chains of them, damage in the middle, archives of many parts inside other data."""

import gzip
import io
import lzma
import os
import struct
import tarfile
import time
import zipfile
from binascii import crc32

import pytest

from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.registry import EXTRACTORS
from inspector.extract.statistics import Look, looks
from inspector.extract.walk import Node, Walker
from inspector.formats.reader import BufferReader, MappedReader, Piece, Span

CONFIG = b"server=iot.example.cn\n" * 40


class Seen:
    """Records the leaves of a walk."""

    def __init__(self) -> None:
        self.leaves: dict[str, bytes] = {}
        self.inner: list[str] = []

    def visit(self, artifact, data, base):
        self.leaves.setdefault(artifact.path, bytes(data.all()))
        self.inner.append(artifact.inner)
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def walk(blob: bytes):
    seen, data = Seen(), BufferReader(blob)
    walker = Walker(Carver(EXTRACTORS), Budget(Limits(), data.size), seen)
    score = walker.walk(Node("x", data, "x"))[0]
    return seen.leaves, walker.found, score


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_a_chain_of_containers_ends_at_its_leaf_and_every_byte_counts():
    leaves, found, score = walk(zipped({"update/fw.tar.xz": lzma.compress(tarred({"etc/config": CONFIG}))}))
    assert leaves["x!zip!update/fw.tar.xz!xz!content!tar!etc/config"] == CONFIG
    assert (found.gaps, score) == ([], 1.0)


@pytest.mark.parametrize(
    ("name", "inner"),
    [("doc/manual.md.gz", "/doc/manual.md"), ("doc.d/.gz", "/content"), ("a.b/raw", "/content"), ("..", "/content")],
)
def test_a_stream_without_a_stored_name_holds_what_its_file_is_named_after(name, inner):
    seen, data = Seen(), BufferReader(zipped({name: gzip.compress(CONFIG, mtime=0)}))
    Walker(Carver(EXTRACTORS), Budget(Limits(), data.size), seen).walk(Node("x", data, "x"))
    assert seen.inner == [inner]


def test_cut_stream_is_walked_as_far_as_it_goes_and_named():
    noise = os.urandom(50_000)
    leaves, found, _ = walk(gzip.compress(tarred({"etc/config": CONFIG, "noise": noise}))[:-20_000])
    assert leaves["x!gzip!content!tar!etc/config"] == CONFIG
    assert [gap.reason for gap in found.gaps if "stream ends early" in gap.detail] == ["malformed"]


def test_what_only_decoding_shows_is_reported():
    blob = bytearray(zipped({"a": CONFIG}))
    for at in (14, blob.find(b"PK\1\2") + 16):
        blob[at : at + 4] = b"\1\2\3\4"
    leaves, found, _ = walk(bytes(blob))
    assert leaves["x!zip!a"] == CONFIG
    assert ("x!zip!a", "wrong CRC") in found.oddities


def test_archive_of_many_parts_inside_other_data_is_carved_in_linear_time():
    many = zipped({f"{index:05}": b"%d" % index for index in range(4000)})
    started = time.process_time()
    leaves, found, _ = walk(os.urandom(4096) + many + bytes(70_000))
    assert sum("!zip@0x1000!" in path for path in leaves) >= 4000
    assert time.process_time() - started < 30
    assert not found.limits_hit


def test_holes_of_gigabytes_are_typed_without_looking():
    source = BufferReader(os.urandom(1 << 16) + CONFIG * 100)
    data = MappedReader([Piece(3 << 30), Piece(source.size, source), Piece(1 << 30, fill=0xFF)])
    started = time.process_time()
    runs = list(looks(data, Span(0, data.size)))
    assert time.process_time() - started < 10
    assert [kind for _, kind in runs][:2] == [Look.PADDING, Look.HIGH_ENTROPY]
    assert runs[-1][1] is Look.PADDING
    assert [run.start for run, _ in runs[1:]] == [run.end for run, _ in runs[:-1]]
    assert (runs[0][0].start, runs[-1][0].end) == (0, data.size)


def test_behind_a_header_that_no_reader_knows_is_carved():
    image = b"sErCoMm" + bytes(57) + gzip.compress(CONFIG, mtime=0)
    leaves, found, score = walk(image)
    assert CONFIG in leaves.values()
    assert 0 < score < 1
    assert [gap.detail for gap in found.gaps] == ["Sercomm image"]


def test_what_is_only_recognised_is_searched_and_stays_a_gap():
    image = b"LRZI\0" + bytes(60) + CONFIG
    leaves, found, score = walk(image)
    assert (leaves["x"], score) == (image, 0.0)
    assert [(gap.reason, gap.remedy) for gap in found.gaps] == [("unsupported", "lrzip")]


def rar_block(kind: int, flags: int, rest: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return (crc32(head) & 0xFFFF).to_bytes(2, "little") + head + data


def test_a_member_that_no_reader_here_knows_says_what_would_read_it():
    packed = os.urandom(50)
    fields = struct.pack("<IIBIIBBHI", len(packed), 900, 3, 0, 0, 99, 0x33, 4, 0o100644)
    blob = b"Rar!\x1a\x07\0" + rar_block(0x73, 0, bytes(6)) + rar_block(0x74, 0x8000, fields + b"conf", packed)
    _, found, score = walk(blob + rar_block(0x7B, 0x4000, b""))
    assert score < 1
    assert [(gap.path, gap.reason, gap.detail, gap.remedy) for gap in found.gaps] == [
        ("x!rar!conf", "unsupported", "packed with RAR 9.9", "unrar or 7z")
    ]


def test_a_stream_of_a_kind_that_no_reader_here_knows_says_what_would_read_it():
    data, seen = BufferReader(b"\x11\x5a" + os.urandom(5000)), Seen()
    walker = Walker(Carver(EXTRACTORS), Budget(Limits(), data.size), seen)
    walker.walk(Node("app.js.br", data, "app.js.br"))
    assert [(gap.detail, gap.remedy) for gap in walker.found.gaps] == [
        ("brotli stream: large window of 26 bits", "brotli -d --large_window=30")
    ]
