"""Spread the members of a container over forked processes that share the limits of the artifact's child."""

import os
import pickle
from collections.abc import Callable, Sequence

from inspector.extract.walk import Walker, Yield
from inspector.formats.layout import Member
from inspector.harvest import Harvest
from inspector.isolate.sandbox import die_with_parent


class Workers:
    """Spreads the members of one container over forked workers; what comes back merges in member order."""

    def __init__(self, harvest: Harvest, count: int) -> None:
        self.harvest = harvest
        self.count = count
        self.inside = False

    def __call__(
        self, walker: Walker, groups: Sequence[Sequence[Member]], job: Callable[..., list[float]]
    ) -> list[float]:
        """Run `job` over all groups; in this process where workers cannot help."""
        if self.inside or self.count < 2:
            return [score for group in groups for score in job(walker, group)]
        self.inside = True
        try:
            return self._spread(walker, groups, job)
        finally:
            self.inside = False

    def _spread(
        self, walker: Walker, groups: Sequence[Sequence[Member]], job: Callable[..., list[float]]
    ) -> list[float]:
        count = min(self.count, len(groups))
        counter = _SharedCounter()
        running = [_start_worker(number + 1, self, walker, groups, job, counter) for number in range(count)]
        results: dict[int, tuple[list[float], Yield, Harvest]] = {}
        for pid, receive in running:
            with os.fdopen(receive, "rb") as stream:
                raw = stream.read()
            _, status = os.waitpid(pid, 0)
            if status or not raw:
                # The whole child ends: the parent reruns with what this worker was at left out.
                os.kill(os.getpid(), os.WTERMSIG(status) if os.WIFSIGNALED(status) else 9)
            results.update(pickle.loads(raw))  # noqa: S301 - from a worker inside the same sandbox
        walker.budget.absorb_workers()
        scores: list[float] = []
        for number in sorted(results):
            part, found, harvest = results[number]
            scores += part
            walker.found.merge(found)
            walker.budget.hit |= found.limits_hit
            self.harvest.merge(harvest)
        return scores


class _SharedCounter:
    """Hands out the next group to whichever worker is free; the pipe is the queue."""

    def __init__(self) -> None:
        self.receive, self.send = os.pipe()

    def fill(self, count: int) -> None:
        os.write(self.send, bytes(range(count)))
        os.close(self.send)

    def next(self) -> int | None:
        taken = os.read(self.receive, 1)
        return taken[0] if taken else None


def _start_worker(
    number: int,
    workers: Workers,
    walker: Walker,
    groups: Sequence[Sequence[Member]],
    job: Callable[..., list[float]],
    counter: _SharedCounter,
) -> tuple[int, int]:
    if number == 1:
        counter.fill(len(groups))
    receive, send = os.pipe()
    pid = os.fork()
    if pid:
        os.close(send)
        return pid, receive
    status = 1
    try:
        die_with_parent()
        os.close(receive)
        workers.harvest.marks.slot = number
        walker.budget.for_worker(number)
        results = {}
        while (index := counter.next()) is not None:
            results[index] = _run_group(workers, walker, groups[index], job)
        with os.fdopen(send, "wb") as stream:
            stream.write(pickle.dumps(results, protocol=pickle.HIGHEST_PROTOCOL))
        status = 0
    finally:
        os._exit(status)


def _run_group(
    workers: Workers, walker: Walker, group: Sequence[Member], job: Callable[..., list[float]]
) -> tuple[list[float], Yield, Harvest]:
    old = workers.harvest
    harvest = Harvest(old.toolbox, old.marks, old.quarantine, old.options)
    walker.visitor, walker.found = harvest, Yield()
    workers.harvest = harvest
    scores = job(walker, group)
    workers.harvest = old
    walker.found.limits_hit |= walker.budget.hit
    return scores, walker.found, harvest


