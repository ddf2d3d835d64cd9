"""What decoders of prefix codes over a window share: the lookup of a code, bits, and matches.

RAR, LZX, XPRESS and the old methods of zip pack alike: symbols of a code are bytes, or matches that repeat what was
decoded before. How a canonical code follows from the lengths of its symbols: RFC 1951, 3.2.2.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, NamedTuple

from inspector.errors import Malformed
from inspector.formats.reader import Reader

LENGTH_BITS: Final = 5
"""Lowest bits of an entry, which hold the length of the code."""
LITERALS: Final = 256 << LENGTH_BITS
"""Entries below are bytes."""


class Code(NamedTuple):
    """A prefix code: for the next `width` bits, `symbol << 5 | length`; 0 where no symbol begins like that."""

    width: int
    entries: list[int]


def code_of(lengths: Sequence[int], what: str, width: int = 0) -> Code:
    """Return the canonical code with these lengths, shorter ones first, 0 for symbols that do not occur.

    `width` is that of the longest code where it is not given. Raises `Malformed`, which names `what`.
    """
    width = width or max(lengths, default=0)
    entries: list[int] = []
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        entries += [symbol << LENGTH_BITS | length] * (1 << width - length)
    if len(entries) > 1 << width:
        raise Malformed(f"{what} code is over-full")
    return Code(width, entries + [0] * ((1 << width) - len(entries)))


def low_code_of(lengths: Sequence[int], what: str) -> Code:
    """Return the canonical code with these lengths for bits that come lowest first. Raises `Malformed`."""
    width = max(lengths, default=0)
    entries, code, before = [0] * (1 << width), 0, 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        code <<= length - before
        before = length
        if code >> length:
            raise Malformed(f"{what} code is over-full")
        lay_low(entries, width, code, length, symbol)
        code += 1
    return Code(width, entries)


def shannon_code(lengths: Sequence[int], what: str) -> Code:
    """Return the code in which longer symbols and, of one length, later ones have the smaller codes; lowest bit first.

    Every symbol has a code. Raises `Malformed`, which names `what`.
    """
    order = sorted(range(len(lengths)), key=lambda symbol: (lengths[symbol], symbol))
    width = max(lengths)
    entries, code = [0] * (1 << width), 0
    for symbol in reversed(order):
        length = lengths[symbol]
        if code >> width:
            raise Malformed(f"{what} code is over-full")
        lay_low(entries, width, code >> width - length, length, symbol)
        code += 1 << width - length
    return Code(width, entries)


def lay_low(entries: list[int], width: int, code: int, length: int, symbol: int) -> None:
    """Enter one symbol into the lookup of bits that come lowest first; `code` has its first bit highest."""
    first = int(format(code, f"0{length}b")[::-1], 2)
    entries[first :: 1 << length] = [symbol << LENGTH_BITS | length] * (1 << width - length)


class LowBits:
    """Bits of packed bytes, the lowest of each byte first; codes must be those of `low_code_of` or `lay_low`."""

    REFILL: Final = 64
    """Bytes that are taken at a time."""

    def __init__(self, data: Reader, at: int, what: str) -> None:
        self._data, self._at, self._what = data, at, what
        self._hold = self._count = 0

    @property
    def position(self) -> int:
        """Offset behind the last byte of which a bit was taken."""
        return self._at - self._count // 8

    def take(self, count: int) -> int:
        """Return the next `count` bits, at most those of one refill."""
        if self._count < count:
            self._refill()
            if self._count < count:
                raise Malformed(f"{self._what} stream ends early")
        value = self._hold & (1 << count) - 1
        self._hold >>= count
        self._count -= count
        return value

    def symbol(self, code: Code) -> int:
        """Return the next symbol of a code."""
        if self._count < code.width:
            self._refill()
        entry = code.entries[self._hold & (1 << code.width) - 1]
        length = entry & 31
        if not entry or length > self._count:
            raise self._no_code(entry)
        self._hold >>= length
        self._count -= length
        return entry >> LENGTH_BITS

    def literals(self, code: Code, out: bytearray, goal: int) -> int:
        """Append symbols below 256 to `out` and return the first other one; -1 at `goal` bytes.

        The loop the time goes into: it keeps the state of the reader to itself.
        """
        width, entries = code
        mask, append = (1 << width) - 1, out.append
        hold, count, room = self._hold, self._count, goal - len(out)
        symbol = -1
        while room > 0:
            if count < width:
                self._hold, self._count = hold, count
                self._refill()
                hold, count = self._hold, self._count
            entry = entries[hold & mask]
            length = entry & 31
            if not entry or length > count:
                raise self._no_code(entry)
            hold >>= length
            count -= length
            if entry >= LITERALS:
                symbol = entry >> LENGTH_BITS
                break
            append(entry >> LENGTH_BITS)
            room -= 1
        self._hold, self._count = hold, count
        return symbol

    def to_byte(self) -> None:
        """Skip to the start of a byte."""
        self.take(self._count % 8)

    def copy(self, out: bytearray, size: int) -> None:
        """Append `size` whole bytes from the next one on that no bit was taken of."""
        start = self.position
        piece = self._data.read_upto(start, size)
        out += piece
        self._at, self._hold, self._count = start + len(piece), 0, 0
        if len(piece) < size:
            raise Malformed(f"{self._what} stream ends early")

    def _no_code(self, entry: int) -> Malformed:
        return Malformed(f"{self._what} stream ends early" if entry else f"no {self._what} code begins like this")

    def _refill(self) -> None:
        piece = self._data.read_upto(self._at, self.REFILL)
        self._hold |= int.from_bytes(piece, "little") << self._count
        self._at += len(piece)
        self._count += 8 * len(piece)


class HighBits:
    """Bits of packed bytes, the highest of each byte first; behind the end there are zeros for a while."""

    WHAT: ClassVar[str]
    """What is read, for messages."""
    REFILL: ClassVar[int]
    """Bytes that are taken at a time."""
    SPARED: ClassVar[int]
    """Bytes behind the end from which more may be taken, all of them zeros."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data, self._at = data, at
        self._hold = self._count = 0

    @property
    def position(self) -> int:
        """Bits from the start of the data to the next one."""
        return self._at * 8 - self._count

    def take(self, count: int) -> int:
        """Return the next `count` bits, at most those of one refill."""
        if self._count < count:
            self._refill()
        self._count -= count
        return self._hold >> self._count & (1 << count) - 1

    def symbol(self, code: Code) -> int:
        """Return the next symbol of a code."""
        width, entries = code
        if self._count < width:
            self._refill()
        entry = entries[self._hold >> self._count - width & (1 << width) - 1]
        if not entry:
            raise Malformed(f"no {self.WHAT} code begins like this")
        self._count -= entry & 31
        return entry >> LENGTH_BITS

    def read(self, code: Code | int) -> int:
        """Return the next symbol; one that is alone takes no bits."""
        return code if isinstance(code, int) else self.symbol(code)

    def literals(self, code: Code, out: bytearray, goal: int, end: int) -> int:
        """Append symbols below 256 to `out` and return the first other one; -1 at `goal` bytes or past bit `end`.

        The loop the time goes into: it keeps the state of the reader to itself.
        """
        width, entries = code
        mask, append = (1 << width) - 1, out.append
        hold, count = self._hold, self._count
        left, room = end - self.position, goal - len(out)
        symbol = -1
        while left > 0 and room > 0:
            if count < width:
                self._hold, self._count = hold, count
                self._refill()
                hold, count = self._hold, self._count
            entry = entries[hold >> count - width & mask]
            if not entry:
                raise Malformed(f"no {self.WHAT} code begins like this")
            count -= entry & 31
            if entry >= LITERALS:
                symbol = entry >> LENGTH_BITS
                break
            append(entry >> LENGTH_BITS)
            left -= entry & 31
            room -= 1
        self._count = count
        return symbol

    def seek(self, at: int) -> None:
        """Go on with the byte at an offset."""
        self._at, self._hold, self._count = at, 0, 0

    def _refill(self) -> None:
        size = self.REFILL
        if self._at > len(self._data) + self.SPARED:
            raise Malformed(f"{self.WHAT} stream ends early")
        piece = self._data[self._at : self._at + size].ljust(size, b"\0")
        self._hold = (self._hold & (1 << self._count) - 1) << 8 * size | int.from_bytes(piece, "big")
        self._at += size
        self._count += 8 * size


def repeat(out: bytearray, distance: int, length: int, what: str) -> None:
    """Append `length` bytes from `distance` back, which may reach into themselves. Raises `Malformed`."""
    at = len(out) - distance
    if at < 0 or distance < 1:
        raise Malformed(f"{what} match before the beginning")
    if distance >= length:
        out += out[at : at + length]
    else:
        out += (out[at:] * (length // distance + 1))[:length]


def repeat_behind_zeros(out: bytearray, distance: int, length: int) -> None:
    """Append what stands `distance` bytes back; in front of the first byte there are zeros."""
    lacks = min(max(distance - len(out), 0), length)
    out += bytes(lacks)
    if length > lacks:
        repeat(out, distance, length - lacks, "PKWARE")
