"""What PKZIP packed with before deflate: shrink, reduce and implode (methods 1 to 6 of zip).

Format: PKWARE APPNOTE 6.3.10, 5.1 to 5.3; Hans Wennborg, "Shrink, Reduce, and Implode".
Limits: decoded in Python, a few megabytes per second.
"""

from collections.abc import Callable
from typing import Final

from inspector.errors import FormatError, Malformed
from inspector.formats.codec.prefixcode import Code, LowBits, repeat_behind_zeros, shannon_code
from inspector.formats.codec.streams import Decoded
from inspector.formats.reader import Reader

Decode = Callable[[LowBits, bytearray, int], None]
"""Append to the output until it holds so many bytes."""


# ---------------------------------------------------------------- Shrink

CONTROL, WIDER, CLEAR = 256, 1, 2
FIRST_WIDTH, LAST_WIDTH = 9, 13
CODES: Final = 1 << LAST_WIDTH
FREE: Final = -1
ROOT: Final = CONTROL


class _Tree:
    """The strings of LZW: each a shorter one and a byte more."""

    def __init__(self) -> None:
        self.parents = [*[ROOT] * 256, *[FREE] * (CODES - 256)]
        self.values = bytearray(range(256)) + bytes(CODES - 256)
        self._last = CONTROL

    def add(self, parent: int, value: int) -> int:
        """Make a string in the first free place behind the last one made; `FREE` where there is none."""
        try:
            code = self.parents.index(FREE, self._last + 1)
        except ValueError:
            self._last = CODES
            return FREE
        self._last = code
        self.parents[code], self.values[code] = parent, value
        return code

    def clear(self) -> None:
        """Free the strings that are no part of a longer one."""
        used = set(self.parents)
        for code in range(CONTROL + 1, CODES):
            if code not in used:
                self.parents[code] = FREE
        self._last = CONTROL

    def text(self, code: int) -> bytearray:
        """Return a string."""
        parents, values, text = self.parents, self.values, bytearray()
        while code != ROOT:
            if code < 0 or len(text) > CODES:
                raise Malformed("shrunk text refers to a code that is not there")
            text.append(values[code])
            code = parents[code]
        text.reverse()
        return text


def _unshrink(bits: LowBits, out: bytearray, size: int) -> None:
    tree, width, before, first = _Tree(), FIRST_WIDTH, FREE, 0
    while len(out) < size:
        code = bits.take(width)
        if code == CONTROL:
            what = bits.take(width)
            if what == WIDER and width < LAST_WIDTH:
                width += 1
            elif what == CLEAR:
                tree.clear()
            else:
                raise Malformed("shrunk text with an unknown control code")
            continue
        # The text that comes may be the one that is only being made.
        made = tree.add(before, first) if before >= 0 else FREE
        text = tree.text(code)
        first = text[0]
        if made >= 0:
            tree.values[made] = first
        out += text
        before = code


def unshrink(data: Reader, size: int) -> Decoded:
    """Return up to `size` bytes of method 1."""
    return _run(_unshrink, data, size)


# ---------------------------------------------------------------- Reduce

MARK: Final = 144
MOST_FOLLOWERS: Final = 32


def unreduce(data: Reader, size: int, factor: int) -> Decoded:
    """Return up to `size` bytes of method `1 + factor`."""

    def decode(bits: LowBits, out: bytearray, size: int) -> None:
        followers = _followers(bits)
        last, length_bits = 0, 8 - factor
        most = (1 << length_bits) - 1

        def following() -> int:
            nonlocal last
            row, width = followers[last]
            if not row or bits.take(1):
                last = bits.take(8)
                return last
            place = bits.take(width)
            if place >= len(row):
                raise Malformed("reduced file with a follower that is not there")
            last = row[place]
            return last

        while len(out) < size:
            byte = following()
            if byte != MARK:
                out.append(byte)
                continue
            fields = following()
            if not fields:
                out.append(MARK)
                continue
            length = fields & most
            if length == most:
                length += following()
            repeat_behind_zeros(out, ((fields >> length_bits) << 8) + following() + 1, length + 3)

    return _run(decode, data, size)


def _followers(bits: LowBits) -> list[tuple[bytes, int]]:
    """Return for each byte those that often follow it, and how many bits tell one; the last byte comes first."""
    rows: list[tuple[bytes, int]] = []
    for _ in range(256):
        count = bits.take(6)
        if count > MOST_FOLLOWERS:
            raise Malformed("reduced file with too many followers")
        row = bytes(bits.take(8) for _ in range(count))
        rows.append((row, max((count - 1).bit_length(), 1)))
    return rows[::-1]


# ---------------------------------------------------------------- Implode

LARGE_WINDOW, LITERAL_CODE = 0x02, 0x04
LITERALS, LENGTHS, DISTANCES = 256, 64, 64


def explode(data: Reader, size: int, flags: int) -> Decoded:
    """Return up to `size` bytes of method 6; the flags of the entry tell the window and whether literals are coded."""

    def decode(bits: LowBits, out: bytearray, size: int) -> None:
        literals = _shannon(bits, LITERALS) if flags & LITERAL_CODE else None
        lengths, distances = _shannon(bits, LENGTHS), _shannon(bits, DISTANCES)
        low, shortest = 7 if flags & LARGE_WINDOW else 6, 3 if literals else 2
        while len(out) < size:
            if bits.take(1):
                out.append(bits.symbol(literals) if literals else bits.take(8))
                continue
            near = bits.take(low)
            distance = (bits.symbol(distances) << low | near) + 1
            length = bits.symbol(lengths)
            if length == LENGTHS - 1:
                length += bits.take(8)
            repeat_behind_zeros(out, distance, length + shortest)

    return _run(decode, data, size)


def _shannon(bits: LowBits, count: int) -> Code:
    """Read a code: how often each length comes, as runs."""
    lengths: list[int] = []
    for _ in range(bits.take(8) + 1):
        length, run = bits.take(4) + 1, bits.take(4) + 1
        lengths += [length] * run
    if len(lengths) != count:
        raise Malformed("imploded file with a code of other symbols")
    return shannon_code(lengths, "imploded")


def _run(decode: Decode, data: Reader, size: int) -> Decoded:
    bits, out = LowBits(data, 0, "zip"), bytearray()
    damage: FormatError | None = None
    try:
        decode(bits, out, size)
    except FormatError as error:
        damage = error.bare()
    del out[size:]
    return Decoded(out, -1 if damage else bits.position, damage)
