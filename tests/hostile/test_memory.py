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
