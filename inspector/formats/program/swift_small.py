"""Short texts of Swift in A64 code: up to 15 bytes of UTF-8 stand in two registers, not in the constants.

Format: Swift `stdlib/public/core/StringObject.swift`: the low word has the first eight bytes, the high word the others
and, in its highest byte, E0 (F0 with other than ASCII) plus the length. Compilers build both with MOVZ and MOVK.
Limits: A64 alone. A word that the code builds far from the other one, or shares between two texts, is not put together
with it; where two words come into question, none is.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from inspector.formats.program.dex_code import numpy
from inspector.formats.reader import Reader

if TYPE_CHECKING:
    import numpy as np

    Words = np.ndarray[Any, Any]

SHORTEST: Final = 4
LONGEST: Final = 15
_HALF: Final = 8
_APART: Final = 4
"""Instructions between those that end the two words: each word takes up to four."""
_MOVE: Final = 0xFF800000
_MOVZ, _MOVK = 0xD2800000, 0xF2800000
_ADD, _SUB = 0x91000000, 0xD1000000
_CALL, _BL = 0xFC000000, 0x94000000
_CALL_REGISTER, _BLR = 0xFFFFF000, 0xD63F0000
_PAIR, _LDP = 0x3E400000, 0x28400000
_CALLER: Final = 18
WINDOW: Final = 1 << 22
_NEAR: Final = 10
"""Instructions on either side of the one that sets the length, within which the text is built."""


class SmallText(NamedTuple):
    """A text and the byte offset of the instruction that sets its length."""

    offset: int
    text: bytes


def small_texts(data: Reader, start: int, end: int, letter: bytes = b"") -> Iterator[SmallText]:
    """Yield the ASCII texts that the little-endian A64 code in `[start, end)` builds, in order.

    With `letter` only those near which an instruction sets this letter: far fewer are looked at.
    """
    np = numpy()
    for offset, view in data.slice(start, end).windows(8 * _NEAR, WINDOW):
        words = np.frombuffer(view[: len(view) // 4 * 4], "<u4")
        moves = (words & _MOVE == _MOVZ) | (words & _MOVE == _MOVK)
        lengths = (words >> 13 & 0xFF) - 0xE0
        sets = np.flatnonzero(moves & (words >> 21 & 3 == 3) & (lengths >= SHORTEST) & (lengths <= LONGEST))
        if letter:
            wanted = np.flatnonzero(moves & ((words >> 5 & 0xFF == letter[0]) | (words >> 13 & 0xFF == letter[0])))
            sets = sets[np.searchsorted(wanted, sets - _NEAR) < np.searchsorted(wanted, sets + _NEAR, side="right")]
        # What lies in two windows is told by the one that has all that stands around it.
        first, last = _NEAR if offset else 0, WINDOW // 4 + _NEAR
        for at in sets[(sets >= first) & (sets < last)].tolist():
            if text := text_of(words, at):
                yield SmallText(start + offset + 4 * at, text)


class _Word(NamedTuple):
    register: int
    value: int
    since: int
    until: int
    sets: bool


def text_of(words: "Words", at: int) -> bytes:
    """Return the text whose length the instruction `at` sets, empty where it cannot be told."""
    held = list(_words(words, max(0, at - _NEAR), min(len(words), at + _NEAR + 1), at))
    upper = next((word for word in held if word.sets), None)
    length = (upper.value >> 56) - 0xE0 if upper else 0
    if upper is None or not SHORTEST <= length <= LONGEST:
        return b""
    behind = (upper.value & (1 << 56) - 1).to_bytes(7, "little")
    rest = behind[: max(length - _HALF, 0)]
    if any(behind[len(rest) :]):
        return b""
    texts = {
        text + rest
        for word in held
        if word.since < upper.until and upper.since < word.until and abs(word.since - at) <= _APART
        if abs(word.register - upper.register) == 1  # as arguments, pairs that are stored, and nearly all others are
        if (text := _first(word.value, min(length, _HALF))) and _plain(text + rest)
    }
    return texts.pop() if len(texts) == 1 else b""


def _words(words: "Words", low: int, high: int, at: int) -> Iterator[_Word]:
    """Yield what registers hold that MOVZ and MOVK set in `[low, high)`, from the last MOVK on, until it is gone.

    An instruction that names the register first writes it, or has done with it: loads, moves, stores. A call may
    change the registers up to 18. From one word another may be made by adding a number; then the first is none itself.
    `sets` marks the word whose length the instruction `at` sets.
    """
    held: dict[int, _Word] = {}
    bases: set[int] = set()
    for index in range(low, high):
        word = int(words[index])
        target, shift, value = word & 31, 16 * (word >> 21 & 3), word >> 5 & 0xFFFF
        if word & _MOVE == _MOVK:
            if target in held:
                old = held[target]
                made = old.value & ~(0xFFFF << shift) | value << shift
                held[target] = _Word(target, made, index, high, sets=old.sets or index == at)
            continue
        base = held.get(word >> 5 & 31) if word & _MOVE in (_ADD, _SUB) else None
        if base is not None:
            bases.add(base.register)
        for number in _changed(word):
            if number in held and number not in bases:
                yield held[number]._replace(until=index)
            held.pop(number, None)
            bases.discard(number)
        if word & _MOVE == _MOVZ:
            held[target] = _Word(target, value << shift, index, high, sets=index == at)
        elif base is not None:
            number = (word >> 10 & 0xFFF) << (12 if word >> 22 & 1 else 0)
            made = base.value + (number if word & _MOVE == _ADD else -number) & (1 << 64) - 1
            held[target] = _Word(target, made, index, high, sets=base.sets)
    yield from (word for number, word in held.items() if number not in bases)


def _changed(word: int) -> Sequence[int]:
    """Return the registers whose words are gone behind an instruction."""
    if word & _CALL == _BL or word & _CALL_REGISTER == _BLR:
        return range(_CALLER + 1)
    return (word & 31, word >> 10 & 31) if word & _PAIR == _LDP else (word & 31,)


def _first(value: int, length: int) -> bytes:
    raw = value.to_bytes(8, "little")
    return raw[:length] if all(raw[:length]) and not any(raw[length:]) else b""


def _plain(text: bytes) -> bool:
    return all(0x20 <= code < 0x7F for code in text)
