"""Dart snapshots, as Flutter apps carry them in `libapp.so` and `App.framework/App`: the constant strings of the app.

Format: Dart SDK `runtime/vm/snapshot.h` (header), `raw_object.h` (tags, string objects), `class_id.h`. Behind the
clustered part an AOT snapshot holds its strings as objects ready for use: tags, hash, length as a small integer,
characters, zeros up to the alignment. A string that fills its alignment touches the tags of the next object, whose
first byte can be a letter: read as plain bytes, such a host name ends in a letter too many.
Limits: class numbers change with every release, so the one of strings is told by counting: it is the most frequent
among records whose size in the tags agrees with their length. Objects of the clustered part (functions, classes) are
not read, so which function loads a string is not known; snapshots that keep strings in it are read as bytes only.
"""

import re
from collections.abc import Iterator
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

MAGIC: Final = b"\xf5\xf5\xdc\xdc"
HEADER: Final = Struct("<4sqq32s")
LARGEST: Final = 1 << 28
LONGEST: Final = 1 << 20
FEWEST: Final = 8
"""Strings below which a class number is no proof."""
NEAR: Final = 4096
_VERSION: Final = re.compile(rb"[0-9a-f]{32}\Z")
_TAGS: Final = ((4, 12), (8, 16))
"""Bits of the size in the tags, which begin at bit 8, and where the class number begins: since Dart 3, and before."""
_WORD: Final = {True: (16, 16), False: (8, 12)}
"""Whether words have 64 bits → alignment of objects, and offset of a string's characters."""


def parse_dart(data: Reader) -> Image:
    """Return one member: the strings as UTF-8, one a line; those of two bytes a character come after the others."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no Dart snapshot")
    _, length, kind, version = data.unpack_at(0, HEADER)
    if not _VERSION.match(version) or not 0 <= kind < 8 or not HEADER.size < length < data.size:
        raise NotThisFormat("no Dart snapshot")
    features = data.read_upto(HEADER.size, 1024).split(b"\0", 1)[0].decode("ascii", "replace")
    wide = "64" in features
    align, _ = _WORD[wide]
    start = -(-(length + len(MAGIC)) // align) * align
    following = data.find(MAGIC, start, min(data.size, start + LARGEST))
    view = data.view_at(start, (following if following > 0 else min(data.size, start + LARGEST)) - start)
    narrow, double = _strings(view, wide=wide)
    if not len(narrow):
        raise NotThisFormat("Dart snapshot without strings in its image")
    extents = tuple(_runs(start, narrow, double))

    def open_strings(limit: int) -> Reader:
        return BufferReader(_lines(bytes(view), narrow, double, limit))

    member = Member("strings", open_strings, extents, -1, format="constants")
    count = len(narrow) + len(double)
    facts = {"snapshot": version.decode("ascii"), "features": features, "strings": str(count)}
    return Image(extents[-1].end, (member,), (Span(0, extents[0].start),), facts)


def _strings(view: memoryview, *, wide: bool) -> tuple["Numbers", "Numbers"]:
    """Return rows of (start, end) of the characters of all strings of one byte a character, and of two, in order."""
    import numpy as np

    align, head = _WORD[wide]
    words = np.frombuffer(view, "<u4", len(view) // align * (align // 4)).reshape(-1, align // 4)
    # A small integer is shifted by one. On 64 bits the upper half of the length is empty.
    raw = words[:, 2 if wide else 1]
    likely = (raw & 1 == 0) & (raw - 1 < 2 * LONGEST)
    rows = np.nonzero(likely & (words[:, 3] == 0) if wide else likely)[0]
    tags, counts, starts = words[rows, 0], (raw[rows] >> 1).astype(np.int64), rows * align + head
    best: tuple[Numbers, Numbers] = (rows[:0], rows[:0])
    for bits, shift in _TAGS:
        found = _of_format(tags, counts, len(view) - starts, bits, shift, align, head)
        best = max(best, found, key=lambda pair: len(pair[0]))
    narrow, double = best
    return (
        np.stack((starts[narrow], starts[narrow] + counts[narrow]), axis=1),
        np.stack((starts[double], starts[double] + 2 * counts[double]), axis=1),
    )


def _of_format(
    tags: "Numbers", counts: "Numbers", room: "Numbers", bits: int, shift: int, align: int, head: int
) -> tuple["Numbers", "Numbers"]:
    """Return the rows that are strings of one byte and of two bytes a character, by one way to read the tags."""
    import numpy as np

    sizes, classes = (tags >> 8 & ((1 << bits) - 1)).astype(np.int64), tags >> shift

    def fits(width: int) -> "Numbers":
        needed = (head + counts * width + align - 1) // align
        fitting: Numbers = (counts * width <= room) & (sizes == np.where(needed < 1 << bits, needed, 0))
        return fitting

    one = fits(1)
    numbers, times = np.unique(classes[one], return_counts=True)
    if not len(times) or times.max() < FEWEST:
        return np.nonzero(one)[0][:0], np.nonzero(one)[0][:0]
    number = numbers[times.argmax()]
    return np.nonzero(one & (classes == number))[0], np.nonzero(fits(2) & (classes == number + 1))[0]


def _runs(base: int, narrow: "Numbers", double: "Numbers") -> Iterator[Span]:
    """Yield the ranges of strings, those less than `NEAR` apart as one; `base` is the image's place."""
    import numpy as np

    both = np.concatenate((narrow, double))
    both = both[both[:, 0].argsort(kind="stable")] + base
    ends = np.maximum.accumulate(both[:, 1])
    breaks = np.nonzero(both[1:, 0] - ends[:-1] > NEAR)[0]
    firsts, lasts = [0, *(breaks + 1).tolist()], [*breaks.tolist(), len(both) - 1]
    for first, last in zip(firsts, lasts, strict=True):
        yield Span(int(both[first, 0]), int(ends[last]))


def _lines(image: bytes, narrow: "Numbers", double: "Numbers", limit: int) -> bytes:
    total = sum(int((rows[:, 1] - rows[:, 0] + 1).sum()) for rows in (narrow, double))
    if total > limit:
        raise LimitReached(f"Dart strings of more than {limit} bytes")
    text = b"\n".join(_cut(image, narrow))
    if not text.isascii():
        text = text.decode("latin-1").encode("utf-8")
    if len(double):
        wide = b"\n\0".join(_cut(image, double))
        text += wide.decode("utf-16-le", "replace").encode("utf-8", "replace")
    if len(text) > limit:
        raise LimitReached(f"Dart strings of more than {limit} bytes")
    return text


def _cut(image: bytes, rows: "Numbers") -> list[bytes]:
    # Two lists of numbers cost a quarter of one list of pairs.
    pairs = zip(rows[:, 0].tolist(), rows[:, 1].tolist(), strict=True)
    return [*(image[start:end] for start, end in pairs), b""]
