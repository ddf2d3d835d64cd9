"""Openers of members that are maps of pieces: what is stored counts, holes do not, absurd sizes are refused."""

from collections.abc import Sequence
from typing import Final

from inspector.errors import LimitReached
from inspector.formats.layout import Opener
from inspector.formats.reader import MappedReader, Piece, Reader

MAX_SIZE: Final = 1 << 38
"""Holes cost no memory, but whoever reads a map walks its length."""


def open_mapped(pieces: Sequence[Piece], limit: int) -> Reader:
    """Return the pieces as one reader; raises `LimitReached` past `limit` stored bytes or `MAX_SIZE` in all."""
    reader = MappedReader(pieces)
    if reader.stored > limit:
        raise LimitReached(f"{reader.stored} stored bytes, {limit} allowed")
    if reader.size > MAX_SIZE:
        raise LimitReached(f"claims {reader.size} bytes", "unpacked")
    return reader.slice(0, reader.size)


def opener(memory: MappedReader) -> Opener:
    """Return an opener of a map whose size its parser has judged: what is stored must be within the allowance."""

    def open_memory(limit: int) -> Reader:
        if memory.stored > limit:
            raise LimitReached(f"{memory.stored} bytes, {limit} allowed")
        return memory

    return open_memory
