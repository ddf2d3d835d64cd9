"""deflate64, Microsoft's deflate with a 64 KiB window: written by Windows for files over 2 GiB, and by 7-Zip.

Format: RFC 1951 with two differences: distance codes 30 and 31 are used (14 extra bits), and length code 285
carries 16 extra bits on a base of 3.
Limits: decoded in Python, about a megabyte per second; rare enough for that.
"""

from typing import Final

from inspector.errors import Malformed
from inspector.formats.reader import Reader
from inspector.formats.streams import STEP, Stream

WINDOW: Final = 1 << 16
MAX_BITS: Final = 15
ORDER: Final = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
END_OF_BLOCK: Final = 256
STORED, FIXED, DYNAMIC = 0, 1, 2


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
Codes = dict[int, int]
"""Symbol by `1 << length | code`, the code's first bit highest."""


class _Bits:
    """Bits of a reader from an offset on, lowest first."""

    def __init__(self, data: Reader, offset: int) -> None:
        self._data, self._offset = data, offset
        self._value = self._count = 0

    def take(self, count: int) -> int:
        while self._count < count:
            chunk = self._data.read_upto(self._offset, 8)
            if not chunk:
                raise Malformed("deflate64 stream ends early")
            self._value |= int.from_bytes(chunk, "little") << self._count
            self._offset += len(chunk)
            self._count += len(chunk) * 8
        value = self._value & (1 << count) - 1
        self._value >>= count
        self._count -= count
        return value

    def symbol(self, codes: Codes) -> int:
        code = 1
        for _ in range(MAX_BITS):
            code = code << 1 | self.take(1)
            if code in codes:
                return codes[code]
        raise Malformed("deflate64 code unknown")

    def to_byte(self) -> None:
        self.take(self._count % 8)

    @property
    def position(self) -> int:
        """Offset behind the last byte of which a bit was taken."""
        return self._offset - self._count // 8


def _codes(lengths: list[int]) -> Codes:
    codes: Codes = {}
    code = 0
    for bits in range(1, MAX_BITS + 1):
        code <<= 1
        for symbol, length in enumerate(lengths):
            if length == bits:
                codes[1 << bits | code] = symbol
                code += 1
        if code > 1 << bits:
            raise Malformed("deflate64 code table is oversubscribed")
    return codes


FIXED_CODES: Final = (
    _codes([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8),
    _codes([5] * 32),
)


def _dynamic(bits: _Bits) -> tuple[Codes, Codes]:
    literals, distances, order = bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4
    lengths = [0] * 19
    for index in ORDER[:order]:
        lengths[index] = bits.take(3)
    codes, result = _codes(lengths), [0] * 0
    while len(result) < literals + distances:
        symbol = bits.symbol(codes)
        if symbol < 16:
            result.append(symbol)
        elif symbol == 16:
            if not result:
                raise Malformed("deflate64 repeats a length before the first")
            result += [result[-1]] * (bits.take(2) + 3)
        else:
            result += [0] * (bits.take(3) + 3 if symbol == 17 else bits.take(7) + 11)
    return _codes(result[:literals]), _codes(result[literals : literals + distances])


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one deflate64 stream."""
    bits, output, last = _Bits(data, offset), bytearray(), 0
    while not last:
        last, kind = bits.take(1), bits.take(2)
        if kind == STORED:
            _stored(bits, output)
        elif kind in (FIXED, DYNAMIC):
            literals, distances = FIXED_CODES if kind == FIXED else _dynamic(bits)
            while not _symbols(bits, literals, distances, output, WINDOW + step):
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


def _stored(bits: _Bits, output: bytearray) -> None:
    bits.to_byte()
    length, complement = bits.take(16), bits.take(16)
    if length ^ complement != 0xFFFF:
        raise Malformed("deflate64 stored block length differs")
    output += bits.take(length * 8).to_bytes(length, "little")


def _symbols(bits: _Bits, literals: Codes, distances: Codes, output: bytearray, most: int) -> bool:
    """Decode up to the end of the block (True) or until `output` holds `most` bytes (False)."""
    while len(output) < most:
        symbol = bits.symbol(literals)
        if symbol < END_OF_BLOCK:
            output.append(symbol)
        elif symbol == END_OF_BLOCK:
            return True
        else:
            _copy(bits, symbol, distances, output)
    return False


def _copy(bits: _Bits, symbol: int, distances: Codes, output: bytearray) -> None:
    if symbol - 257 >= len(LENGTHS):
        raise Malformed("deflate64 length code unknown")
    base, extra = LENGTHS[symbol - 257]
    length = base + bits.take(extra)
    base, extra = DISTANCES[bits.symbol(distances)]
    distance = base + bits.take(extra)
    if distance > len(output):
        raise Malformed("deflate64 match before the beginning")
    while length > 0:  # a match may run into what it writes
        piece = output[len(output) - distance : len(output) - distance + length]
        output += piece
        length -= len(piece)
