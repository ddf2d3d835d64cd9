"""Metadata blocks: up to 8 KiB each, a length word before them, chained by their stored size."""

from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

from inspector.errors import LimitReached, Malformed
from inspector.formats.codec.blockcodecs import Decode
from inspector.formats.reader import Reader, Span

BLOCK: Final = 8192
STORED: Final = 0x8000
"""Set in the length word of a block that is stored as it is; the rest of the word is its length."""
CACHED: Final = 1024
BUDGET: Final = 1 << 29
"""Decoded bytes handed out per image: overlapping inodes could ask for the same ones for ever."""


class Metadata:
    """Random access to decoded metadata; the latest `CACHED` blocks are kept, every stored block read is remembered."""

    def __init__(self, data: Reader, decode: Decode, order: str, marker: bool) -> None:
        self._data = data
        self._decode = decode
        self._length = Struct(order + "H")
        self._header = 3 if marker else 2
        self._cache: dict[int, tuple[bytes, int]] = {}
        self._left = BUDGET
        self.spans: dict[int, int] = {}
        """Start → end of each stored block that was decoded."""

    def block(self, at: int) -> tuple[bytes, int]:
        """Return the decoded block stored at `at` and where the next one starts."""
        hit = self._cache.get(at)
        if hit is not None:
            return hit
        (word,) = self._data.unpack_at(at, self._length)
        length = word & ~STORED or STORED
        if length > BLOCK:
            raise Malformed(f"metadata block at {at:#x} is larger than {BLOCK} bytes")
        start = at + self._header
        stored = self._data.view_at(start, length)
        decoded = bytes(stored) if word & STORED else self._decode(stored, BLOCK)
        if len(self._cache) >= CACHED:
            self._cache.pop(next(iter(self._cache)), None)
        self._cache[at] = decoded, start + length
        self.spans[at] = start + length
        return decoded, start + length

    def spent(self, count: int) -> None:
        """Count bytes handed out; raises `LimitReached` past the budget of the image."""
        self._left -= count
        if self._left < 0:
            raise LimitReached("squashfs metadata is read over and over", "metadata")

    def stored(self) -> list[Span]:
        """Return every stored block that was decoded, header included."""
        return [Span(start, end) for start, end in self.spans.items()]


@dataclass(slots=True)
class Cursor:
    """A place in a chain of metadata blocks; reads move on over block ends."""

    metadata: Metadata
    at: int
    offset: int

    def take(self, length: int) -> bytes:
        """Return the next `length` bytes; raises `Malformed` where the chain ends."""
        decoded, after = self.metadata.block(self.at)
        self.metadata.spent(length)
        end = self.offset + length
        if end <= len(decoded):
            piece = decoded[self.offset : end]
            self.offset = end
            return piece
        return self._take_over_ends(decoded, after, length)

    def _take_over_ends(self, decoded: bytes, after: int, length: int) -> bytes:
        if self.offset > len(decoded):
            raise Malformed("metadata offset behind its block")
        parts = []
        while length:
            if not decoded:
                raise Malformed("empty metadata block")
            part = decoded[self.offset : self.offset + length]
            parts.append(part)
            length -= len(part)
            self.offset += len(part)
            if length:
                self.at, self.offset = after, 0
                decoded, after = self.metadata.block(self.at)
        return b"".join(parts)

    def unpack(self, layout: Struct) -> tuple[Any, ...]:
        """Return the fields of `layout` read here."""
        return layout.unpack(self.take(layout.size))
