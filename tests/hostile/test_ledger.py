"""The ledger: every byte in exactly one span, for any claims, any tree, and every file at hand."""

import gzip
import io
import json
import os
import random
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.ledger import Claim, partition, score, totals
from inspector.extract.registry import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.reader import BufferReader, Span
from inspector.harvest import Options
from inspector.model.ledger import SpanKind
from inspector.session import Session, inspect_files

CARVER = Carver(EXTRACTORS)
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
ROOT = Path(__file__).parents[2]


class Silent:
    """A visitor that only counts what it is given."""

    def __init__(self):
        self.seen = 0

    def visit(self, artifact, data, base):
        self.seen += data.size
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def walked(data, limits=None):
    walker = Walker(CARVER, Budget(limits or Limits(), len(data)), Silent())
    value, spans, name = walker.walk(Node("f", BufferReader(data), "f"))
    return value, spans, name, walker


def is_exact(spans, size):
    at = 0
    for span in spans:
        if span.start != at or span.end <= span.start:
            return False
        at = span.end
    return at == size


claims = st.builds(
    Claim,
    st.builds(Span, st.integers(-20, 120), st.integers(-20, 120)),
    st.sampled_from(list(SpanKind)),
    st.floats(0, 1),
    st.sampled_from(["", "a", "b"]),
)


@given(st.integers(0, 100), st.lists(claims, max_size=30))
def test_any_claims_cover_each_byte_once(size, made):
    spans, free = partition(size, made)
    every = sorted([*((span.start, span.end) for span in spans), *((span.start, span.end) for span in free)])
    at = 0
    for start, end in every:
        assert start == at < end
        at = end
    assert at == size
    assert all(0 <= span.weight <= 1 for span in spans)
    assert sum(totals(spans).values()) + sum(len(span) for span in free) == size


@given(st.integers(1, 100), st.lists(claims, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_claims_plays_no_part(size, made, shuffler):
    other = list(made)
    shuffler.shuffle(other)
    one, free = partition(size, made)
    two, free_too = partition(size, other)
    assert free == free_too
    assert [(s.kind, s.weight) for s in spread(one)] == [(s.kind, s.weight) for s in spread(two)]


def spread(spans):
    return [span for span in spans for _ in range(len(span))]


@given(st.binary(max_size=400))
def test_any_bytes_are_partitioned_exactly(data):
    value, spans, _, _ = walked(data)
    assert is_exact(spans, len(data))
    assert 0 <= value <= 1


def zipped(parts, method):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for number, part in enumerate(parts):
            archive.writestr(zipfile.ZipInfo(f"m{number}"), part, method)
    return stream.getvalue()


def tarred(parts):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for number, part in enumerate(parts):
            info = tarfile.TarInfo(f"m{number}")
            info.size = len(part)
            archive.addfile(info, io.BytesIO(part))
    return stream.getvalue()


def uimage(part):
    head = struct.pack(">IIIIIIIBBBB32s", 0x27051956, 0, 0, len(part), 0, 0, zlib.crc32(part), 5, 5, 2, 0, b"name")
    return head[:4] + struct.pack(">I", zlib.crc32(head)) + head[8:] + part


leaves = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(str.encode),
    st.integers(0, 3000).map(bytes),
    st.integers(0, 9).map(lambda seed: random.Random(seed).randbytes(3000)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: zipped(parts, zipfile.ZIP_STORED)),
        st.lists(inner, max_size=3).map(lambda parts: zipped(parts, zipfile.ZIP_DEFLATED)),
        st.lists(inner, max_size=3).map(tarred),
        inner.map(lambda part: gzip.compress(part, mtime=0)),
        inner.map(uimage),
        st.tuples(inner, inner).map(b"".join),
        st.tuples(inner, st.integers(1, 200)).map(lambda pair: pair[0][: -pair[1]]),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(trees)
def test_any_tree_is_partitioned_exactly_and_decoded_bytes_are_not_input(data):
    value, spans, _, walker = walked(data)
    assert is_exact(spans, len(data))
    assert sum(totals(spans).values()) == len(data)
    assert 0 <= value <= 1
    assert value == score(spans) or not spans
    for node in walker.found.tree:
        assert 0 <= node.score <= 1


MAGICS = sorted({magic.pattern for extractor in EXTRACTORS for magic in extractor.MAGIC if len(magic.pattern) >= 3})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MAGICS), st.integers(0, 7900), st.booleans())
def test_claiming_a_magic_never_raises_the_score(magic, offset, at_start):
    plain = random.Random(11).randbytes(8192)
    at = 0 if at_start else offset
    claimed = plain[:at] + magic + plain[at + len(magic) :]
    before, *_ = walked(plain)
    after, spans, _, _ = walked(claimed)
    assert is_exact(spans, len(claimed))
    assert after <= before + 16 / len(plain)  # a header of a few fields that really stand there


def test_a_megabyte_of_zeros_in_a_small_archive_weighs_what_the_archive_weighs():
    data = zipped([bytes(1 << 20)], zipfile.ZIP_DEFLATED)
    _, spans, _, walker = walked(data)
    assert sum(totals(spans).values()) == len(data) < 2000
    assert walker.found.files == 1


def test_what_cannot_be_read_lowers_the_score_of_the_whole_by_its_stored_size():
    secret = random.Random(1).randbytes(40_000)
    data = zipped([secret, b"server=x\n" * 5000], zipfile.ZIP_STORED)
    value, *_ = walked(data)
    assert value == pytest.approx(1 - 40_000 / len(data), abs=0.01)


def system_files(count):
    found = []
    for folder in ("/usr/bin", "/usr/lib", "/usr/share", "/etc"):
        for parent, _, names in os.walk(folder):
            found += [os.path.join(parent, name) for name in names]
    regular = [p for p in sorted(found) if os.path.isfile(p) and not os.path.islink(p) and os.access(p, os.R_OK)]
    small = [path for path in regular if os.path.getsize(path) < 8 << 20]
    return random.Random(23).sample(small, min(count, len(small)))


def all_add_up(paths, toolbox):
    session = Session(toolbox, Options(Limits(seconds=120), external="never"))
    wrong = {}
    for inspection in inspect_files(map(Path, paths), session, 2):
        document = inspection.document
        coverage = document["coverage"]
        if sum(coverage["partition"].values()) != document["artifact"]["size"]:
            wrong[str(inspection.path)] = "partition"
        if document["verdict"]["status"] == "failed" or any(g["reason"] == "failed" for g in coverage["gaps"]):
            wrong[str(inspection.path)] = coverage["gaps"]
        if coverage["score"] < 0.95 and not coverage["gaps"]:
            wrong[str(inspection.path)] = "no gap"
    return wrong


@pytest.mark.realworld
@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not here")
def test_the_ledger_adds_up_for_the_corpus(toolbox):
    paths = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    assert all_add_up(paths, toolbox) == {}


@pytest.mark.attack
def test_the_ledger_adds_up_for_system_files(toolbox):
    assert all_add_up(system_files(200), toolbox) == {}


@pytest.mark.attack
def test_one_and_two_workers_write_the_same_profile(tmp_path):
    inputs = [path for path in sorted(CORPUS.rglob("*")) if path.is_file() and path.stat().st_size > 1 << 20][:4]
    inputs = inputs or [ROOT / "samples/patient-monitor/patient-monitor.bin"]
    for path in inputs:
        made = [
            subprocess.run(
                [sys.executable, "-m", "inspector", "scan", "-q", "-f", "json", "--no-cache", "--jobs", jobs, path],
                capture_output=True,
                cwd=ROOT,
                check=False,
            ).stdout
            for jobs in ("1", "2")
        ]
        assert json.loads(made[0])
        assert made[0] == made[1], path


def test_an_ogg_page_needs_its_checksum():
    from inspector.errors import NotThisFormat
    from inspector.formats.crc import crc32_forward
    from inspector.formats.media.structure import ogg_end

    page = bytearray(b"OggS\0\2" + bytes(20) + b"\x01\x05hello")
    page[22:26] = crc32_forward(bytes(page)).to_bytes(4, "little")
    assert ogg_end(BufferReader(bytes(page)), 0) == len(page)
    page[-1] ^= 1
    with pytest.raises(NotThisFormat):
        ogg_end(BufferReader(bytes(page)), 0)


HIDDEN = b"server=hidden.tuyacn.com\n" + random.Random(5).randbytes(60_000)


def zip_with(local_extra=b"", comment=b"", behind=b""):
    """Return a zip of one small file with foreign bytes in a local extra field, an entry's comment, the directory."""
    sizes = (zlib.crc32(b"abc"), 3, 3, 1)
    local = (
        struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0x21, *sizes, len(local_extra)) + b"a" + local_extra + b"abc"
    )
    central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0x21, *sizes, 0, len(comment), 0, 0, 0, 0)
    central += b"a" + comment + behind
    return local + central + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)


def tar_with_record(text):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": text}) as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return stream.getvalue()


def gzip_with_extra(extra):
    plain = gzip.compress(b"words " * 50, mtime=0)
    return plain[:3] + b"\4" + plain[4:10] + struct.pack("<H", len(extra)) + extra + plain[10:]


@pytest.mark.parametrize(
    "data",
    [
        zip_with(local_extra=struct.pack("<HH", 0x9999, len(HIDDEN)) + HIDDEN),
        zip_with(comment=HIDDEN),
        zip_with(behind=HIDDEN),
        zip_with() + HIDDEN,
        gzip_with_extra(HIDDEN),
    ],
    ids=["zip extra field", "zip entry comment", "zip directory", "behind a zip", "gzip extra field"],
)
def test_what_a_header_could_hide_is_searched_and_judged(data, inspect_bytes):
    document = inspect_bytes(data, external="never")
    assert "hidden.tuyacn.com" in {entry["value"] for entry in document["observables"]["hostnames"]}
    assert document["coverage"]["score"] < 0.5
    assert document["coverage"]["gaps"]


def test_a_long_tar_record_is_searched(inspect_bytes):
    document = inspect_bytes(tar_with_record("server=hidden.tuyacn.com " * 1000))
    assert "hidden.tuyacn.com" in {entry["value"] for entry in document["observables"]["hostnames"]}


def test_ordinary_headers_are_structure():
    data = zip_with(local_extra=struct.pack("<HH", 0x9999, 30) + bytes(30), comment=b"a remark")
    _, spans, _, _ = walked(data)
    assert totals(spans)[SpanKind.STRUCTURE] == len(data) - 3
