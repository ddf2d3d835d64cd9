"""Setup programs of InstallShield: behind the program its files one after another, in disguise, many packed too.

Format: Binary Refinery (BSD), `xtiss`; issunpack (MIT), after ISx; both read, for the two kinds of records.
Limits: files that stand plainly behind the program, without a header in front, are left to be carved.
"""

from collections.abc import Iterator
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

import numpy as np

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.archive import zlib
from inspector.formats.codec.streams import decode
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

MAGICS: Final = (b"ISSetupStream\0", b"InstallShield\0")
HEADER: Final = Struct("<14sHI26x")
"""Magic, files, kind."""
RECORD: Final = Struct("<II2xI8xH")
"""Of a stream: size of the name, flags, size of the file, whether it is packed; times, where told; the name."""
TIMES: Final = 24
WITH_TIMES: Final = 4
OLD_RECORD: Final = Struct("<260sI4xI8xH30x")
"""Name, flags, size of the file, whether it is packed."""
DISGUISED, IN_BLOCKS = 6, 4
BLOCK: Final = 1024
"""The key begins again after so many bytes."""
MASK: Final = b"\x13\x35\x86\x07"
TURNED: Final = bytes(~(byte << 4 | byte >> 4) & 0xFF for byte in range(256))
LONGEST_NAME: Final = 2048


class _File(NamedTuple):
    """One file."""

    name: str
    flags: int
    is_packed: bool
    record: Span
    body: Span


def parse_installstream(data: Reader) -> Image:
    """Return the files in order; each stands behind its record."""
    if data.size < HEADER.size or not any(data.startswith(magic) for magic in MAGICS):
        raise NotThisFormat("no setup program of InstallShield")
    magic, count, kind = data.unpack_at(0, HEADER)
    for times in (TIMES, 0) if kind == WITH_TIMES else (0, TIMES):
        try:
            files = list(_files(data, count, times, is_stream=magic == MAGICS[0]))
        except Malformed:
            continue
        if files:
            end = files[-1].body.end
            structure = (Span(0, HEADER.size), *(file.record for file in files))
            members = tuple(_member(data, file) for file in files)
            damage = "setup program is cut off" if end > data.size else ""
            return Image(min(end, data.size), members, structure, {"files": str(count)}, damage=damage)
    raise NotThisFormat("no files of InstallShield")


def _files(data: Reader, count: int, times: int, *, is_stream: bool) -> Iterator[_File]:
    at = HEADER.size
    for number in range(count):
        try:
            file = _record(data, at, times) if is_stream else _old_record(data, at)
        except Malformed:
            if number:
                return  # what comes before is there
            raise
        if not file.name.isprintable() or not file.name or (file.body.end > data.size and not number):
            raise Malformed("no name of a file")
        yield file
        at = file.body.end
        if at >= data.size:
            return


def _record(data: Reader, at: int, times: int) -> _File:
    length, flags, size, packed = data.unpack_at(at, RECORD)
    start = at + RECORD.size + times
    if not 2 <= length <= LONGEST_NAME or length % 2:
        raise Malformed("no length of a name")
    name = data.read_at(start, length).decode("utf-16-le", "replace").rstrip("\0")
    body = start + length
    return _File(name, flags, bool(packed), Span(at, body), Span(body, body + size))


def _old_record(data: Reader, at: int) -> _File:
    raw, flags, size, packed = data.unpack_at(at, OLD_RECORD)
    body = at + OLD_RECORD.size
    return _File(decode_name(raw.split(b"\0")[0]), flags, bool(packed), Span(at, body), Span(body, body + size))


def _member(data: Reader, file: _File) -> Member:
    extent = Span(file.body.start, min(file.body.end, data.size))
    path = file.name.replace("\\", "/")
    return Member(path, partial(_open, data, file, extent), (extent,) if len(extent) else ())


def _open(data: Reader, file: _File, extent: Span, limit: int) -> Reader:
    if len(extent) > limit:
        raise LimitReached(f"{len(extent)} bytes, {limit} allowed")
    part = data.slice(extent.start, extent.end)
    if file.flags & DISGUISED and part.size:
        part = BufferReader(clear(bytes(part.all()), file.name.encode(), in_blocks=bool(file.flags & IN_BLOCKS)))
    if file.is_packed and part.startswith(b"\x78"):
        return decode(zlib.decompress, part, 0, limit)
    if extent != file.body:
        part.damage = Malformed("file is cut off")
    return part


def clear(raw: bytes, name: bytes, *, in_blocks: bool) -> bytes:
    """Return bytes that were turned by four bits and mixed with the name of their file."""
    key = bytes(byte ^ MASK[at % len(MASK)] for at, byte in enumerate(name))
    if in_blocks:
        key = (key * (BLOCK // len(key) + 1))[:BLOCK]
    turned = np.frombuffer(raw.translate(TURNED), np.uint8)
    return (turned ^ np.resize(np.frombuffer(key, np.uint8), len(raw))).tobytes()
