"""Bounded random access to bytes: a buffer, a slice of one, or a map of pieces.

A reader never copies what it does not have to and never reads outside its own range; a parser that asks for more
than there is gets `Malformed`. Offsets are relative to the reader; `BufferReader.slice` keeps no copy.
"""

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

from inspector.errors import FormatError, Malformed

Buffer = bytes | bytearray | memoryview
WINDOW: Final = 1 << 24
"""Bytes handed out at a time by `Reader.windows`."""
COPIED: Final = 1 << 16
"""Pieces below this are quicker copied than searched by an expression."""
SEARCH_START: Final = 1 << 14
"""First step of `Reader.find`; later ones grow up to `WINDOW`."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open byte range: `data[start:end]`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


class Reader(ABC):
    """Random access over `size` bytes; every method checks its bounds and raises `Malformed` outside them."""

    size: int
    damage: FormatError | None = None
    """Set by an opener that could decode only the beginning of a member: why the rest is missing."""
    notes: tuple[str, ...] = ()
    """Oddities that only decoding could show (a wrong checksum), for the report."""
    beside: "tuple[Callable[[int], Reader], ...]" = ()
    """Openers of the other parts of one app, where a container holds several: one part may need what another holds."""

    @abstractmethod
    def view_at(self, offset: int, length: int) -> memoryview:
        """Return `length` bytes at `offset`, without a copy where the bytes are contiguous."""

    @abstractmethod
    def slice(self, start: int, end: int | None = None) -> "Reader":
        """Return a reader over `[start, end)`; `end=None` is the end of this one."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Return a copy of `length` bytes at `offset`."""
        return bytes(self.view_at(offset, length))

    def read_upto(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes at `offset`: fewer at the end, none behind it."""
        if not 0 <= offset < self.size:
            return b""
        return self.read_at(offset, min(length, self.size - offset))

    def unpack_at(self, offset: int, struct: Struct) -> tuple[Any, ...]:
        """Return the fields of `struct` read at `offset`."""
        return struct.unpack(self.view_at(offset, struct.size))

    def startswith(self, magic: bytes, offset: int = 0) -> bool:
        """Tell whether `magic` stands at `offset`; False (not an error) where it would not fit."""
        return offset >= 0 and offset + len(magic) <= self.size and self.view_at(offset, len(magic)) == magic

    def all(self) -> memoryview:
        """Return everything as one view."""
        return self.view_at(0, self.size)

    def windows(self, overlap: int = 0, window: int = WINDOW) -> Iterator[tuple[int, memoryview]]:
        """Yield (offset, view) pieces of at most `window + overlap` bytes; each starts `window` after the last."""
        for offset in range(0, self.size, window):
            yield offset, self.view_at(offset, min(window + overlap, self.size - offset))

    def find(self, needle: bytes, start: int = 0, end: int | None = None) -> int:
        """Return the first offset of `needle` in `[start, end)`, or -1."""
        stop = self.size if end is None else min(end, self.size)
        overlap = len(needle) - 1
        offset, window = max(start, 0), SEARCH_START
        while offset < stop:
            hit = _find(self.view_at(offset, min(window + overlap, stop - offset)), needle)
            if hit >= 0:
                return offset + hit
            offset += window
            window = min(window * 4, WINDOW)  # a near hit must not cost the copy of a whole window
        return -1

    def constant_until(self, offset: int) -> int:
        """Return where a run of one known byte that covers `offset` ends; `offset` itself where none is known."""
        return offset

    def _check(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise Malformed(f"wants {length} bytes at {offset:#x}, only {self.size:#x} there")


def _find(piece: memoryview, needle: bytes) -> int:
    # A memoryview has no find(); a whole underlying object has; for a long piece `re` needs no copy.
    whole = piece.obj
    if isinstance(whole, (bytes, bytearray)) and len(whole) == len(piece):
        return whole.find(needle)
    if len(piece) < COPIED:
        return bytes(piece).find(needle)
    found = re.compile(re.escape(needle), re.DOTALL).search(piece)
    return found.start() if found else -1


class BufferReader(Reader):
    """A reader over one contiguous buffer: bytes, a memoryview or an mmap."""

    def __init__(self, data: Any) -> None:
        view = data if isinstance(data, memoryview) else memoryview(data)
        self._view = view if view.format == "B" and view.contiguous else view.cast("B")
        self.size = len(self._view)

    # Every parser and scanner ends here, millions of times: the bounds are checked in place.

    def view_at(self, offset: int, length: int) -> memoryview:
        """Return a view into the buffer; nothing is copied."""
        if offset < 0 or length < 0 or offset + length > self.size:
            self._check(offset, length)
        return self._view[offset : offset + length]

    def read_at(self, offset: int, length: int) -> bytes:
        """Return a copy of `length` bytes at `offset`."""
        if offset < 0 or length < 0 or offset + length > self.size:
            self._check(offset, length)
        return bytes(self._view[offset : offset + length])

    def read_upto(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes at `offset`: fewer at the end, none behind it."""
        if offset < 0:
            return b""
        if length < 0:
            self._check(offset, length)
        return bytes(self._view[offset : offset + length])

    def unpack_at(self, offset: int, struct: Struct) -> tuple[Any, ...]:
        """Return the fields of `struct` read at `offset`."""
        if offset < 0 or offset + struct.size > self.size:
            self._check(offset, struct.size)
        return struct.unpack_from(self._view, offset)

    def startswith(self, magic: bytes, offset: int = 0) -> bool:
        """Tell whether `magic` stands at `offset`; False (not an error) where it would not fit."""
        return offset >= 0 and bytes(self._view[offset : offset + len(magic)]) == magic

    def slice(self, start: int, end: int | None = None) -> Reader:
        """Return a reader over the same memory."""
        stop = self.size if end is None else end
        self._check(start, stop - start)
        return BufferReader(self._view[start:stop])


@dataclass(frozen=True, slots=True)
class Piece:
    """`length` bytes of a `MappedReader`: from `source` at `offset`, or the byte `fill` where there is no source."""

    length: int
    source: Reader | None = None
    offset: int = 0
    fill: int = 0


class BlockReader(Reader):
    """A reader over blocks that are decoded when they are read; subclasses say what the blocks are and keep a few."""

    @abstractmethod
    def _in_block(self, offset: int, length: int) -> bytes:
        """Return at least one byte from `offset` on and at most `length`, as far as its block goes."""

    def view_at(self, offset: int, length: int) -> memoryview:
        """Return the bytes, joined where they span blocks."""
        self._check(offset, length)
        out, end = bytearray(), offset + length
        while offset < end:
            piece = self._in_block(offset, end - offset)
            out += piece
            offset += len(piece)
        return memoryview(out)

    def slice(self, start: int, end: int | None = None) -> Reader:
        """Return a reader of a part that shares the kept blocks."""
        stop = self.size if end is None else end
        self._check(start, stop - start)
        return MappedReader([Piece(stop - start, self, start)])


class MappedReader(Reader):
    """A reader over pieces laid end to end: sparse images, logical volumes, file extents. Holes cost nothing."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = [piece for piece in pieces if piece.length]
        self._starts: list[int] = []
        size = 0
        for piece in self._pieces:
            self._starts.append(size)
            size += piece.length
        self.size = size
        self.stored = sum(piece.length for piece in self._pieces if piece.source is not None)
        """Bytes that come from a source; the rest are holes."""

    @property
    def starts(self) -> tuple[int, ...]:
        """Return where each piece begins: the parts, where a file that was cut into parts is read as one."""
        return tuple(self._starts)

    def view_at(self, offset: int, length: int) -> memoryview:
        """Return a view where one piece of a source holds the range, otherwise a joined copy."""
        self._check(offset, length)
        parts = [
            memoryview(bytes([piece.fill]) * count) if piece.source is None else piece.source.view_at(at, count)
            for piece, at, count in self.pieces_in(offset, length)
        ]
        return parts[0] if len(parts) == 1 else memoryview(b"".join(parts))

    def slice(self, start: int, end: int | None = None) -> Reader:
        """Return a reader over the pieces of `[start, end)`; a range inside one source becomes that source's slice."""
        stop = self.size if end is None else end
        self._check(start, stop - start)
        parts = [Piece(count, p.source, at, p.fill) for p, at, count in self.pieces_in(start, stop - start)]
        if len(parts) == 1 and parts[0].source is not None:
            return parts[0].source.slice(parts[0].offset, parts[0].offset + parts[0].length)
        return MappedReader(parts)

    def pieces_in(self, offset: int, length: int) -> Iterator[tuple[Piece, int, int]]:
        """Yield (piece, offset in its source, count) for the range, in order."""
        index = bisect_right(self._starts, offset) - 1
        end = offset + length
        while offset < end:
            piece, start = self._pieces[index], self._starts[index]
            inside = offset - start
            count = min(piece.length - inside, end - offset)
            yield piece, piece.offset + inside, count
            offset += count
            index += 1

    def constant_until(self, offset: int) -> int:
        """Return the end of the hole or fill that covers `offset`."""
        if not 0 <= offset < self.size:
            return offset
        index = bisect_right(self._starts, offset) - 1
        piece = self._pieces[index]
        return self._starts[index] + piece.length if piece.source is None else offset

    def windows(self, overlap: int = 0, window: int = WINDOW) -> Iterator[tuple[int, memoryview]]:
        """Yield only windows that hold data: a run of fill bytes that spans a whole window is left out."""
        for offset in range(0, self.size, window):
            count = min(window + overlap, self.size - offset)
            if any(piece.source is not None for piece, _, _ in self.pieces_in(offset, count)):
                yield offset, self.view_at(offset, count)
