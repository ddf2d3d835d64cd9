"""Progress on standard error: how many, how fast, how long still. Only on a terminal."""

import sys
import time
from typing import Final

EVERY: Final = 0.25
"""Seconds between two updates."""


class Progress:
    """One line that is written over; `total` 0 means not known."""

    def __init__(self, total: int, enabled: bool) -> None:
        self._total = total
        self._enabled = enabled and sys.stderr.isatty()
        self._started = time.monotonic()
        self._shown = 0.0
        self._drawn = False
        self.done = 0

    def tick(self, running: int) -> None:
        """Redraw if it is time to."""
        now = time.monotonic()
        if self._enabled and now - self._shown >= EVERY:
            self._shown = now
            sys.stderr.write(f"\r\x1b[Kinspector: {self.line(now - self._started, running)}")
            sys.stderr.flush()
            self._drawn = True

    def line(self, seconds: float, running: int) -> str:
        """Return what is shown after `seconds`."""
        if self._total == 1:
            return f"inspecting, {seconds:.0f} s"
        rate = self.done / seconds if seconds else 0.0
        count = f"{self.done} of {self._total}" if self._total else str(self.done)
        left = f", {_duration((self._total - self.done) / rate)} left" if rate and self._total else ""
        return f"{count} files, {rate:.1f}/s{left}, {running} under way"

    def clear(self) -> None:
        """Remove the line, before anything else is written to the terminal."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
