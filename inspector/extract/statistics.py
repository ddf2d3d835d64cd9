"""What bytes look like where no structure explains them: padding, text, code, or high entropy.

The measure is compressibility of samples, not a histogram: it costs one call into zlib for each window and tells
compressed or encrypted data from code just as well. A scheme is never claimed from it.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from math import log2
from typing import Final

from isal import isal_zlib

from inspector.formats.reader import Reader, Span

WINDOW: Final = 1 << 16
SAMPLE: Final = 1024
SAMPLES: Final = 4
HIGH: Final = 0.96
"""A window whose samples deflate to more than this share of themselves counts as high entropy."""
FILL: Final = 512
"""So many bytes of padding end a window: what an image is filled up with, before flash that is erased."""
SMALL: Final = 256
"""Fewer bytes than this are too few to judge: never high entropy."""
ZEROS: Final = 0.16
"""Where so many bytes are zero, the rest cannot reach `HIGH`: the entropy stays below 7.4 bits."""


class Look(Enum):
    """The statistical type of a range."""

    PADDING = "padding"
    CLEAR = "clear"
    HIGH_ENTROPY = "high-entropy"


def entropy(data: bytes | memoryview) -> float:
    """Return Shannon entropy in bits per byte, 0 for no bytes."""
    total = len(data)
    return -sum(n / total * log2(n / total) for n in Counter(bytes(data)).values()) if total else 0.0


def sample(data: Reader, span: Span, size: int = 1 << 16) -> bytes:
    """Return up to `size` bytes spread evenly over the span, for a measure that a report shows."""
    if len(span) <= size:
        return data.read_at(span.start, len(span))
    step = len(span) // 16
    return b"".join(data.read_at(span.start + i * step, size // 16) for i in range(16))


def is_constant(view: memoryview) -> bool:
    """Tell whether all bytes are the same; one comparison in C (views compare element by element)."""
    if len(view) < 2:
        return True
    if not view[0] == view[-1] == view[len(view) // 2]:
        return False
    return bytes(view) == _run(view[0], len(view))


@lru_cache(maxsize=4)
def _run(code: int, length: int) -> bytes:
    return bytes([code]) * length  # of one length for all but the last window of gigabytes of free space


def look(view: memoryview) -> Look:
    """Type one window of at most some 64 KiB."""
    if is_constant(view):
        return Look.PADDING
    if len(view) < SMALL:
        return Look.CLEAR
    if len(view) <= SAMPLE * SAMPLES:
        taken = bytes(view)
    else:
        step = (len(view) - SAMPLE) // (SAMPLES - 1)
        taken = b"".join(view[i * step : i * step + SAMPLE] for i in range(SAMPLES))
    if taken.isascii() or taken.count(0) > ZEROS * len(taken):
        return Look.CLEAR  # told without packing: text and code are nearly all that is looked at
    most = HIGH * len(taken)
    # The quickest level tells nearly all code from noise, in an eighth of the time.
    noise = len(isal_zlib.compress(taken, 0)) > most and len(zlib.compress(taken, 1)) > most
    return Look.HIGH_ENTROPY if noise else Look.CLEAR


def _fill(view: memoryview) -> int:
    """Return how many bytes of padding a window begins with, 0 where other bytes do not follow a good run of it."""
    if len(view) <= FILL or view[0] not in (0, 0xFF) or not is_constant(view[:FILL]) or is_constant(view):
        return 0
    return len(view) - len(bytes(view).lstrip(view[:1]))


def looks(data: Reader, span: Span) -> Iterator[tuple[Span, Look]]:
    """Yield the span in runs of one look, in order, without holes."""
    start, kind = span.start, None
    offset = span.start
    while offset < span.end:
        hole = min(data.constant_until(offset), span.end)
        if hole - offset >= WINDOW:  # a sparse image of gigabytes is not looked at byte by byte
            now, following = Look.PADDING, hole
        else:
            view = data.view_at(offset, min(WINDOW, span.end - offset))
            fill = _fill(view)
            following, now = offset + (fill or len(view)), Look.PADDING if fill else look(view)
        if now is not kind:
            if kind is not None:
                yield Span(start, offset), kind
            start, kind = offset, now
        offset = following
    if kind is not None:
        yield Span(start, span.end), kind
