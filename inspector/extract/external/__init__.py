"""What external extractors made of ranges that no reader here explains, read back as members.

A tool's word on an extent is not validated: the range stays opaque in the ledger, whatever came out of it. What did
come out is inspected like any member, below `ARTIFACT!external@OFFSET`.

Limits: pieces that a tool only cut out of the range, unchanged, are left out; they were scanned where they lie.
"""

import mmap
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from inspector.errors import LimitReached, Malformed
from inspector.formats.layout import Member, Opener
from inspector.formats.reader import BufferReader, Reader, Span


class Produced(NamedTuple):
    """What a tool made of one range of the artifact."""

    span: Span
    tool: str
    """Name and version."""
    folder: Path
    files: tuple[tuple[str, int], ...]
    """(path below `folder`, size), sorted; regular files only."""
    problem: str = ""
    """Why the tool did not finish, or empty."""


def members_of(produced: Produced, artifact: Reader) -> Iterator[Member]:
    """Yield the produced files in their order, without those that are a cut of the range."""
    region = artifact.slice(produced.span.start, produced.span.end)
    for name, size in produced.files:
        if not _is_cut(region, produced.folder / name, size):
            shown = os.fsencode(name).decode("utf-8", "backslashreplace")
            yield Member(shown, _opener(produced.folder / name), size=size)


def _opener(path: Path) -> Opener:
    def open_it(limit: int) -> Reader:
        data = _mapped(path)
        if len(data) > limit:
            raise LimitReached(f"{len(data)} bytes, {limit} allowed")
        return BufferReader(data)

    return open_it


def _mapped(path: Path) -> bytes | mmap.mmap:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb", buffering=0) as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise Malformed("not a regular file")
            return mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) if status.st_size else b""
    except OSError as error:
        raise Malformed(f"cannot be read back: {error.strerror}") from error


def _is_cut(region: Reader, path: Path, size: int) -> bool:
    """Tell whether a file named by a hexadecimal offset holds just the bytes that stand there."""
    try:
        offset = int(PurePosixPath(path.name).name.split(".")[0], 16)
    except ValueError:
        return False
    if not size or offset + size > region.size:
        return False
    try:
        data = memoryview(_mapped(path))
    except Malformed:
        return False
    whole = region.slice(offset, offset + size)
    return all(view == data[at : at + len(view)] for at, view in whole.windows())
