"""Hermes bytecode: the string table of a React Native bundle that was compiled ahead.

Format: facebook/hermes `BytecodeFileFormat.h`, versions 59 (the first release) to 99; their headers begin alike, the
records of functions have 16 bytes, from version 97 on 12. Which of the two is told by the string kinds behind them,
whose counts add up to the number of strings.
Limits: instructions are not decoded, so which function loads a string is not known; delta bundles are not read.
"""

from struct import Struct, iter_unpack
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

MAGIC: Final = b"\xc6\x1f\xbc\x03\xc1\x03\x19\x1f"
HEADER: Final = Struct("<8sI20s8I")
HEADER_SIZE: Final = 128
FUNCTION_SIZES: Final = (16, 12)
OLDEST: Final = 59
OVERFLOW: Final = 0xFF
MOST_STRINGS: Final = 4_000_000


def parse_hermes(data: Reader) -> Image:
    """Return one member: all strings as UTF-8 text, one a line, in the order of the table."""
    if data.size < HEADER_SIZE or not data.startswith(MAGIC):
        raise NotThisFormat("no Hermes bytecode")
    _, version, _, size, _, functions, kinds, identifiers, strings, overflows, storage = data.unpack_at(0, HEADER)
    if version < OLDEST:
        raise Unsupported(f"Hermes bytecode version {version}")
    if not HEADER_SIZE <= size <= data.size:
        raise Malformed(f"Hermes bytecode of {size} bytes, {data.size} there")
    if strings > min(MOST_STRINGS, size // 4) or overflows > size // 8:
        raise Malformed(f"Hermes bytecode with {strings} strings")
    table = _after_kinds(data, functions, kinds, strings, size) + 4 * identifiers
    large = table + 4 * strings
    start = large + 8 * overflows
    if start + storage > size:
        raise Malformed("Hermes string storage runs over the end")

    def open_strings(limit: int) -> Reader:
        texts = data.view_at(start, storage)
        long_ones = data.view_at(large, 8 * overflows)
        return BufferReader(_lines(data.view_at(table, 4 * strings), long_ones, texts, limit))

    members = Member(f"v{version}/strings", open_strings, (Span(table, start + storage),), -1, format="constants")
    return Image(size, (members,), (Span(0, table),), {"bytecode": str(version), "strings": str(strings)})


def _after_kinds(data: Reader, functions: int, kinds: int, strings: int, size: int) -> int:
    """Return where the run lengths of string kinds end; they prove how long a function record is."""
    for width in FUNCTION_SIZES:
        start = HEADER_SIZE + functions * width
        end = start + 4 * kinds
        if end <= size:
            runs = [run for (run,) in iter_unpack("<I", data.view_at(start, 4 * kinds))]
            if sum(run & 0x7FFFFFFF for run in runs) == strings or sum(run & 0x3FFFFFFF for run in runs) == strings:
                return end
    raise Malformed("Hermes string kinds do not add up")


def _lines(table: memoryview, long_ones: memoryview, texts: memoryview, limit: int) -> bytes:
    """Return every string and a line feed, as UTF-8; an entry that leaves the storage gives what is there of it."""
    import numpy as np

    entries = np.frombuffer(table, "<u4").astype(np.int64)
    wide, offsets, lengths = entries & 1, entries >> 1 & 0x7FFFFF, entries >> 24
    overflow = np.frombuffer(long_ones, "<u4").astype(np.int64).reshape(-1, 2)
    longer = np.nonzero(lengths == OVERFLOW)[0]
    places = overflow[np.minimum(offsets[longer], len(overflow) - 1)] if len(overflow) else np.zeros((len(longer), 2))
    places = np.where((offsets[longer] < len(overflow))[:, None], places, 0)
    offsets[longer], lengths[longer] = places[:, 0], places[:, 1]
    sizes = lengths << wide
    if int(np.minimum(sizes, len(texts)).sum()) + len(entries) > limit:
        raise LimitReached(f"Hermes strings of more than {limit} bytes")
    storage = bytes(texts)
    found = [storage[start:end] for start, end in zip(offsets.tolist(), (offsets + sizes).tolist(), strict=True)]
    for index in np.nonzero(wide)[0].tolist():
        found[index] = found[index].decode("utf-16-le", "replace").encode("utf-8", "replace")
    text = b"\n".join([*found, b""])
    if len(text) > limit:
        raise LimitReached(f"Hermes strings of more than {limit} bytes")
    return text
