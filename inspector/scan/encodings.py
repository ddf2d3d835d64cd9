"""Text that is not plain ASCII: UTF-16 and escaped forms, decoded around one anchor, with offsets kept.

Limits: a long run is decoded in parts, each around the first anchor that the one before it leaves over.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from inspector.formats.reader import Reader
from inspector.scan.candidates import BEFORE, Candidate, examine_text

RUN: Final = 1024
"""Bytes, or characters of UTF-16, that are decoded before an anchor."""
AHEAD: Final = 4 * RUN
"""As many behind it: a long run is decoded in few parts."""
_WIDE_RUN: Final = re.compile(rb"[\x20-\x7e](?:\0[\x20-\x7e])*")
"""Letters with zeros between them; the same from the front and from the back."""
_ESCAPES: Final = re.compile(rb"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|\\{1,2}([/.])")
_ESCAPED_RUN: Final = re.compile(
    rb"(?:[A-Za-z0-9._~:?#@!$&+,;=-]|/|%[2-7][0-9A-Fa-f]|\\u00[2-7][0-9A-Fa-f]|\\x[2-7][0-9A-Fa-f]|\\{1,2}[/.])+"
)


class Decoded(NamedTuple):
    """A run of decoded text and, for each of its characters, where its bytes begin."""

    text: bytes
    decoding: str
    offsets: range | list[int]
    """Offset in the leaf of each character of `text`, and one more: the end of the run."""
    cut: bool = False
    """Whether the run goes on behind `text`."""

    @property
    def end(self) -> int:
        """Offset up to which the text says all: what begins there or behind it has an anchor of its own there."""
        return self.offsets[-1 - BEFORE] if self.cut and len(self.text) > BEFORE else self.offsets[-1]

    def candidates(self, behind: int, *, valued: bool, known: AbstractSet[str] = frozenset()) -> Iterator[Candidate]:
        """Yield what begins in the text at offset `behind` of the leaf or later, with offsets in the leaf."""
        offsets, last = self.offsets, self.end
        for found in examine_text(self.text, valued=valued, known=known):
            start = offsets[found.start]
            if behind <= start < last:
                yield found.moved_to(start, offsets[found.end])


def decode_wide(data: Reader, end: int) -> Decoded | None:
    """Return the run of UTF-16 text of ASCII characters around the anchor that ends at `end`.

    Byte order shows in the alignment: compilers and resources put UTF-16 at even offsets.
    """
    low = max(0, end - 2 * RUN)
    piece = data.read_upto(low, end - low + 2 * AHEAD)
    at = end - low - 1
    # The anchor ends on a letter or on the zero behind it.
    at -= piece[at] == 0
    ahead, back = _WIDE_RUN.match(piece, at), _WIDE_RUN.match(piece[at::-1])
    if ahead is None or back is None:
        return None
    first, last = at + 1 - back.end(), ahead.end() - 1
    text = piece[first : last + 1 : 2]
    if len(text) < 4:
        return None
    start = low + first
    big = start % 2 == 1
    origin = start - big
    cut = last + 3 >= len(piece) and low + len(piece) < data.size
    return Decoded(text, "utf-16be" if big else "utf-16le", range(origin, origin + 2 * len(text) + 1, 2), cut)


def decode_escaped(data: Reader, end: int) -> Decoded | None:
    r"""Return the run around the anchor with `%2e`, `\u002e`, `\x2e`, `\/`, `\.` replaced; named by the first kind."""
    low = max(0, end - RUN)
    piece = data.read_upto(low, end - low + AHEAD)
    match = next((m for m in _ESCAPED_RUN.finditer(piece) if m.end() >= end - low), None)
    if match is None or match.start() > end - low:
        return None
    # The letter of `\b`, `\n` or `%s` belongs to the sign before it.
    begin = match.start() + (piece[match.start() - 1 : match.start()] in (b"\\", b"%"))
    run = piece[begin : match.end()]
    text = bytearray()
    offsets: list[int] = []
    at = 0
    for escape in _ESCAPES.finditer(run):
        text += run[at : escape.start()]
        offsets += range(low + begin + at, low + begin + escape.start() + 1)
        sign = escape.group(4)
        text += sign or bytes([int(escape.group(escape.lastindex or 1), 16)])
        at = escape.end()
    text += run[at:]
    offsets += range(low + begin + at, low + match.end() + 1)
    first = _ESCAPES.search(run)
    cut = match.end() == len(piece) and low + len(piece) < data.size
    return Decoded(bytes(text), _name(first.group()) if first else "", offsets, cut)


def _name(escape: bytes) -> str:
    return "url-escapes" if escape[:1] == b"%" else "backslash-escapes"
