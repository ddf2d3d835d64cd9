"""bzip2 without its marks and checksums, as installers of NSIS hold it.

Format: Joe Tsai, "BZIP2 Format Specification" (2016), for what a block holds. NSIS (zlib licence, `Source/bzip2`)
begins a block with one byte instead of a mark, a checksum and a bit, and ends the stream with another.
Limits: decoded in Python and NumPy, about a megabyte per second.
"""

import re
from typing import Final

import numpy as np

from inspector.errors import Malformed
from inspector.formats.codec.prefixcode import LENGTH_BITS, Code, HighBits, code_of
from inspector.formats.codec.streams import STEP, CutOff, Stream
from inspector.formats.reader import Reader

BLOCK, END = 0x31, 0x17
LARGEST: Final = 900_000
"""Most bytes of a block before its runs are spread."""
GROUP: Final = 50
"""Symbols in a row that share a code."""
CODES: Final = range(2, 7)
LONGEST_CODE: Final = 20
RUN: Final = re.compile(rb"(.)\1{3}(.)", re.DOTALL)
"""Four equal bytes and how many more there are."""
STORED: Final = LARGEST * 5 // 4
"""More stored bytes than a block takes."""


class _Bits(HighBits):
    WHAT = "bzip2"
    REFILL = 8
    SPARED = 16

    def some(self, code: Code, last: int) -> list[int]:
        """Return the symbols of one group, fewer where `last` is among them."""
        (width, entries), hold, count = code, self._hold, self._count
        found = list[int]()
        for _ in range(GROUP):
            if count < width:
                self._hold, self._count = hold, count
                self._refill()
                hold, count = self._hold, self._count
            entry = entries[hold >> count - width & (1 << width) - 1]
            if not entry:
                raise Malformed("no bzip2 code begins like this")
            count -= entry & 31
            found.append(entry >> LENGTH_BITS)
            if entry >> LENGTH_BITS == last:
                break
        self._hold, self._count = hold, count
        return found


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:  # noqa: ARG001 - blocks are small enough
    """Decode the stream at `offset`, block by block."""
    at, begun = offset, 0  # a block may begin inside a byte
    while True:
        raw = data.read_upto(at, STORED)
        bits = _Bits(raw)
        bits.take(begun)
        mark = bits.take(8)
        if mark not in (BLOCK, END):
            raise (Malformed if raw else CutOff)("no bzip2 block begins like this")
        piece = _block(bits) if mark == BLOCK else b""
        if bits.position > 8 * len(raw):
            raise CutOff(f"bzip2 stream ends early, after {at - offset} stored bytes")
        if mark == END:
            return at + -(-bits.position // 8) - offset
        yield piece
        at, begun = at + bits.position // 8, bits.position % 8


def _block(bits: _Bits) -> bytes:
    first = bits.take(24)
    return RUN.sub(lambda run: run[1] * (4 + run[2][0]), _in_order(_sorted(bits), first))


def _sorted(bits: _Bits) -> bytearray:
    """Return the bytes of a block as the packer sorted them."""
    recent = [16 * high + low for high in _marked(bits) for low in _marked(bits)]
    if not recent:
        raise Malformed("bzip2 block without bytes")
    codes, order = _codes(bits, len(recent) + 2)
    out, end, run, weight = bytearray(), len(recent) + 1, 0, 1
    for number in order:
        for symbol in bits.some(codes[number], end):
            if symbol <= 1:  # digits of the length of a run, the lowest first
                run += weight << symbol
                weight <<= 1
                continue
            if run:
                out += bytes(recent[:1]) * min(run, LARGEST + 1)
                run, weight = 0, 1
            if symbol == end:
                return out
            byte = recent.pop(symbol - 1)
            recent.insert(0, byte)
            out.append(byte)
        if run > LARGEST or len(out) > LARGEST:
            raise Malformed("bzip2 block is too long")
    raise Malformed("bzip2 block without an end")


def _marked(bits: _Bits) -> list[int]:
    marks = bits.take(16)
    return [place for place in range(16) if marks >> 15 - place & 1]


def _codes(bits: _Bits, symbols: int) -> tuple[list[Code], list[int]]:
    """Return the codes, and which of them each group is in."""
    count, groups = bits.take(3), bits.take(15)
    if count not in CODES:
        raise Malformed("bzip2 block with an impossible number of codes")
    recent, order = list(range(count)), list[int]()
    for _ in range(groups):
        place = 0
        while bits.take(1):
            place += 1
            if place == count:
                raise Malformed("bzip2 group of no code")
        recent.insert(0, recent.pop(place))
        order.append(recent[0])
    return [code_of(_lengths(bits, symbols), "bzip2") for _ in range(count)], order


def _lengths(bits: _Bits, symbols: int) -> list[int]:
    """Return the lengths of one code, each told by its difference from the one before."""
    length, lengths = bits.take(5), list[int]()
    for _ in range(symbols):
        while bits.take(1):
            length += -1 if bits.take(1) else 1
        if not 1 <= length <= LONGEST_CODE:
            raise Malformed("bzip2 code of an impossible length")
        lengths.append(length)
    return lengths


def _in_order(block: bytearray, first: int) -> bytes:
    """Undo the sorting of Burrows and Wheeler."""
    if first >= len(block):
        raise Malformed("bzip2 block begins outside itself")
    column = np.frombuffer(block, np.uint8)
    following = np.argsort(column, kind="stable").tolist()
    places, place = list[int](), first
    for _ in range(len(block)):
        place = following[place]
        places.append(place)
    return column[places].tobytes()
