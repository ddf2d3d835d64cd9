"""The child: what it can reach, what becomes of it when it crashes, hangs, grows or floods, and what is left behind."""

import ctypes
import json
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import time

# ruff: noqa: SIM115 - what is opened here is meant to fail
import pytest

from inspector.isolate import Bounds, Watch, run, sandbox
from inspector.isolate import child as child_module

BOUNDS = Bounds(memory=1 << 30, seconds=20)
COMPLETE = set(sandbox.offered().values()) and all(
    word == "yes" or word.startswith("ABI") for word in sandbox.offered().values()
)
needs_sandbox = pytest.mark.skipif(not COMPLETE, reason="this kernel lacks Landlock or seccomp")


def attempt(action, **bounds):
    """Run `action` in a child; return the name of the exception it met, or what it returned."""

    def job(marks):
        try:
            return repr(action()).encode()
        except BaseException as error:
            return type(error).__name__.encode()

    outcome = run(job, Bounds(memory=1 << 30, seconds=20, **bounds))
    assert outcome.problem == "", outcome
    return outcome.answer.decode()


def processes_of(group):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = open(f"/proc/{name}/stat", "rb").read()
            except OSError:
                continue
            fields = stat.rpartition(b")")[2].split()
            if int(fields[2]) == group and fields[0] != b"Z":
                found.append(int(name))
    return found


def test_an_answer_comes_back_whole_even_when_the_pipe_is_full():
    answer = os.urandom(1 << 20) * 20
    outcome = run(lambda marks: answer, BOUNDS)
    assert (outcome.answer, outcome.problem) == (answer, "")


def test_the_layers_reached_are_those_the_machine_offers():
    outcome = run(lambda marks: b"", BOUNDS)
    offered = [name for name, word in sandbox.offered().items() if word == "yes" or word.startswith("ABI")]
    assert list(outcome.sandbox) == offered


@needs_sandbox
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK])
def test_no_socket_can_be_made(family):
    assert attempt(lambda: socket.socket(family, socket.SOCK_DGRAM)) == "PermissionError"


@needs_sandbox
def test_no_pair_of_sockets_can_be_made():
    assert attempt(socket.socketpair) == "PermissionError"


@needs_sandbox
@pytest.mark.parametrize(
    "change",
    [
        lambda folder: open(folder / "new", "w"),
        lambda folder: open(folder / "victim", "r+"),
        lambda folder: open(folder / "victim"),
        os.listdir,
        lambda folder: os.truncate(folder / "victim", 0),
        lambda folder: os.unlink(folder / "victim"),
        lambda folder: os.rename(folder / "victim", folder / "other"),
        lambda folder: os.link(folder / "victim", folder / "other"),
        lambda folder: os.symlink("victim", folder / "other"),
        lambda folder: os.mkdir(folder / "other"),
        lambda folder: os.mkfifo(folder / "other"),
        lambda folder: os.chmod(folder / "victim", 0o777),
        lambda folder: os.utime(folder / "victim"),
        lambda folder: os.chown(folder / "victim", 1, 1),
    ],
    ids=[
        "create",
        "write",
        "read",
        "list",
        "truncate",
        "unlink",
        "rename",
        "link",
        "symlink",
        "mkdir",
        "mkfifo",
        "chmod",
        "utime",
        "chown",
    ],
)
def test_no_file_can_be_touched(tmp_path, change):
    (tmp_path / "victim").write_text("here before")
    (tmp_path / "victim").chmod(0o644)
    before = os.stat(tmp_path / "victim")
    assert attempt(lambda: change(tmp_path)) == "PermissionError"
    after = os.stat(tmp_path / "victim")
    assert (before.st_mode, before.st_mtime_ns, before.st_uid) == (after.st_mode, after.st_mtime_ns, after.st_uid)
    assert (tmp_path / "victim").read_text() == "here before"
    assert [path.name for path in tmp_path.iterdir()] == ["victim"]


@needs_sandbox
@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/shadow", "/proc/1/environ", os.path.expanduser("~")])
def test_nothing_private_can_be_read(path):
    assert attempt(lambda: os.listdir(path) if os.path.isdir(path) else open(path).read()) in (
        "PermissionError",
        "FileNotFoundError",
    )


@needs_sandbox
def test_no_program_can_be_run():
    assert attempt(lambda: os.execv("/bin/true", ["true"])) == "PermissionError"
    assert attempt(lambda: subprocess.run(["/bin/true"], check=False)) == "PermissionError"


@needs_sandbox
def test_the_parent_cannot_be_signalled_and_the_group_cannot_be_left():
    parent = os.getpid()
    if sandbox.landlock_abi() >= 6:
        assert attempt(lambda: os.kill(parent, signal.SIGUSR1)) == "PermissionError"
    assert attempt(os.setsid) == "PermissionError"
    assert attempt(lambda: os.setpgid(0, os.getpgid(os.getppid()))) == "PermissionError"


@needs_sandbox
def test_no_namespace_can_be_made_and_nothing_typed_into_a_terminal():
    libc = ctypes.CDLL(None, use_errno=True)
    clone_in_namespace = 0x10000000 | signal.SIGCHLD

    def clone():
        if sys.maxsize < 2**32 or os.uname().machine != "x86_64":
            return -1
        return libc.syscall(56, ctypes.c_long(clone_in_namespace), None, None, None, None)

    assert attempt(clone) == "-1"
    import fcntl

    assert attempt(lambda: fcntl.ioctl(0, 0x5412, b"x")) == "PermissionError"


def test_the_standard_streams_are_not_those_of_the_parent(capfd):
    run(lambda marks: (os.write(1, b"out\x1b]0;x\x07\n"), os.write(2, b"err\x1b[2J\n"), b"")[2], BOUNDS)
    seen = capfd.readouterr()
    assert "\x1b" not in seen.out + seen.err


def test_log_records_of_the_child_reach_the_parent_as_single_printable_lines(caplog):
    import logging

    def job(marks):
        logging.getLogger("inspector.probe").warning("a name: %s", "x\x1b[31m\nfake: line\u202e")
        return b""

    run(job, BOUNDS)
    (record,) = [r for r in caplog.records if r.name == "inspector.probe"]
    assert record.getMessage() == "a name: x\\x1b[31m\\nfake: line\\u202e"


def test_a_flood_of_output_neither_stops_the_child_nor_fills_the_log(caplog):
    caplog.set_level("DEBUG")

    def job(marks):
        for _ in range(200):
            os.write(2, b"noise\n" * 1000)
        return b"done"

    assert run(job, BOUNDS).answer == b"done"
    assert len(caplog.records) <= 600


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT, signal.SIGBUS])
def test_a_crash_names_its_signal_and_where_it_was(number):
    def job(marks):
        marks.at("fw.bin!zip!bad")
        os.kill(os.getpid(), number)
        return b""

    begun = time.monotonic()
    outcome = run(job, BOUNDS)
    assert (outcome.problem, outcome.detail) == ("crash", signal.Signals(number).name)
    assert outcome.culprits == ("fw.bin!zip!bad",)
    assert time.monotonic() - begun < 2


def test_an_exception_is_a_crash_with_its_words():
    def job(marks):
        raise RuntimeError("no such luck")

    outcome = run(job, BOUNDS)
    assert (outcome.problem, outcome.detail) == ("crash", "RuntimeError: no such luck")


def test_half_an_answer_is_no_answer():
    def job(marks):
        os._exit(0)

    assert run(job, BOUNDS).problem == "crash"


def test_a_hang_ends_at_the_limit_with_all_its_descendants():
    def job(marks):
        marks.at("fine")
        if os.fork() == 0 and os.fork() == 0:
            time.sleep(600)
        marks.at("hanging")
        time.sleep(600)
        return b""

    watch = Watch()
    child = watch.start(job, Bounds(memory=1 << 30, seconds=1))
    begun = time.monotonic()
    while not (ended := watch.step()):
        assert time.monotonic() - begun < 10
    assert ended[0][1].problem == "timeout"
    assert ended[0][1].culprits == ("hanging",)
    deadline = time.monotonic() + 2
    while processes_of(child.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes_of(child.pid) == []


def test_a_descendant_that_holds_the_pipe_open_does_not_hold_up_the_answer():
    def job(marks):
        if os.fork() == 0:
            time.sleep(600)
        return b"done"

    begun = time.monotonic()
    assert run(job, BOUNDS).answer == b"done"
    assert time.monotonic() - begun < 3


def test_a_child_that_closes_its_pipe_and_stays_is_ended_in_time():
    def job(marks):
        os.closerange(3, 4096)
        time.sleep(600)
        return b""

    assert run(job, Bounds(memory=1 << 30, seconds=1)).problem == "timeout"


def test_a_child_that_floods_its_pipe_is_still_watched(monkeypatch):
    monkeypatch.setattr(child_module, "LARGEST_ANSWER", 8 << 20)
    outcome = run(lambda marks: b"x" * (64 << 20), Bounds(memory=2 << 30, seconds=20))
    assert (outcome.problem, outcome.detail) == ("memory", "its answer is too large")


GROWING = """
import json, os, time
from inspector.isolate import Bounds, run
from inspector.isolate.memory import group_memory

def grow(marks, slot, path, size):
    marks.slot = slot
    marks.at(path)
    held = bytearray(os.urandom(1 << 20) * (size >> 20))
    time.sleep(600)
    return held

def job(marks):
    for slot, size in ((1, 40 << 20), (2, 400 << 20)):
        if os.fork() == 0:
            grow(marks, slot, f"member {slot}", size)
    time.sleep(600)
    return b""

outcome = run(job, Bounds(memory=group_memory(os.getpgid(0)) + (300 << 20), seconds=20))
print(json.dumps([outcome.problem, outcome.culprits, outcome.peak_memory]))
"""


def test_memory_over_the_group_is_counted_and_the_largest_process_blamed():
    # In a session of its own: beside it in the group of the tests may stand other processes that run tests.
    program = [sys.executable, "-c", GROWING]
    ended = subprocess.run(program, check=True, capture_output=True, timeout=60, start_new_session=True)
    problem, culprits, peak_memory = json.loads(ended.stdout)
    assert problem == "memory"
    assert culprits == ["member 2"]
    assert peak_memory > 300 << 20


def test_shared_anonymous_memory_does_not_escape_the_watch():
    def job(marks):
        held = mmap.mmap(-1, 900 << 20)
        for at in range(0, len(held), 4096):
            held[at] = 1
        time.sleep(600)
        return b""

    outcome = run(job, Bounds(memory=700 << 20, seconds=20))
    assert outcome.problem == "memory"


def test_an_allocation_past_the_hard_limit_is_out_of_memory():
    def job(marks):
        marks.at("greedy")
        return bytes(8 << 30)

    outcome = run(job, Bounds(memory=256 << 20, seconds=20))
    assert (outcome.problem, outcome.culprits) == ("memory", ("greedy",))


def test_children_die_with_their_parent():
    receive, send = os.pipe()
    middle = os.fork()
    if middle == 0:

        def job(marks):
            os.write(send, struct.pack("<I", os.getpid()))
            time.sleep(600)
            return b""

        child_module.os.closerange = lambda low, high: None  # the probe's own pipe stays open
        run(job, Bounds(memory=1 << 30, seconds=60))
        os._exit(0)
    (pid,) = struct.unpack("<I", os.read(receive, 4))
    os.kill(middle, signal.SIGKILL)
    os.waitpid(middle, 0)
    deadline = time.monotonic() + 3
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{pid}")
    os.close(receive)
    os.close(send)


def test_a_required_sandbox_fails_closed(monkeypatch):
    monkeypatch.setattr(sandbox, "_seccomp", lambda may_run_programs: False)
    ran = []
    outcome = run(lambda marks: ran.append(1) or b"x", Bounds(1 << 30, 20, require_sandbox=True))
    assert outcome.problem == "sandbox"
    assert "landlock" in outcome.detail
    assert "seccomp" not in outcome.detail
    assert outcome.answer == b""


def test_no_descriptor_and_no_zombie_is_left_behind():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        run(lambda marks: b"x", BOUNDS)
        run(lambda marks: os.kill(os.getpid(), 9), BOUNDS)
    assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
