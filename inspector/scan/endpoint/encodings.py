"""Text that is not plain ASCII: UTF-16, escaped, defanged and folded forms, decoded around one anchor, offsets kept.

Limits: a long run is decoded in parts, each around the first anchor that the one before it leaves over.
"""

import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from inspector.formats.reader import Reader
from inspector.scan.endpoint.candidates import BEFORE, Candidate, examine_text

RUN: Final = 1024
"""Bytes, or characters of UTF-16, that are decoded before an anchor."""
AHEAD: Final = 4 * RUN
"""As many behind it: a long run is decoded in few parts."""
_WIDE_RUN: Final = re.compile(rb"[\x20-\x7e](?:\0[\x20-\x7e])*")
"""Letters with zeros between them; the same from the front and from the back."""
_ESCAPES: Final = re.compile(rb"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|\\{1,2}([/.]|:(?=//))")
_ESCAPED_RUN: Final = re.compile(
    rb"(?:[A-Za-z0-9._~:?#@!$&+,;=-]|/|%[2-7][0-9A-Fa-f]|\\u00[2-7][0-9A-Fa-f]|\\x[2-7][0-9A-Fa-f]|\\{1,2}(?:[/.]|:(?=//)))+"
)


_PLAIN_SIGNS: Final = {b".": b".", b"dot": b".", b":": b":", b"://": b"://"}
_DEFANGED: Final = re.compile(rb"[\[({](?:\.|dot|:|://)[\])}]", re.IGNORECASE)
_DEFANGED_RUN: Final = re.compile(rb"(?:[A-Za-z0-9._~:/?#@!$&+,;=%-]|[\[({](?:\.|dot|:|://)[\])}])+", re.IGNORECASE)
_FOLDED: Final = re.compile(rb"\xe3\x80\x82|\xef\xbd[\xa1\x81-\x9a]|\xef\xbc[\x8d\x8e\x8f\x90-\x9a\xa1-\xba]")
"""Full stops, and fullwidth letters, digits, hyphen, slash and colon."""
_FOLDED_RUN: Final = re.compile(rb"(?:[A-Za-z0-9._~:/?#@!$&+,;=%-]|" + _FOLDED.pattern + rb")+")


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
    # The anchor ends on a letter or on the zero behind it, which at the end of a leaf is none of its bytes.
    at = min(end - low, len(piece)) - 1
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
    r"""Return the run around the anchor with `%2e`, `\u002e`, `\x2e`, `\/` … replaced; named by the first kind."""
    low, piece, match = _around(data, end, _ESCAPED_RUN)
    if match is None:
        return None
    # The letter of `\b`, `\n` or `%s` belongs to the sign before it.
    begin = match.start() + (piece[match.start() - 1 : match.start()] in (b"\\", b"%"))
    run = piece[begin : match.end()]
    text, offsets = _replaced(run, low + begin, _ESCAPES, _unescaped)
    first = _ESCAPES.search(run)
    cut = match.end() == len(piece) and low + len(piece) < data.size
    return Decoded(text, _name(first.group()) if first else "", offsets, cut)


def _replaced(
    run: bytes, origin: int, signs: re.Pattern[bytes], plain: Callable[[re.Match[bytes]], bytes]
) -> tuple[bytes, list[int]]:
    """Return `run` with each of `signs` as what it stands for, and where each byte of that begins; one offset more."""
    text = bytearray()
    offsets: list[int] = []
    at = 0
    for sign in signs.finditer(run):
        meant = plain(sign)
        text += run[at : sign.start()] + meant
        offsets += [*range(origin + at, origin + sign.start()), *[origin + sign.start()] * len(meant)]
        at = sign.end()
    text += run[at:]
    offsets += range(origin + at, origin + len(run) + 1)
    return bytes(text), offsets


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return escape.group(4) or bytes([int(escape.group(escape.lastindex or 1), 16)])


def decode_defanged(data: Reader, end: int) -> Decoded | None:
    """Return the run around the anchor with `[.]`, `(dot)`, `[:]//` as what they keep from being followed."""
    return _run_around(
        data, end, _DEFANGED_RUN, _DEFANGED, lambda sign: _PLAIN_SIGNS[sign.group()[1:-1].lower()], "defanged"
    )


def decode_folded(data: Reader, end: int) -> Decoded | None:
    """Return the run around the anchor as browsers fold host names: fullwidth forms, other full stops (UTS #46)."""
    return _run_around(data, end, _FOLDED_RUN, _FOLDED, _folded, "unicode-forms")


def _run_around(
    data: Reader,
    end: int,
    runs: re.Pattern[bytes],
    signs: re.Pattern[bytes],
    plain: Callable[[re.Match[bytes]], bytes],
    decoding: str,
) -> Decoded | None:
    low, piece, match = _around(data, end, runs)
    if match is None:
        return None
    text, offsets = _replaced(match.group(), low + match.start(), signs, plain)
    return Decoded(text, decoding, offsets, match.end() == len(piece) and low + len(piece) < data.size)


def _around(data: Reader, end: int, runs: re.Pattern[bytes]) -> tuple[int, bytes, re.Match[bytes] | None]:
    """Return the offset and bytes of a piece of the leaf, and the one of `runs` in it that the anchor's end touches."""
    low = max(0, end - RUN)
    piece = data.read_upto(low, end - low + AHEAD)
    match = next((m for m in runs.finditer(piece) if m.end() >= end - low), None)
    return low, piece, match if match and match.start() <= end - low else None


def _folded(sign: re.Match[bytes]) -> bytes:
    code = ord(sign.group().decode())
    return b"." if code in (0x3002, 0xFF0E, 0xFF61) else bytes([code - 0xFEE0])


def _name(escape: bytes) -> str:
    return "url-escapes" if escape[:1] == b"%" else "backslash-escapes"
