"""The whole program under strace: no socket, no program, and nothing written but what was asked for."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples/patient-monitor/patient-monitor.bin"
CALLS = (
    "socket,socketpair,connect,bind,openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,execve"
)

pytestmark = [
    pytest.mark.attack,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace")
    (folder / "cache").mkdir()
    command = [sys.executable, "-B", "-m", "inspector", "scan", SAMPLE, "-f", f"json={folder}/out.json", "--jobs", "2"]
    done = subprocess.run(
        ["strace", "-f", "-s", "300", "-e", f"trace={CALLS}", "-o", folder / "log", *command],
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=300,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "INSPECTOR_CACHE": str(folder / "cache")},
    )
    if not (folder / "log").exists() or b"ptrace" in done.stderr:
        pytest.skip("tracing is not allowed here")
    assert done.returncode == 0, done.stderr
    return folder, (folder / "log").read_text(errors="replace").splitlines()


def test_no_socket_is_opened(traced):
    _, lines = traced
    opened = [line for line in lines if re.search(r"\b(socket|socketpair|connect|bind)\(", line) and "= -1" not in line]
    assert opened == []


def test_no_program_is_run(traced):
    _, lines = traced
    assert sum("execve(" in line and line.endswith("= 0") for line in lines) == 1  # the interpreter itself


def test_only_the_output_and_the_cache_are_written(traced):
    folder, lines = traced
    writing = [line for line in lines if CHANGES.search(line) and "= -1" not in line]
    outside = [line for line in writing if f'"{folder}/' not in line and '"/dev/null"' not in line]
    assert outside == []
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["cache", "log", "out.json"]


def test_the_children_write_nothing_at_all(traced):
    _, lines = traced
    first = lines[0].split()[0]
    children = [line for line in lines if line.split()[0] != first]
    assert children
    assert [line for line in children if CHANGES.search(line) and "= -1" not in line] == []
