"""QNX image file systems, the read-only files of boot images: one table of entries with whole paths, then the data.

Format: QNX `sys/image.h`, the layout that `dumpifs` reads; both byte orders.
Limits: extended attributes are not decoded.
"""

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.filesystem.modes import TYPE_MASK, kind_of
from inspector.formats.image import slicer
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name, escapes
from inspector.formats.reader import Reader, Span

FILES: Final = b"imagefs"
FILES_BIG: Final = 0x01
FILES_HEADER: Final = 88
"""Bytes before the name of the mount point, which ends with a NUL."""
FURTHEST_ENTRY: Final = 4096
"""Only the name of the mount point stands before the first entry."""
ENTRY: Final = 24
NAMED: Final = 0o050000
"""Type bits of QNX for message queues, semaphores and the like."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The header of an image file system; offsets from its first byte."""

    order: str
    size: int
    entries: Span
    mount: bytes


def _head(data: Reader) -> _Head:
    if not data.startswith(FILES) or data.size < FILES_HEADER:
        raise NotThisFormat("no QNX image file system")
    order = ">" if data.view_at(7, 1)[0] & FILES_BIG else "<"
    size, tables, first = data.unpack_at(8, Struct(order + "3I"))
    if not FILES_HEADER <= first <= min(tables, FURTHEST_ENTRY) or tables > size:
        raise NotThisFormat("no QNX image file system header")
    if tables > data.size:
        raise Malformed(f"QNX image file system is cut off: {data.size} of {size} bytes")
    mount = data.read_at(FILES_HEADER, first - FILES_HEADER).split(b"\0")[0]
    return _Head(order, size, Span(first, tables), mount)


def measure_qnx_imagefs(data: Reader) -> Span:
    """Return the extent as the header states it, cut at what is there; the first entry must hold."""
    head = _head(data)
    next(_entries(data, head), None)
    return Span(0, min(head.size, data.size))


def read_qnx_imagefs(data: Reader) -> Contents:
    """Return the contents of the file system that fills `data`; files come in the order of their data."""
    head = _head(data)
    facts = {"byte order": "little" if head.order == "<" else "big", "mount point": decode_name(head.mount)}
    damage = f"file system is cut off: {data.size} of {head.size} bytes" if head.size > data.size else ""
    tables = [Span(0, head.entries.start)]
    if head.entries.end + 4 <= head.size <= data.size:
        tables.append(Span(head.size - 4, head.size))
    notes = () if _sums_to_zero(data, head) else ("wrong checksum",)
    return Contents(_members(data, head, tables), lambda: tables, facts, notes, damage)


def _members(data: Reader, head: _Head, tables: list[Span]) -> Iterator[Member]:
    """Yield every entry; those that could be read are added to `tables`."""
    files: list[tuple[int, Member]] = []
    first: dict[tuple[Span, ...], str] = {}
    try:
        for at, size, mode in _entries(data, head):
            tables.append(Span(at, at + size))
            member = _member(data, head, at, size, mode)
            if member.extents and first.setdefault(member.extents, member.path) != member.path:
                yield Member(member.path, kind=MemberKind.HARDLINK, target=first[member.extents], notes=member.notes)
            elif member.kind is MemberKind.FILE:
                files.append((member.extents[0].start if member.extents else 0, member))
            elif member.path:
                yield member
    except FormatError as exc:
        yield Member("", kind=MemberKind.DIRECTORY, problem=exc.bare())
    files.sort(key=lambda file: file[0])
    for _, member in files:
        yield member


def _entries(data: Reader, head: _Head) -> Iterator[tuple[int, int, int]]:
    """Yield (offset, size, mode) of each entry that is used."""
    at, end = head.entries.start, head.entries.end
    fields = Struct(head.order + "HHII")
    while at + 2 <= end:
        (size,) = data.unpack_at(at, Struct(head.order + "H"))
        if not size:
            return
        if size < ENTRY or at + size > end:
            raise Malformed(f"QNX entry of {size} bytes at {at:#x}")
        _, _, number, mode = data.unpack_at(at, fields)
        if number:
            yield at, size, mode
        at += size


def _member(data: Reader, head: _Head, at: int, size: int, mode: int) -> Member:
    raw, kind = data.read_at(at, size), kind_of(mode)
    bits = mode & 0o7777
    if kind is MemberKind.DIRECTORY:
        return _named(raw[ENTRY:], kind, bits)
    if kind is MemberKind.SYMLINK and size >= ENTRY + 4:
        start, length = Struct(head.order + "HH").unpack_from(raw, ENTRY)
        path = raw[ENTRY + 4 :]  # the target lies `start` bytes behind the first of the path
        return _named(path, kind, bits, decode_name(path[start : start + length].split(b"\0")[0]))
    if size < ENTRY + 8:
        raise Malformed(f"QNX entry of {size} bytes at {at:#x}")
    first, length = Struct(head.order + "II").unpack_from(raw, ENTRY)
    path = raw[ENTRY + 8 :]
    if kind is not MemberKind.FILE:
        if kind is None and mode & TYPE_MASK != NAMED:
            return Member(decode_name(path.split(b"\0")[0]), problem=Malformed(f"QNX mode {mode:#o}"))
        return _named(path, kind or MemberKind.DEVICE, bits)
    named = _named(path, kind, bits)
    last = min(first + length, data.size)
    if first < head.entries.end and length:
        return Member(named.path, problem=Malformed("file lies in the header"), size=length, notes=named.notes)
    extents = (Span(first, last),) if first < last else ()
    problem = Malformed(f"file's data at {first:#x} lies behind the end") if first + length > data.size else None
    opener = None if problem else slicer(data, first, last) if length else slicer(data, 0, 0)
    return Member(named.path, opener, extents, length, mode=bits, problem=problem, notes=named.notes)


def _named(path: bytes, kind: MemberKind, mode: int, target: str = "") -> Member:
    name = decode_name(path.split(b"\0")[0])
    notes = ("path escapes the container",) if escapes(name) else ()
    return Member(name, kind=kind, target=target, mode=mode, notes=notes)


def _sums_to_zero(data: Reader, head: _Head) -> bool:
    """Tell whether the words of the image, its last one included, add up to zero; True where none was written."""
    if head.size % 4 or not ENTRY < head.size <= data.size or not any(data.view_at(head.size - 4, 4)):
        return True
    total = 0
    for _, piece in data.slice(0, head.size).windows():
        words = array("I", piece.tobytes())
        if (head.order == "<") != (sys.byteorder == "little"):
            words.byteswap()
        total += sum(words)
    return total & 0xFFFFFFFF == 0
