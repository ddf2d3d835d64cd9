"""The text around a hit, as a reader of the report wants to see it."""

from typing import Final

from inspector.formats.reader import Reader

AROUND: Final = 40
LONGEST: Final = 120
_LINES: Final = bytes(10 if code in (0, 13) else code for code in range(256))


def excerpt_at(data: Reader, start: int, end: int, decoding: str = "") -> str:
    """Return at most `LONGEST` characters around `[start, end)`: its own line or string, undecodable bytes replaced."""
    wide = decoding.startswith("utf-16")
    margin = AROUND * (2 if wide else 1)
    low = max(0, start - margin)
    low += (start - low) % 2 if wide else 0
    piece = data.read_upto(low, min(end, start + LONGEST * 2) + margin - low)
    if wide:
        text = piece[: len(piece) & ~1].decode(decoding, "replace")
        inside = (start - low) // 2
        return _own_line(text[:inside], text[inside:])
    head, tail = piece[: start - low], piece[start - low :]
    head = head[head.translate(_LINES).rfind(b"\n") + 1 :]
    stop = tail.translate(_LINES).find(b"\n", min(end - start, len(tail)))
    tail = tail if stop < 0 else tail[:stop]
    return (head + tail).decode("gb18030" if decoding == "gb18030" else "utf-8", "replace")[:LONGEST]


def _own_line(head: str, tail: str) -> str:
    for mark in "\x00\n\r":
        head = head.rpartition(mark)[2]
        tail = tail.partition(mark)[0]
    return (head + tail)[:LONGEST]
