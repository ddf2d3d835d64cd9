"""Hermes bytecode: the string table of a React Native bundle that was compiled ahead.

Format: facebook/hermes `BytecodeFileFormat.h`, versions 59 (the first release) to 98; their headers begin alike, the
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
        long_ones = list(iter_unpack("<2I", data.view_at(large, 8 * overflows)))
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


def _lines(table: memoryview, long_ones: list[tuple[int, int]], texts: memoryview, limit: int) -> bytes:
    found: list[bytes] = []
    total = 0
    for (entry,) in iter_unpack("<I", table):
        wide, offset, length = entry & 1, entry >> 1 & 0x7FFFFF, entry >> 24
        if length == OVERFLOW:
            offset, length = long_ones[offset] if offset < len(long_ones) else (0, 0)
        raw = bytes(texts[offset : offset + (2 * length if wide else length)])
        text = raw.decode("utf-16-le", "replace").encode("utf-8", "replace") if wide else raw
        total += len(text) + 1
        if total > limit:
            raise LimitReached(f"Hermes strings of more than {limit} bytes")
        found.append(text)
    return b"\n".join([*found, b""])
