"""deflate64, Microsoft's deflate with a 64 KiB window: written by Windows for files over 2 GiB, and by 7-Zip.

Format: RFC 1951 with two differences: distance codes 30 and 31 are used (14 extra bits), and length code 285
carries 16 extra bits on a base of 3.
Limits: decoded in Python, a few megabytes per second; rare enough for that.
"""

from typing import Final

from inspector.errors import Malformed
from inspector.formats.codec.prefixcode import LENGTH_BITS, LITERALS, Code, LowBits, low_code_of, repeat
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader

WINDOW: Final = 1 << 16
ORDER: Final = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
END_OF_BLOCK, LAST_LENGTH = 256, 285
STORED, FIXED, DYNAMIC = 0, 1, 2
WHAT: Final = "deflate64"

MOST_BITS: Final = 60
"""Bits of a match: two codes of 15, 16 extra bits of the length, 14 of the distance."""


def _lengths() -> list[tuple[int, int]]:
    """Return (base, extra bits) of length codes 257 to 285."""
    table = [(3 + code, 0) for code in range(8)]
    base = 11
    for extra in range(1, 6):
        for _ in range(4):
            table.append((base, extra))
            base += 1 << extra
    return [*table[:28], (3, 16)]


def _distances() -> list[tuple[int, int]]:
    """Return (base, extra bits) of distance codes 0 to 31."""
    table = [(1 + code, 0) for code in range(4)]
    base = 5
    for extra in range(1, 15):
        for _ in range(2):
            table.append((base, extra))
            base += 1 << extra
    return table


LENGTHS: Final = _lengths()
DISTANCES: Final = _distances()
FIXED_CODES: Final = (
    low_code_of([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8, WHAT),
    low_code_of([5] * 32, WHAT),
)


class _Bits(LowBits):
    """The bits of a stream."""

    def block(self, literals: Code, distances: Code, output: bytearray, most: int) -> bool:
        """Decode up to the end of the block (True) or until `output` holds `most` bytes (False).

        The loop the time goes into: it keeps the state of the reader to itself and has all bits of a match at hand.
        """
        near_codes, far_codes = literals.entries, distances.entries
        near, far = (1 << literals.width) - 1, (1 << distances.width) - 1
        append, hold, count = output.append, self._hold, self._count
        symbol = -1
        while len(output) < most:
            if count < MOST_BITS:
                self._hold, self._count = hold, count
                self._refill()
                hold, count = self._hold, self._count
            entry = near_codes[hold & near]
            bits = entry & 31
            if entry < LITERALS:
                if not entry or bits > count:
                    raise self._no_code(entry)
                append(entry >> LENGTH_BITS)
                hold >>= bits
                count -= bits
                continue
            symbol = entry >> LENGTH_BITS
            if symbol == END_OF_BLOCK:
                hold >>= bits
                count -= bits
                break
            if symbol > LAST_LENGTH:
                raise Malformed("deflate64 length code unknown")
            base, more = LENGTHS[symbol - END_OF_BLOCK - 1]
            hold >>= bits
            length = base + (hold & (1 << more) - 1)
            hold >>= more
            count -= bits + more
            entry = far_codes[hold & far]
            bits = entry & 31
            base, more = DISTANCES[entry >> LENGTH_BITS]
            hold >>= bits
            distance = base + (hold & (1 << more) - 1)
            hold >>= more
            count -= bits + more
            if not entry or count < 0:
                raise self._no_code(entry)
            repeat(output, distance, length, WHAT)
        self._hold, self._count = hold, count
        if count < 0:
            raise self._no_code(1)
        return symbol == END_OF_BLOCK


def _dynamic(bits: LowBits) -> tuple[Code, Code]:
    literals, distances, order = bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4
    lengths = [0] * 19
    for index in ORDER[:order]:
        lengths[index] = bits.take(3)
    code, result = low_code_of(lengths, WHAT), list[int]()
    while len(result) < literals + distances:
        symbol = bits.symbol(code)
        if symbol < 16:
            result.append(symbol)
        elif symbol == 16:
            if not result:
                raise Malformed("deflate64 repeats a length before the first")
            result += [result[-1]] * (bits.take(2) + 3)
        else:
            result += [0] * (bits.take(3) + 3 if symbol == 17 else bits.take(7) + 11)
    behind = literals + distances
    return low_code_of(result[:literals], WHAT), low_code_of(result[literals:behind], WHAT)


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one deflate64 stream."""
    bits, output, last = _Bits(data, offset, WHAT), bytearray(), 0
    while not last:
        last, kind = bits.take(1), bits.take(2)
        if kind == STORED:
            _stored(bits, output)
        elif kind in (FIXED, DYNAMIC):
            literals, distances = FIXED_CODES if kind == FIXED else _dynamic(bits)
            while not bits.block(literals, distances, output, WINDOW + step):
                yield bytes(output[:-WINDOW])
                del output[:-WINDOW]
        else:
            raise Malformed("deflate64 block type unknown")
        if len(output) > WINDOW:
            yield bytes(output[:-WINDOW])
            del output[:-WINDOW]
    if output:
        yield bytes(output)
    return bits.position - offset


def _stored(bits: LowBits, output: bytearray) -> None:
    bits.to_byte()
    length, complement = bits.take(16), bits.take(16)
    if length ^ complement != 0xFFFF:
        raise Malformed("deflate64 stored block length differs")
    bits.copy(output, length)
