"""What bytes look like where no structure explains them: padding, text, code, or high entropy.

The measure is compressibility of samples, not a histogram: it costs one call into zlib for each window and tells
compressed or encrypted data from code just as well. A scheme is never claimed from it.

Tables of numbers (character sets, sound, pictures) are as dense byte by byte, but each number lies near the one before
it. What the samples call dense is therefore looked at once more, whole, as differences of numbers of 2, 3 and 4 bytes:
a cipher, a long key and a packer leave nothing in them. Numbers that are random by nature (filters of hash tables,
points of elliptic curves, weights) stay dense: nothing tells them from what is encrypted.
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
BLOCK: Final = 1 << 14
"""So many bytes are judged at once as differences; all blocks of a window have to be a table."""
NUMBERS: Final = (2, 4, 3)
"""Sizes of numbers in bytes, the commonest first."""
NEAR: Final = 0.85
"""Blocks whose differences pack to less than this share are tables; compressed and encrypted ones stay above 0.91."""
PROBE: Final = 1 << 12
STEPPED: Final = 0.025
"""Where fewer differences of the first bytes are 0, 1 or -1 (in noise 0.012 are), the rest is not looked at."""


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
    return Look.HIGH_ENTROPY if noise and not is_table(view) else Look.CLEAR


def is_table(view: memoryview) -> bool:
    """Tell whether dense bytes are numbers of one size that each lie near the one before, in every block."""
    starts = {*range(0, max(len(view) - BLOCK, 0) + 1, BLOCK), max(len(view) - BLOCK, 0)}
    return all(any(_is_near(bytes(view[at : at + BLOCK]), size) for size in NUMBERS) for at in sorted(starts))


def _is_near(block: bytes, size: int) -> bool:
    first = _differences(block[:PROBE], size)
    if len(first) - len(first.translate(None, b"\x00\x01\xff")) < STEPPED * len(first):
        return False  # told without packing: nearly all that is dense is no table
    moved = _differences(block, size)
    return sum(_huffman(moved[place::size]) for place in range(size)) < NEAR * len(block)


def _huffman(data: bytes) -> int:
    # Repeats do not count: a key repeats as well.
    packer = zlib.compressobj(1, wbits=-9, memLevel=7, strategy=zlib.Z_HUFFMAN_ONLY)
    return len(packer.compress(data)) + len(packer.flush())


def _differences(block: bytes, step: int) -> bytes:
    """Return each byte less the one `step` before it, all at once: in one long number, without carries."""
    length = len(block) - step
    ahead, behind = int.from_bytes(block[step:], "little"), int.from_bytes(block[:-step], "little")
    top, low = _mask(0x80, length), _mask(0x7F, length)
    return (((ahead | top) - (behind & low)) ^ ((ahead ^ ~behind) & top)).to_bytes(length, "little")


@lru_cache(maxsize=16)
def _mask(code: int, length: int) -> int:
    return int.from_bytes(bytes([code]) * length, "little")


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
