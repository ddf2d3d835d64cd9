"""cpio archives: initial RAM disks, and the payload of RPM packages.

Format: Linux `Documentation/driver-api/early-userspace/buffer-format.rst` (newc, crc); cpio(5) of libarchive (odc and
binary).
Limits: the byte sum of the crc variant is not checked.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from stat import S_ISBLK, S_ISCHR
from struct import Struct
from typing import Final

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name, escapes
from inspector.formats.reader import Reader, Span

TRAILER: Final = b"TRAILER!!!"
MAX_NAME: Final = 4096
NEWC: Final = re.compile(rb"07070[12]([0-9A-Fa-f]{104})")
ODC: Final = re.compile(rb"070707([0-7]{70})")
OLD: Final = {order: Struct(order + "13H") for order in "<>"}


@dataclass(frozen=True, slots=True)
class Header:
    """One header of any kind; lengths in bytes."""

    length: int
    """Of the header itself."""
    align: int
    """Name and data are padded to a multiple of this."""
    inode: tuple[int, ...]
    mode: int
    links: int
    name_length: int
    """With the NUL at its end."""
    data_length: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One archived file: where its header and name lie, and where its data."""

    header: Header
    name: bytes
    span: Span
    data: Span


def _newc(data: Reader, at: int) -> Header:
    match = NEWC.fullmatch(data.view_at(at, 110))
    if match is None:
        raise NotThisFormat("no cpio header")
    digits = match[1]
    inode, mode, _, _, links, _, size, major, minor, _, _, name, _ = (
        int(digits[i : i + 8], 16) for i in range(0, 104, 8)
    )
    return Header(110, 4, (major, minor, inode), mode, links, name, size)


def _length(mode: int, size: int) -> int:
    """Return the bytes of data; of a device HP-UX puts its number where the size belongs."""
    return 0 if S_ISCHR(mode) or S_ISBLK(mode) else size


def _odc(data: Reader, at: int) -> Header:
    match = ODC.fullmatch(data.view_at(at, 76))
    if match is None:
        raise NotThisFormat("no cpio header")
    digits = match[1]
    device, inode, mode, _, _, links, _ = (int(digits[i : i + 6], 8) for i in range(0, 42, 6))
    return Header(76, 1, (device, inode), mode, links, int(digits[53:59], 8), _length(mode, int(digits[59:70], 8)))


def _old(order: str, data: Reader, at: int) -> Header:
    magic, device, inode, mode, _, _, links, _, _, _, name, high, low = data.unpack_at(at, OLD[order])
    if magic != 0o070707:
        raise NotThisFormat("no cpio header")
    return Header(26, 2, (device, inode), mode, links, name, _length(mode, high << 16 | low))


KINDS: Final[dict[bytes, tuple[str, Callable[[Reader, int], Header]]]] = {
    b"070701": ("newc", _newc),
    b"070702": ("crc", _newc),
    b"070707": ("odc", _odc),
    b"\xc7\x71": ("binary, little endian", partial(_old, "<")),
    b"\x71\xc7": ("binary, big endian", partial(_old, ">")),
}


def kind_at(data: Reader) -> tuple[str, Callable[[Reader, int], Header]]:
    """Return the name and the header parser of the archive at the start of `data`; raises `NotThisFormat`."""
    for magic, kind in KINDS.items():
        if data.startswith(magic):
            return kind
    raise NotThisFormat("no cpio magic")


def entries(data: Reader) -> Iterator[Entry]:
    """Yield the entries of the archive at the start of `data`, the trailer last.

    Raises `NotThisFormat` when not even the first is one, `Malformed` where the archive breaks off before its trailer.
    """
    _, parse = kind_at(data)
    at = 0
    while True:
        try:
            entry = _entry(data, parse(data, at), at)
        except FormatError as exc:
            raise (NotThisFormat if at == 0 else Malformed)(f"cpio breaks off at {at:#x}: {exc}") from exc
        yield entry
        if entry.name == TRAILER and not entry.data:
            return
        at = _aligned(entry.data.end, entry.header.align)


def _entry(data: Reader, header: Header, at: int) -> Entry:
    if not 1 <= header.name_length <= MAX_NAME or (kind_of(header.mode) is None and header.mode):
        raise Malformed("implausible header")
    name = data.read_at(at + header.length, header.name_length)
    if name[-1]:
        raise Malformed("name without its end")
    # The newc header is 110 bytes long: header and name together are padded, not the name alone.
    start = _aligned(at + header.length + header.name_length, header.align)
    return Entry(header, name[:-1], Span(at, start), Span(start, start + header.data_length))


def _aligned(at: int, align: int) -> int:
    return -(-at // align) * align


def measure_cpio(data: Reader, offset: int) -> Span:
    """Return the extent up to the trailer's end, or up to the last whole entry where there is no trailer."""
    end = 0
    rest = data.slice(offset)  # padding counts from the start of the archive, wherever that is
    with suppress(Malformed):
        for entry in entries(rest):
            end = min(max(entry.span.end, entry.data.end), rest.size)
    return Span(offset, offset + end)


def read_cpio(data: Reader) -> Contents:
    """Return the entries in their order; hard links follow last, as only one name carries the data."""
    headers: list[Span] = []
    name, _ = kind_at(data)
    return Contents(_members(data, headers), lambda: headers, {"header": name})


def _members(data: Reader, headers: list[Span]) -> Iterator[Member]:
    carriers: dict[tuple[int, ...], str] = {}
    waiting: list[tuple[Entry, Member]] = []
    try:
        for entry in entries(data):
            headers.append(Span(entry.span.start, min(entry.span.end, data.size)))
            if entry.name == TRAILER and not entry.data:
                break
            member = _member(data, entry)
            if member.kind is MemberKind.FILE and entry.header.links > 1:
                if not entry.data:
                    waiting.append((entry, member))
                    continue
                carriers.setdefault(entry.header.inode, member.path)
            yield member
    except FormatError as exc:
        yield Member("", kind=MemberKind.DIRECTORY, problem=exc.bare())
    for entry, member in waiting:
        target = carriers.get(entry.header.inode)
        yield member if target is None else replace(member, kind=MemberKind.HARDLINK, target=target, open=None)


def _member(data: Reader, entry: Entry) -> Member:
    path = decode_name(entry.name).removeprefix("./")
    notes = ("path escapes the container",) if escapes(path) else ()
    kind = kind_of(entry.header.mode) or MemberKind.FILE
    stored = Span(min(entry.data.start, data.size), min(entry.data.end, data.size))
    extents = (stored,) if stored else ()
    member = Member(path, None, extents, len(entry.data), kind, mode=entry.header.mode & 0o7777, notes=notes)
    if stored != entry.data:
        return replace(member, problem=Malformed(f"cut off: {len(stored)} of {len(entry.data)} bytes"))
    if kind is MemberKind.SYMLINK:
        return replace(member, target=decode_name(data.read_at(stored.start, min(len(stored), MAX_NAME))))
    return replace(member, open=partial(_open, data, stored)) if kind is MemberKind.FILE else member


def _open(data: Reader, stored: Span, limit: int) -> Reader:
    if len(stored) > limit:
        raise LimitReached(f"file of {len(stored)} bytes, {limit} are left", "max-unpacked")
    return data.slice(stored.start, stored.end)
