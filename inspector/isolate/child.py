"""Run one job in a child process that may crash, hang or eat memory without harm.

Protocol: the child writes one byte string to a pipe and exits 0. A shared page holds the path of the member that each
worker is at, so that a crash names its culprit. The parent watches the whole process group.
"""

import contextlib
import mmap
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from inspector.isolate import sandbox

POLL: Final = 0.05
GRACE: Final = 10.0
"""Seconds past the artifact's own time limit before the group is killed: the child ends by itself at the limit."""
MARK: Final = 4096
MARKS: Final = 64
LARGEST_ANSWER: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the child. `problem` is empty when `answer` is whole."""

    answer: bytes = b""
    problem: str = ""
    """`crash`, `timeout`, `memory`, `sandbox` or empty."""
    detail: str = ""
    culprits: tuple[str, ...] = ()
    """Paths that were being worked on when the child died."""
    sandbox: tuple[str, ...] = ()
    peak_memory: int = 0
    """Highest anonymous memory seen over the group, bytes."""


class Marks:
    """The shared page on which workers note where they are; slot 0 is the child itself."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, MARK * MARKS)
        self.slot = 0

    def at(self, path: str) -> None:
        """Note that this worker now works on `path`."""
        raw = path.encode("utf-8", "backslashreplace")[: MARK - 2]
        start = self.slot * MARK
        self._page[start : start + 2 + len(raw)] = len(raw).to_bytes(2, "little") + raw

    def done(self) -> None:
        """Note that this worker is between members."""
        start = self.slot * MARK
        self._page[start : start + 2] = b"\0\0"

    def current(self) -> tuple[str, ...]:
        """Return what all workers were at, in slot order."""
        found = []
        for start in range(0, MARK * MARKS, MARK):
            length = int.from_bytes(self._page[start : start + 2], "little")
            if length:
                found.append(self._page[start + 2 : start + 2 + length].decode("utf-8", "replace"))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the child may cost."""

    memory: int
    seconds: int
    readable: tuple[Path, ...] = ()
    require_sandbox: bool = False


def run(job: Callable[[Marks], bytes], bounds: Bounds) -> Outcome:
    """Run `job` in a sandboxed child and return what became of it. Never raises for what the child does."""
    marks = Marks()
    receive, send = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(receive)
        _child(job, marks, send, bounds)
    os.close(send)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    try:
        return _watch(pid, receive, marks, bounds)
    finally:
        os.close(receive)
        _kill_group(pid)


def _child(job: Callable[[Marks], bytes], marks: Marks, send: int, bounds: Bounds) -> NoReturn:
    status = 1
    try:
        os.setpgid(0, 0)
        sandbox.die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sandbox.lower_limits(bounds.memory, bounds.seconds)
        reached = sandbox.enter([*sandbox.readable_paths(), *bounds.readable])
        if bounds.require_sandbox and len(reached) < 4:
            _send(send, b"S" + " ".join(reached).encode())
        else:
            header = ",".join(reached).encode()
            answer = job(marks)
            _send(send, b"A" + len(header).to_bytes(2, "little") + header + answer)
        status = 0
    except MemoryError:
        _send(send, b"M")
    except BaseException as error:  # noqa: BLE001 - the last line of defence: the parent gets a word, not a traceback
        _send(send, b"E" + f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace")[:2000])
    finally:
        os._exit(status)


def _send(send: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(send, view) :]


def _watch(pid: int, receive: int, marks: Marks, bounds: Bounds) -> Outcome:
    deadline = time.monotonic() + bounds.seconds + GRACE
    chunks: list[bytes] = []
    peak = size = 0
    while True:
        ready, _, _ = select.select([receive], [], [], POLL)
        if ready:
            chunk = os.read(receive, 1 << 20)
            if not chunk:
                break
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST_ANSWER:
                return Outcome(problem="memory", detail="answer too large", peak_memory=peak)
            continue
        used = group_memory(pid)
        peak = max(peak, used)
        if used > bounds.memory:
            return Outcome(problem="memory", detail=f"{used >> 20} MB used", culprits=marks.current(), peak_memory=peak)
        if time.monotonic() > deadline:
            return Outcome(problem="timeout", detail=f"{bounds.seconds} s", culprits=marks.current(), peak_memory=peak)
    _, status = os.waitpid(pid, 0)
    return _read_answer(b"".join(chunks), status, marks, peak)


def _read_answer(data: bytes, status: int, marks: Marks, peak: int) -> Outcome:
    kind, rest = data[:1], data[1:]
    if kind == b"A" and os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        length = int.from_bytes(rest[:2], "little")
        layers = tuple(rest[2 : 2 + length].decode().split(","))
        return Outcome(rest[2 + length :], sandbox=layers, peak_memory=peak)
    text = rest.decode("utf-8", "replace")
    if kind == b"S":
        return Outcome(problem="sandbox", detail=f"only reached: {text}")
    if kind == b"M":
        return Outcome(problem="memory", detail="out of memory", culprits=marks.current(), peak_memory=peak)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return Outcome(problem="crash", detail=name, culprits=marks.current(), peak_memory=peak)
    return Outcome(
        problem="crash", detail=text or "ended without an answer", culprits=marks.current(), peak_memory=peak
    )


def group_memory(group: int) -> int:
    """Return the anonymous memory of all processes in a process group, bytes; 0 where /proc is missing."""
    total = 0
    for entry in _processes():
        try:
            stat = Path(entry, "stat").read_bytes()
            if int(stat.rpartition(b")")[2].split()[2]) == group:
                total += _anonymous(Path(entry, "status").read_bytes())
        except (OSError, ValueError, IndexError):
            continue  # it ended while we looked
    return total


def _processes() -> list[str]:
    try:
        return [f"/proc/{name}" for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _anonymous(status: bytes) -> int:
    for line in status.splitlines():
        if line.startswith(b"RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def _kill_group(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.waitpid(pid, 0)
