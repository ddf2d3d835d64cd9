"""BCJ2, the filter for x86 programs in 7z: calls and jumps lie in streams of their own, a range coder tells which.

Format: LZMA SDK (public domain), Bcj2.c and DOC/Methods.txt.
"""

import re
from typing import Final

from inspector.errors import Malformed

STREAMS: Final = 4
BRANCH: Final = re.compile(b"[\xe8\xe9]|(?<=\x0f)[\x80-\x8f]")
CALL, JUMP, NEAR = 0xE8, 0xE9, 0x0F
BITS, SHIFT, TOP = 11, 5, 1 << 24
START_BYTES: Final = 5


class _Choice:
    """The range coder: one bit for each place that may be a branch."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, START_BYTES
        self._range, self._code = 0xFFFFFFFF, int.from_bytes(raw[1:START_BYTES], "big")
        self._odds = [1 << BITS - 1] * 258

    def bit(self, slot: int) -> bool:
        odds = self._odds[slot]
        bound = (self._range >> BITS) * odds
        taken = self._code >= bound
        if taken:
            self._range -= bound
            self._code -= bound
            self._odds[slot] = odds - (odds >> SHIFT)
        else:
            self._range = bound
            self._odds[slot] = odds + ((1 << BITS) - odds >> SHIFT)
        if self._range < TOP:
            following = self._raw[self._at] if self._at < len(self._raw) else 0
            self._at += 1
            self._range = self._range << 8 & 0xFFFFFFFF
            self._code = (self._code << 8 | following) & 0xFFFFFFFF
        return taken


def decode(main: bytes, calls: bytes, jumps: bytes, choices: bytes, size: int) -> bytes:
    """Return `size` bytes with the addresses of branches put back; raises `Malformed` where a stream is too short."""
    if len(choices) < START_BYTES:
        raise Malformed("BCJ2 without its choices")
    choice, out, at, last = _Choice(choices), bytearray(), 0, 0
    places = {CALL: 0, JUMP: 0}
    while len(out) < size and at < len(main):
        branch = _next_branch(main, at, last)
        if branch < 0 or len(out) + branch - at + 1 >= size:
            out += main[at : at + size - len(out)]
            break
        out += main[at : branch + 1]
        byte = main[branch]
        before = main[branch - 1] if branch > at else last
        at = branch + 1
        if not choice.bit(before if byte == CALL else 256 if byte == JUMP else 257):
            last = byte
            continue
        kind, stream = (CALL, calls) if byte == CALL else (JUMP, jumps)
        place = places[kind]
        if place + 4 > len(stream):
            raise Malformed("BCJ2 stream of addresses ends early")
        places[kind] = place + 4
        target = int.from_bytes(stream[place : place + 4], "big") - (len(out) + 4) & 0xFFFFFFFF
        out += target.to_bytes(4, "little")[: size - len(out)]
        last = target >> 24
    if len(out) < size:
        raise Malformed("BCJ2 main stream ends early")
    return bytes(out)


def _next_branch(main: bytes, at: int, last: int) -> int:
    """Return the next place that may be a branch; `last` is the decoded byte before `at`, which `main` may not hold."""
    first = main[at]
    if first in (CALL, JUMP) or (last == NEAR and first & 0xF0 == 0x80):
        return at
    # From the second byte on, the byte before is the one in the stream itself.
    found = BRANCH.search(main, at + 1)
    return found.start() if found else -1
