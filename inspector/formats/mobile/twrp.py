"""TWRP backups as they go through adb: control blocks of 512 bytes, among them images and archives in chunks.

Format: TWRP `adbbu/twadbstream.h` (layout of the blocks); chunks of one mebibyte, each behind a block of its own.
Limits: MD5 sums of the contents are not checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.mapped import open_mapped
from inspector.formats.names import decode_name
from inspector.formats.reader import Piece, Reader, Span

MAGIC: Final = b"TWRP\0\0\0\0"
STREAM: Final = b"twstreamheader"
IMAGE, ARCHIVE, DATA, TRAILER, END = b"twimage", b"twfilename", b"twdatablock", b"md5trailer", b"twendadb"
BLOCK: Final = 512
CHUNK: Final = (1 << 20) - BLOCK
"""Most bytes between two control blocks."""
CHECKSUMS: Final = {STREAM: (40, 44), IMAGE: (40, 44), ARCHIVE: (40, 44), TRAILER: (24, 32)}
"""Where the checksum of a control block stands, taken for zeros in it; the other kinds have it first."""
OTHER: Final = (24, 28)
COUNTS: Final = Struct("<QQ")
COUNTS_AT: Final = 24
NAME_AT: Final = 44
MOST_CHUNKS: Final = 1 << 20


@dataclass(slots=True)
class _File:
    """One image or archive of the stream."""

    kind: bytes
    name: str
    size: int
    chunks: list[Span] = field(default_factory=list)
    whole: bool = False
    """Whether its trailer was met."""

    def take(self, kind: bytes, chunk: Span) -> None:
        """Add what a control block behind the file's own brings."""
        if kind == DATA:
            self.chunks.append(chunk)
        elif kind == TRAILER:
            self.whole = True

    def cut(self) -> Iterator[tuple[Span, Span]]:
        """Yield of each chunk what is the file's and what fills it up: an image ends where its header says."""
        left = self.size if self.kind == IMAGE else sum(map(len, self.chunks))
        for chunk in self.chunks:
            border = chunk.start + min(len(chunk), left)
            left -= border - chunk.start
            yield Span(chunk.start, border), Span(border, chunk.end)

    def member(self, data: Reader) -> Member:
        """Return the file; an archive ends by itself."""
        kept = tuple(own for own, _ in self.cut() if len(own))
        size = sum(map(len, kept))
        whole = self.whole and (self.kind != IMAGE or size == self.size)
        opener = partial(open_mapped, [Piece(len(span), data, span.start) for span in kept])
        return Member(self.name, opener, kept, size, notes=() if whole else ("backup ends early",))


def parse_twrp(data: Reader) -> Image:
    """Return the images and archives of a backup. Raises `NotThisFormat`, `LimitReached` for too many chunks."""
    if _kind(data, 0) != STREAM:
        raise NotThisFormat("no TWRP backup")
    count, version = data.unpack_at(COUNTS_AT, COUNTS)
    files: list[_File] = []
    tables: list[Span] = []
    end, last = BLOCK, b""
    for at, last, end in _blocks(data):
        tables.append(Span(at, at + BLOCK))
        if len(tables) > MOST_CHUNKS:
            raise LimitReached(f"backup in more than {MOST_CHUNKS} chunks", "members")
        if last in (IMAGE, ARCHIVE):
            files.append(_file(data, at, last))
        elif files:
            files[-1].take(last, Span(at + BLOCK, end))
    notes = () if count == len(files) else (f"header counts {count} parts, {len(files)} there",)
    damage = "" if last == END else "backup ends without its last block"
    members = tuple(file.member(data) for file in files)
    return Image(end, members, (*tables, *_padding(files)), {"version": str(version)}, notes, damage)


def _blocks(data: Reader) -> Iterator[tuple[int, bytes, int]]:
    """Yield each control block as (offset, kind, end of what belongs to it), up to the last one or where none is."""
    at, kind = 0, b""
    while kind != END:
        kind = _kind(data, at)
        if not kind:
            return
        end = _next_block(data, at + BLOCK) if kind == DATA else at + BLOCK
        yield at, kind, end
        at = end


def _next_block(data: Reader, start: int) -> int:
    """Return where the data that starts here ends: a whole chunk on, or earlier where a control block holds."""
    most = min(start + CHUNK, data.size)
    if most == data.size or not _kind(data, most):
        at = data.find(MAGIC, start, most)
        while at >= 0:
            if not (at - start) % BLOCK and _kind(data, at):
                return at
            at = data.find(MAGIC, at + 1, most)
    return most


def _kind(data: Reader, at: int) -> bytes:
    """Return the kind of the control block here, or nothing: data may look like one, but for its checksum."""
    if not data.startswith(MAGIC, at) or at + BLOCK > data.size:
        return b""
    raw = bytearray(data.read_at(at, BLOCK))
    kind = bytes(raw[8:24]).split(b"\0")[0]
    start, end = CHECKSUMS.get(kind, OTHER)
    stated = int.from_bytes(raw[start : start + 4], "little")
    raw[start:end] = bytes(end - start)
    return kind if crc32(raw) == stated else b""


def _file(data: Reader, at: int, kind: bytes) -> _File:
    size, _ = data.unpack_at(at + COUNTS_AT, COUNTS)
    name = decode_name(data.read_at(at + NAME_AT, BLOCK - NAME_AT).split(b"\0")[0])
    return _File(kind, name.lstrip("/") or "part", size)


def _padding(files: list[_File]) -> Iterator[Span]:
    """Yield what fills the last chunk of an image behind its end."""
    return (rest for file in files for _, rest in file.cut() if len(rest))
