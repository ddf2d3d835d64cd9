"""Archives of InstallShield 3 (`_setup.1`, `data.z`): files packed with PKWARE's library, a table behind them.

Format: unshieldv3 (Apache 2.0), `ISArchiveV3.cpp`, after Veit Kannegieser's stix; `dcl` for what packs the contents.
Limits: of an archive on several disks each part is read by itself.
"""

from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec import dcl
from inspector.formats.image import Image, slicer
from inspector.formats.layout import Member
from inspector.formats.names import windows_name
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"\x13\x5d\x65\x8c\x3a\x01\x02\0"
HEADER: Final = Struct("<8s4xH16x3x8xI4xH8x")
"""Files, where the table stands, folders."""
FOLDER: Final = Struct("<HHH")
"""Files in it, size of this record, length of the name behind."""
FILE: Final = Struct("<B2xIII8xHBBxBB")
"""Last disk; size, packed size, place; size of this record; attributes, whether it is cut, first disk; size of name."""
STORED: Final = 0x10
MOST_FILES: Final = 100_000


class _File(NamedTuple):
    """One file: its size and where its packed bytes are."""

    path: str
    size: int
    body: Span
    attributes: int
    is_cut: bool


def parse_installshield3(data: Reader) -> Image:
    """Return the files in order of the table, which ends the archive."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no archive of InstallShield 3")
    _, count, table, folders = data.unpack_at(0, HEADER)
    if not HEADER.size <= table < data.size:
        raise Malformed("archive of InstallShield 3 without its table")
    at, names = table, list[tuple[str, int]]()
    for _ in range(folders):
        files, size, length = data.unpack_at(at, FOLDER)
        names.append((_name(data, at + FOLDER.size, length), files))
        at += max(size, FOLDER.size + length)
    members = list[Member]()
    for folder, files in names:
        for _ in range(files):
            file, at = _file(data, at, folder)
            members.append(_member(data, file))
            if len(members) > MOST_FILES:
                raise Malformed("archive of InstallShield 3 with too many files")
    at = min(at, data.size)
    structure = (Span(0, HEADER.size), Span(table, at))
    return Image(at, tuple(members), structure, {"files": str(count)})


def _name(data: Reader, at: int, length: int) -> str:
    return windows_name(data.read_at(at, length)).replace("\\", "/")


def _file(data: Reader, at: int, folder: str) -> tuple[_File, int]:
    """Return the file whose record stands at an offset, and where the next one does."""
    _, size, stored, place, whole, attributes, cut, _, length = data.unpack_at(at, FILE)
    name = _name(data, at + FILE.size, length)
    body = Span(min(place, data.size), min(place + stored, data.size))
    file = _File(f"{folder}/{name}" if folder else name, size, body, attributes, bool(cut) or len(body) < stored)
    return file, at + max(whole, FILE.size + length)


def _member(data: Reader, file: _File) -> Member:
    extents = (file.body,) if len(file.body) else ()
    if file.is_cut:
        problem = Unsupported("goes on on another disk")
        return Member(file.path, extents=extents, size=file.size, problem=problem)
    if file.attributes & STORED or not file.size:
        end = min(file.body.end, file.body.start + file.size)
        return Member(file.path, slicer(data, file.body.start, end), extents, file.size)
    return Member(file.path, partial(_open, data, file), extents, file.size)


def _open(data: Reader, file: _File, limit: int) -> Reader:
    if file.size > limit:
        raise LimitReached(f"{file.size} bytes, {limit} allowed")
    return dcl.explode(data.slice(file.body.start, file.body.end), file.size).reader()
