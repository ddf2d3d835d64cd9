"""tar: v7, ustar, pax and GNU headers with their long names, wide numbers and sparse maps.

Format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format"
and "Storing Sparse Files".
Limits: GNU sparse format 0.0, whose map lies in repeated pax records, is read; multi-volume pieces are read as
they stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.mapped import open_mapped
from inspector.formats.names import decode_name
from inspector.formats.reader import Piece, Reader, Span

BLOCK: Final = 512
MAX_META: Final = 1 << 20
"""Most bytes of a pax header or long name."""
MAX_PIECES: Final = 1 << 16
CHECKSUM: Final = slice(148, 156)
HIGH: Final = bytes(range(128, 256))
USTAR: Final = b"ustar\x0000"
"""Magic and version; GNU's own dialect has other uses for the prefix field."""
KINDS: Final = {
    b"1": MemberKind.HARDLINK,
    b"2": MemberKind.SYMLINK,
    b"3": MemberKind.DEVICE,
    b"4": MemberKind.DEVICE,
    b"5": MemberKind.DIRECTORY,
    b"6": MemberKind.FIFO,
    b"D": MemberKind.DIRECTORY,
}
"""By type flag; everything else is a file, as POSIX wants it."""
NO_DATA: Final = (b"1", b"2", b"3", b"4", b"5", b"6")
"""Type flags whose size field announces no data."""
PLAIN: Final = 8 * 1024
"""Bytes up to which the headers of an entry count as understood."""
PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK, SPARSE = b"x", b"g", b"L", b"K", b"S"
EXTENSIONS: Final = (PAX, b"X", PAX_GLOBAL, LONG_NAME, LONG_LINK)


@dataclass(slots=True)
class _Pending:
    """What extension headers said about the entry that follows them."""

    start: int
    records: dict[str, bytes] = field(default_factory=dict)
    sparse: list[bytes] = field(default_factory=list)
    """Values of the GNU 0.0 map in order: offset, length, offset, length …"""
    name: bytes = b""
    link: bytes = b""


@dataclass(frozen=True, slots=True)
class TarEntry:
    """One entry: its name, where its headers and its stored bytes lie, and the map of a sparse file."""

    name: bytes
    link: bytes
    kind: MemberKind
    mode: int
    headers: Span
    body: Span
    """Stored bytes without padding, cut where the data ends."""
    stored: int
    """Stored bytes as the header claims them."""
    size: int
    pieces: tuple[tuple[int, int], ...] | None = None
    """(offset in the file, length) of the stored runs, in order; None for a plain file."""


def number(raw: bytes) -> int:
    """Return a header number: octal text, or big-endian binary behind a byte 0x80 (0xff: negative)."""
    if raw[:1] in (b"\x80", b"\xff"):
        value = int.from_bytes(raw[1:])
        return value if raw[0] == 0x80 else value - (1 << 8 * (len(raw) - 1))
    text = raw.split(b"\0")[0].strip()
    try:
        return int(text, 8) if text else 0
    except ValueError as error:
        raise Malformed("tar number is no octal text") from error


def check_header(block: bytes) -> None:
    """Raise `NotThisFormat` unless the checksum of a header block holds, signed or unsigned."""
    if len(block) < BLOCK or not block[CHECKSUM].strip(b" \0"):
        raise NotThisFormat("no tar header")
    try:
        claimed = number(block[CHECKSUM])
    except Malformed as error:
        raise NotThisFormat("no tar header") from error
    plain = sum(block) - sum(block[CHECKSUM]) + 8 * 0x20
    others = block[:148] + block[156:]
    signed = plain - 256 * (len(others) - len(others.translate(None, HIGH)))
    if claimed not in (plain, signed) or (not block[0] and block[257:262] != b"ustar"):
        raise NotThisFormat("tar checksum differs")


def _block(data: Reader, position: int) -> bytes | None:
    """Return the header block at `position`, or None at the end marks, the end of the data, or garbage."""
    block = data.read_upto(position, BLOCK)
    if len(block) < BLOCK or not any(block):
        return None
    try:
        check_header(block)
    except NotThisFormat:
        return None
    return block


def entries(data: Reader, offset: int) -> Iterator[TarEntry]:
    """Yield the entries from `offset` up to the end marks or the first block that is no header."""
    position, everywhere = offset, dict[str, bytes]()
    pending = _Pending(position)
    while (block := _block(data, position)) is not None:
        flag, body = block[156:157], position + BLOCK
        if flag in EXTENSIONS:
            size = max(number(block[124:136]), 0)
            _extend(pending, everywhere, flag, data.read_upto(body, min(size, MAX_META)))
            position = body + _padded(size)
            continue
        entry = _entry(data, block, body, pending, everywhere)
        yield entry
        position = entry.body.start + _padded(entry.stored)
        pending = _Pending(position)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _extend(pending: _Pending, everywhere: dict[str, bytes], flag: bytes, value: bytes) -> None:
    if flag == LONG_NAME:
        pending.name = value.split(b"\0")[0]
    elif flag == LONG_LINK:
        pending.link = value.split(b"\0")[0]
    else:
        for key, text in pax_records(value):
            (everywhere if flag == PAX_GLOBAL else pending.records)[key] = text
            if key in ("GNU.sparse.offset", "GNU.sparse.numbytes"):
                pending.sparse.append(text)


def pax_records(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (keyword, value) of a pax header; a record starts with its own length in decimal."""
    position = 0
    while position < len(raw):
        length, space, _ = raw[position : position + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) < 5:
            return
        record = raw[position + len(length) + 1 : position + int(length)].removesuffix(b"\n")
        key, _, value = record.partition(b"=")
        yield decode_name(key), value
        position += int(length)


def _entry(data: Reader, block: bytes, body: int, pending: _Pending, everywhere: dict[str, bytes]) -> TarEntry:
    records = {**everywhere, **pending.records}
    flag = block[156:157]
    kind = KINDS.get(flag, MemberKind.FILE)
    name = records.get("GNU.sparse.name") or records.get("path") or pending.name or _name(block)
    link = records.get("linkpath") or pending.link or block[157:257].split(b"\0")[0]
    if kind is MemberKind.FILE and name.endswith(b"/") and flag in (b"0", b"\0"):
        kind = MemberKind.DIRECTORY  # v7 has no other way to say so
    stored = max(_decimal(records["size"]) if "size" in records else number(block[124:136]), 0)
    if flag in NO_DATA:
        stored = 0
    start, size, pieces = _sparse(data, block, body, stored, records, pending)
    stored -= start - body if flag != SPARSE else 0
    span = Span(min(start, data.size), min(start + max(stored, 0), data.size))
    mode = number(block[100:108]) & 0o7777
    headers = Span(pending.start, span.start)
    return TarEntry(name, link, kind, mode, headers, span, max(stored, 0), size, pieces)


def _name(block: bytes) -> bytes:
    name, prefix = block[:100].split(b"\0")[0], block[345:500].split(b"\0")[0]
    return prefix + b"/" + name if prefix and block[257:265] == USTAR else name


def _decimal(raw: bytes) -> int:
    if not raw.isdigit() or len(raw) > 20:
        raise Malformed("tar number is no decimal text")
    return int(raw)


Map = tuple[tuple[int, int], ...] | None


def _sparse(
    data: Reader, block: bytes, body: int, stored: int, records: dict[str, bytes], pending: _Pending
) -> tuple[int, int, Map]:
    """Return where the stored bytes start, the decoded size, and the map of the stored runs."""
    if block[156:157] == SPARSE:
        start, numbers = _old_map(data, block, body)
        return start, number(block[483:495]), _runs(numbers)
    if "GNU.sparse.major" in records:
        start, numbers = _inline_map(data, body, stored)
        return start, _decimal(records.get("GNU.sparse.realsize", b"0")), _runs(numbers)
    size = _decimal(records["GNU.sparse.size"]) if "GNU.sparse.size" in records else stored
    if "GNU.sparse.map" in records:
        return body, size, _runs([_decimal(text) for text in records["GNU.sparse.map"].split(b",")])
    if pending.sparse:
        return body, size, _runs([_decimal(text) for text in pending.sparse])
    return body, stored, None


def _old_map(data: Reader, block: bytes, body: int) -> tuple[int, list[int]]:
    numbers = _pairs(block[386:482])
    extended, start = block[482], body
    while extended and len(numbers) < 2 * MAX_PIECES:
        more = data.read_at(start, BLOCK)
        numbers += _pairs(more[:504])
        extended, start = more[504], start + BLOCK
    return start, numbers


def _pairs(raw: bytes) -> list[int]:
    return [number(raw[at : at + 12]) for at in range(0, len(raw), 12) if raw[at] or at % 24]


def _inline_map(data: Reader, body: int, stored: int) -> tuple[int, list[int]]:
    """Read GNU format 1.0: a count and pairs, one decimal number a line, in front of the data."""
    lines = data.read_upto(body, min(stored, MAX_META)).split(b"\n")
    count = min(_decimal(lines[0]), MAX_PIECES)
    wanted = lines[: 1 + 2 * count]
    numbers = [_decimal(line) for line in wanted[1:]]
    return body + _padded(sum(len(line) + 1 for line in wanted)), numbers


def _runs(numbers: list[int]) -> tuple[tuple[int, int], ...]:
    # Empty runs mark the end of the file and fill unused slots.
    return tuple((max(at, 0), length) for at, length in zip(numbers[::2], numbers[1::2], strict=False) if length > 0)


def extent(data: Reader, offset: int) -> Span:
    """Return the archive at `offset` with its end marks and the padding to a record of 20 blocks."""
    check_header(data.read_upto(offset, BLOCK))
    end = offset
    for entry in entries(data, offset):
        end = entry.body.start + _padded(entry.stored)
    if end == offset:
        raise NotThisFormat("tar without entries")
    end = min(end, data.size)
    zeros = data.read_upto(end, 24 * BLOCK)
    return Span(offset, end + (len(zeros) - len(zeros.lstrip(b"\0"))) // BLOCK * BLOCK)


def read_tar(data: Reader) -> Contents:
    """Return the entries in the order of the file; later ones of the same name are kept beside earlier ones."""
    check_header(data.read_upto(0, BLOCK))
    structure: list[Span] = []
    return Contents(_members(data, structure), lambda: structure)


def _members(data: Reader, structure: list[Span]) -> Iterator[Member]:
    for entry in entries(data, 0):
        structure += _plain(entry.headers)
        is_file = entry.kind is MemberKind.FILE
        yield Member(
            decode_name(entry.name),
            open=partial(open_entry, data, entry) if is_file else None,
            extents=(entry.body,) if is_file and len(entry.body) else (),
            size=entry.size if is_file else -1,
            kind=entry.kind,
            target=decode_name(entry.link) if entry.kind in (MemberKind.SYMLINK, MemberKind.HARDLINK) else "",
            mode=entry.mode,
        )


def _plain(headers: Span) -> list[Span]:
    """Return the headers without records so long that they may hold anything: those are searched like a file."""
    if len(headers) <= PLAIN:
        return [headers]
    return [Span(headers.start, headers.start + BLOCK), Span(headers.end - BLOCK, headers.end)]


def open_entry(data: Reader, entry: TarEntry, limit: int) -> Reader:
    """Return the content without copying; holes of a sparse file cost nothing and count nothing."""
    if len(entry.body) > limit:
        raise LimitReached(f"more than the {limit} bytes allowed")
    if entry.pieces is None:
        content = data.slice(entry.body.start, entry.body.end)
    else:
        content = open_mapped(_laid_out(data, entry, entry.pieces), limit)
    if len(entry.body) < entry.stored:
        content.damage = Malformed("archive ends inside this entry")
    return content


def _laid_out(data: Reader, entry: TarEntry, runs: tuple[tuple[int, int], ...]) -> list[Piece]:
    pieces, position, stored = [], 0, entry.body.start
    for at, length in runs:
        length = min(length, entry.body.end - stored)
        if at < position:
            raise Malformed("tar sparse map runs backwards")
        pieces += [Piece(at - position), Piece(length, data, stored)]
        position, stored = at + length, stored + length
    return [*pieces, Piece(max(entry.size - position, 0))]
