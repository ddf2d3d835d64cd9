"""Run two whole commands in turn and report the ratio pair by pair: a comparison that holds on a noisy machine."""

import os
import resource
import shlex
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One finished command: wall seconds, processor seconds (children included), exit code."""

    wall: float
    cpu: float
    code: int


@dataclass(frozen=True)
class Ratio:
    """Theirs ÷ ours over all pairs: above 1 we are faster."""

    name: str
    ours: list[Run]
    theirs: list[Run]

    def ratios(self, figure: str) -> list[float]:
        """Return the ratio of each pair for `wall` or `cpu`."""
        return [getattr(b, figure) / max(getattr(a, figure), 1e-6) for a, b in zip(self.ours, self.theirs, strict=True)]

    def __str__(self) -> str:
        wall, cpu = self.ratios("wall"), self.ratios("cpu")
        ours, theirs = (statistics.median(r.wall for r in runs) for runs in (self.ours, self.theirs))
        return (
            f"{self.name:44} ours {ours:7.2f} s  theirs {theirs:7.2f} s  "
            f"wall ×{statistics.median(wall):.2f} ({min(wall):.2f}–{max(wall):.2f})  cpu ×{statistics.median(cpu):.2f}"
        )


def run(command: str | Sequence[str]) -> Run:
    """Run one command through `sh -c` (a string) or directly; its output is thrown away."""
    arguments = ["sh", "-c", command] if isinstance(command, str) else list(command)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, done.returncode)


def compare(name: str, ours: str | Sequence[str], theirs: str | Sequence[str], pairs: int = 5) -> Ratio:
    """Run A B A B …, after one uncounted warm-up of each."""
    run(ours)
    run(theirs)
    mine, others = [], []
    for _ in range(pairs):
        mine.append(run(ours))
        others.append(run(theirs))
    return Ratio(name, mine, others)


def machine() -> str:
    """Return one line about the machine, for the head of a table."""
    return f"{os.cpu_count()} cores, {os.uname().sysname} {os.uname().machine}, load {os.getloadavg()[0]:.1f}"


def quoted(*parts: object) -> str:
    """Return a shell command of quoted parts."""
    return " ".join(shlex.quote(str(part)) for part in parts)
