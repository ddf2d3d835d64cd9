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
    """Return one member: the strings as UTF-8, one a line, in the order of the snapshot."""
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
    places = _strings(view, wide=wide)
    if not places:
        raise NotThisFormat("Dart snapshot without strings in its image")
    extents = tuple(_runs((start + at, start + at + size) for at, size, _ in places))

    def open_strings(limit: int) -> Reader:
        return BufferReader(_lines(view, places, limit))

    member = Member("strings", open_strings, extents, -1, format="constants")
    facts = {"snapshot": version.decode("ascii"), "features": features, "strings": str(len(places))}
    return Image(extents[-1].end, (member,), (Span(0, extents[0].start),), facts)


def _strings(view: memoryview, *, wide: bool) -> list[tuple[int, int, bool]]:
    """Return (offset of the characters, bytes, whether of two bytes each), in order."""
    import numpy as np

    align, head = _WORD[wide]
    words = np.frombuffer(view, "<u4", len(view) // align * (align // 4)).reshape(-1, align // 4)
    if len(words) < 2:
        return []
    tags = words[:, 0]
    # A small integer is shifted by one. On 64 bits the upper half of the length is empty; on 32 bits it is the hash's.
    raw = words[:, 2] if wide else words[:, 1]
    counts = (raw >> 1).astype(np.int64)
    room = len(view) - head - np.arange(len(words)) * align
    likely = (raw & 1 == 0) & (raw > 0) & (counts <= np.minimum(room, LONGEST))
    if wide:
        likely &= words[:, 3] == 0
    chosen = [_of_format(tags, counts, likely, bits, shift, align, head) for bits, shift in _TAGS]
    narrow, double = max(chosen, key=lambda found: len(found[0]))
    found = [(int(i) * align + head, int(counts[i]), False) for i in narrow]
    found += [(int(i) * align + head, int(counts[i]) * 2, True) for i in double if 2 * counts[i] <= room[i]]
    return sorted(found)


def _of_format(
    tags: "Numbers", counts: "Numbers", likely: "Numbers", bits: int, shift: int, align: int, head: int
) -> tuple["Numbers", "Numbers"]:
    """Return the rows that are strings of one byte and of two bytes a character, by one way to read the tags."""
    import numpy as np

    sizes, classes = tags >> 8 & ((1 << bits) - 1), tags >> shift

    def fits(width: int) -> "Numbers":
        needed = (head + counts * width + align - 1) // align
        fitting: Numbers = likely & ((sizes == needed) | ((sizes == 0) & (needed >= 1 << bits)))
        return fitting

    one, two = fits(1), fits(2)
    numbers, times = np.unique(classes[one & (sizes > 0)], return_counts=True)
    if not len(times) or times.max() < FEWEST:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    number = numbers[times.argmax()]
    return np.nonzero(one & (classes == number))[0], np.nonzero(two & (classes == number + 1))[0]


def _runs(places: Iterator[tuple[int, int]]) -> Iterator[Span]:
    """Yield the ranges of strings, those less than `NEAR` apart as one."""
    start, end = next(places)
    for low, high in places:
        if low - end > NEAR:
            yield Span(start, end)
            start, end = low, high
        end = max(end, high)
    yield Span(start, end)


def _lines(view: memoryview, places: list[tuple[int, int, bool]], limit: int) -> bytes:
    found: list[bytes] = []
    total = 0
    for at, size, double in places:
        raw = bytes(view[at : at + size])
        if double:
            raw = raw.decode("utf-16-le", "replace").encode("utf-8", "replace")
        elif not raw.isascii():
            raw = raw.decode("latin-1").encode("utf-8")
        total += len(raw) + 1
        if total > limit:
            raise LimitReached(f"Dart strings of more than {limit} bytes")
        found.append(raw)
    return b"\n".join([*found, b""])
