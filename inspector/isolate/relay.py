"""What a child writes to its standard output and error: log records for the parent's log, and noise of libraries.

The child owns neither the terminal nor a log file: both ends of this pipe are ours, every line is bounded and goes
through the parent's logging, where text born in an artifact is made printable.
"""

import logging
import os
import sys
from typing import Final

FIELD: Final = "\x1e"
"""Separates level, logger and message in a record."""
LONGEST_LINE: Final = 4000
MOST_LINES: Final = 500
"""Lines of one child that are passed on; the rest is read and dropped."""

logger = logging.getLogger(__name__)


class _OneLine(logging.Formatter):
    """A record as one line; of a traceback its last frame, or all of it when debugging."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f" ({self._origin(record)})"
        return FIELD + FIELD.join((str(record.levelno), record.name, _visible(text)))

    def _origin(self, record: logging.LogRecord) -> str:
        assert record.exc_info
        if logging.getLogger().isEnabledFor(logging.DEBUG):
            return self.formatException(record.exc_info)
        error, trace = record.exc_info[1], record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
        return f"{error}{where}"


def _visible(text: str) -> str:
    """Return `text` as printable characters only, cut to one bounded line."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
    return shown[:LONGEST_LINE]


def speak_through(handle: int) -> None:
    """Make `handle` this process's standard output and error, and send its log there. Called in the child."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.stdout = sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.getLogger().handlers[:] = [handler]


class Relay:
    """Turns the bytes of one child's pipe into records of this process's log."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines = 0

    def feed(self, data: bytes) -> None:
        """Take what was read; pass on every whole line."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > 4 * LONGEST_LINE:
            self._rest = self._rest[-LONGEST_LINE:]

    def finish(self) -> None:
        """Pass on a last line without an end."""
        if self._rest:
            self._line(self._rest)
        self._rest = b""

    def _line(self, raw: bytes) -> None:
        self._lines += 1
        if self._lines > MOST_LINES:
            return
        text = raw[: 4 * LONGEST_LINE].decode("utf-8", "backslashreplace")
        parts = text.split(FIELD, 3)
        if len(parts) == 4 and not parts[0] and parts[1].isdigit():
            level, name, message = min(int(parts[1]), logging.ERROR), parts[2], parts[3]
            own = name.startswith("inspector.")
            logging.getLogger(name if own else __name__).log(level if own else logging.DEBUG, "%s", _visible(message))
        elif text.strip():
            logger.debug("a library printed: %s", _visible(text))
