"""Filters that RAR 3 and 4 lay over pictures, sound and programs for Itanium, and the prediction of sound in RAR 2.

Format: as the free readers describe it, libarchive above all.
"""

from collections.abc import Callable
from typing import Final

Filter = Callable[[bytearray, int], bytearray]
"""Undo a filter: takes what it was laid over and the offset of that in the file."""
ADAPT_EVERY: Final = 32
STEEPEST: Final = 16
BUNDLE: Final = 16
BRANCHES: Final = (4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0)
"""Template of an Itanium bundle, less 16 → which of its three slots may branch."""
SLOT_BITS, FIRST_SLOT, CODE_AT, TARGET_AT, TARGET_BITS = 41, 5, 37, 13, 20
BRANCH: Final = 5


def signed(byte: int) -> int:
    """Return a byte as a number from -128 to 127."""
    return (byte & 0xFF ^ 0x80) - 0x80


class Sound:
    """Predicts one channel from its last bytes; the weights follow whichever of them would have been right."""

    def __init__(self, own: int, beside: int = 0) -> None:
        self.byte = self.delta = 0
        self._deltas, self._weights = [0] * own, [0] * (own + beside)
        self._errors = [0] * (2 * (own + beside) + 1)
        self._count = 0

    def next(self, packed: int, beside: list[int], adapt_at: int) -> int:
        """Return the byte that a packed one stands for; `beside` is the last step of the channel before, if it counts.

        Weights are adapted with each byte whose number, modulo 32, is `adapt_at`.
        """
        deltas = self._deltas
        deltas[2:] = deltas[1:-1]
        deltas[1] = self.delta - deltas[0]
        deltas[0] = self.delta
        steps = [*deltas, *beside]
        predicted = 8 * self.byte + sum(weight * step for weight, step in zip(self._weights, steps, strict=True))
        byte = (predicted >> 3) - packed & 0xFF
        self.delta, self.byte = signed(byte - self.byte), byte
        miss, errors = signed(packed) << 3, self._errors
        errors[0] += abs(miss)
        for at, step in enumerate(steps):
            errors[2 * at + 1] += abs(miss - step)
            errors[2 * at + 2] += abs(miss + step)
        if self._count % ADAPT_EVERY == adapt_at:
            self._adapt()
        self._count += 1
        return byte

    def _adapt(self) -> None:
        best = self._errors.index(min(self._errors))
        self._errors = [0] * len(self._errors)
        at = best - 1 >> 1
        if best & 1 and self._weights[at] >= -STEEPEST:
            self._weights[at] -= 1
        elif best and not best & 1 and self._weights[at] < STEEPEST:
            self._weights[at] += 1


def undo_sound(channels: int) -> Filter:
    """Return the filter of sound with so many channels."""

    def undo(data: bytearray, _: int) -> bytearray:
        out, at = bytearray(len(data)), 0
        for channel in range(channels):
            sound = Sound(3)
            for place in range(channel, len(data), channels):
                out[place] = sound.next(data[at], [], 0)
                at += 1
        return out

    return undo


def undo_picture(width: int, red: int) -> Filter:
    """Return the filter of pictures with lines of `width` bytes, more than 3, whose first pixel begins at `red`."""

    def undo(data: bytearray, _: int) -> bytearray:
        out, at = bytearray(len(data)), 0
        for channel in range(3):
            before = 0
            for place in range(channel, len(data), 3):
                if place >= width:
                    before = _nearest(before, out[place - width + 3], out[place - width])
                before = before - data[at] & 0xFF
                out[place] = before
                at += 1
        for place in range(red, len(data) - 2, 3):
            green = out[place + 1]
            out[place] = out[place] + green & 0xFF
            out[place + 2] = out[place + 2] + green & 0xFF
        return out

    return undo


def _nearest(left: int, above: int, corner: int) -> int:
    """Return which of three neighbours is next to what they foretell together."""
    guess = left + above - corner
    far_left, far_above, far_corner = abs(guess - left), abs(guess - above), abs(guess - corner)
    if far_left <= far_above and far_left <= far_corner:
        return left
    return above if far_above <= far_corner else corner


def undo_itanium(data: bytearray, start: int) -> bytearray:
    """Undo the filter of Itanium programs: the targets of branches are absolute, in bundles."""
    for number, at in enumerate(range(0, len(data) - 21, BUNDLE), start // BUNDLE):
        template = (data[at] & 31) - 16
        slots = BRANCHES[template] if template >= 0 else 0
        if not slots:
            continue
        bundle = int.from_bytes(data[at : at + BUNDLE], "little")
        for slot in range(3):
            first = slot * SLOT_BITS + FIRST_SLOT
            if slots >> slot & 1 and bundle >> first + CODE_AT & 15 == BRANCH:
                target = bundle >> first + TARGET_AT & (1 << TARGET_BITS) - 1
                changed = target - number & (1 << TARGET_BITS) - 1
                bundle ^= (target ^ changed) << first + TARGET_AT
        data[at : at + BUNDLE] = bundle.to_bytes(BUNDLE, "little")
    return data
