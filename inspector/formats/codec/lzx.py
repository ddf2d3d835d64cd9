"""LZX, which cabinets, Windows images and compiled help are packed with: prefix codes over a window, in blocks.

Format: Microsoft, "Microsoft LZX Data Compression Format" (Cabinet SDK) and [MS-PATCH], which builds on it.
Limits: decoded in Python, a few megabytes per second.
"""

from array import array
from itertools import accumulate
from sys import byteorder
from typing import Final

from inspector.errors import FormatError, Malformed
from inspector.formats.codec.prefixcode import Code, HighBits, code_of, repeat

FRAME: Final = 1 << 15
"""Decoded bytes after which the bits begin with a new word."""
WINDOWS: Final = range(15, 22)
"""Bits of a window."""
VERBATIM, ALIGNED, STORED = 1, 2, 3
LITERALS: Final = 256
CODE_LENGTHS, LENGTHS, LOW_BITS = 20, 249, 8
LONGEST: Final = 17
"""Code lengths are told modulo this."""
SHORTEST: Final = 2
WORD: Final = 16
WHAT: Final = "LZX"
NO_END: Final = 1 << 62
"""No bit ends a block: its bytes do."""
EXTRA: Final = (0, 0, *(bits for bits in range(17) for _ in range(2)), *[17] * 14)
BASES: Final = tuple(accumulate((1 << bits for bits in EXTRA[:-1]), initial=0))
SLOTS: Final = {15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50}
CALL: Final = b"\xe8"
SPARED: Final = 10
"""Bytes at the end of a frame that hold no call."""
LAST_FRAME: Final = 1 << 15
"""Frames in which calls are translated."""
IMAGE_SIZE: Final = 12_000_000
"""What Windows images take for the size of a program."""


class Bits(HighBits):
    """Bits of little-endian words, the highest of each word first."""

    WHAT, REFILL, SPARED = WHAT, 64, 0

    def __init__(self, data: bytes) -> None:
        self.data = data
        words = array("H", data if len(data) % 2 == 0 else data + b"\0")
        if byteorder == "little":
            words.byteswap()
        super().__init__(words.tobytes())

    def align(self) -> None:
        """Skip to the start of the next word."""
        self._count -= self._count % WORD


class Unpacker:
    """Decodes one stream, or one chunk of a Windows image (`in_image`), which is told less and is one frame."""

    def __init__(self, data: bytes, window: int, *, in_image: bool = False) -> None:
        self._bits, self._in_image = Bits(data), in_image
        self._frame_size = 1 << window if in_image else FRAME
        self._size_bits = WORD if in_image and window == WINDOWS[0] else 24
        self._main = [0] * (LITERALS + 8 * SLOTS[window])
        self._lengths = [0] * LENGTHS
        self._codes: list[Code] = []
        self._offsets = [1, 1, 1]
        self._kind = self._left = self._odd = 0
        """Kind of the block, bytes of it to come, and whether their number was odd."""

    def unpack(self, size: int) -> tuple[bytes, FormatError | None]:
        """Return up to `size` bytes and what kept it from more."""
        out, problem, program = bytearray(), None, 0
        try:
            program = self._program()
            while len(out) < size:
                self._frame(out, min((len(out) // self._frame_size + 1) * self._frame_size, size))
        except FormatError as error:
            problem = error.bare()
        del out[size:]
        if program:
            for start in range(0, min(len(out), self._frame_size * LAST_FRAME), self._frame_size):
                undo_calls(out, start, min(start + self._frame_size, len(out)), program)
        return bytes(out), problem

    def _program(self) -> int:
        """Return the size that calls were translated with, 0 where they were not."""
        if self._in_image:
            return IMAGE_SIZE
        return self._bits.take(32) if self._bits.take(1) else 0

    def _frame(self, out: bytearray, end: int) -> None:
        while len(out) < end:
            if not self._left:
                self._begin_block()
            goal = min(end, len(out) + self._left)
            before = len(out)
            if self._kind == STORED:
                self._copy_stored(out, goal)
            else:
                self._block(out, goal)
            self._left -= len(out) - before
            if self._left < 0:
                raise Malformed("LZX match goes on behind its block")
        self._bits.align()

    def _begin_block(self) -> None:
        bits = self._bits
        if self._kind == STORED:
            bits.seek(bits.position // 8 + self._odd)
        self._kind = bits.take(3)
        self._left = FRAME if self._in_image and bits.take(1) else bits.take(self._size_bits)
        self._odd = self._left & 1
        if self._kind == STORED:
            at = (bits.position // WORD + 1) * 2
            self._offsets = [int.from_bytes(bits.data[at + n : at + n + 4], "little") for n in (0, 4, 8)]
            bits.seek(at + 12)
        elif self._kind in (VERBATIM, ALIGNED):
            self._read_codes()
        else:
            raise Malformed("LZX block of an unknown kind")

    def _read_codes(self) -> None:
        bits = self._bits
        low = code_of([bits.take(3) for _ in range(LOW_BITS)], WHAT) if self._kind == ALIGNED else Code(0, [])
        self._read_lengths(self._main, 0, LITERALS)
        self._read_lengths(self._main, LITERALS, len(self._main))
        self._read_lengths(self._lengths, 0, LENGTHS)
        self._codes = [code_of(self._main, WHAT), code_of(self._lengths, WHAT), low]

    def _read_lengths(self, lengths: list[int], at: int, end: int) -> None:
        """Read code lengths, each told as what is to be taken from that of the block before, or as a run."""
        bits = self._bits
        code = code_of([bits.take(4) for _ in range(CODE_LENGTHS)], WHAT)
        while at < end:
            symbol = bits.symbol(code)
            if symbol < LONGEST:
                lengths[at] = (lengths[at] - symbol) % LONGEST
                at += 1
                continue
            if symbol == LONGEST + 2:
                run = bits.take(1) + 4
                symbol = bits.symbol(code)
                if symbol >= LONGEST:
                    raise Malformed("LZX run of runs")
                value = (lengths[at] - symbol) % LONGEST
            else:
                run, value = bits.take(4) + 4 if symbol == LONGEST else bits.take(5) + 20, 0
            if at + run > end:
                raise Malformed("LZX code lengths behind the end")
            lengths[at : at + run] = [value] * run
            at += run

    def _copy_stored(self, out: bytearray, goal: int) -> None:
        bits = self._bits
        at = bits.position // 8
        piece = bits.data[at : at + goal - len(out)]
        if not piece:
            raise Malformed("LZX stream ends early")
        out += piece
        bits.seek(at + len(piece))

    def _block(self, out: bytearray, goal: int) -> None:
        main, lengths, low = self._codes
        bits, offsets = self._bits, self._offsets
        while (symbol := bits.literals(main, out, goal, NO_END)) >= 0:
            slot, length = symbol - LITERALS >> 3, (symbol & 7) + SHORTEST
            if length == 7 + SHORTEST:
                length += bits.symbol(lengths)
            if slot < 3:
                distance = offsets[slot]
                offsets[slot] = offsets[0]
                offsets[0] = distance
            else:
                extra = EXTRA[slot]
                distance = BASES[slot] - 2
                if extra < 3 or self._kind == VERBATIM:
                    distance += bits.take(extra)
                else:
                    distance += (bits.take(extra - 3) << 3) + bits.symbol(low)
                offsets[2], offsets[1], offsets[0] = offsets[1], offsets[0], distance
            repeat(out, distance, length, WHAT)


def undo_calls(out: bytearray, start: int, end: int, program: int) -> None:
    """Make the targets of calls in a frame relative again; those of a program of this size were absolute."""
    at, last = start, end - SPARED
    while (at := out.find(CALL, at, last)) >= 0:
        target = int.from_bytes(out[at + 1 : at + 5], "little", signed=True)
        if -at <= target < program:
            target = target - at if target >= 0 else target + program
            out[at + 1 : at + 5] = (target & 0xFFFFFFFF).to_bytes(4, "little")
        at += 5


def unpack(data: bytes, window: int, size: int) -> tuple[bytes, FormatError | None]:
    """Return up to `size` bytes of a stream with a window of so many bits, and what kept it from more."""
    if window not in WINDOWS:
        raise Malformed("LZX with an impossible window")
    return Unpacker(data, window).unpack(size)
