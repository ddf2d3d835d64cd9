"""The whole program under strace: no socket, no program, and nothing written but what was asked for."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples/patient-monitor/patient-monitor.bin"
SOCKETS = "socket,socketpair,connect,bind,listen,sendto,sendmsg"
CHANGES = (
    "open,openat,openat2,creat,truncate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "link,linkat,symlink,symlinkat,mknod,mknodat,chmod,fchmodat,chown,fchownat,memfd_create"
)
CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
"""Call, arguments, result."""

pytestmark = [
    pytest.mark.attack,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trace")
    command = [sys.executable, "-B", "-m", "inspector", "scan", SAMPLE, "-f", f"json={folder}/out.json", "--jobs", "2"]
    done = subprocess.run(
        ["strace", "-ff", "-s", "300", "-e", f"trace=execve,{SOCKETS},{CHANGES}", "-o", folder / "log", *command],
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=300,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), "INSPECTOR_CACHE": str(folder / "cache")},
    )
    logs = sorted(folder.glob("log.*"), key=lambda path: int(path.suffix[1:]))
    if not logs or b"ptrace" in done.stderr:
        pytest.skip("tracing is not allowed here")
    assert done.returncode == 0, done.stderr
    # The first process is the parent: the others are its children, whose numbers are higher.
    return folder, [[call for line in log.open(errors="replace") if (call := CALL.match(line))] for log in logs]


def done(calls, names):
    """Return the calls of these names that succeeded."""
    return [call for call in calls if call[1] in names.split(",") and call[3] >= "0"]


def changing(calls):
    """Return the calls that changed, or could have changed, something in the file system."""
    return [
        call[0]
        for call in done(calls, CHANGES)
        if not call[1].startswith("open") or re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", call[2])
    ]


def test_no_socket_is_opened(traced):
    _, processes = traced
    assert [call[0] for calls in processes for call in done(calls, SOCKETS)] == []


def test_no_program_is_run(traced):
    _, processes = traced
    (only,) = [call for calls in processes for call in done(calls, "execve")]
    assert "inspector" in only[2]


def test_only_the_output_and_the_cache_are_written(traced):
    folder, (parent, *_) = traced
    changed = changing(parent)
    assert any("out.json" in line for line in changed)  # the trace sees what is written
    allowed = re.compile(rf'"{folder}/(cache[/"]|\.inspector-|out\.json")|"{folder}", |"/dev/null"')
    assert [line for line in changed if not allowed.search(line)] == []
    left = {path.name for path in folder.iterdir() if not path.name.startswith("log.")}
    assert left == {"cache", "out.json"}
    assert {path.name.partition("-")[0] for path in (folder / "cache").iterdir()} == {
        *("anchors", "knowledge", "stamp", "suffixes", "results")
    }


def test_the_children_change_nothing_at_all(traced):
    _, (_, *children) = traced
    assert children
    assert [line for calls in children for line in changing(calls)] == []
