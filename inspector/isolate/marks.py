"""The shared page on which every process of a child notes what it is working on.

One slot for the child itself, one for each of its workers. The parent reads it when something went wrong: the note of
the process that died, hung or grew names the culprit, and only that one is left out of the next attempt.
"""

import mmap
import os
import time
from struct import Struct
from typing import Final

SLOT: Final = 4096
SLOTS: Final = 64
HEAD: Final = Struct("<IdH")
"""Process id, monotonic time of the note, length of the path that follows."""
LONGEST: Final = SLOT - HEAD.size
BLAME: Final = Struct("<H")


class Marks:
    """Notes of all processes of one child; slot 0 is the child itself. Each process writes only its own slot."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, SLOT * (SLOTS + 1))
        self.slot = 0
        self._noted: tuple[int, str] = (-1, "")

    def at(self, path: str) -> None:
        """Note that this process now works on `path`; said again, the first time stands."""
        if self._noted == (self.slot, path):
            return
        self._noted = (self.slot, path)
        raw = path.encode("utf-8", "backslashreplace")[:LONGEST]
        start = self.slot * SLOT
        HEAD.pack_into(self._page, start, os.getpid(), time.monotonic(), len(raw))
        self._page[start + HEAD.size : start + HEAD.size + len(raw)] = raw

    def clear(self, slot: int) -> None:
        """Forget what `slot` was at: its worker has ended, or it waits for its workers."""
        self._noted = (-1, "")
        HEAD.pack_into(self._page, slot * SLOT, 0, 0.0, 0)

    def blame(self, slot: int) -> None:
        """Record that the process of `slot` died; nobody else is to blame for what follows."""
        BLAME.pack_into(self._page, SLOT * SLOTS, slot + 1)

    def blamed(self) -> tuple[str, ...]:
        """Return what the process that died was at: the blamed slot, or all slots where none is blamed."""
        (slot,) = BLAME.unpack_from(self._page, SLOT * SLOTS)
        notes = self._notes()
        return tuple(path for number, _, _, path in notes if not slot or number == slot - 1)

    def of_process(self, pid: int) -> tuple[str, ...]:
        """Return what one process is at; everybody's notes where that process left none."""
        own = tuple(path for _, owner, _, path in self._notes() if owner == pid)
        return own or self.blamed()

    def older_than(self, seconds: float) -> tuple[str, ...]:
        """Return what has been worked on for longer than `seconds`; all notes where nothing has."""
        now = time.monotonic()
        return tuple(path for _, _, since, path in self._notes() if now - since > seconds) or self.blamed()

    def _notes(self) -> list[tuple[int, int, float, str]]:
        found = []
        for slot in range(SLOTS):
            start = slot * SLOT
            pid, since, length = HEAD.unpack_from(self._page, start)
            if pid and length <= LONGEST:
                raw = self._page[start + HEAD.size : start + HEAD.size + length]
                found.append((slot, pid, since, raw.decode("utf-8", "replace")))
        return found
