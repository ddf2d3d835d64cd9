"""LZH, as LHA, ARJ and EFI pack: matches over a window, in blocks with codes of their own.

Format: Haruhiko Okumura, ar002; UEFI 2.10, chapter 19 "Compression Algorithm Specification", which describes the same.
Limits: decoded in Python, a few megabytes per second.
"""

from typing import Final, NamedTuple

from inspector.errors import Malformed
from inspector.formats.codec.prefixcode import Code, HighBits, code_of, repeat

WHAT: Final = "LZH"
LITERALS: Final = 256
SHORTEST: Final = 3
CHARACTERS, EXTRA, POSITIONS = 510, 19, 31
"""Most symbols of each code: bytes and lengths of matches, code lengths, sizes of positions."""
CHARACTER_BITS, EXTRA_BITS = 9, 5
LONGEST_CODE: Final = 16
SKIPPED_AT: Final = 3
"""After so many code lengths of code lengths a few that are 0 may be left out."""
NO_END: Final = 1 << 62


class _Codes(NamedTuple):
    """What the codes of a block are; one with a single symbol takes no bits."""

    characters: Code | int
    positions: Code | int


class _Bits(HighBits):
    """Bits of packed bytes."""

    WHAT, REFILL, SPARED = WHAT, 64, 64

    def codes(self, position_bits: int) -> _Codes:
        """Read the codes of a block."""
        lengths = self._lengths(EXTRA, EXTRA_BITS, SKIPPED_AT)
        return _Codes(self._characters(lengths), self._lengths(POSITIONS, position_bits, -1))

    def _lengths(self, most: int, width: int, skipped_at: int) -> Code | int:
        count = self.take(width)
        if not count:
            return self.take(width)
        lengths: list[int] = []
        while len(lengths) < count:
            length = self.take(3)
            while length >= 7 and self.take(1):
                length += 1
                if length > LONGEST_CODE:
                    raise Malformed("LZH code longer than 16 bits")
            lengths.append(length)
            if len(lengths) == skipped_at:
                lengths += [0] * self.take(2)
        if len(lengths) > most:
            raise Malformed("LZH block with too many codes")
        return code_of(lengths, WHAT)

    def _characters(self, code: Code | int) -> Code | int:
        count = self.take(CHARACTER_BITS)
        if not count:
            return self.take(CHARACTER_BITS)
        lengths: list[int] = []
        while len(lengths) < count:
            symbol = self.read(code)
            if symbol > 2:
                lengths.append(symbol - 2)
            else:
                lengths += [0] * (1 if symbol == 0 else self.take(4) + 3 if symbol == 1 else self.take(9) + 20)
        if len(lengths) > CHARACTERS:
            raise Malformed("LZH block with too many codes")
        return code_of(lengths, WHAT)


def decode(packed: bytes, out: bytearray, goal: int, position_bits: int) -> None:
    """Append to `out` until it holds `goal` bytes; `position_bits` tell the number of sizes of positions in a block.

    Matches may reach back into what is in `out` before. Raises `Malformed`, with what came so far in `out`.
    """
    bits, left, codes = _Bits(packed), 0, _Codes(0, 0)
    while len(out) < goal:
        if not left:
            left = bits.take(16)
            if not left:
                raise Malformed("LZH block is empty")
            codes = bits.codes(position_bits)
        before = len(out)
        if isinstance(codes.characters, int):
            symbol = codes.characters
            if symbol < LITERALS:
                out.append(symbol)
                left -= 1
                continue
        else:
            symbol = bits.literals(codes.characters, out, min(goal, before + left), NO_END)
            left -= len(out) - before
            if symbol < 0:
                continue
        left -= 1
        width = bits.read(codes.positions)
        distance = (1 << width - 1) + bits.take(width - 1) if width > 1 else width
        repeat(out, distance + 1, min(symbol - LITERALS + SHORTEST, goal - len(out)), WHAT)


# ---------------------------------------------------------------- ARJ, fastest

LENGTH_STEPS, DISTANCE_STEPS = range(7), range(9, 13)
"""Bits of a number after so many ones; no zero ends the last run."""


def decode_fastest(packed: bytes, out: bytearray, goal: int) -> None:
    """Append to `out` until it holds `goal` bytes of method 4 of ARJ. Raises `Malformed`."""
    bits = _Bits(packed)
    while len(out) < goal:
        length = _stepped(bits, LENGTH_STEPS)
        if not length:
            out.append(bits.take(8))
        else:
            repeat(out, _stepped(bits, DISTANCE_STEPS) + 1, min(length + SHORTEST - 1, goal - len(out)), WHAT)


def _stepped(bits: _Bits, steps: range) -> int:
    base = 0
    for width in steps:
        if not bits.take(1):
            break
        base += 1 << width
    else:
        width = steps.stop
    return base + bits.take(width)
