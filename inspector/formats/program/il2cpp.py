"""IL2CPP `global-metadata.dat`: names and string literals of a Unity game whose C# code was compiled to native code.

Format: Unity `il2cpp-metadata.h`, versions 16 to 110 (Unity 4.6 to 6): the header begins with the places of literals,
their text and the names; each has an offset and a size, from version 38 on a count as well. A literal has a length and
a start; after version 31 its start alone, and the start of the next one ends it. Tools do not agree on the version in
which the length went, so the table itself tells: starts alone never fall, lengths and starts in turn do.
Limits: which method loads a literal stands in native code only; encrypted files are not read.
"""

from itertools import pairwise
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.image import Image, stored
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

MAGIC: Final = b"\xaf\x1b\xb1\xfa"
HEADER: Final = Struct("<4sI6I")
COUNTED_HEADER: Final = Struct("<4sI9I")
COUNTED: Final = 38
"""The first version whose places have a count."""
VERSIONS: Final = range(16, 111)
NAME: Final = "global-metadata.dat"


def parse_il2cpp(data: Reader) -> Image:
    """Return the literals, one a line, the names (each ends in zero), and the tables around them as they are."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no IL2CPP metadata")
    version = data.unpack_at(4, Struct("<I"))[0]
    if version not in VERSIONS:
        raise Unsupported(f"IL2CPP metadata version {version}")
    header, width = (COUNTED_HEADER, 3) if version >= COUNTED else (HEADER, 2)
    _, _, *fields = data.unpack_at(0, header)
    table, text, names = (Span(fields[i], fields[i] + fields[i + 1]) for i in range(0, 3 * width, width))
    if any(span.start < header.size or span.end > data.size for span in (table, text, names)):
        raise Malformed("IL2CPP metadata with tables past its end")

    def open_literals(limit: int) -> Reader:
        return BufferReader(_lines(data, table, text, limit))

    literals = Member(f"v{version}/literals", open_literals, (table, text), format="constants")
    rest = _between(sorted((table, text, names)), header.size, data.size)
    members = (
        literals,
        stored(data, f"v{version}/names", names.start, names.end, hint="names"),
        *(stored(data, f"v{version}/tables@{span.start:#x}", span.start, span.end, hint="names") for span in rest),
    )
    return Image(data.size, members, (Span(0, header.size),), {"metadata": str(version)})


def _between(spans: list[Span], start: int, end: int) -> list[Span]:
    found, at = [], start
    for span in spans:
        if span.start > at:
            found.append(Span(at, span.start))
        at = max(at, span.end)
    return [*found, Span(at, end)] if at < end else found


def _lines(data: Reader, table: Span, text: Span, limit: int) -> bytes:
    texts = data.read_at(text.start, len(text))
    places = _places(data.view_at(table.start, len(table) // 4 * 4), len(text))
    if sum(end - start for start, end in places) + len(places) > limit:
        raise LimitReached(f"IL2CPP literals of more than {limit} bytes")
    return b"\n".join([*(texts[start:end] for start, end in places), b""])


def _places(table: memoryview, size: int) -> list[tuple[int, int]]:
    """Return where each literal begins and ends in a text of `size` bytes."""
    import numpy as np

    words = np.frombuffer(table, "<u4").astype(np.int64)
    if len(words) and (words[1:] >= words[:-1]).all() and words[-1] <= size:
        return list(pairwise([*words.tolist(), size]))
    pairs = words[: len(words) // 2 * 2].reshape(-1, 2)
    starts, ends = np.minimum(pairs[:, 1], size), np.minimum(pairs[:, 0] + pairs[:, 1], size)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
