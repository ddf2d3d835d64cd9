"""What RAR 1.5 packs with: bytes and matches by their places in lists that are sorted as they are used, decoding only.

Format: bitplane, rar-research, "RAR 1.3/1.4 Archive Format Specification", section 6.
Limits: in Python, a megabyte per second.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

from inspector.formats.codec.prefixcode import LENGTH_BITS, Code
from inspector.formats.codec.rar_codecs import Bits, Unpacker

WIDTH: Final = 12
"""Bits of the longest code of a number."""
NUMBERS: Final[dict[str, tuple[int, tuple[int, ...], tuple[int, ...]]]] = {
    "L1": (
        2,
        (0x8000, 0xA000, 0xC000, 0xD000, 0xE000, 0xEA00, 0xEE00, 0xF000, 0xF200, 0xF200),
        (0, 2, 3, 5, 7, 11, 16, 20, 24, 32, 32),
    ),
    "L2": (
        3,
        (0xA000, 0xC000, 0xD000, 0xE000, 0xEA00, 0xEE00, 0xF000, 0xF200, 0xF240),
        (0, 5, 7, 9, 13, 18, 22, 26, 34, 36),
    ),
    "0": (4, (0x8000, 0xC000, 0xE000, 0xF200, 0xF200, 0xF200, 0xF200, 0xF200), (0, 8, 16, 24, 33, 33, 33, 33, 33)),
    "1": (5, (0x2000, 0xC000, 0xE000, 0xF000, 0xF200, 0xF200, 0xF7E0), (0, 4, 44, 60, 76, 80, 80, 127)),
    "2": (5, (0x1000, 0x2400, 0x8000, 0xC000, 0xFA00), (0, 2, 7, 53, 117, 233)),
    "3": (6, (0x0800, 0x2400, 0xEE00, 0xFE80), (0, 2, 16, 218, 251)),
    "4": (8, (0xFF00,), (0, 255)),
}
"""Codes of numbers: bits of the shortest codes; where the codes of each length end, as 16 bits; the first number."""
SHORT: Final[tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...]] = (
    (
        (1, 3, 4, 4, 5, 6, 7, 8, 8, 4, 4, 5, 6, 6, 4),
        (0x00, 0xA0, 0xD0, 0xE0, 0xF0, 0xF8, 0xFC, 0xFE, 0xFF, 0xC0, 0x80, 0x90, 0x98, 0x9C, 0xB0),
        1,
    ),
    (
        (2, 3, 3, 3, 4, 4, 5, 6, 6, 4, 4, 5, 6, 6, 4),
        (0x00, 0x40, 0x60, 0xA0, 0xD0, 0xE0, 0xF0, 0xF8, 0xFC, 0xC0, 0x80, 0x90, 0x98, 0x9C, 0xB0),
        3,
    ),
)
"""Codes of short matches, for short ones on average and for longer ones: lengths, codes, and whose length changes."""
AGAIN, RECENT, FAR = 9, range(10, 14), 14
"""Symbols of a short match: the last one once more; from where one of the last four came; far away."""
MARK: Final = 8
"""Zeros in front of a length that is told by itself."""
NOWHERE: Final = 1 << 32
"""A distance from before there were any: zeros stand there."""
MOST_PLACE: Final = 0xA1
BYTES_IN_A_ROW: Final = 16
"""After so many bytes without a match no flags tell any more what comes."""


@cache
def number_code(name: str) -> Code:
    """Return the lookup of one of the codes of numbers."""
    shortest, ends, firsts = NUMBERS[name]
    entries: list[int] = []
    for length, (end, number) in enumerate(zip((*ends, 0x10000), firsts, strict=True), shortest):
        while len(entries) < end >> 16 - WIDTH:
            entries += [number << LENGTH_BITS | length] * (1 << WIDTH - length)
            number += 1
    return Code(WIDTH, entries)


@cache
def short_code(longer: bool, changed: int) -> Code:
    """Return the lookup of short matches; where two codes fit, the first one is meant."""
    lengths, codes, which = SHORT[longer]
    lengths = (*lengths[:which], 3 + changed, *lengths[which + 1 :])
    entries = [0] * 256
    for symbol in reversed(range(len(codes))):
        length = lengths[symbol]
        start = codes[symbol] >> 8 - length << 8 - length
        entries[start : start + (1 << 8 - length)] = [symbol << LENGTH_BITS | length] * (1 << 8 - length)
    return Code(8, entries)


@cache
def zeros_code() -> Code:
    """Return the lookup of how many zeros stand in front of a one, `MARK` for eight and more."""
    zeros = [8 - byte.bit_length() for byte in range(1, 256)]
    return Code(8, [MARK << LENGTH_BITS | 8, *(count << LENGTH_BITS | count + 1 for count in zeros)])


class _Ranked:
    """256 values, of which those often used stand in front: each has a rank, and a use brings it to the next one."""

    def __init__(self, values: Sequence[int], most: int) -> None:
        self._entries = [value << 8 for value in values]
        self._ends = [0] * 256
        """Where values of a rank begin, which is where the next one goes that comes to it."""
        self._most = most

    def level(self) -> None:
        """Start ranks afresh, in the order in which values stand."""
        self._entries = [entry & 0xFF00 | 7 - at // 32 for at, entry in enumerate(self._entries)]
        self._ends = [*range(224, -1, -32), *[0] * 248]

    def use(self, place: int) -> int:
        """Return the value at a place, which moves ahead."""
        while True:
            entry = self._entries[place]
            rank = entry & 0xFF
            ahead = self._ends[rank]
            self._ends[rank] = ahead + 1 & 0xFF
            if rank < self._most:
                break
            self.level()
        self._entries[place] = self._entries[ahead]
        self._entries[ahead] = entry + 1
        return entry >> 8


class Unpacker15(Unpacker):
    """RAR 1.5."""

    def _forget(self) -> None:
        super()._forget()
        self._offsets = [NOWHERE] * 4
        self._distance = NOWHERE
        self._bytes = _Ranked(range(256), MOST_PLACE)
        self._near = list(range(256))
        self._far = _Ranked(range(256), 0xFF)
        self._far.level()
        self._kinds = _Ranked([-value & 0xFF for value in range(256)], 0xFF)
        self._byte_place, self._far_place = 0x3500, 0
        self._near_length = self._far_length = self._shortest_far = 0
        """Averages of what was decoded: places of bytes and of far matches, lengths of matches."""
        self._long_from = 0x2001
        """Distance from which a match is a byte longer."""
        self._weight_bytes = self._weight_far = 0x80
        self._bytes_in_a_row = self._changed = 0

    def _decode(self, packed: bytes, goal: int) -> None:
        self._bits, self._flags, self._left = Bits(packed), 0, 0
        self._only_bytes, self._agains = False, 0
        out = self._out
        while len(out) < goal:
            if self._only_bytes:
                self._byte_or_match()
                continue
            far_first = self._weight_far > self._weight_bytes
            if self._flag():
                far = far_first
            elif self._flag():
                far = not far_first
            else:
                self._near_match()
                continue
            if far:
                self._far_match()
            else:
                self._byte()

    def _flag(self) -> int:
        if not self._left:
            self._flags, self._left = self._kinds.use(self._number("2") & 0xFF), 8
        self._left -= 1
        self._flags <<= 1
        return self._flags & 0x100

    def _number(self, name: str) -> int:
        return self._bits.symbol(number_code(name))

    def _byte_number(self) -> int:
        average = self._byte_place
        for most, name in ((0x0DFF, "0"), (0x35FF, "1"), (0x5DFF, "2"), (0x75FF, "3")):
            if average <= most:
                return self._number(name)
        return self._number("4")

    def _byte(self) -> None:
        place = self._byte_number() & 0xFF
        if self._bytes_in_a_row >= BYTES_IN_A_ROW and not self._left:
            self._only_bytes = True
        self._bytes_in_a_row += 1
        self._append(place)

    def _byte_or_match(self) -> None:
        """Decode where no flags tell what comes: the place before the first is that of something else."""
        place = self._byte_number() - 1
        if place >= 0:
            self._append(place)
        elif self._bits.take(1):
            self._only_bytes, self._bytes_in_a_row = False, 0
        else:
            length = 3 + self._bits.take(1)
            distance = self._number("2") << 5 | self._bits.take(5)
            self._copy(distance, length)

    def _append(self, place: int) -> None:
        self._byte_place += place
        self._byte_place -= self._byte_place >> 8
        self._weight_bytes += 16
        if self._weight_bytes > 0xFF:
            self._weight_bytes = 0x90
            self._weight_far >>= 1
        self._out.append(self._bytes.use(place))

    def _near_match(self) -> None:
        self._bytes_in_a_row = 0
        bits = self._bits
        if self._agains == 2:
            if bits.take(1):
                self._copy(self._distance, self._last_length)
                return
            self._agains = 0
        symbol = bits.symbol(short_code(self._near_length >= 37, self._changed))
        if symbol == AGAIN:
            self._agains += 1
            self._copy(self._distance, self._last_length)
            return
        self._agains = 0
        if symbol == FAR:
            self._last_length = self._number("L2") + 5
            self._distance = bits.take(15) | 0x8000
            self._copy(self._distance, self._last_length)
        elif symbol in RECENT:
            self._recent_match(symbol)
        else:
            self._near_length += symbol
            self._near_length -= self._near_length >> 4
            place = self._number("2") & 0xFF
            distance = self._near[place]
            if place:
                self._near[place - 1 : place + 1] = distance, self._near[place - 1]
            self._new_match(distance + 1, symbol + 2)

    def _recent_match(self, symbol: int) -> None:
        distance = self._offsets[symbol - RECENT.start]
        length = self._number("L1") + 2
        if length == 0x101 and symbol == RECENT.start:
            self._changed ^= 1
            return
        self._new_match(distance, length + (distance > 256) + (distance >= self._long_from))

    def _far_match(self) -> None:
        self._bytes_in_a_row = 0
        self._weight_far += 16
        if self._weight_far > 0xFF:
            self._weight_far = 0x90
            self._weight_bytes >>= 1
        before_length, before_shortest = self._far_length, self._shortest_far
        length = self._far_match_length()
        self._far_length += length
        self._far_length -= self._far_length >> 5
        place = self._number("2" if self._far_place > 0x28FF else "1" if self._far_place > 0x6FF else "0")
        self._far_place += place
        self._far_place -= self._far_place >> 8
        distance = self._far.use(place & 0xFF) << 7 | self._bits.take(7)
        if length not in (1, 4):
            if not length and distance <= self._long_from:
                self._shortest_far += 1
                self._shortest_far -= self._shortest_far >> 8
            elif self._shortest_far > 0:
                self._shortest_far -= 1
        length += 3 + (distance >= self._long_from) + 8 * (distance <= 256)
        later = before_shortest > 0xB0 or (self._byte_place >= 0x2A00 and before_length < 0x40)
        self._long_from = 0x7F00 if later else 0x2001
        self._new_match(distance, length)

    def _far_match_length(self) -> int:
        if self._far_length >= 122:
            return self._number("L2")
        if self._far_length >= 64:
            return self._number("L1")
        zeros = self._bits.symbol(zeros_code())
        return zeros if zeros < MARK else self._bits.take(8)

    def _new_match(self, distance: int, length: int) -> None:
        self._offsets = [distance, *self._offsets[:3]]
        self._distance, self._last_length = distance, length
        self._copy(distance, length)

    def _copy(self, distance: int, length: int) -> None:
        if 0 < distance <= len(self._out):
            super()._copy(distance, length)
        else:  # the window is full of zeros at first
            self._out += bytes(length)
