"""Python bytecode: where the texts among its constants begin and end.

Format: CPython `Python/marshal.c`: a type, whose high bit marks an object that is referred to again, the length in one
byte for short ASCII texts or in four for others, the text.
Limits: the objects around a text are not read: it counts where type and length fit what stands behind them.
"""

import re
from collections.abc import Iterator
from typing import Final

from inspector.formats.reader import Reader, Span

LARGEST: Final = 1 << 26
_HEAD: Final = re.compile(rb"[zZ\xfa\xda]([\x04-\xff])|[asutA\xe1\xf3\xf5\xf4\xc1](..[\x00-\x0f]\x00)", re.DOTALL)
_TEXT: Final = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]*")
_TYPES: Final = frozenset(b"0NFTS.iIfgylsutraAzZ(){[<>cx:")
"""What the object behind a text can begin with, the high bit left out."""


def texts(data: Reader) -> Iterator[Span]:
    """Yield the half-open ranges of texts in order, none that overlap; nothing of more than `LARGEST` bytes."""
    if data.size > LARGEST:
        return
    raw = bytes(data.all())
    at = 0
    while head := _HEAD.search(raw, at):
        at = head.start() + 1
        short, long = head.groups()
        start = head.end()
        end = start + int.from_bytes(short or long, "little")
        # The search ends at the first byte that is no text: a length that claims too much costs no more than that.
        run = _TEXT.match(raw, start, end)
        if run is None or run.end() != end or end - start < 4:
            continue
        if end < len(raw) and raw[end] & 0x7F in _TYPES:
            yield Span(start, end)
            at = end
