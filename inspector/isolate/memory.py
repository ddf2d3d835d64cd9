"""Anonymous memory of process groups, from /proc.

`RssAnon` is what a process wrote itself; mapped input files do not count. Shared anonymous memory would escape both
that figure and `RLIMIT_DATA`, so the largest `RssShmem` of a group is added once.
"""

import os
from dataclasses import dataclass, field
from functools import cached_property, lru_cache


@dataclass
class GroupMemory:
    """Memory of one process group, bytes."""

    anonymous: dict[int, int] = field(default_factory=dict)
    """By process id."""
    shared: int = 0

    @property
    def total(self) -> int:
        """Return the sum over the group."""
        return sum(self.anonymous.values()) + self.shared

    @property
    def largest(self) -> int:
        """Return the process id that holds most, 0 for an empty group."""
        return max(self.anonymous, key=lambda pid: self.anonymous[pid], default=0)

    @cached_property
    def proportional(self) -> int:
        """Return the sum with each page divided among the processes that share it, as they are when first asked.

        A fork shares its parent's pages until it writes them, and `RssAnon` counts those in full for every process.
        This figure costs a walk of the page tables, so it is asked for only where the cheap one is past a bound.
        """
        total = self.shared
        for pid, anonymous in self.anonymous.items():
            try:
                total += _proportional(_read(f"/proc/{pid}/smaps_rollup"), anonymous)
            except OSError:
                total += anonymous
        return total


def memory_by_group(groups: set[int]) -> dict[int, GroupMemory]:
    """Return the memory of each asked process group; empty figures where /proc is missing."""
    found = {group: GroupMemory() for group in groups}
    for pid in _processes():
        try:
            group = os.getpgid(pid)
            if group in found:
                anonymous, shared = _resident(_read(f"/proc/{pid}/status"))
                found[group].anonymous[pid] = anonymous
                found[group].shared = max(found[group].shared, shared)
        except (OSError, ValueError, IndexError):
            continue  # it ended while we looked
    return found


def _proportional(rollup: bytes, otherwise: int) -> int:
    for line in rollup.splitlines():
        if line.startswith(b"Pss_Anon:"):
            return int(line.split()[1]) * 1024
    return otherwise


def group_memory(group: int) -> int:
    """Return the anonymous memory of all processes in one process group, bytes."""
    return memory_by_group({group})[group].total


def _processes() -> list[int]:
    if not _has_proc():
        return []
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


@lru_cache(1)
def _has_proc() -> bool:
    return os.path.exists("/proc/self/status")


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as stream:
        return stream.read()


def _resident(status: bytes) -> tuple[int, int]:
    anonymous = shared = 0
    for line in status.splitlines():
        if line.startswith(b"RssAnon:"):
            anonymous = int(line.split()[1]) * 1024
        elif line.startswith(b"RssShmem:"):
            shared = int(line.split()[1]) * 1024
            break
    return anonymous, shared
