"""ARJ archives: a header for the archive, then one in front of each file.

Format: ARJ TECHNICAL INFORMATION (technote.txt of Robert K. Jung's ARJ); `lzh` for what packs the contents.
Limits: no decryption. Each volume is read by itself: what it holds of a file is packed on its own.
"""

from binascii import crc32
from collections.abc import Iterator
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec import lzh
from inspector.formats.image import Image, slicer
from inspector.formats.layout import Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

MAGIC: Final = b"\x60\xea"
FIXED = Struct("<8B4x3I")
"""Size of this, two versions, system, flags, method, kind of file, a byte; stored size, size, CRC-32."""
SMALLEST, LARGEST = 30, 2600
GARBLED, GOES_ON, BEGAN_BEFORE = 0x01, 0x04, 0x08
STORED, FASTEST = 0, 4
PACKED: Final = range(1, 4)
POSITION_BITS: Final = 5
ARCHIVE, DIRECTORY, LABEL, CHAPTER = 2, 3, 4, 5
MOST_FILES: Final = 100_000


class _Header(NamedTuple):
    """One header, without magic and length."""

    span: Span
    """Up to the bytes of the file, with the magic."""
    fields: tuple[int, ...]
    name: bytes


def parse_arj(data: Reader) -> Image:
    """Return the files in order; the archive ends with an empty header, or with the last file that is there."""
    first = _header(data, 0)
    if first is None or first.fields[6] != ARCHIVE:
        raise NotThisFormat("no ARJ archive")
    members, structure, end, damage = list[Member](), [first.span], first.span.end, ""
    for header in _headers(data, end):
        structure.append(header.span)
        stored = header.fields[8]
        body = Span(header.span.end, min(header.span.end + stored, data.size))
        end = body.end
        member = _member(data, header, body)
        if member is not None:
            members.append(member)
        if end < header.span.end + stored:
            damage = "archive is cut off"
    if data.startswith(MAGIC + bytes(2), end):
        structure.append(Span(end, end + 4))
        end += 4
    return Image(end, tuple(members), tuple(structure), {"files": str(len(members))}, damage=damage)


def _headers(data: Reader, at: int) -> Iterator[_Header]:
    for _ in range(MOST_FILES):
        header = _header(data, at)
        if header is None or header.fields[6] == ARCHIVE:
            return
        yield header
        at = header.span.end + header.fields[8]


def _header(data: Reader, at: int) -> _Header | None:
    """Return the header at an offset, None where none stands whose checksum holds."""
    length = int.from_bytes(data.read_upto(at + 2, 2), "little")
    raw = data.read_upto(at + 4, length + 6)
    if not data.startswith(MAGIC, at) or not SMALLEST <= length <= LARGEST or len(raw) < length + 6:
        return None
    if crc32(raw[:length]) != int.from_bytes(raw[length : length + 4], "little") or not SMALLEST <= raw[0] <= length:
        return None
    end, more = at + 4 + length + 6, int.from_bytes(raw[length + 4 :], "little")
    while more:  # headers for systems of their own, each with a checksum
        end += more + 6
        more = int.from_bytes(data.read_upto(end - 2, 2), "little")
    if end > data.size:
        return None
    return _Header(Span(at, end), FIXED.unpack_from(raw), raw[raw[0] : length].split(b"\0")[0])


def _member(data: Reader, header: _Header, body: Span) -> Member | None:
    """Return the member that a header tells of, None for what is no file."""
    _, _, _, _, flags, method, kind, _, _, size, checksum = header.fields
    path = decode_name(header.name).replace("\\", "/")
    if kind == DIRECTORY:
        return Member(path, kind=MemberKind.DIRECTORY)
    if kind in (LABEL, CHAPTER):
        return None
    problem: FormatError | None = None
    if flags & GARBLED:
        problem = Encrypted("ARJ")
    elif method != STORED and method not in PACKED and method != FASTEST:
        problem = Unsupported(f"packed with method {method} of ARJ")
    if problem is not None:
        return Member(path, extents=(body,), problem=problem, size=size)
    why = "goes on in another volume" if flags & GOES_ON else "began in another volume" if flags & BEGAN_BEFORE else ""
    opener = partial(_open, data, body, method, size, checksum, why)
    return Member(path, opener, (body,) if len(body) else (), size)


def _open(data: Reader, body: Span, method: int, size: int, checksum: int, part: str, limit: int) -> Reader:
    if size > limit:
        raise LimitReached(f"{size} bytes, {limit} allowed")
    problem: FormatError | None = Malformed(part) if part else None
    if method == STORED:
        reader = slicer(data, body.start, min(body.end, body.start + size))(limit)
    else:
        out, packed = bytearray(), data.read_at(body.start, len(body))
        try:
            if method == FASTEST:
                lzh.decode_fastest(packed, out, size)
            else:
                lzh.decode(packed, out, size, POSITION_BITS)
        except Malformed as error:
            if not out:
                raise
            problem = error.bare()
        reader = BufferReader(out)
    if problem is None and crc32(reader.all()) != checksum:
        problem = Malformed("CRC of the file differs")
    reader.damage = problem
    return reader
