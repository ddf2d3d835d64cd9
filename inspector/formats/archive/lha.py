"""LHA and LZH archives: a header in front of each file.

Format: "LHa for UNIX" header.doc (levels 0 to 3); `lzh` and `lharc` for what packs the contents.
Limits: what was packed with lh2, which LHarc had for a short time, and with PMarc is named.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec import lharc, lzh
from inspector.formats.image import Image, slicer
from inspector.formats.layout import Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

BASE = Struct("<2s5s3IBB")
"""Sizes of the header or a checksum, method, stored size, size, time, attribute, level."""
STORED: Final = (b"-lh0-", b"-lz4-")
FOLDER: Final = b"-lhd-"
Packer = tuple[bytes, Callable[[bytes, bytearray, int], None]]
"""What the window holds at first, and what decodes."""


def _lzh(window_bits: int, position_bits: int) -> Packer:
    """`position_bits` tell the number of sizes of positions."""
    return b" " * (1 << window_bits), partial(lzh.decode, position_bits=position_bits)


PACKERS: Final[dict[bytes, Packer]] = {
    b"-lh4-": _lzh(12, 4),
    b"-lh5-": _lzh(13, 4),
    b"-lh6-": _lzh(15, 5),
    b"-lh7-": _lzh(16, 5),
    b"-lh1-": (b" " * (1 << 12), lharc.decode_lh1),
    b"-lh3-": (b" " * (1 << 13), lharc.decode_lh3),
    b"-lzs-": (lharc.LZS_START, lharc.decode_lzs),
    b"-lz5-": (lharc.LZ5_START, lharc.decode_lz5),
}
NAMED: Final = tuple(
    b"-%s-" % name
    for name in (b"lh2", b"lh8", b"lh ", b"lhx", b"lz2", b"lz3", b"lz7", b"lz8", b"pm0", b"pm1", b"pm2", b"pms", b"pc1")
)
METHODS: Final = (*STORED, FOLDER, *PACKERS, *NAMED)
METHOD_AT: Final = 2
NAME, FOLDER_NAME = 0x01, 0x02
SEPARATOR: Final = b"\xff"
LEVEL0_FIXED, LEVEL1_FIXED, LEVEL2_FIXED, LEVEL3_FIXED = 22, 25, 24, 28
MOST_FILES, MOST_EXTRA = 100_000, 256
LONGEST: Final = 1 << 16


class _Entry(NamedTuple):
    """One file."""

    method: bytes
    header: Span
    body: Span
    stored: int
    size: int
    path: str
    checksum: int


def parse_lha(data: Reader) -> Image:
    """Return the files in order; the archive ends with a zero byte, or with the last file that is there."""
    members, structure, end, damage = list[Member](), list[Span](), 0, ""
    for entry in _entries(data):
        structure.append(entry.header)
        end = entry.body.end
        members.append(_member(data, entry))
        if len(entry.body) < entry.stored:
            damage = "archive is cut off"
    if not members:
        raise NotThisFormat("no LHA archive")
    if data.read_upto(end, 1) == b"\0":
        structure.append(Span(end, end + 1))
        end += 1
    return Image(end, tuple(members), tuple(structure), {"files": str(len(members))}, damage=damage)


def _entries(data: Reader) -> Iterator[_Entry]:
    at = 0
    for _ in range(MOST_FILES):
        if data.read_upto(at, 1) in (b"", b"\0"):
            return
        entry = _entry(data, at)
        if entry is None:
            return
        yield entry
        at = entry.body.end


def _entry(data: Reader, at: int) -> _Entry | None:
    """Return the file at an offset, None where no header stands."""
    if at + BASE.size > data.size:
        return None
    lead, method, stored, size, _, _, level = data.unpack_at(at, BASE)
    if method not in METHODS or level > 3:
        return None
    try:
        length, name, checksum, extra = (_level0, _level1, _level2, _level3)[level](data, at, lead)
    except FormatError:
        return None
    if level == 1:  # there the stored size counts what stands between
        behind = sum(len(raw) + 3 for _, raw in extra)
        length, stored = length + behind, stored - behind
    if stored < 0 or at + length > data.size:
        return None
    header = Span(at, at + length)
    return _Entry(
        method,
        header,
        Span(header.end, min(header.end + stored, data.size)),
        stored,
        size,
        _path(name, extra),
        checksum,
    )


def _path(name: bytes, extra: Sequence[tuple[int, bytes]]) -> str:
    name = next((raw for kind, raw in extra if kind == NAME), name)
    folder = next((raw for kind, raw in extra if kind == FOLDER_NAME), b"")
    if folder and not folder.endswith(SEPARATOR):
        folder += SEPARATOR
    return decode_name((folder + name.split(b"\0")[0]).replace(SEPARATOR, b"/")).replace("\\", "/")


Told = tuple[int, bytes, int, list[tuple[int, bytes]]]
"""Length of the header, the name in it, the CRC of the file, and (kind, bytes) of headers behind it."""


def _level0(data: Reader, at: int, lead: bytes) -> Told:
    length = lead[0] + 2
    raw = data.read_at(at, length)
    if sum(raw[2:]) & 0xFF != lead[1] or length < LEVEL0_FIXED:
        raise Malformed("LHA header with a wrong sum")
    end = LEVEL0_FIXED + raw[21]
    return length, raw[LEVEL0_FIXED:end], int.from_bytes(raw[end : end + 2], "little"), []


def _level1(data: Reader, at: int, lead: bytes) -> Told:
    length, name, checksum, _ = _level0(data, at, lead)
    following = int.from_bytes(data.read_at(at + length - 2, 2), "little")
    return length, name, checksum, _extra(data, at + length, following, 2)


def _level2(data: Reader, at: int, lead: bytes) -> Told:
    length, following = int.from_bytes(lead, "little"), int.from_bytes(data.read_at(at + LEVEL2_FIXED, 2), "little")
    if length < LEVEL2_FIXED + 2:
        raise Malformed("LHA header is too short")
    checksum = int.from_bytes(data.read_at(at + 21, 2), "little")
    return length, b"", checksum, _extra(data, at + LEVEL2_FIXED + 2, following, 2)


def _level3(data: Reader, at: int, _lead: bytes) -> Told:
    length, following = Struct("<II").unpack(data.read_at(at + 24, 8))
    if not LEVEL3_FIXED + 4 <= length <= LONGEST:
        raise Malformed("LHA header of an impossible size")
    checksum = int.from_bytes(data.read_at(at + 21, 2), "little")
    return length, b"", checksum, _extra(data, at + LEVEL3_FIXED + 4, following, 4)


def _extra(data: Reader, at: int, size: int, width: int) -> list[tuple[int, bytes]]:
    """Return the headers that follow, each told of by the one before: kind and bytes."""
    found = list[tuple[int, bytes]]()
    while size:
        if size < 1 + width or len(found) == MOST_EXTRA:
            raise Malformed("LHA headers without an end")
        raw = data.read_at(at, size)
        found.append((raw[0], raw[1 : size - width]))
        at, size = at + size, int.from_bytes(raw[size - width :], "little")
    return found


def _member(data: Reader, entry: _Entry) -> Member:
    extents = (entry.body,) if len(entry.body) else ()
    if entry.method == FOLDER:
        return Member(entry.path.rstrip("/"), kind=MemberKind.DIRECTORY)
    if entry.method not in (*STORED, *PACKERS):
        problem = Unsupported(f"packed with method {entry.method.decode('latin-1').strip('-')} of LHA")
        return Member(entry.path, extents=extents, problem=problem, size=entry.size)
    return Member(entry.path, partial(_open, data, entry), extents, entry.size)


def _open(data: Reader, entry: _Entry, limit: int) -> Reader:
    if entry.size > limit:
        raise LimitReached(f"{entry.size} bytes, {limit} allowed")
    problem: FormatError | None = None
    if entry.method in STORED:
        reader = slicer(data, entry.body.start, min(entry.body.end, entry.body.start + entry.size))(limit)
    else:
        start, decode = PACKERS[entry.method]
        out = bytearray(start)
        try:
            decode(data.read_at(entry.body.start, len(entry.body)), out, len(out) + entry.size)
        except Malformed as error:
            problem = error.bare()
        del out[: len(start)]
        if problem is not None and not out:
            raise problem
        reader = BufferReader(out)
    if problem is None and _crc16(reader) != entry.checksum:
        problem = Malformed("CRC of the file differs")
    reader.damage = problem
    return reader


def _crc16_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return tuple(table)


CRC16: Final = _crc16_table()


def _crc16(reader: Reader) -> int:
    crc = 0
    for _, view in reader.windows():
        for byte in view:
            crc = crc >> 8 ^ CRC16[(crc ^ byte) & 0xFF]
    return crc
