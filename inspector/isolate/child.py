"""Run a job in a child process that may crash, hang or eat memory without harm.

Protocol: the child writes one byte string to a pipe and exits 0; what it prints and logs goes through a second pipe.
A shared page holds what each of its processes is at, so that a crash names its culprit. The parent watches the whole
process group and learns of the leader's end from the kernel, not from the pipe: a worker that outlives its leader may
hold the pipe open. The leader is reaped only after its group was killed, so the group's number cannot be reused.
"""

import contextlib
import gc
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from inspector.isolate import sandbox
from inspector.isolate.marks import Marks
from inspector.isolate.memory import GroupMemory, memory_by_group
from inspector.isolate.relay import Relay, speak_through

POLL: Final = 0.1
"""Seconds between two looks at the memory of all children."""
LARGEST_ANSWER: Final = 256 << 20
READ: Final = 1 << 20
COLLECT_AT: Final = (10_000, 10, 20)
"""Thresholds of the cycle collector: what a scan keeps grows with the finds and has no cycles to look for."""
HELD_BACK: Final = {signal.SIGINT, signal.SIGTERM}

Job = Callable[[Marks], bytes]


class OutOfMemory(BaseException):
    """Ends the job as out of memory: not an `Exception`, so that no handler of a reader's bug takes it for one."""


class Outcome(NamedTuple):
    """What became of the child. `problem` is empty when `answer` is whole."""

    answer: bytes = b""
    problem: str = ""
    """`crash`, `timeout`, `memory`, `sandbox` or empty."""
    detail: str = ""
    culprits: tuple[str, ...] = ()
    """Paths that were being worked on by the process that is to blame."""
    sandbox: tuple[str, ...] = ()
    """The layers that took hold, in order."""
    peak_memory: int = 0
    """Highest anonymous memory seen over the group, bytes."""
    seconds: float = 0.0


class Bounds(NamedTuple):
    """What the child may cost and touch."""

    memory: int
    seconds: int
    readable: tuple[Path, ...] = ()
    """Files and folders it may read besides what the interpreter needs."""
    require_sandbox: bool = False
    workshop: sandbox.Workshop | None = None
    """Set for a child that runs an external program: the one folder it may write to."""

    @property
    def grace(self) -> float:
        """Return the seconds past the time limit before the group is killed: the child ends by itself at the limit."""
        return max(2.0, self.seconds / 30)


class Child:
    """One running child. `poll` until it returns an outcome; `kill` ends it early. Not for use from other threads."""

    def __init__(self, job: Job, bounds: Bounds) -> None:
        self.bounds = bounds
        self.marks = Marks()
        self.started = time.monotonic()
        self.peak = 0
        self._relay = Relay()
        self._chunks: list[bytes] = []
        self._size = 0
        self._outcome: Outcome | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal between the fork and the note of the pid would leave a child that nobody knows.
        old = signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)
        try:
            self._answer, answer = os.pipe()
            self._log, log = os.pipe()
            parent = os.getpid()
            self.pid = os.fork()
            if self.pid == 0:
                _child(job, self.marks, answer, log, bounds, parent)
            os.close(answer)
            os.close(log)
            os.set_blocking(self._answer, False)
            os.set_blocking(self._log, False)
            with contextlib.suppress(OSError):
                os.setpgid(self.pid, self.pid)
            self._ended = _process_handle(self.pid)
            self._open = {self._answer, self._log}
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)

    def handles(self) -> list[int]:
        """Return the descriptors whose readiness is news."""
        return [*self._open, *([self._ended] if self._ended >= 0 else [])]

    def poll(self, memory: GroupMemory | None = None) -> Outcome | None:
        """Take in what is there and return the outcome once there is one; `memory` is the group's, when just read."""
        if self._outcome is not None:
            return self._outcome
        ended = self._has_ended()
        self._drain()
        if ended:
            return self._finish(self._read_answer(self._reap()))
        if memory is not None and memory.total > self.peak:
            # Pages that workers share with their starter count once: the exact figure only where it could be news.
            self.peak = max(self.peak, memory.proportional if len(memory.anonymous) > 1 else memory.total)
        if problem := self._overdrawn(memory):
            self._reap()
            return self._finish(problem)
        return None

    def kill(self) -> None:
        """End the whole group now; harmless when it has ended already."""
        if self._outcome is None:
            self._reap()
            self._finish(Outcome(problem="crash", detail="stopped"))

    def _has_ended(self) -> bool:
        try:
            # WNOWAIT leaves a zombie behind, which keeps the number of the group taken until `_reap`.
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def _drain(self) -> None:
        for handle in tuple(self._open):
            while True:
                try:
                    data = os.read(handle, READ)
                except BlockingIOError:
                    break
                if not data:
                    self._open.discard(handle)
                    break
                if handle == self._log:
                    self._relay.feed(data)
                    break  # a flood of lines must not keep us from the clock
                self._chunks.append(data)
                self._size += len(data)
                if self._size > LARGEST_ANSWER:
                    self._open.discard(handle)
                    break

    def _overdrawn(self, memory: GroupMemory | None) -> Outcome | None:
        if self._size > LARGEST_ANSWER:
            return Outcome(problem="memory", detail="its answer is too large")
        if memory is not None and memory.total > self.bounds.memory and memory.proportional > self.bounds.memory:
            culprits = self.marks.of_process(memory.largest)
            return Outcome(problem="memory", detail=f"more than {self.bounds.memory >> 20} MB used", culprits=culprits)
        if time.monotonic() - self.started > self.bounds.seconds + self.bounds.grace:
            culprits = self.marks.older_than(self.bounds.grace)
            return Outcome(problem="timeout", detail=f"{self.bounds.seconds} s", culprits=culprits)
        return None

    def _reap(self) -> int:
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)  # where it had not made its group yet
        self._drain()
        try:
            return os.waitpid(self.pid, 0)[1]
        except ChildProcessError:
            return -1

    def _finish(self, outcome: Outcome) -> Outcome:
        self._relay.finish()
        for handle in (self._answer, self._log, self._ended):
            if handle >= 0:
                os.close(handle)
        self._open, self._ended, self._chunks = set(), -1, []
        seconds = time.monotonic() - self.started
        self._outcome = Outcome(
            outcome.answer, outcome.problem, outcome.detail, outcome.culprits, outcome.sandbox, self.peak, seconds
        )
        return self._outcome

    def _read_answer(self, status: int) -> Outcome:
        data = b"".join(self._chunks)
        kind, rest = data[:1], data[1:]
        length = int.from_bytes(rest[:2], "little")
        if kind == b"A" and status == 0:
            layers = tuple(rest[2 : 2 + length].decode("ascii", "replace").split(","))
            return Outcome(rest[2 + length :], sandbox=layers)
        text = rest[:2000].decode("utf-8", "backslashreplace")
        if kind == b"S":
            return Outcome(problem="sandbox", detail=f"only reached: {text.replace(',', ', ')}")
        culprits = self.marks.blamed()
        if kind == b"M":
            return Outcome(problem="memory", detail="out of memory", culprits=culprits)
        if kind == b"E":
            return Outcome(problem="crash", detail=text, culprits=culprits)
        if status > 0 and os.WIFSIGNALED(status):
            return Outcome(problem="crash", detail=_signal_name(os.WTERMSIG(status)), culprits=culprits)
        return Outcome(problem="crash", detail="ended without an answer", culprits=culprits)


class Watch:
    """Watches any number of children: their answers, their end, their memory and time."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._looked = 0.0

    def start(self, job: Job, bounds: Bounds) -> Child:
        """Start one more child."""
        child = Child(job, bounds)
        self.children.append(child)
        return child

    def step(self, wait: bool = True) -> list[tuple[Child, Outcome]]:
        """Return the children that came to an end, with their outcomes; waits at most `POLL` seconds for news."""
        poller = select.poll()
        for child in self.children:
            for handle in child.handles():
                poller.register(handle, select.POLLIN)
        poller.poll(max(0.0, self._looked + POLL - time.monotonic()) * 1000 if wait else 0)
        memory: dict[int, GroupMemory] = {}
        if time.monotonic() - self._looked >= POLL:
            memory = memory_by_group({child.pid for child in self.children})
            self._looked = time.monotonic()
        ended = [(child, outcome) for child in self.children if (outcome := child.poll(memory.get(child.pid)))]
        for child, _ in ended:
            self.children.remove(child)
        return ended

    def kill(self) -> None:
        """End all children now."""
        for child in self.children:
            child.kill()
        self.children.clear()


def run(job: Job, bounds: Bounds) -> Outcome:
    """Run `job` in a sandboxed child and return what became of it. Never raises for what the child does."""
    watch = Watch()
    try:
        watch.start(job, bounds)
        while not (ended := watch.step()):
            pass
        return ended[0][1]
    finally:
        watch.kill()


def _process_handle(pid: int) -> int:
    """Return a descriptor that becomes readable when the process ends, -1 where the system has none."""
    try:
        return os.pidfd_open(pid) if sys.platform == "linux" else -1
    except OSError:
        return -1


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


# ---------------------------------------------------------------------- in the child


def _child(job: Job, marks: Marks, answer: int, log: int, bounds: Bounds, parent: int) -> NoReturn:
    status = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _end_group if bounds.workshop else signal.SIG_DFL)
        # Programs do not hear of their parent's end as workers do: who runs one has to take it along.
        sandbox.die_with_parent(parent, signal.SIGTERM if bounds.workshop else signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_BACK)
        speak_through(log)
        os.closerange(3, answer)
        os.closerange(answer + 1, os.sysconf("SC_OPEN_MAX"))
        gc.freeze()  # what was loaded before the fork stays shared with the parent
        gc.set_threshold(*COLLECT_AT)
        sandbox.lower_limits(bounds.memory, bounds.seconds, bounds.workshop)
        reached = sandbox.enter([*sandbox.readable_paths(), *bounds.readable], bounds.workshop)
        names = ",".join(reached).encode()
        if bounds.require_sandbox and not sandbox.complete(reached):
            _send(answer, b"S" + names)
        else:
            _send(answer, b"A" + len(names).to_bytes(2, "little") + names + job(marks))
        status = 0
    except (MemoryError, OutOfMemory):
        _send(answer, b"M")
    except BaseException as error:
        _send(answer, b"E" + f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace")[:2000])
    finally:
        os._exit(status)


def _end_group(_number: int, _frame: object) -> None:
    os.killpg(0, signal.SIGKILL)


def _send(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
