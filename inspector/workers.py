"""Spread the members of a container over forked processes that share the limits of the artifact's child.

A worker that dies takes the whole child with it, after its slot was blamed: the parent reruns the artifact without the
member that this worker was at. What the workers found merges in member order, so timing never shows.
"""

import gc
import os
import select
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from inspector.extract.walk import Walker, Yield
from inspector.formats.layout import Member
from inspector.harvest import Harvest
from inspector.isolate.child import OutOfMemory
from inspector.isolate.marks import SLOTS
from inspector.isolate.sandbox import die_with_parent

OUT_OF_MEMORY_STATUS: Final = 77
READ: Final = 1 << 20
FRAME: Final = struct.Struct("=IQ")
"""Before each part that a worker writes: the number of its group and its length."""

Job = Callable[..., list[float]]
Groups = Sequence[Sequence[Member]]
Part = tuple[list[float], Yield, Harvest]


class Workers:
    """Spreads the members of one container over forked workers; what comes back merges in member order."""

    def __init__(self, harvest: Harvest, count: int) -> None:
        self.harvest = harvest
        self.count = min(count, SLOTS - 1)
        self.inside = False

    def __call__(self, walker: Walker, groups: Groups, job: Job) -> list[float]:
        """Run `job` over all groups; in this process where workers cannot help."""
        if self.inside or self.count < 2:
            return [score for group in groups for score in job(walker, group)]
        self.inside = True
        try:
            return self._spread(walker, groups, job)
        finally:
            self.inside = False

    def _spread(self, walker: Walker, groups: Groups, job: Job) -> list[float]:
        import pickle

        self.harvest.marks.clear(0)  # whatever goes wrong now goes wrong in a worker
        waiting: dict[int, bytes] = {}
        scores: list[float] = []
        due = 0
        for number, raw in self._gather(walker, groups, job):
            waiting[number] = raw
            while due in waiting:  # merged as it comes, what waits stays packed: memory holds each find once
                part, found, harvest = pickle.loads(waiting.pop(due))  # noqa: S301 - from a worker inside the same sandbox
                due += 1
                scores += part
                walker.found.merge(found)
                walker.budget.hit |= found.limits_hit
                self.harvest.merge(harvest)
        walker.budget.absorb_workers()
        return scores

    def _gather(self, walker: Walker, groups: Groups, job: Job) -> Iterator[tuple[int, bytes]]:
        """Yield the number of each group and its pickled part as soon as a worker has written it."""
        queue = _Queue(len(groups))
        running = [
            _start(number, self, walker, groups, job, queue) for number in range(1, min(self.count, len(groups)) + 1)
        ]
        queue.close()
        by_handle = {worker.handle: worker for worker in running}
        while by_handle:
            for handle in select.select(list(by_handle), [], [])[0]:
                if data := os.read(handle, READ):
                    by_handle[handle].received += data
                    yield from by_handle[handle].parts()
                else:
                    self._end(by_handle.pop(handle))

    def _end(self, worker: "_Worker") -> None:
        os.close(worker.handle)
        _, status = os.waitpid(worker.pid, 0)
        if status:
            self.harvest.marks.blame(worker.number)
            if os.WIFSIGNALED(status):
                os.kill(os.getpid(), os.WTERMSIG(status))
            if os.WEXITSTATUS(status) == OUT_OF_MEMORY_STATUS:
                raise OutOfMemory("a worker ran out of memory")
            raise _WorkerFailed(f"a worker ended with status {os.WEXITSTATUS(status)}")
        self.harvest.marks.clear(worker.number)


class _WorkerFailed(BaseException):
    """Ends the child: not an `Exception`, so that no reader's handler takes it for a bug of its own."""


class _Queue:
    """Hands out the next group to whichever worker is free; one byte in a pipe for each group."""

    def __init__(self, count: int) -> None:
        self._receive, send = os.pipe()
        os.write(send, bytes(range(count)))
        os.close(send)

    def next(self) -> int | None:
        taken = os.read(self._receive, 1)
        return taken[0] if taken else None

    def close(self) -> None:
        os.close(self._receive)


class _Worker:
    """A running worker as its starter sees it."""

    def __init__(self, number: int, pid: int, handle: int) -> None:
        self.number = number
        self.pid = pid
        self.handle = handle
        self.received = bytearray()

    def parts(self) -> Iterator[tuple[int, bytes]]:
        """Yield what has arrived whole; the rest stays."""
        while len(self.received) >= FRAME.size:
            number, size = FRAME.unpack_from(self.received)
            end = FRAME.size + size
            if len(self.received) < end:
                return
            part = bytes(memoryview(self.received)[FRAME.size : end])
            del self.received[:end]
            yield number, part


def _start(number: int, workers: Workers, walker: Walker, groups: Groups, job: Job, queue: _Queue) -> _Worker:
    import pickle

    receive, send = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(send)
        return _Worker(number, pid, receive)
    status = 1
    try:
        die_with_parent(parent)
        gc.freeze()  # a look for cycles would copy every page that is shared with the starter
        os.close(receive)
        workers.harvest.marks.slot = number
        walker.budget.for_worker(number)
        with os.fdopen(send, "wb") as stream:
            while (index := queue.next()) is not None:
                part = _run_group(workers, walker, groups[index], job)
                packed = pickle.dumps(part, protocol=pickle.HIGHEST_PROTOCOL)
                del part
                stream.write(FRAME.pack(index, len(packed)))
                stream.write(packed)
                stream.flush()
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY_STATUS
    finally:
        os._exit(status)


def _run_group(workers: Workers, walker: Walker, group: Sequence[Member], job: Job) -> Part:
    old = workers.harvest
    harvest = Harvest(old.toolbox, old.marks, old.quarantine, old.options)
    walker.visitor, walker.found = harvest, Yield()
    workers.harvest = harvest
    scores = job(walker, group)
    workers.harvest = old
    walker.found.limits_hit |= walker.budget.hit
    return scores, walker.found, harvest
