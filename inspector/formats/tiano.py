"""EFI 1.1 and Tiano compression: LZ77 with Huffman codes per block, as in LHA's -lh5-.

Format: UEFI 2.10, chapter 19 "Compression Algorithm Specification"; Tiano differs in the width of one count (5 bits).
Limits: the two kinds carry no mark; the one that decodes to the stated size is taken.
"""

from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed
from inspector.formats.layout import Opener
from inspector.formats.prefixcode import repeat
from inspector.formats.reader import BufferReader, Reader

HEADER: Final = Struct("<II")
EFI, TIANO = 4, 5
"""Bits of the number of position codes: what tells the two apart."""
LITERALS: Final = 256
SHORTEST: Final = 3
CHARACTERS: Final = 510
EXTRA: Final = 19
POSITIONS: Final = 31
LONGEST_CODE: Final = 16
LARGEST: Final = 1 << 25
"""No driver comes near; a code that spends no bits could otherwise run for hours."""
Table = tuple[int, list[tuple[int, int]]]
"""Bits looked at, and (symbol, code length) for each value of them; a length of 0 is no code."""


def tiano_opener(data: Reader, start: int, end: int) -> Opener:
    """Return an opener of the stream in `data[start:end]`, whose header states both sizes."""

    def open_stream(limit: int) -> Reader:
        packed, size = data.slice(start, end).unpack_at(0, HEADER)
        if size > min(limit, LARGEST):
            raise LimitReached(f"{size} bytes, {min(limit, LARGEST)} allowed")
        stream = data.read_upto(start + HEADER.size, min(packed, end - start - HEADER.size))
        return BufferReader(decompress(stream, size))

    return open_stream


def decompress(stream: bytes, size: int) -> bytes:
    """Return the `size` decoded bytes; `Malformed` where neither kind of the code gives them."""
    try:
        return _Decoder(stream, EFI).decode(size)
    except Malformed:
        return _Decoder(stream, TIANO).decode(size)


class _Decoder:
    def __init__(self, stream: bytes, position_bits: int) -> None:
        self._stream = stream
        self._position_bits = position_bits
        self._at = 0
        self._bits = 0
        self._count = 0

    def decode(self, size: int) -> bytes:
        out = bytearray()
        characters: Table = (0, [])
        positions: Table = (0, [])
        left = 0
        while len(out) < size:
            if not left:
                left = self._take(16)
                characters, positions = self._block()
                if not left:
                    raise Malformed("compressed block is empty")
            left -= 1
            symbol = self._symbol(characters)
            if symbol < LITERALS:
                out.append(symbol)
                continue
            length = symbol - LITERALS + SHORTEST
            width = self._symbol(positions)
            distance = (1 << (width - 1)) + self._take(width - 1) if width > 1 else width
            repeat(out, distance + 1, length, "Tiano")
        return bytes(out[:size])

    def _block(self) -> tuple[Table, Table]:
        """Read the codes of a block: those of the code lengths, of characters and lengths, of positions."""
        extra = self._lengths(EXTRA, 5, 3)
        characters = self._character_lengths(extra)
        return characters, self._lengths(POSITIONS, self._position_bits, -1)

    def _lengths(self, most: int, width: int, special: int) -> Table:
        count = self._take(width)
        if not count:
            return _constant(self._take(width))
        lengths: list[int] = []
        while len(lengths) < count:
            length = self._take(3)
            while length >= 7 and self._take(1):
                length += 1
                if length > LONGEST_CODE:
                    raise Malformed("code longer than 16 bits")
            lengths.append(length)
            if len(lengths) == special:
                lengths += [0] * self._take(2)
        if len(lengths) > most:
            raise Malformed("too many codes")
        return _table(lengths)

    def _character_lengths(self, extra: Table) -> Table:
        count = self._take(9)
        if not count:
            return _constant(self._take(9))
        lengths: list[int] = []
        while len(lengths) < count:
            symbol = self._symbol(extra)
            if symbol > 2:
                lengths.append(symbol - 2)
            else:
                lengths += [0] * (1 if symbol == 0 else self._take(4) + 3 if symbol == 1 else self._take(9) + 20)
        if len(lengths) > CHARACTERS:
            raise Malformed("too many codes")
        return _table(lengths)

    def _fill(self) -> None:
        chunk = self._stream[self._at : self._at + 8]
        if not chunk:
            if self._at > len(self._stream) + 64:
                raise Malformed("compressed stream ends early")
            chunk = bytes(8)  # the last codes may be looked up with bits behind the end
        self._at += len(chunk)
        self._bits = (self._bits & (1 << self._count) - 1) << 8 * len(chunk) | int.from_bytes(chunk, "big")
        self._count += 8 * len(chunk)

    def _take(self, width: int) -> int:
        if self._count < width:
            self._fill()
        if self._count < width:
            self._fill()
        self._count -= width
        return self._bits >> self._count & (1 << width) - 1

    def _symbol(self, table: Table) -> int:
        width, entries = table
        if self._count < width:
            self._fill()
        if self._count < width:
            self._fill()
        symbol, length = entries[self._bits >> (self._count - width) & (1 << width) - 1]
        if not length and width:
            raise Malformed("no such code")
        self._count -= length
        return symbol


def _constant(symbol: int) -> Table:
    return 0, [(symbol, 0)]


def _table(lengths: list[int]) -> Table:
    """Return the lookup of the canonical code with these lengths; `Malformed` where it is over-full."""
    width = max(lengths, default=0)
    if not width:
        raise Malformed("code without lengths")
    entries: list[tuple[int, int]] = []
    for length in range(1, width + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                entries += [(symbol, length)] * (1 << (width - length))
    if len(entries) > 1 << width:
        raise Malformed("over-full code")
    return width, entries + [(0, 0)] * ((1 << width) - len(entries))
