"""Files that lie in runs of stored bytes, as most writable file systems keep them."""

from collections.abc import Iterable
from dataclasses import dataclass

from inspector.errors import LimitReached, Malformed
from inspector.formats.reader import MappedReader, Piece, Reader, Span


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """`length` bytes of a file, from its offset `logical`, stored at `physical` in the image."""

    logical: int
    physical: int
    length: int


def merged(runs: Iterable[Run]) -> list[Run]:
    """Return the runs in the order of the file, neighbours that follow one another in the image made one."""
    return joined(sorted(runs))


def joined(runs: Iterable[Run]) -> list[Run]:
    """Return runs that come in the order of the file, likewise; no more of them are held than are returned."""
    out: list[Run] = []
    for run in runs:
        last = out[-1] if out else None
        joins = last and last.logical + last.length == run.logical and last.physical + last.length == run.physical
        if last and joins:
            out[-1] = Run(last.logical, last.physical, last.length + run.length)
        else:
            out.append(run)
    return out


def stored_spans(runs: Iterable[Run], size: int, end: int) -> tuple[Span, ...]:
    """Return where the first `size` bytes of a file lie, cut at `end`, the end of the image."""
    spans = []
    for run in runs:
        length = min(run.length, size - run.logical, end - run.physical)
        if length > 0 and run.physical >= 0:
            spans.append(Span(run.physical, run.physical + length))
    return tuple(spans)


def open_runs(data: Reader, runs: Iterable[Run], size: int, limit: int) -> Reader:
    """Return a file of `size` bytes: a slice where one run holds it, else a map; what no run covers reads as zeros.

    Raises `LimitReached` for more than `limit` bytes and `Malformed` for runs that overlap or leave the image.
    """
    if size > limit:
        raise LimitReached(f"file of {size} bytes, {limit} are left", "max-unpacked")
    pieces, at = [], 0
    for run in runs:
        if at >= size:
            break
        if run.logical < at or run.physical < 0:
            raise Malformed("parts of a file overlap")
        hole = min(run.logical, size) - at
        length = min(run.length, size - run.logical)
        if length <= 0:
            break
        if run.physical + length > data.size:
            raise Malformed(f"file's data at {run.physical:#x} lies behind the end of the image")
        pieces += [Piece(hole), Piece(length, data, run.physical)]
        at = run.logical + length
    pieces = [piece for piece in (*pieces, Piece(size - at)) if piece.length]
    if len(pieces) == 1 and pieces[0].source is not None:
        return data.slice(pieces[0].offset, pieces[0].offset + size)
    return MappedReader(pieces)
