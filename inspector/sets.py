"""A file cut into parts that lie in one folder, read as one artifact: as `cat` of its parts gives it.

`fw.7z.001` to `fw.7z.003` are three files on disk, but one thing to whoever asks about them. Nothing is copied: the
parts stay mapped, one behind the other. Which files belong together is told by names and sizes alone; nothing of their
content is parsed here.
"""

import hashlib
import mmap
import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from inspector.formats.parts import HEAD, are_parts, sets_of
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader

T = TypeVar("T")
_PIECE: Final = 1 << 20


class CutFile(NamedTuple):
    """A file in parts, all in one folder, in order."""

    files: tuple[Path, ...]
    name: str
    """One name for all of them: `fw.7z.{001..003}`."""


class Part(NamedTuple):
    """One file of a set."""

    name: str
    sha256: str
    size: int


def sets_below(folder: Path, names: Iterable[str]) -> list[CutFile]:
    """Return the files in parts among the files of one folder."""

    def size_of(name: str) -> int:
        try:
            return os.stat(folder / name).st_size
        except OSError:
            return -1

    cut = (each for each in sets_of(names, size_of) if are_parts([_head(folder / name) for name in each.names[:2]]))
    return [CutFile(tuple(folder / name for name in each.names), each.shown) for each in cut]


def set_of(path: Path) -> CutFile | None:
    """Return the file in parts that a file and those beside it are, or None."""
    if not _may_be_part(path):
        return None
    try:
        with os.scandir(path.parent) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
    except OSError:
        return None
    return next((found for found in sets_below(path.parent, names) if path in found.files), None)


def parts_of(path: Path) -> tuple[Path, ...]:
    """Return the files to read for one that was named: all parts of its set in order, else the file alone."""
    found = set_of(path)
    return (path,) if found is None else found.files


def _may_be_part(path: Path) -> bool:
    """Tell whether it is worth to list the folder: few files have one beside them that is named like a first part."""
    name = path.name
    ending = name[-4:].lower()
    if ending in (".zip", "zipx"):
        return path.with_suffix(".z01").exists() or path.with_suffix(".Z01").exists()
    if ending == ".rar" and not name[-5:-4].isdigit():
        return path.with_suffix(".r00").exists() or path.with_suffix(".R00").exists()
    if ending in (".cab", ".hdr"):
        return name[-5:-4].isdigit()
    if ending == ".swm":
        return True
    stem = name.rstrip("0123456789")
    if ending == ".rar" or stem[-2:].lower() in (".z", ".r", ".s"):
        return True
    if digits := len(name) - len(stem):
        return any(_counted_from(path, stem, width) for width in {digits, 1})
    return name[-2:].isalpha() and any(path.with_name(name[:-count] + "a" * count).exists() for count in (2, 3))


def _counted_from(path: Path, stem: str, width: int) -> bool:
    first, second, third = (path.with_name(f"{stem}{number:0{width}}") for number in range(3))
    return second.exists() and (first.exists() or third.exists())


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError:
        return b""


def open_parts(paths: Iterable[Path]) -> Generator[None, Any, tuple[Reader, str, tuple[Part, ...]]]:
    """Return the parts end to end, the SHA-256 of the whole and each part; yields between parts. Raises `OSError`."""
    whole = hashlib.sha256()
    pieces, parts = list[Piece](), list[Part]()
    for path in paths:
        own = hashlib.sha256()
        size = 0
        for piece in _read(path):
            whole.update(piece)
            own.update(piece)
            size += len(piece)
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size < size:
                raise OSError(0, f"{path.name} became shorter while it was read")
            data: Any = mmap.mmap(stream.fileno(), size, prot=mmap.PROT_READ) if size else b""
        pieces.append(Piece(size, BufferReader(data)))
        parts.append(Part(os.fsencode(path.name).decode("utf-8", "backslashreplace"), own.hexdigest(), size))
        yield None
    return MappedReader(pieces), whole.hexdigest(), tuple(parts)


def read_parts(paths: Iterable[Path]) -> tuple[Reader, str]:
    """Return the parts end to end and the SHA-256 of the whole, in one go. Raises `OSError`."""
    reader, digest, _ = finished(open_parts(paths))
    return reader, digest


def finished(steps: Generator[None, Any, T]) -> T:
    """Return what a generator that yields between its steps returns, in one go."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: T = done.value
            return found


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece
