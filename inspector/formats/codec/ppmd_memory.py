"""The memory of a PPMd model: units of 12 bytes, given out exactly as the packer did.

A packer starts its model afresh, or thins it, when its memory is full; when that is depends on where each block lay.
So blocks get the places they had there, in numbered units. What lies in them is kept in arrays beside, which take
memory only as the model grows: the size that a header asks for costs nothing by itself.

Format: LZMA SDK (public domain), Ppmd7.c and Ppmd8.c.
"""

from abc import ABC, abstractmethod
from array import array
from typing import Final

from inspector.errors import LimitReached

UNIT: Final = 12
"""Bytes of a unit: a context, or two states."""
UNITS_OF: Final[tuple[int, ...]] = (*range(1, 5), *range(6, 13, 2), *range(15, 25, 3), *range(28, 129, 4))
"""Sizes that blocks come in, in units."""
KINDS: Final = len(UNITS_OF)
KIND_OF: Final = (0, *(next(kind for kind, size in enumerate(UNITS_OF) if size >= units) for units in range(1, 129)))
"""Number of units → which of the sizes holds them."""
LARGEST: Final = UNITS_OF[-1]
FIRST_UNITS: Final = 1 << 15
"""Units that arrays are made for at first."""
MOST_UNITS: Final = (1 << 28) // UNIT
"""Units that arrays are made for at most, whatever the memory of the packer was; each takes 24 bytes or so."""
AT_ONCE: Final = 1 << 16
NONE: Final = 0
"""No unit; units are counted from 1."""


class Memory(ABC):
    """Units and the text area of one model.

    A reference is a unit where it is above 0, a place in the text area where it is below, none where it is 0. A state
    is counted in halves of units: unit `u` holds states `2 * u` and `2 * u + 1`.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._all_units = size // 8 // UNIT * 7
        self._text_room = size - self._all_units * UNIT
        self._has_all = False
        self._base = 1
        """The first unit behind the text area, as the model starts."""
        self._held = 0
        """Units from there on that there are arrays for."""
        self.symbols, self.weights = bytearray(), bytearray()
        self.successors = array("i")
        self.counts, self.sums = array("H"), array("H")
        self.stats, self.suffixes = array("i"), array("i")
        self.flags = bytearray()
        self.text = bytearray()
        self.text_end = self.text_limit = 0
        self.low: int = 0
        """Where the units between both ends begin."""
        self.high: int = 0
        self._first: int = 0
        """Where the text area ends."""
        self._glue_in = 0
        self._hold(min(FIRST_UNITS, self._all_units))
        self.clear()

    def clear(self) -> None:
        """Give all units back."""
        self.free: list[list[int]] = [[] for _ in UNITS_OF]
        """Free blocks of each size, the next one to be taken last."""
        self.low = self._first = self._base
        self.high = self._base + self._held
        self.text_end, self.text_limit = 0, self._text_room
        self._glue_in = 0

    def _hold(self, units: int) -> None:
        """Make arrays for so many units; those for the highest ones stay the highest.

        With the last of them come those below the first, which are taken when the text area has room and nothing else.
        """
        below = 0
        if units >= self._all_units:
            units, self._has_all = self._all_units, True
            below = self._text_room // UNIT
        added, gap = units - self._held, self.high if self._held else self._base
        for states in (self.symbols, self.weights):
            states[2 * gap : 2 * gap] = bytes(2 * added)
            states[:0] = bytes(2 * below if self._held else 2 * (below + 1))
        front = below if self._held else below + 1
        for width, numbers in ((2, self.successors), (1, self.stats), (1, self.suffixes)):
            numbers[width * gap : width * gap] = array("i", [0]) * (width * added)
            numbers[:0] = array("i", [0]) * (width * front)
        for shorts in (self.counts, self.sums):
            shorts[gap:gap] = array("H", [0]) * added
            shorts[:0] = array("H", [0]) * front
        self._shift(gap, below, added + below)
        self._base += below
        self._held = units

    def _shift(self, gap: int, before: int, behind: int) -> None:
        """Add to every reference what its unit moved by: from `gap` on `behind`, otherwise `before`."""
        for numbers, width in ((self.successors, 1), (self.suffixes, 1), (self.stats, 2)):
            edge, near, far = width * gap, width * before, width * behind
            for at in range(0, len(numbers), AT_ONCE):
                some = [n if n <= 0 else n + far if n >= edge else n + near for n in numbers[at : at + AT_ONCE]]
                numbers[at : at + AT_ONCE] = array("i", some)
        if self._held:
            self.free = [[n + (behind if n >= gap else before) for n in blocks] for blocks in self.free]
            self.low, self._first, self.high = self.low + before, self._first + before, self.high + behind
            self.moved(gap, before, behind)

    @abstractmethod
    def moved(self, gap: int, before: int, behind: int) -> None:
        """Add to the references outside the arrays what their units moved by."""

    def make_room(self, units: int) -> None:
        """See to it that so many units are between the two ends, unless the memory has no more."""
        while not self._has_all and self.high - self.low < units:
            if self._held >= MOST_UNITS:
                raise LimitReached("PPMd model takes too much memory", "memory")
            self._hold(self._held * 4)

    # ---------------------------------------------------------------- Blocks

    def take(self, kind: int) -> int:
        """Return a block of a size, or `NONE` where there is none left."""
        if self.free[kind]:
            return self.free[kind].pop()
        units = UNITS_OF[kind]
        if units <= self.high - self.low:
            self.low += units
            return self.low - units
        return self._take_rare(kind)

    def take_context(self) -> int:
        """Return one unit, from the other end, or `NONE`."""
        if self.high != self.low:
            self.high -= 1
            return self.high
        return self.free[0].pop() if self.free[0] else self._take_rare(0)

    def _take_rare(self, kind: int) -> int:
        if not self._glue_in:
            self.glue()
            if self.free[kind]:
                return self.free[kind].pop()
        for larger in range(kind + 1, KINDS):
            if self.free[larger]:
                block = self.free[larger].pop()
                self._split(block, UNITS_OF[larger], UNITS_OF[kind])
                return block
        self._glue_in -= 1
        units = UNITS_OF[kind]
        if self.text_limit - self.text_end <= units * UNIT:
            return NONE
        self.move_first(-units)
        return self._first

    def move_first(self, units: int) -> None:
        """Move the end of the text area."""
        self._first += units
        self.text_limit += units * UNIT

    def _split(self, block: int, held: int, kept: int) -> None:
        """Give back what a block has behind the units kept."""
        self._give(block + kept, held - kept)

    def _give(self, block: int, units: int) -> None:
        """Give back up to 128 units in one block of their size, or in two."""
        kind = KIND_OF[units]
        if UNITS_OF[kind] != units:
            kind -= 1
            fits = UNITS_OF[kind]
            self.free[units - fits - 1].append(block + fits)
        self.free[kind].append(block)

    def shrink(self, state: int, held: int, needed: int) -> int:
        """Return where the states of a block of `held` units are once it has only those needed."""
        old, new = KIND_OF[held], KIND_OF[needed]
        if old == new:
            return state
        if not self.free[new]:
            self._split(state // 2, UNITS_OF[old], UNITS_OF[new])
            return state
        block = self.free[new].pop()
        self.copy(state, 2 * block, 2 * needed)
        self.free[old].append(state // 2)
        return 2 * block

    def copy(self, source: int, target: int, states: int) -> None:
        """Copy states."""
        for column in (self.symbols, self.weights):
            column[target : target + states] = column[source : source + states]
        self.successors[target : target + states] = self.successors[source : source + states]

    @abstractmethod
    def glue(self) -> None:
        """Join free blocks that lie side by side."""

    def refill(self, blocks: dict[int, int]) -> None:
        """Give back joined blocks, in this order: unit → number of units."""
        for block, units in blocks.items():
            while units > LARGEST:
                self.free[-1].append(block)
                block, units = block + LARGEST, units - LARGEST
            self._give(block, units)

    def write_text(self, symbol: int) -> int:
        """Add a byte to the text area and return the reference to what follows it."""
        at = self.text_end
        if at < len(self.text):
            self.text[at] = symbol
        else:
            self.text.append(symbol)
        self.text_end = at + 1
        return -at - 1
