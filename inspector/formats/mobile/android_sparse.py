"""Android sparse images: runs of raw blocks, filled blocks and holes, as fastboot takes them.

Format: AOSP system/core/libsparse/sparse_format.h.
Limits: chunk checksums are not compared.
"""

from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.mapped import open_mapped
from inspector.formats.reader import Piece, Reader, Span

MAGIC: Final = (0xED26FF3A).to_bytes(4, "little")
HEADER = Struct("<IHHHHIIII")
CHUNK = Struct("<HHII")
RAW, FILL, HOLE, CHECKSUM = 0xCAC1, 0xCAC2, 0xCAC3, 0xCAC4
MAX_BLOCK: Final = 1 << 24


class Repeated(Reader):
    """A pattern repeated over `size` bytes; nothing is held but the pattern."""

    def __init__(self, pattern: bytes, size: int) -> None:
        self._pattern = pattern
        self.size = size

    def view_at(self, offset: int, length: int) -> memoryview:
        """Return the pattern as it falls on `[offset, offset + length)`."""
        self._check(offset, length)
        skip = offset % len(self._pattern)
        whole = self._pattern * ((skip + length) // len(self._pattern) + 1)
        return memoryview(whole)[skip : skip + length]

    def slice(self, start: int, end: int | None = None) -> Reader:
        """Return the same pattern, turned to its new start."""
        stop = self.size if end is None else end
        self._check(start, stop - start)
        skip = start % len(self._pattern)
        return Repeated(self._pattern[skip:] + self._pattern[:skip], stop - start)


def parse_sparse(data: Reader) -> Image:
    """Return the one image inside; holes and zero fills cost nothing, other fills nothing until read."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no sparse image")
    _, major, _, header, chunk_header, block, blocks, chunks, _ = data.unpack_at(0, HEADER)
    if major != 1 or header < HEADER.size or chunk_header < CHUNK.size or block % 4 or not 0 < block <= MAX_BLOCK:
        raise NotThisFormat("no sparse image header")
    pieces, spans, headers, notes = list[Piece](), list[Span](), [Span(0, header)], list[str]()
    position, count = header, 0
    for _ in range(chunks):
        if position + chunk_header > data.size:
            notes.append(f"image is cut off after {count} of {blocks} blocks")
            break
        piece, body, length = _chunk(data, position, chunk_header, block)
        count += piece.length // block
        pieces.append(piece)
        spans += [body] if piece.source is data else []
        headers.append(Span(position, body.start if piece.source is data else min(position + length, data.size)))
        position += length
    member = Member(
        "image", open=partial(open_mapped, pieces), extents=tuple(spans), size=sum(piece.length for piece in pieces)
    )
    properties = {"block size": str(block), "blocks": str(blocks)}
    return Image(min(position, data.size), (member,), tuple(headers), properties, tuple(notes))


def _chunk(data: Reader, position: int, header: int, block: int) -> tuple[Piece, Span, int]:
    """Return the piece, where its stored bytes lie, and the chunk's length with its header."""
    kind, _, blocks, length = data.unpack_at(position, CHUNK)
    size, start = blocks * block, position + header
    if kind == RAW and length == header + size:
        end = min(start + size, data.size)
        return Piece(end - start, data, start), Span(start, end), length
    if kind == FILL and length >= header + 4:
        pattern = data.read_at(start, 4)
        if len(set(pattern)) == 1:
            return Piece(size, fill=pattern[0]), Span(start, start + 4), length
        return Piece(size, Repeated(pattern, size)), Span(start, start + 4), length
    if kind == HOLE and length >= header:
        return Piece(size), Span(start, start), length
    if kind == CHECKSUM and length >= header:
        return Piece(0), Span(start, start), length
    raise Malformed(f"no sparse chunk at {position:#x}")
