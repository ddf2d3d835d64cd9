"""IL2CPP `global-metadata.dat`: names and string literals of a Unity game whose C# code was compiled to native code.

Format: Unity `il2cpp-metadata.h`, versions 16 to 31 (Unity 4.6 to 2023): the header begins with pairs of offset and
size for literals, their text and the names.
Limits: which method loads a literal stands in native code only; newer versions and encrypted files are not read.
"""

from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.image import Image, stored
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

MAGIC: Final = b"\xaf\x1b\xb1\xfa"
HEADER: Final = Struct("<4sI6I")
VERSIONS: Final = range(16, 32)
NAME: Final = "global-metadata.dat"


def parse_il2cpp(data: Reader) -> Image:
    """Return the literals, one a line, the names (each ends in zero), and the tables around them as they are."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no IL2CPP metadata")
    _, version, *fields = data.unpack_at(0, HEADER)
    if version not in VERSIONS:
        raise Unsupported(f"IL2CPP metadata version {version}")
    table, text, names = (Span(fields[i], fields[i] + fields[i + 1]) for i in (0, 2, 4))
    if any(span.start < HEADER.size or span.end > data.size for span in (table, text, names)):
        raise Malformed("IL2CPP metadata with tables past its end")

    def open_literals(limit: int) -> Reader:
        return BufferReader(_lines(data, table, text, limit))

    literals = Member(f"v{version}/literals", open_literals, (table, text), format="constants")
    rest = _between(sorted((table, text, names)), data.size)
    members = (
        literals,
        stored(data, f"v{version}/names", names.start, names.end, hint="names"),
        *(stored(data, f"v{version}/tables@{span.start:#x}", span.start, span.end, hint="names") for span in rest),
    )
    return Image(data.size, members, (Span(0, HEADER.size),), {"metadata": str(version)})


def _between(spans: list[Span], end: int) -> list[Span]:
    found, at = [], HEADER.size
    for span in spans:
        if span.start > at:
            found.append(Span(at, span.start))
        at = max(at, span.end)
    return [*found, Span(at, end)] if at < end else found


def _lines(data: Reader, table: Span, text: Span, limit: int) -> bytes:
    import numpy as np

    entries = np.frombuffer(data.view_at(table.start, len(table) // 8 * 8), "<u4").astype(np.int64).reshape(-1, 2)
    sizes, starts = np.minimum(entries[:, 0], len(text)), entries[:, 1]
    if int(sizes.sum()) + len(sizes) > limit:
        raise LimitReached(f"IL2CPP literals of more than {limit} bytes")
    texts = data.read_at(text.start, len(text))
    found = [texts[start:end] for start, end in zip(starts.tolist(), (starts + sizes).tolist(), strict=True)]
    return b"\n".join([*found, b""])
