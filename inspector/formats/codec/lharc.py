"""What LHarc 1 and LArc packed with, before LHA: lh1 and lh3 of the first, lzs and lz5 of the second.

Format: Haruyasu Yoshizaki's LZHUF, as Haruhiko Okumura described it ("History of Data Compression in Japan", lzhuf.c);
LHa for UNIX, header.doc and what its sources say of sizes and first contents of windows; Lhasa (ISC licence).
Limits: decoded in Python, lh1 a few hundred kilobytes per second.
"""

from collections.abc import Sequence
from typing import Final

from inspector.errors import Malformed
from inspector.formats.codec import lzss
from inspector.formats.codec.prefixcode import Code, HighBits, code_of, repeat

WHAT: Final = "LHarc"
LITERALS: Final = 256
SHORTEST: Final = 3
NEAR_BITS: Final = 6
"""Bits of a distance that stand beside its code."""


class _Bits(HighBits):
    WHAT, REFILL, SPARED = WHAT, 64, 64


def _stepped(first: int, steps: Sequence[int], count: int) -> Code:
    """Return the code of distances whose lengths grow by one at each step."""
    return code_of([first + sum(place >= step for step in steps) for place in range(count)], WHAT)


def _copy(bits: _Bits, distances: Code | int, length: int, out: bytearray, goal: int) -> None:
    distance = bits.read(distances) << NEAR_BITS
    repeat(out, (distance | bits.take(NEAR_BITS)) + 1, min(length, goal - len(out)), WHAT)


# ---------------------------------------------------------------- lh1

SYMBOLS: Final = 314
"""Bytes and lengths of matches from 3 to 60."""
NODES: Final = 2 * SYMBOLS - 1
ROOT: Final = NODES - 1
MOST: Final = 0x8000
"""Count at which all counts are halved."""
DISTANCES_1: Final = (3, (1, 4, 12, 24, 48), 64)


class _Tree:
    """A prefix code that adapts: nodes in order of their counts, two that follow one another below a common one."""

    def __init__(self) -> None:
        self.counts = [1] * SYMBOLS + [0] * (SYMBOLS - 1)
        self.below = [NODES + symbol for symbol in range(SYMBOLS)] + [0] * (SYMBOLS - 1)
        """First of two nodes, or `NODES` and the symbol."""
        self.above = [0] * (NODES + SYMBOLS)
        for place in range(SYMBOLS, NODES):
            first = 2 * (place - SYMBOLS)
            self.counts[place] = self.counts[first] + self.counts[first + 1]
            self.below[place] = first
        self._connect()

    def _connect(self) -> None:
        above = self.above
        for place, first in enumerate(self.below):
            above[first] = place
            if first < NODES:
                above[first + 1] = place

    def symbol(self, bits: _Bits) -> int:
        """Return the next symbol and count it."""
        below, place = self.below, self.below[ROOT]
        while place < NODES:
            place = below[place + bits.take(1)]
        self._count(place)
        return place - NODES

    def _count(self, leaf: int) -> None:
        if self.counts[ROOT] == MOST:
            self._halve()
        counts, below, above = self.counts, self.below, self.above
        place = above[leaf]
        while True:
            counts[place] += 1
            count, last = counts[place], place
            while last < ROOT and counts[last + 1] < count:
                last += 1
            if last != place:  # out of order: it changes places with the last of those that it has passed
                counts[place], counts[last] = counts[last], count
                here, there = below[place], below[last]
                below[place], below[last] = there, here
                for first, node in ((here, last), (there, place)):
                    above[first] = node
                    if first < NODES:
                        above[first + 1] = node
                place = last
            if place == ROOT:
                return
            place = above[place]

    def _halve(self) -> None:
        leaves = [place for place in range(NODES) if self.below[place] >= NODES]
        counts = [(self.counts[place] + 1) // 2 for place in leaves]
        below = [self.below[place] for place in leaves]
        for first in range(0, 2 * SYMBOLS - 2, 2):
            count = counts[first] + counts[first + 1]
            place = len(counts)
            while counts[place - 1] > count:
                place -= 1
            counts.insert(place, count)
            below.insert(place, first)
        self.counts, self.below = counts, below
        self._connect()


def decode_lh1(packed: bytes, out: bytearray, goal: int) -> None:
    """Append to `out` until it holds `goal` bytes. Raises `Malformed`, with what came so far in `out`."""
    bits, tree, distances = _Bits(packed), _Tree(), _stepped(*DISTANCES_1)
    while len(out) < goal:
        symbol = tree.symbol(bits)
        if symbol < LITERALS:
            out.append(symbol)
        else:
            _copy(bits, distances, symbol - LITERALS + SHORTEST, out, goal)


# ---------------------------------------------------------------- lh3

SYMBOLS_3, DISTANCES = 286, 128
LAST_LENGTH: Final = 285
"""What more bits are added to."""
LENGTH_BITS, LONGER_BITS = 4, 8
ONE_ONLY: Final = [1, 1, 1]
"""First lengths of a code with one symbol, which takes no bits."""
DISTANCES_3: Final = (2, (1, 1, 3, 6, 13, 31, 78), DISTANCES)


def decode_lh3(packed: bytes, out: bytearray, goal: int) -> None:
    """Append to `out` until it holds `goal` bytes. Raises `Malformed`, with what came so far in `out`."""
    bits, left = _Bits(packed), 0
    symbols: Code | int = 0
    distances: Code | int = 0
    while len(out) < goal:
        if not left:
            left = bits.take(16)
            symbols = _read_code(bits, SYMBOLS_3, flagged=True)
            distances = _read_code(bits, DISTANCES, flagged=False) if bits.take(1) else _stepped(*DISTANCES_3)
            if not left:
                raise Malformed("LHarc block is empty")
        left -= 1
        symbol = bits.read(symbols)
        if symbol < LITERALS:
            out.append(symbol)
            continue
        if symbol == LAST_LENGTH:
            symbol += bits.take(LONGER_BITS)
        _copy(bits, distances, symbol - LITERALS + SHORTEST, out, goal)


def _read_code(bits: _Bits, count: int, *, flagged: bool) -> Code | int:
    lengths: list[int] = []
    while len(lengths) < count:
        if flagged:
            lengths.append(bits.take(LENGTH_BITS) + 1 if bits.take(1) else 0)
        else:
            lengths.append(bits.take(LENGTH_BITS))
        if lengths == ONE_ONLY:
            return bits.take((count - 1).bit_length())
    return code_of(lengths, WHAT)


# ---------------------------------------------------------------- LArc

PLACE_BITS, SIZE_BITS = 11, 4
LZS_WINDOW: Final = 1 << PLACE_BITS
LZS_SHIFT, LZ5_SHIFT = 17, 18
"""Where in the window the first byte comes to stand, counted from its end."""
LZS_START: Final = b" " * LZS_WINDOW
LZ5_START: Final = (
    b" " * 18
    + b"".join(bytes([byte]) * 13 for byte in range(256))
    + bytes(range(256))
    + bytes(range(255, -1, -1))
    + bytes(128)
    + b" " * 110
)
"""What the windows hold at first."""


def decode_lzs(packed: bytes, out: bytearray, goal: int) -> None:
    """Append to `out` until it holds `goal` bytes. Raises `Malformed`, with what came so far in `out`."""
    bits, start = _Bits(packed), len(out)
    while len(out) < goal:
        if bits.take(1):
            out.append(bits.take(8))
        else:
            place, size = bits.take(PLACE_BITS), bits.take(SIZE_BITS)
            distance = (len(out) - start - place - LZS_SHIFT - 1) % LZS_WINDOW + 1
            repeat(out, distance, min(size + 2, goal - len(out)), WHAT)


def decode_lz5(packed: bytes, out: bytearray, goal: int) -> None:
    """Append to `out` until it holds `goal` bytes. Raises `Malformed`, with what came so far in `out`."""
    at, start = 0, -LZ5_SHIFT - len(out)
    while len(out) < goal:
        used = lzss.unpack_group(packed[at : at + lzss.GROUP], out, start, goal)
        if not used:
            raise Malformed("LArc stream ends early")
        at += used
