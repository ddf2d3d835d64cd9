"""Budgets of one artifact: global over its whole tree and over all worker processes.

Each worker writes only its own slot of a shared page and sums all slots, so no lock is needed. When a budget runs
out in a parallel run the pipeline repeats the work with one worker: where a limit cuts must not depend on timing.
"""

import mmap
import time
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import LimitReached
from inspector.formats.reader import BufferReader, MappedReader, Reader

SLOT: Final = Struct("<QQ")
SLOTS: Final = 64
PAGE: Final = Struct(f"<{2 * SLOTS}Q")
RATIO_FROM: Final = 64 << 20
"""Below this many decoded bytes the expansion ratio is not looked at; one member may pass it by as much."""
FILL: Final = 1 << 16
"""Runs of zeros or of 0xFF are looked for in steps of so many bytes, from there on."""
FILLS: Final = {byte: bytes([byte]) * FILL for byte in (0x00, 0xFF)}
FILL_COST: Final = 16
"""Bytes of such runs that count as one: what is not used in an image of a flash or disk costs next to nothing."""


class Limits(NamedTuple):
    """What one artifact may cost; every field is an option of `inspector scan`."""

    depth: int = 12
    members: int = 100_000
    unpacked: int = 20 << 30
    """Decoded bytes over the whole tree (4 GiB for apps, set by the pipeline)."""
    ratio: int = 200
    seconds: int = 300
    memory: int = 2 << 30
    """Anonymous memory of the child and its workers, bytes."""

    def as_pairs(self) -> tuple[tuple[str, int], ...]:
        """Return (option, value) pairs in a fixed order, for the profile."""
        return tuple(self._asdict().items())


class Budget:
    """Counts decoded bytes and members against `Limits`; shared with forked workers by `for_worker`."""

    def __init__(self, limits: Limits, input_size: int, deadline: float | None = None) -> None:
        self.limits = limits
        self.total = min(limits.unpacked, max(RATIO_FROM, limits.ratio * input_size))
        self.deadline = time.monotonic() + limits.seconds if deadline is None else deadline
        self.hit: set[str] = set()
        self._page = mmap.mmap(-1, SLOT.size * SLOTS)
        self._slot = 0

    def for_worker(self, number: int) -> None:
        """Move to a slot of its own; called in a worker right after the fork, `number` from 1 to 63."""
        self._slot = number
        self.hit = set()

    def absorb_workers(self) -> None:
        """Add the slots of finished workers to the own one, so that their numbers can be used again."""
        totals = self._sums()
        self._page[:] = bytes(len(self._page))
        SLOT.pack_into(self._page, self._slot * SLOT.size, *totals)

    def spend_member(self) -> None:
        """Count one member. Raises `LimitReached`."""
        self._add(0, 1)
        if self._sums()[1] > self.limits.members:
            raise self._reached("members", f"more than {self.limits.members} members")

    def allowance(self) -> int:
        """Return how many decoded bytes are left. Raises `LimitReached` when none are, or time is up."""
        if time.monotonic() > self.deadline:
            raise self._reached("seconds", f"time limit of {self.limits.seconds} s")
        left = self.total - self._sums()[0]
        if left <= 0:
            raise self._exhausted()
        # What a member costs is known once it is decoded: it may be an image that is nearly empty.
        return left if self.total == self.limits.unpacked else max(left, min(RATIO_FROM, self.limits.unpacked))

    def spend(self, reader: Reader) -> None:
        """Count what was decoded into `reader`; holes of a sparse map cost nothing, runs of fill bytes little."""
        if isinstance(reader, MappedReader):
            cost = reader.stored
        elif isinstance(reader, BufferReader):
            fill = _fill(reader)
            cost = reader.size - fill + fill // FILL_COST
        else:
            cost = reader.size
        self._add(cost, 0)

    def note(self, error: LimitReached) -> None:
        """Record a limit that a decoder ran into."""
        self.hit.add(error.limit or self._byte_limit())

    def check_depth(self, depth: int) -> None:
        """Raise `LimitReached` when `depth` containers are nested too deep."""
        if depth > self.limits.depth:
            raise self._reached("depth", f"nested deeper than {self.limits.depth}")

    def _byte_limit(self) -> str:
        return "unpacked" if self.total == self.limits.unpacked else "ratio"

    def _exhausted(self) -> LimitReached:
        return self._reached(self._byte_limit(), f"more than {self.total} decoded bytes")

    def _reached(self, limit: str, message: str) -> LimitReached:
        self.hit.add(limit)
        return LimitReached(message, limit)

    def _add(self, size: int, members: int) -> None:
        at = self._slot * SLOT.size
        old = SLOT.unpack_from(self._page, at)
        SLOT.pack_into(self._page, at, old[0] + size, old[1] + members)

    def _sums(self) -> tuple[int, int]:
        if not self._slot:
            # The first process waits while its workers run: its own slot is the whole sum.
            return SLOT.unpack_from(self._page, 0)
        values = PAGE.unpack(self._page)
        return sum(values[::2]), sum(values[1::2])


def _fill(reader: Reader) -> int:
    """Return how many bytes are runs of zeros or of 0xFF, in whole steps."""
    found = 0
    for at in range(0, reader.size - FILL + 1, FILL):
        piece = reader.view_at(at, FILL)
        fill = FILLS.get(piece[0])
        if fill is not None and piece[-1] == piece[0] and bytes(piece) == fill:
            found += FILL
    return found
