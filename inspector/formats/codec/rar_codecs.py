"""What RAR packs with: the codecs of RAR 5 to 7, of RAR 3 and 4 ("2.9") and of RAR 2, decoding only.

Format: as the free readers describe it, libarchive above all; no document of the author's covers it. Both are Huffman
codes over an LZ77 window, four codes at a time, with filters for programs and tables laid over ranges of the output.
Limits: programs of the filter machine that are not among the usual ones are named, not run. In Python: two or three
megabytes per second, a tenth of that in sound and in blocks of PPMd.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from zlib import crc32

from inspector.errors import FormatError, Malformed, Unsupported
from inspector.formats.codec.ppmd import ModelH
from inspector.formats.codec.prefixcode import Code, HighBits, code_of, repeat
from inspector.formats.codec.rar_media import Filter, Sound, undo_itanium, undo_picture, undo_sound

WHAT: Final = "RAR"
MOST_COVERED: Final = 5 << 20
WINDOW: Final = 1 << 26
"""Bytes of earlier files a solid archive may refer back to; more is kept where the archive says so."""


class Bits(HighBits):
    """Bits of packed bytes."""

    WHAT, REFILL, SPARED = WHAT, 32, 32

    @property
    def data(self) -> bytes:
        """The packed bytes."""
        return self._data

    def align(self) -> None:
        """Skip to the start of the next byte."""
        self._count -= self._count % 8


@dataclass(frozen=True, slots=True)
class Range:
    """A filter and where it lies, counted in bytes from the start of the file."""

    start: int
    size: int
    undo: Filter


class Unpacker(ABC):
    """Decodes the files of one archive, or of one solid run of it, in their order."""

    def __init__(self, window: int = 0) -> None:
        self._window = max(window, WINDOW)
        self._out = bytearray()
        self._start = 0
        """Where the file being decoded starts in `_out`."""
        self._filters: list[Range] = []
        self._size = 0
        self._covered = 0
        """Bytes that all filters of the file lie over, together."""
        self._offsets = [0] * 4
        self._last_length = 0

    def unpack(self, packed: bytes, size: int, *, solid: bool) -> tuple[bytes, FormatError | None]:
        """Return up to `size` bytes and what kept it from more; `solid` builds on the files before."""
        if not solid:
            self._forget()
        if len(self._out) > 2 * self._window:
            del self._out[: -self._window]
        self._start = len(self._out)
        self._filters = []
        self._size, self._covered = size, 0
        problem: FormatError | None = None
        try:
            self._decode(packed, self._start + size)
        except FormatError as exc:
            problem = exc.bare()
        content = self._out[self._start : self._start + size]
        if problem is None and len(content) < size:
            problem = Malformed(f"{len(content)} bytes of {size} unpacked")
        return self._filtered(content), problem

    def _forget(self) -> None:
        self._out.clear()
        self._offsets = [0] * 4
        self._last_length = 0

    @abstractmethod
    def _decode(self, packed: bytes, goal: int) -> None:
        """Append to `_out` until it holds `goal` bytes."""

    def lay(self, start: int, size: int, undo: Filter) -> None:
        """Note a filter over a range of the file; raises `Malformed` where filters cover one another on and on."""
        self._covered += size
        if self._covered > MOST_COVERED + 4 * self._size:
            raise Malformed("RAR filters cover one another")
        self._filters.append(Range(start, size, undo))

    def _filtered(self, content: bytearray) -> bytes:
        for laid in self._filters:
            end = laid.start + laid.size
            if end <= len(content):
                content[laid.start : end] = laid.undo(content[laid.start : end], laid.start)
        return bytes(content)

    def _copy(self, distance: int, length: int) -> None:
        repeat(self._out, distance, length, WHAT)


# ---------------------------------------------------------------- Filters

CALL: Final = re.compile(b"\xe8", re.DOTALL)
CALL_OR_JUMP: Final = re.compile(b"[\xe8\xe9]", re.DOTALL)
FIELD: Final = 1 << 24
SIGN: Final = 1 << 31


def undo_delta(channels: int) -> Filter:
    """Return the filter of tables: each of so many interleaved channels stands apart, as differences."""

    def undo(data: bytearray, _: int) -> bytearray:
        out, at = bytearray(len(data)), 0
        for channel in range(channels):
            value = 0
            for place in range(channel, len(data), channels):
                value = value - data[at] & 0xFF
                out[place] = value
                at += 1
        return out

    return undo


def undo_calls(opcodes: re.Pattern[bytes], wrap: int) -> Filter:
    """Return the filter of x86 programs: targets of calls are absolute, where they stand is counted modulo `wrap`."""

    def undo(data: bytearray, start: int) -> bytearray:
        at, end = 0, len(data) - 4
        while (hit := opcodes.search(data, at, max(end, 0))) is not None:
            at = hit.start() + 1
            place = (at + start) % wrap
            target = int.from_bytes(data[at : at + 4], "little")
            if target & SIGN:
                if not target + place & SIGN:
                    data[at : at + 4] = (target + FIELD & 0xFFFFFFFF).to_bytes(4, "little")
            elif target < FIELD:
                data[at : at + 4] = (target - place & 0xFFFFFFFF).to_bytes(4, "little")
            at += 4
        return data

    return undo


def undo_arm(data: bytearray, start: int) -> bytearray:
    """Undo the filter of ARM programs: the targets of `bl` are absolute."""
    for at in range(0, len(data) - 3, 4):
        if data[at + 3] == 0xEB:
            target = int.from_bytes(data[at : at + 3], "little") - (start + at) // 4
            data[at : at + 3] = (target & 0xFFFFFF).to_bytes(3, "little")
    return data


# ---------------------------------------------------------------- RAR 5 to 7

MAIN5, DISTANCES5, DISTANCES7, LOW5, REPEATS5 = 306, 64, 80, 16, 44
PRECODE: Final = 20
ESCAPE: Final = 15
LAST_BLOCK, HAS_TABLES = 0x40, 0x80
CHECK: Final = 0x5A
DELTA5, X86_5, X86_JUMPS5, ARM5 = range(4)
MAX_FILTER: Final = 1 << 22


def _precode(bits: Bits) -> Code:
    """Return the code of the code lengths, which both formats write alike."""
    lengths: list[int] = []
    while len(lengths) < PRECODE:
        length = bits.take(4)
        zeros = bits.take(4) if length == ESCAPE else 0
        lengths += [0] * (zeros + 2) if zeros else [length]
    return code_of(lengths[:PRECODE], WHAT)


def _lengths(bits: Bits, count: int, before: Sequence[int]) -> list[int]:
    """Return `count` code lengths, each told as what is to be added to that in `before`, or as a run."""
    code, lengths = _precode(bits), list[int]()
    while len(lengths) < count:
        symbol = bits.symbol(code)
        if symbol < 16:
            lengths.append(symbol + before[len(lengths)] & 15)
            continue
        run = bits.take(7) + 11 if symbol & 1 else bits.take(3) + 3
        if symbol < 18 and not lengths:
            raise Malformed("RAR code lengths repeat nothing")
        lengths += [lengths[-1] if symbol < 18 else 0] * run
    return lengths[:count]


class Unpacker5(Unpacker):
    """RAR 5; `large` for RAR 7, whose windows have longer distances."""

    def __init__(self, window: int = 0, *, large: bool = False) -> None:
        super().__init__(window)
        self._sizes = (MAIN5, DISTANCES7 if large else DISTANCES5, LOW5, REPEATS5)
        self._codes: list[Code] = []

    def _forget(self) -> None:
        super()._forget()
        self._codes = []

    def _decode(self, packed: bytes, goal: int) -> None:
        at, last = 0, False
        while not last and len(self._out) < goal:
            flags, check = packed[at : at + 2].ljust(2, b"\0")
            raw = packed[at + 2 : at + 3 + (flags >> 3 & 3)]
            for byte in (flags, *raw):
                check ^= byte
            if check != CHECK or not 1 <= len(raw) <= 3:
                raise Malformed("checksum of a RAR block differs")
            at += 2 + len(raw)
            bits, size = Bits(packed, at), int.from_bytes(raw, "little")
            at += size
            if flags & HAS_TABLES:
                lengths = _lengths(bits, sum(self._sizes), bytes(sum(self._sizes)))
                ends = [sum(self._sizes[: index + 1]) for index in range(4)]
                self._codes = [code_of(lengths[end - n : end], WHAT) for end, n in zip(ends, self._sizes, strict=True)]
            if not self._codes:
                raise Malformed("RAR block without codes")
            self._block(bits, at * 8 - 7 + (flags & 7), goal)
            if at > len(packed):
                raise Malformed("RAR stream ends early")
            last = bool(flags & LAST_BLOCK)

    def _block(self, bits: Bits, end: int, goal: int) -> None:
        main, distances, low, repeats = self._codes
        out, offsets = self._out, self._offsets
        symbol_of, literals = bits.symbol, bits.literals
        while (symbol := literals(main, out, goal, end)) >= 0:
            if symbol >= 262:
                length = _length5(bits, symbol - 262)
                distance = _distance5(bits, symbol_of(distances), low)
                length += (distance > 0x100) + (distance > 0x2000) + (distance > 0x40000)
                offsets.insert(0, distance)
                offsets.pop()
                self._last_length = length
                self._copy(distance, length)
            elif symbol >= 258:
                offsets.insert(0, offsets.pop(symbol - 258))
                self._last_length = _length5(bits, symbol_of(repeats))
                self._repeat()
            elif symbol == 257:
                self._repeat()
            else:
                self._add_filter(bits)

    def _repeat(self) -> None:
        if self._last_length and self._offsets[0]:
            self._copy(self._offsets[0], self._last_length)

    def _add_filter(self, bits: Bits) -> None:
        start, size = (_number5(bits) for _ in range(2))
        kind = bits.take(3)
        if size > MAX_FILTER:
            raise Malformed("RAR filter is too large")
        if kind == DELTA5:
            undo = undo_delta(bits.take(5) + 1)
        elif kind == ARM5:
            undo = undo_arm
        elif kind in (X86_5, X86_JUMPS5):
            undo = undo_calls(CALL if kind == X86_5 else CALL_OR_JUMP, FIELD)
        else:
            raise Unsupported(f"RAR 5 filter {kind}")
        self.lay(len(self._out) - self._start + start, size, undo)


def _length5(bits: Bits, slot: int) -> int:
    if slot < 8:
        return 2 + slot
    extra = slot // 4 - 1
    return 2 + ((4 | slot & 3) << extra) + bits.take(extra)


def _distance5(bits: Bits, slot: int, low: Code) -> int:
    if slot < 4:
        return 1 + slot
    extra = slot // 2 - 1
    base = 1 + ((2 | slot & 1) << extra)
    if extra < 4:
        return base + bits.take(extra)
    return base + (bits.take(extra - 4) << 4) + bits.symbol(low)


def _number5(bits: Bits) -> int:
    count = bits.take(2) + 1
    return int.from_bytes(bytes(bits.take(8) for _ in range(count)), "little")


# ---------------------------------------------------------------- RAR 3 and 4

MAIN3, DISTANCES3, LOW3, LENGTHS3 = SIZES3 = (299, 60, 17, 28)
LENGTH_BITS3: Final = (0,) * 8 + tuple(n for n in range(1, 6) for _ in range(4))
SHORT_BASES3: Final = (0, 4, 8, 16, 32, 64, 128, 192)
SHORT_BITS3: Final = (2, 2, 3, 4, 5, 6, 6, 6)
DISTANCE_BITS3: Final = (0, 0, *(n for n in range(17) for _ in range(2)), *(16,) * 12, *(18,) * 12)
REPEATED_LOW: Final = 16
NEW_MODEL, NEW_MARK = 0x20, 0x40
FIRST_MARK: Final = 2
MOST_MODELS: Final = 1000
NEXT_BLOCK, END_OF_FILE, FILTER, FAR, RUN = 0, 2, 3, 4, 5
"""What the symbol behind the mark means in a block of PPMd; any other one stands for the mark itself."""
USUAL: Final[dict[tuple[int, int], str]] = {
    (29, 0x0E06077D): "delta",
    (53, 0xAD576887): "calls",
    (57, 0x3CD7E57E): "calls and jumps",
    (120, 0x3769893F): "Itanium",
    (149, 0x1C2C5DC8): "pictures",
    (216, 0xBC85E701): "sound",
}
"""(length, CRC-32) of the programs that RAR lays over its output → what they are for."""
MAX_PROGRAMS, MOST_CHANNELS = 1024, 1024


def _bases(extra: Sequence[int]) -> tuple[int, ...]:
    bases = [0]
    for count in extra[:-1]:
        bases.append(bases[-1] + (1 << count))
    return tuple(bases)


LENGTH_BASES3: Final = _bases(LENGTH_BITS3)
DISTANCE_BASES3: Final = _bases(DISTANCE_BITS3)


class Unpacker3(Unpacker):
    """RAR 2.9 to 4."""

    def _forget(self) -> None:
        super()._forget()
        self._lengths = [0] * sum(SIZES3)
        self._codes: list[Code] = []
        self._low, self._low_repeats = 0, 0
        self._programs: list[str] = []
        self._spans: list[int] = []
        self._current = 0
        self._model: ModelH | None = None
        self._models = 0
        """Models begun in this file."""
        self._mark = FIRST_MARK

    def _decode(self, packed: bytes, goal: int) -> None:
        bits, goes_on = Bits(packed), True
        self._models = 0
        if self._model is not None:
            self._model.given = self._model.taken = 0
        if not self._codes:
            self._read_codes(bits)
        while goes_on:
            try:
                goes_on = self._lz(bits, len(packed) * 8, goal) if self._codes else self._text(bits, goal)
            except FormatError:
                if len(self._out) < goal:
                    raise
                return  # only what stands behind the file is damaged

    def _lz(self, bits: Bits, end: int, goal: int) -> bool:
        """Decode up to the next block of PPMd; False at the end of the file."""
        out, main = self._out, self._codes[0]
        while (symbol := bits.literals(main, out, goal + 1, end)) >= 0:  # past the goal stands the end mark
            if symbol >= 271:
                self._match(bits, symbol - 271)
            elif symbol == 256:
                if not bits.take(1):
                    if bits.take(1):
                        self._codes = []
                    return False
                self._read_codes(bits)
                if not self._codes:
                    return True
                main = self._codes[0]
            elif symbol == 257:
                self._add_filter(partial(bits.take, 8))
            else:
                self._again(bits, symbol)
        return False

    def _again(self, bits: Bits, symbol: int) -> None:
        """Copy from where one of the last four matches came from, or two bytes from close by."""
        if symbol >= 263:
            slot = symbol - 263
            self._new_match(SHORT_BASES3[slot] + 1 + bits.take(SHORT_BITS3[slot]), 2)
            return
        if symbol > 258:
            self._offsets.insert(0, self._offsets.pop(symbol - 259))
            slot = bits.symbol(self._codes[3])
            self._last_length = LENGTH_BASES3[slot] + 2 + bits.take(LENGTH_BITS3[slot])
        if self._last_length and self._offsets[0]:
            self._copy(self._offsets[0], self._last_length)

    def _read_codes(self, bits: Bits) -> None:
        bits.align()
        if bits.take(1):
            self._codes = []
            self._read_model(bits)
            return
        before = self._lengths if bits.take(1) else [0] * sum(SIZES3)
        self._low, self._low_repeats = 0, 0
        self._lengths = lengths = _lengths(bits, sum(SIZES3), before)
        ends = [sum(SIZES3[: index + 1]) for index in range(4)]
        self._codes = [code_of(lengths[end - count : end], WHAT) for end, count in zip(ends, SIZES3, strict=True)]

    def _read_model(self, bits: Bits) -> None:
        """Start a block of PPMd, with a new model or with that of the block before."""
        flags = bits.take(7)
        megabytes = bits.take(8) + 1 if flags & NEW_MODEL else 0
        if flags & NEW_MARK:
            self._mark = bits.take(8)
        if flags & NEW_MODEL:
            order = (flags & 31) + 1
            if order == 1:
                raise Malformed("RAR block of PPMd of order 1")
            self._new_model(order if order <= 16 else 16 + (order - 16) * 3, megabytes << 20)
        if self._model is None:
            raise Malformed("RAR block of PPMd without a model")
        self._model.feed(bits.data, bits.position // 8)

    def _new_model(self, order: int, size: int) -> None:
        """Start afresh; what may be decoded of a file stays what is left of it."""
        before, self._models = self._model, self._models + 1
        if self._models > MOST_MODELS:
            raise Unsupported("RAR file with too many blocks of PPMd")
        self._model = ModelH(order, size, carryless=True)
        if before is not None:
            self._model.given, self._model.taken = before.given, before.taken

    def _text(self, bits: Bits, goal: int) -> bool:
        """Decode a block of PPMd; False at the end of the file."""
        model, out = self._model, self._out
        if model is None:
            return False
        while model.decode(out, goal + 1, self._mark):  # past the goal stands the end mark
            what = self._symbol(model)
            if what == NEXT_BLOCK:
                bits.seek(model.position)
                self._read_codes(bits)
                return True
            if what == END_OF_FILE:
                return False
            if what == FILTER:
                self._add_filter(partial(self._symbol, model))
            elif what == FAR:
                distance = int.from_bytes(bytes(self._symbol(model) for _ in range(3)), "big") + 2
                self._copy(distance, self._symbol(model) + 32)
            elif what == RUN:
                self._copy(1, self._symbol(model) + 4)
            else:
                out.append(self._mark)
        return False

    def _symbol(self, model: ModelH) -> int:
        found = bytearray()
        model.decode(found, 1)
        if not found:
            raise Malformed("RAR block of PPMd ends early")
        return found[0]

    def _match(self, bits: Bits, slot: int) -> None:
        length = LENGTH_BASES3[slot] + 3 + bits.take(LENGTH_BITS3[slot])
        slot = bits.symbol(self._codes[1])
        extra, distance = DISTANCE_BITS3[slot], DISTANCE_BASES3[slot] + 1
        if slot > 9:
            distance += (bits.take(extra - 4) << 4) + self._low_bits(bits)
        else:
            distance += bits.take(extra)
        self._new_match(distance, length + (distance >= 0x2000) + (distance >= 0x40000))

    def _low_bits(self, bits: Bits) -> int:
        if self._low_repeats:
            self._low_repeats -= 1
            return self._low
        symbol = bits.symbol(self._codes[2])
        if symbol == REPEATED_LOW:
            self._low_repeats = 15
        else:
            self._low = symbol
        return self._low

    def _new_match(self, distance: int, length: int) -> None:
        self._offsets.insert(0, distance)
        self._offsets.pop()
        self._last_length = length
        self._copy(distance, length)

    # Filters: each names a program of RAR's own machine, by its bytes when it is new, by its number afterwards.

    def _add_filter(self, byte: Callable[[], int]) -> None:
        flags = byte()
        size = (flags & 7) + 1
        if size == 7:
            size = byte() + 7
        elif size == 8:
            size = byte() << 8 | byte()
        said = Bits(bytes(byte() for _ in range(size)))
        number = self._program(flags, said)
        start = len(self._out) - self._start + _number3(said) + (258 if flags & 0x40 else 0)
        known = number < len(self._programs)
        span = _number3(said) if flags & 0x20 else self._spans[number] if known else 0
        registers = [0] * 8
        if flags & 0x10:
            mask = said.take(7)
            for index in range(7):
                if mask >> index & 1:
                    registers[index] = _number3(said)
        if not known:
            code = bytes(said.take(8) for _ in range(min(_number3(said), 1 << 16)))
            self._programs.append(USUAL.get((len(code), crc32(code)), "another use"))
            self._spans.append(span)
        self._spans[number] = span
        self.lay(start, span, _usual_filter(self._programs[number], registers))

    def _program(self, flags: int, said: Bits) -> int:
        if flags & 0x80:
            number = _number3(said)
            if not number:
                self._programs, self._spans = [], []
            self._current = max(number - 1, 0)
        if self._current > min(len(self._programs), MAX_PROGRAMS):
            raise Malformed("RAR filter without a program")
        return self._current


def _usual_filter(kind: str, registers: Sequence[int]) -> Filter:
    first, second = registers[:2]
    if kind in ("delta", "sound") and 0 < first <= MOST_CHANNELS:
        return undo_delta(first) if kind == "delta" else undo_sound(first)
    if kind == "pictures" and first > 3:
        return undo_picture(first, second)
    if kind == "Itanium":
        return undo_itanium
    if kind in ("calls", "calls and jumps"):
        return undo_calls(CALL if kind == "calls" else CALL_OR_JUMP, 1 << 32)
    raise Unsupported(f"RAR filter for {kind}")


def _number3(bits: Bits) -> int:
    kind = bits.take(2)
    if kind == 1:
        value = bits.take(8)
        return value if value >= 16 else 0xFFFFFF00 | value << 4 | bits.take(4)
    return bits.take((4, 0, 16, 32)[kind])


# ---------------------------------------------------------------- RAR 2

MAIN2, DISTANCES2, REPEATS2 = SIZES2 = (298, 48, 28)
SOUND2: Final = 257
PRECODE2: Final = 19
NEW_CODES2: Final = 269
LEFT2: Final = 40
"""Bits that must be left behind the last byte of a file for more codes to stand there."""
MOST_SOUND_CODES: Final = 4
DISTANCE_BITS2: Final = (0, 0, *(n for n in range(16) for _ in range(2)), *(16,) * 14)
DISTANCE_BASES2: Final = _bases(DISTANCE_BITS2)
SOUND, KEEP = 0x8000, 0x4000
SOUND_STEPS, ADAPT_LAST = 4, 31


class Unpacker2(Unpacker):
    """RAR 2.0 to 2.8."""

    def _forget(self) -> None:
        super()._forget()
        self._lengths = [0] * SOUND2 * MOST_SOUND_CODES
        self._codes: list[Code] = []
        self._sounds = [Sound(SOUND_STEPS, 1) for _ in range(MOST_SOUND_CODES)]
        self._has_sound = False
        self._channel = self._beside = 0

    def _decode(self, packed: bytes, goal: int) -> None:
        bits, end = Bits(packed), len(packed) * 8
        if len(self._out) >= goal:
            return
        if not self._codes:
            self._read_codes(bits)
        while len(self._out) < goal:
            if self._sound(bits, goal) if self._has_sound else self._lz(bits, end, goal):
                self._read_codes(bits)
            elif len(self._out) < goal:
                return
        if end - bits.position >= LEFT2:  # codes for the next file
            code, mark = (self._codes[self._channel], 256) if self._has_sound else (self._codes[0], NEW_CODES2)
            if bits.symbol(code) == mark:
                self._read_codes(bits)

    def _read_codes(self, bits: Bits) -> None:
        self._has_sound = bool(bits.take(1))
        if not bits.take(1):
            self._lengths = [0] * SOUND2 * MOST_SOUND_CODES
        sizes = (SOUND2,) * (bits.take(2) + 1) if self._has_sound else SIZES2
        if self._channel >= len(sizes):
            self._channel = 0
        before = self._lengths
        lengths = _lengths2(bits, sum(sizes), before)
        self._lengths = lengths + before[len(lengths) :]
        ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
        self._codes = [code_of(lengths[end - count : end], WHAT) for end, count in zip(ends, sizes, strict=True)]

    def _sound(self, bits: Bits, goal: int) -> bool:
        """Decode sound up to `goal` bytes; True where other codes follow."""
        out, codes, sounds = self._out, self._codes, self._sounds
        while len(out) < goal:
            packed = bits.symbol(codes[self._channel])
            if packed == 256:
                return True
            sound = sounds[self._channel]
            out.append(sound.next(packed, [self._beside], ADAPT_LAST))
            self._beside = sound.delta
            self._channel = (self._channel + 1) % len(codes)
        return False

    def _lz(self, bits: Bits, end: int, goal: int) -> bool:
        """Decode the rest up to `goal` bytes; True where other codes follow."""
        main, out = self._codes[0], self._out
        while (symbol := bits.literals(main, out, goal, end)) >= 0:
            if symbol == NEW_CODES2:
                return True
            if symbol > 269:
                slot = symbol - 270
                length = LENGTH_BASES3[slot] + 3 + bits.take(LENGTH_BITS3[slot])
                slot = bits.symbol(self._codes[1])
                distance = DISTANCE_BASES2[slot] + 1 + bits.take(DISTANCE_BITS2[slot])
                self._match(distance, length + (distance >= 0x2000) + (distance >= 0x40000))
            elif symbol > 260:
                slot = symbol - 261
                self._match(SHORT_BASES3[slot] + 1 + bits.take(SHORT_BITS3[slot]), 2)
            elif symbol > 256:
                distance = self._offsets[symbol - 257]
                slot = bits.symbol(self._codes[2])
                length = LENGTH_BASES3[slot] + 2 + bits.take(LENGTH_BITS3[slot])
                self._match(distance, length + (distance > 0x100) + (distance >= 0x2000) + (distance >= 0x40000))
            else:
                self._match(self._offsets[0], self._last_length)
        return False

    def _match(self, distance: int, length: int) -> None:
        if distance < 1:
            raise Malformed("RAR match before any other")
        self._offsets.insert(0, distance)
        self._offsets.pop()
        self._last_length = length
        self._copy(distance, length)


def _lengths2(bits: Bits, count: int, before: Sequence[int]) -> list[int]:
    """Return `count` code lengths, each told as what is to be added to that in `before`, or as a run."""
    code, lengths = code_of([bits.take(4) for _ in range(PRECODE2)], WHAT), list[int]()
    while len(lengths) < count:
        symbol = bits.symbol(code)
        if symbol < 16:
            lengths.append(symbol + before[len(lengths)] & 15)
        elif symbol > 16:
            lengths += [0] * (bits.take(3) + 3 if symbol == 17 else bits.take(7) + 11)
        elif lengths:
            lengths += [lengths[-1]] * (bits.take(2) + 3)
        else:
            raise Malformed("RAR code lengths repeat nothing")
    return lengths[:count]
