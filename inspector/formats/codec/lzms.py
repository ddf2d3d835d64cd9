"""LZMS, which Windows update images (ESD) are packed with: choices by range coder from the front, values from the back.

Format: no document of Microsoft's covers it; the facts are those that free readers found (wimlib, 7-Zip), checked
against images that wimlib packed. A match repeats bytes, or it is of a table: then it repeats differences.
Limits: decoded in Python, one or two megabytes per second.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from sys import byteorder
from typing import Final, TypeVar

from inspector.errors import FormatError, Malformed
from inspector.formats.codec.prefixcode import LENGTH_BITS, Code, HighBits, code_of, repeat

WHAT: Final = "LZMS"
LONGEST_CODE: Final = 15
REMEMBERED: Final = 64
"""Choices of a context that tell how likely a zero is."""
HISTORY: Final = (1 << REMEMBERED) - 1
NEW_HISTORY: Final = 0x55555555
"""What is taken for them at first: a quarter ones."""
WORD: Final = 0xFFFF
LITERALS, POWERS = 256, 8
OFTEN, SELDOM = 1024, 512
"""Symbols after which a code is made anew."""
RECENT: Final = 3
"""Offsets, and differences, that a match may take up again; the one of the match just before is not yet among them."""
NO_MATCH, REPETITION, TABLE = 0, 1, 2


def _slots(runs: Sequence[int], end: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the first number of each slot and how many bits tell one; `runs[n]` slots begin `1 << n` after another."""
    steps = [1 << order for order, count in enumerate(runs) for _ in range(count)]
    bases = tuple(accumulate(steps))
    return bases, tuple(step.bit_length() - 1 for step in (*steps[1:], end - bases[-1]))


OFFSETS, OFFSET_EXTRA = _slots(
    (9, 0, 9, 7, 10, 15, 15, 20, 20, 30, 33, 40, 42, 45, 60, 73, 80, 85, 95, 105, 6), 0x7FFFFFFF
)
LENGTHS, LENGTH_EXTRA = _slots((27, 4, 6, 4, 5, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1), 0x400108AB)


def code_lengths(counts: Sequence[int]) -> list[int]:
    """Return the lengths of a code for two symbols and more, each of which occurs so often, at least once.

    Huffman's; of the same weight single symbols are joined before joined ones. What would be longer than
    `LONGEST_CODE` takes the place of the longest ones that are not.
    """
    order = sorted(range(len(counts)), key=counts.__getitem__)
    per_length = [0, 2] + [0] * LONGEST_CODE
    depths = [0] * (len(order) - 1)
    parents = _joined([counts[symbol] for symbol in order])
    for node in range(len(order) - 3, -1, -1):
        length = depths[node] = depths[parents[node]] + 1
        if length >= LONGEST_CODE:
            length = LONGEST_CODE - 1
            while not per_length[length]:
                length -= 1
        per_length[length] -= 1
        per_length[length + 1] += 2
    lengths, at = [0] * len(counts), 0
    for length in range(LONGEST_CODE, 0, -1):
        for symbol in order[at : at + per_length[length]]:
            lengths[symbol] = length
        at += per_length[length]
    return lengths


def _joined(weights: Sequence[int]) -> list[int]:
    """Return for each pair that was joined, in that order, the number of the pair that it is in; for rising weights."""
    parents, joined = [0] * (len(weights) - 1), list[int]()
    leaf = node = 0
    for number in range(len(weights) - 1):
        total = 0
        for _ in range(2):
            if leaf < len(weights) and (node == number or weights[leaf] <= joined[node]):
                total += weights[leaf]
                leaf += 1
            else:
                total += joined[node]
                parents[node] = number
                node += 1
        joined.append(total)
    return parents


class _Model:
    """A code that follows what was told with it."""

    __slots__ = ("_every", "code", "counts", "left")

    def __init__(self, symbols: int, every: int) -> None:
        self.counts, self._every = [1] * symbols, every
        self.renew()

    def renew(self) -> None:
        """Make the code anew; what was counted so far counts half from now on."""
        self.code: Code = code_of(code_lengths(self.counts), WHAT)
        self.counts = [(count >> 1) + 1 for count in self.counts]
        self.left = self._every


class _Context:
    """Choices of one kind: the last 64 for each way the last few of them went."""

    __slots__ = ("histories", "mask", "state")

    def __init__(self, states: int) -> None:
        self.histories, self.mask, self.state = [NEW_HISTORY] * states, states - 1, 0


class _Choices:
    """What is told from the front: zeros and ones, by how often there was a zero of late."""

    def __init__(self, data: bytes) -> None:
        self.words = array("H", data)
        if byteorder == "big":
            self.words.byteswap()
        self.span, self.at = 0xFFFFFFFF, 2
        self.code = self.words[0] << 16 | self.words[1]

    def next(self, context: _Context) -> int:
        """Return the next choice."""
        state, span, code = context.state, self.span, self.code
        history = context.histories[state]
        if span <= WORD:
            if self.at >= len(self.words):
                raise Malformed("LZMS stream ends early")
            span <<= 16
            code = code << 16 | self.words[self.at]
            self.at += 1
        zeros = REMEMBERED - history.bit_count()
        bound = (span >> 6) * (zeros if 0 < zeros < REMEMBERED else 1 if not zeros else REMEMBERED - 1)
        if code < bound:
            self.span, self.code = bound, code
            context.histories[state] = history << 1 & HISTORY
            context.state = state << 1 & context.mask
            return 0
        self.span, self.code = span - bound, code - bound
        context.histories[state] = (history << 1 | 1) & HISTORY
        context.state = (state << 1 | 1) & context.mask
        return 1


class _Values(HighBits):
    """What is told from the back: words of 16 bits, the last one first, the highest bit of each first."""

    WHAT, REFILL, SPARED = WHAT, 32, 32

    def next(self, model: _Model) -> int:
        """Return the next symbol."""
        symbol = self.symbol(model.code)
        model.counts[symbol] += 1
        model.left -= 1
        if not model.left:
            model.renew()
        return symbol

    def bytes_until_match(self, model: _Model, choices: _Choices, context: _Context, out: bytearray, goal: int) -> bool:
        """Append bytes to `out` up to a match (True), or until it holds `goal` of them (False).

        The loop the time goes into: it does what `choices.next` and `next` do, and keeps their state to itself. Every
        bit leads to a symbol: a code of the model has no gaps.
        """
        span, code, at, words = choices.span, choices.code, choices.at, choices.words
        histories, mask, state = context.histories, context.mask, context.state
        hold, count, left, counts = self._hold, self._count, model.left, model.counts
        width, entries = model.code
        one = 0
        while len(out) < goal:
            if span <= WORD:
                if at >= len(words):
                    raise Malformed("LZMS stream ends early")
                span, code, at = span << 16, code << 16 | words[at], at + 1
            history = histories[state]
            zeros = REMEMBERED - history.bit_count()
            bound = (span >> 6) * (zeros if 0 < zeros < REMEMBERED else 1 if not zeros else REMEMBERED - 1)
            one = int(code >= bound)
            histories[state], state = (history << 1 | one) & HISTORY, (state << 1 | one) & mask
            if one:
                span, code = span - bound, code - bound
                break
            span = bound
            if count < width:
                self._hold, self._count = hold, count
                self._refill()
                hold, count = self._hold, self._count
            entry = entries[hold >> count - width & (1 << width) - 1]
            count -= entry & 31
            symbol = entry >> LENGTH_BITS
            out.append(symbol)
            counts[symbol] += 1
            left -= 1
            if not left:
                model.renew()
                left, counts = model.left, model.counts
                width, entries = model.code
        choices.span, choices.code, choices.at, context.state = span, code, at, state
        self._count, model.left = count, left
        return bool(one)

    def number(self, model: _Model, bases: Sequence[int], extra: Sequence[int]) -> int:
        """Return the next number: its slot, then what it is more than the first number there."""
        slot = self.next(model)
        return bases[slot] + self.take(extra[slot])


Kept = TypeVar("Kept")


class _Decoder:
    """Decodes one chunk."""

    def __init__(self, data: bytes, size: int) -> None:
        if len(data) < 4 or len(data) % 2 or size < 2:
            raise Malformed("LZMS chunk of an impossible size")
        self._choices, self._values = _Choices(data), _Values(data[::-1])
        slots = bisect_right(OFFSETS, size - 1)
        self._literals = _Model(LITERALS, OFTEN)
        self._offsets, self._lengths = _Model(max(slots, 2), OFTEN), _Model(len(LENGTHS), SELDOM)
        self._distances, self._powers = _Model(max(slots, 2), OFTEN), _Model(POWERS, SELDOM)
        self._is_match, self._is_table = _Context(16), _Context(32)
        self._is_old, self._which = _Context(64), (_Context(64), _Context(64))
        self._is_old_table, self._which_table = _Context(64), (_Context(64), _Context(64))
        self._recent = list(range(1, RECENT + 2))
        self._recent_tables = [(0, distance) for distance in range(1, RECENT + 2)]

    def run(self, out: bytearray, goal: int) -> None:
        """Append to `out` until it holds `goal` bytes."""
        choices, bytes_until_match = self._choices, self._values.bytes_until_match
        before, size = NO_MATCH, len(out)
        while bytes_until_match(self._literals, choices, self._is_match, out, goal):
            if len(out) > size:
                before = NO_MATCH
            if not choices.next(self._is_table):
                offset = self._offset(skip=before == REPETITION)
                repeat(out, offset, min(self._length(), goal - len(out)), WHAT)
                before = REPETITION
            else:
                power, distance = self._differences(skip=before == TABLE)
                _repeat_differences(out, 1 << power, distance << power, min(self._length(), goal - len(out)))
                before = TABLE
            size = len(out)

    def _length(self) -> int:
        return self._values.number(self._lengths, LENGTHS, LENGTH_EXTRA)

    def _offset(self, *, skip: bool) -> int:
        if self._choices.next(self._is_old):
            return self._again(self._recent, self._which, skip=skip)
        offset = self._values.number(self._offsets, OFFSETS, OFFSET_EXTRA)
        self._recent = [offset, *self._recent[:RECENT]]
        return offset

    def _differences(self, *, skip: bool) -> tuple[int, int]:
        if self._choices.next(self._is_old_table):
            return self._again(self._recent_tables, self._which_table, skip=skip)
        power = self._values.next(self._powers)
        distance = self._values.number(self._distances, OFFSETS, OFFSET_EXTRA)
        self._recent_tables = [(power, distance), *self._recent_tables[:RECENT]]
        return power, distance

    def _again(self, recent: list[Kept], which: Sequence[_Context], *, skip: bool) -> Kept:
        place = 0
        for context in which:
            if not self._choices.next(context):
                break
            place += 1
        kept = recent.pop(place + skip)
        recent.insert(0, kept)
        return kept


def _repeat_differences(out: bytearray, span: int, offset: int, length: int) -> None:
    """Append bytes that differ from those `span` before them as earlier ones did, `offset` back."""
    end = len(out)
    if offset + span > end:
        raise Malformed("LZMS match before the beginning")
    for at in range(end, end + length):
        out.append(out[at - span] + out[at - offset] - out[at - offset - span] & 0xFF)


def unpack(data: bytes, size: int, most: int | None = None) -> tuple[bytes, FormatError | None]:
    """Return the `size` bytes of one chunk, the first `most` of them, or those in front of damage, which is told."""
    out, problem = bytearray(), None
    try:
        _Decoder(data, size).run(out, size if most is None else min(size, most))
    except FormatError as error:
        problem = error.bare()
    undo_targets(out, size)
    return bytes(out), problem


# ---------------------------------------------------------------- Programs

# Instructions for x86 that refer to a place: a load, two of an address, a call, an addition, a call through a pointer.
# A jump is known too, but its target is left alone.
OPCODES: Final = re.compile(
    rb"\x48\x8b[\x05\x0d]|[\x48\x4c]\x8d[" + re.escape(bytes(range(5, 256, 8))) + rb"]|\xe8|\xe9|\xf0\x83\x05|\xff\x15",
    re.DOTALL,
)
CALL, JUMP = b"\xe8", b"\xe9"
JUMP_SIZE: Final = 5
SPARED: Final = 16
"""Bytes at the end of a chunk in which no instruction begins."""
SURE, SURE_OF_CALL = 1023, 511
"""Bytes behind an instruction that surely is one, up to which another is taken for one."""
CLOSE: Final = 0xFFFF
"""Bytes between two instructions that refer to the same place, up to which the second one surely is one."""


def undo_targets(out: bytearray, size: int) -> None:
    """Make the targets in programs relative again that the packer made absolute; `out` may be the start of a chunk."""
    sure, at, end = -SURE - 1, 1, min(size - SPARED, len(out) - 7)
    targets: dict[int, int] = {}
    while (found := OPCODES.search(out, at)) and found.start() < end:
        at, place, opcode = found.start(), found.end(), found[0]
        if opcode == JUMP:
            at += JUMP_SIZE
            continue
        found = None  # it holds on to the bytes that are to be changed
        if at - sure <= (SURE_OF_CALL if opcode == CALL else SURE):
            target = int.from_bytes(out[place : place + 4], "little") - at
            out[place : place + 4] = (target & 0xFFFFFFFF).to_bytes(4, "little")
        target = at + int.from_bytes(out[place : place + 2], "little") & 0xFFFF
        at = place + 4
        if at - 1 - targets.get(target, -CLOSE) <= CLOSE:
            sure = at - 1
        targets[target] = at - 1
