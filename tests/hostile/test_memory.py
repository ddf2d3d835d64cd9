"""Memory: mapped inputs do not count, whatever their size; what a child writes itself stays bounded."""

import contextlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = 400 << 20
OPTIONS = ["-q", "-f", "json", "--no-cache", "--external", "never", "--max-seconds", "900"]

pytestmark = pytest.mark.attack


def scanned(path, tmp_path):
    record = tmp_path / "run.json"
    done = subprocess.run(
        [sys.executable, "-m", "inspector", "scan", path, *OPTIONS, "--run-record", record],
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=1200,
    )
    (entry,) = json.loads(record.read_text())["artifacts"]
    return json.loads(done.stdout), entry


def test_a_sparse_image_of_three_gigabytes(tmp_path):
    path = tmp_path / "sparse.img"
    with path.open("wb") as stream:
        stream.truncate(3 << 30)
        for at in (1 << 20, 1 << 30, (3 << 30) - 4096):
            stream.seek(at)
            stream.write(b"server=sparse%d.tuyacn.com\n" % at)
    document, entry = scanned(path, tmp_path)
    assert sum(document["coverage"]["partition"].values()) == 3 << 30
    assert len(document["observables"]["hostnames"]) == 3
    assert entry["peak_memory"] < ALLOWED


def test_a_real_image_of_two_gigabytes(tmp_path):
    path = tmp_path / "real.img"
    noise = random.Random(7).randbytes(8 << 20)
    text = b"".join(b"setting%d=value %d of the table\n" % (n, n * n) for n in range(200_000))[: 8 << 20]
    with path.open("wb") as stream:
        for number in range(128):
            stream.write(noise)
            stream.write(text)
            if number % 32 == 0:
                stream.write(b"server=real%d.tuyacn.com\n" % number)
        size = stream.tell()
        stream.truncate(size)
    assert os.path.getsize(path) > 1800 << 20
    document, entry = scanned(path, tmp_path)
    assert sum(document["coverage"]["partition"].values()) == size
    planted = {f"real{number}.tuyacn.com" for number in range(0, 128, 32)}
    assert planted <= {entry["value"] for entry in document["observables"]["hostnames"]}
    assert entry["peak_memory"] < ALLOWED


def test_a_gigabyte_of_real_files_laid_end_to_end(tmp_path):
    """Nothing repeats, and thousands of archives and programs are carved out of one raw image."""
    path = tmp_path / "dump.img"
    largest = size = 0
    with path.open("wb") as stream:
        for file in real_files():
            length = file.stat().st_size
            if length > 16 << 20 or size + length > 1 << 30:
                continue
            with contextlib.suppress(OSError):
                stream.write(file.read_bytes())
                largest, size = max(largest, length), stream.tell()
    document, entry = scanned(path, tmp_path)
    assert sum(document["coverage"]["partition"].values()) == size
    assert entry["peak_memory"] < ALLOWED + largest


def real_files():
    for top in ("/usr/bin", "/usr/lib", "/usr/share", "/opt"):
        for folder, folders, names in os.walk(top):
            folders.sort()
            for name in sorted(names):
                file = Path(folder, name)
                if file.is_file() and not file.is_symlink():
                    yield file


PLANTED = b"\nserver=dense.tuyacn.com\n"
DENSE = {
    "an anchor in every second byte": b"1.",
    "schemes without a host": b"http://",
    "schemes with a short host": b"http://x",
    "dots": b".",
    "one short name": b"a.com ",
    "names that never end": b"a.com.",
    "one line": b"lorem ipsum dolor sit amet, ",
    "hextets": b"200a:",
    "escaped dots": b"a%2e",
    "names of wide characters": "a.com ".encode("utf-16le"),
    "invalid UTF-16": b"\x00\xd8a\x00.\x00c\x00o\x00\xdc\x00\xd8",
    "invalid UTF-8": b"\xff\xc0.com\xfe",
    "mail addresses": b"a@a.com@",
    "names of another script": "\u4e2d\u6587.com\u3002".encode(),
    "heads of certificates": b"-----BEGIN A",
}


@pytest.mark.parametrize("piece", DENSE.values(), ids=DENSE.keys())
def test_text_that_is_full_of_anchors(tmp_path, piece):
    path = tmp_path / "dense.bin"
    path.write_bytes(piece * ((24 << 20) // len(piece)) + PLANTED)
    document, entry = scanned(path, tmp_path)
    assert "dense.tuyacn.com" in {name["value"] for name in document["observables"]["hostnames"]}
    assert entry["peak_memory"] < ALLOWED
    assert document["deterministic"]


def test_ten_million_names(tmp_path):
    path = tmp_path / "names.txt"
    with path.open("wb") as stream:
        for start in range(0, 10_000_000, 100_000):
            stream.write(b"".join(b"h%07x.com\n" % number for number in range(start, start + 100_000)))
    document, entry = scanned(path, tmp_path)
    assert len(document["observables"]["hostnames"]) == 100_000
    assert document["rejected"]["truncated"] == 9_900_000
    assert document["verdict"]["status"] == "inconclusive"
    assert document["coverage"]["limits_hit"] == ["scan"]
    assert entry["peak_memory"] < ALLOWED
