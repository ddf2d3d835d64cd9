"""The common shape of a firmware wrapper: a header that says where its parts are, how long it is, and what it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.layout import Contents, Member, Opener
from inspector.formats.reader import Reader, Span


@dataclass(frozen=True, slots=True)
class Image:
    """A wrapper taken apart; offsets are relative to its first byte."""

    size: int
    """Extent of the whole image in bytes, header and padding of its own included."""
    members: tuple[Member, ...] = ()
    structure: tuple[Span, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def contents(self) -> Contents:
        """Return the same as the contract of an extractor wants it."""
        return Contents(self.members, lambda: self.structure, dict(self.properties), self.notes)


def stored(
    data: Reader,
    path: str,
    start: int,
    end: int,
    *,
    hint: str = "",
    notes: tuple[str, ...] = (),
) -> Member:
    """Return a member whose bytes stand plainly in `data[start:end]`; `Malformed` where they do not fit."""
    if not 0 <= start <= end <= data.size:
        raise Malformed(f"{path} wants {start:#x}..{end:#x} of {data.size:#x} bytes")
    return Member(
        path, open=slicer(data, start, end), extents=(Span(start, end),), size=end - start, format=hint, notes=notes
    )


def slicer(data: Reader, start: int, end: int) -> Opener:
    """Return an opener of `data[start:end]`: nothing is decoded, but the allowance still holds."""

    def open_slice(limit: int) -> Reader:
        if end - start > limit:
            raise LimitReached(f"{end - start} bytes, {limit} allowed")
        return data.slice(start, end)

    return open_slice


def locked(path: str, start: int, end: int, problem: Exception) -> Member:
    """Return a member whose bytes cannot be read; `problem` (a `FormatError`) becomes a gap over them."""
    return Member(path, extents=(Span(start, end),), problem=problem)


def header_at(data: Reader, length: int, what: str) -> memoryview:
    """Return the first `length` bytes; `NotThisFormat` where there are fewer, for no header then fits."""
    if data.size < length:
        raise NotThisFormat(f"too short for {what}")
    return data.view_at(0, length)


def text(raw: bytes | memoryview) -> str:
    """Return a fixed-width header field up to its first NUL, as ASCII; the rest as hexadecimal escapes."""
    return bytes(raw).split(b"\0", 1)[0].decode("ascii", "backslashreplace").strip()
