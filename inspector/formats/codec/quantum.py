"""Quantum, an older codec of cabinets: symbols of models that adapt, behind an arithmetic coder, over a window.

Format: Matthew Russotto, "Quantum compression format".
Limits: decoded in Python, a few hundred kilobytes per second: more than `MOST` bytes of one folder are not.
"""

from itertools import accumulate
from typing import Final

from inspector.errors import FormatError, Malformed, Unsupported
from inspector.formats.codec.prefixcode import repeat

MOST: Final = 1 << 24
WINDOWS: Final = range(10, 22)
LITERAL_MODELS, LITERALS_EACH = 4, 64
THREE, FOUR, MORE = 4, 5, 6
"""Selectors of matches, by their length."""
STEP, HIGHEST, FIRST_HALVINGS, HALVINGS = 8, 3800, 4, 50
EXTRA: Final = (0, 0, *(bits for bits in range(20) for _ in range(2)))
BASES: Final = tuple(accumulate((1 << bits for bits in EXTRA[:-1]), initial=0))
LENGTH_EXTRA: Final = (*[0] * 6, *(bits for bits in range(1, 6) for _ in range(4)), 0)
LENGTH_BASES: Final = tuple(accumulate((1 << bits for bits in LENGTH_EXTRA[:-1]), initial=0))
LENGTHS: Final = 27
PADDING: Final = bytes(4)


class Model:
    """Symbols with how often they came, added up from the last to the first."""

    def __init__(self, first: int, count: int) -> None:
        self.symbols = list(range(first, first + count))
        self.sums = list(range(count, -1, -1))
        self._halvings = FIRST_HALVINGS

    def raise_to(self, place: int) -> None:
        """Count the symbol at a place once more."""
        sums = self.sums
        for at in range(place + 1):
            sums[at] += STEP
        if sums[0] > HIGHEST:
            self._halve()

    def _halve(self) -> None:
        sums, last = self.sums, len(self.symbols) - 1
        self._halvings -= 1
        if self._halvings:
            for at in range(last, -1, -1):
                sums[at] = max(sums[at] >> 1, sums[at + 1] + 1)
            return
        self._halvings = HALVINGS
        shares = [(sums[at] - sums[at + 1] + 1) >> 1 for at in range(last + 1)]
        self._sort(shares)
        for at in range(last, -1, -1):
            sums[at] = shares[at] + sums[at + 1]

    def _sort(self, shares: list[int]) -> None:
        """Sort by how often, by swapping as the packer does: which of two equals comes first matters."""
        symbols = self.symbols
        for one in range(len(shares) - 1):
            for other in range(one + 1, len(shares)):
                if shares[one] < shares[other]:
                    shares[one], shares[other] = shares[other], shares[one]
                    symbols[one], symbols[other] = symbols[other], symbols[one]


class Unpacker:
    """Decodes the blocks of one folder, in their order."""

    def __init__(self, window: int) -> None:
        if window not in WINDOWS:
            raise Malformed("Quantum with an impossible window")
        self.out = bytearray()
        slots = 2 * window
        self._selector = Model(0, 7)
        self._literals = [Model(at * LITERALS_EACH, LITERALS_EACH) for at in range(LITERAL_MODELS)]
        self._places = {THREE: Model(0, min(slots, 24)), FOUR: Model(0, min(slots, 36)), MORE: Model(0, slots)}
        self._lengths = Model(0, LENGTHS)
        self._low = self._high = self._code = 0
        self._bits = self._left = 0

    def unpack(self, raw: bytes, size: int) -> None:
        """Append the `size` bytes of a block to `out`."""
        if len(self.out) + size > MOST:
            raise Unsupported(f"Quantum folder: no more than {len(self.out)} bytes of it are read")
        self._bits, self._left = int.from_bytes(raw + PADDING, "big"), 8 * (len(raw) + len(PADDING))
        self._low, self._high, self._code = 0, 0xFFFF, self._take(16)
        out, goal = self.out, len(self.out) + size
        while len(out) < goal:
            selector = self._symbol(self._selector)
            if selector < LITERAL_MODELS:
                out.append(self._symbol(self._literals[selector]))
            else:
                self._match(selector)
        if len(out) > goal:
            raise Malformed("Quantum match goes on behind its block")

    def _match(self, selector: int) -> None:
        length = selector - 1
        if selector == MORE:
            slot = self._symbol(self._lengths)
            length += LENGTH_BASES[slot] + self._take(LENGTH_EXTRA[slot])
        slot = self._symbol(self._places[selector])
        distance = BASES[slot] + self._take(EXTRA[slot]) + 1
        repeat(self.out, distance, length, "Quantum")

    def _take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise Malformed("Quantum block ends early")
        return self._bits >> self._left & (1 << count) - 1

    def _symbol(self, model: Model) -> int:
        low, span, sums = self._low, self._high - self._low + 1, model.sums
        wanted = ((self._code - low + 1) * sums[0] - 1) // span
        place = 0
        while sums[place + 1] > wanted:
            place += 1
        symbol = model.symbols[place]
        self._high = low + sums[place] * span // sums[0] - 1
        self._low = low + sums[place + 1] * span // sums[0]
        model.raise_to(place)
        self._normalize()
        return symbol

    def _normalize(self) -> None:
        low, high, code = self._low, self._high, self._code
        while True:
            if (low ^ high) & 0x8000:
                if not low & 0x4000 or high & 0x4000:
                    break
                code ^= 0x4000
                low &= 0x3FFF
                high |= 0x4000
            low = low << 1 & 0xFFFF
            high = high << 1 & 0xFFFF | 1
            code = code << 1 & 0xFFFF | self._take(1)
        self._low, self._high, self._code = low, high, code


def unpack(blocks: list[tuple[bytes, int]], window: int) -> tuple[bytes, FormatError | None]:
    """Return what blocks of (packed bytes, size) hold, and what kept it from more."""
    unpacker = Unpacker(window)
    try:
        for raw, size in blocks:
            unpacker.unpack(raw, size)
    except FormatError as error:
        return bytes(unpacker.out), error.bare()
    return bytes(unpacker.out), None
