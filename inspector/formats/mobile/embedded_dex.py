r"""DEX files inside other files: OAT and VDEX of a device's cache, or appended to a library or a picture.

Format: source.android.com, "Dalvik executable format"; ART `vdex_file.h`, `oat.h`: both hold whole DEX files, in
layouts that differ by version. So the files are found by their validated headers, which all versions share.
Limits: in an optimised file the code may be quickened; its tables are whole. ODEX of Dalvik (`dey\n036`) holds one.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.layout import Contents, Member
from inspector.formats.program.dex import ENDIAN_CONSTANT, HEADER
from inspector.formats.reader import Reader, Span

VERSIONS: Final = tuple(b"dex\n%03d\0" % version for version in (35, 36, 37, 38, 39, 40, 41))
COMPACT: Final = b"cdex001\0"
ODEX: Final = b"dey\n036\0"
VDEX: Final = b"vdex"
ODEX_HEADER: Final = Struct("<8s8I")
CONTAINER_SIZE: Final = Struct("<I")
CONTAINER_END: Final = 0x78
MOST: Final = 1_000


def dex_span(data: Reader, offset: int) -> Span:
    """Return the extent of the DEX file whose header stands at `offset`.

    Raises `NotThisFormat` unless the header is consistent, `Malformed` where the file ends before the DEX does.
    """
    if offset + HEADER.size > data.size:
        raise NotThisFormat("too short for a DEX header")
    magic, _, _, *fields = data.unpack_at(offset, HEADER)
    size, header_size, endian = fields[:3]
    if magic not in (*VERSIONS, COMPACT) or endian != ENDIAN_CONSTANT or not HEADER.size <= header_size <= 256:
        raise NotThisFormat("no DEX header")
    if magic == VERSIONS[-1] and header_size >= CONTAINER_END and offset + CONTAINER_END <= data.size:
        (size,) = data.unpack_at(offset + HEADER.size, CONTAINER_SIZE)
    if size < header_size:
        raise NotThisFormat(f"DEX of {size} bytes")
    if offset + size > data.size:
        raise Malformed(f"DEX of {size} bytes, {data.size - offset} there")
    return Span(offset, offset + size)


def embedded(data: Reader) -> Iterator[Span]:
    """Yield the DEX files in a file, in order, none inside another; compact ones reach to the end of the file.

    Compact DEX of a container share one data section behind the last of them, so their own size is not enough.
    """
    at, found = 0, 0
    while found < MOST and (at := _next(data, at)) >= 0:
        try:
            span = dex_span(data, at)
        except (NotThisFormat, Malformed):
            at += 4
            continue
        found += 1
        yield Span(at, data.size) if data.startswith(COMPACT, at) else span
        at = span.end


def _next(data: Reader, start: int) -> int:
    plain, compact = data.find(b"dex\n0", start), data.find(COMPACT, start)
    return min((hit for hit in (plain, compact) if hit >= 0), default=-1)


def members(data: Reader) -> Contents:
    """Return the DEX files of a container as members named `classes.dex`, `classes2.dex` and so on."""
    spans = list(embedded(data))
    return Contents([_member(data, span, number) for number, span in enumerate(spans, 1)])


def _member(data: Reader, span: Span, number: int) -> Member:
    part = data.slice(span.start, span.end)
    name = f"classes{number if number > 1 else ''}.dex"
    return Member(name, open=lambda _limit: part, extents=(span,), size=len(span), format="dex")


def vdex_span(data: Reader, offset: int) -> Span:
    """Return the extent of a VDEX file: its sections, or the whole file where the version is older than sections."""
    if offset + 12 > data.size or not data.startswith(VDEX, offset):
        raise NotThisFormat("no VDEX header")
    version = data.read_at(offset + 4, 4)
    if not version[:3].isdigit() or version[3]:
        raise NotThisFormat("no VDEX version")
    if offset and not any(True for _ in embedded(data.slice(offset))):
        raise NotThisFormat("VDEX without DEX")
    return Span(offset, data.size)


def odex_span(data: Reader, offset: int) -> Span:
    """Return the extent of a Dalvik ODEX file: header, DEX, dependencies and optimised tables."""
    if offset + ODEX_HEADER.size > data.size or not data.startswith(ODEX, offset):
        raise NotThisFormat("no ODEX header")
    _, dex_at, dex_size, deps_at, deps_size, opt_at, opt_size, _, _ = data.unpack_at(offset, ODEX_HEADER)
    end = max(dex_at + dex_size, deps_at + deps_size, opt_at + opt_size)
    if dex_at < ODEX_HEADER.size or end > data.size - offset:
        raise Malformed(f"ODEX of {end} bytes, {data.size - offset} there")
    return Span(offset, offset + end)
