"""An Apple bundle that lies unpacked in a folder, read as one artifact: as the zip that packing it would give.

`My.app`, `Sdk.framework` and `Sdk.xcframework` are folders on disk, but one thing to whoever asks about them. Nothing
is copied: headers are made, large files stay mapped. The zip holds the regular files in the order of their paths,
stored, without times; so its hash depends on names and contents alone.

Limits: links in the bundle are left out, what they lead to is there under its own name; bundles of 4 GiB or of more
than 65,535 files have to be packed first.
"""

import hashlib
import mmap
import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from struct import Struct
from typing import Any, Final
from zlib import crc32

from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader

BUNDLES: Final = (".app", ".framework", ".xcframework")
MAPPED_FROM: Final = 1 << 16
LARGEST: Final = (1 << 32) - 1
MOST_FILES: Final = 65_535
UTF8: Final = 1 << 11
_LOCAL: Final = Struct("<4s5H3I2H")
_CENTRAL: Final = Struct("<4s6H3I5H2I")
_END: Final = Struct("<4s4H2IH")
_EARLIEST: Final = 0x21
"""1 January 1980, where the dates of zip begin."""
_PIECE: Final = 1 << 20
"""Bytes of a large file read at once."""


def is_bundle(path: Path) -> bool:
    """Tell whether a path is a folder that an Apple system shows as one file."""
    return path.suffix.lower() in BUNDLES and path.is_dir() and not path.is_symlink()


def open_bundle(folder: Path) -> Generator[None, Any, tuple[Reader, str]]:
    """Return the bundle as a zip, and the SHA-256 of that zip; yields between files. Raises `OSError`."""
    hasher = hashlib.sha256()
    pieces: list[Piece] = []
    directory, at, count = b"", 0, 0

    def lay(content: Any, read: Iterable[bytes] = ()) -> None:
        nonlocal at
        for piece in read or (content,):
            hasher.update(piece)
        pieces.append(Piece(len(content), BufferReader(content)))
        at += len(content)

    for path in bundle_files(folder):
        name = os.fsencode(path.relative_to(folder.parent))
        content = _content(path)
        checksum = 0
        for piece in _read(path, content):
            checksum = crc32(piece, checksum)
        facts = (0, _EARLIEST, checksum, len(content), len(content), len(name), 0)
        start, count = at, count + 1
        if at + len(content) + len(directory) > LARGEST or count > MOST_FILES:
            raise OSError(0, "a bundle too large to read as a folder: pack it as a zip")
        lay(_LOCAL.pack(b"PK\3\4", 20, _flags(name), 0, *facts) + name)
        lay(content, _read(path, content))
        directory += _CENTRAL.pack(b"PK\1\2", 20, 20, _flags(name), 0, *facts, 0, 0, 0, 0, start) + name
        yield None
    start = at
    lay(directory)
    lay(_END.pack(b"PK\5\6", 0, 0, count, count, len(directory), start, 0))
    return MappedReader(pieces), hasher.hexdigest()


def read_bundle(folder: Path) -> tuple[Reader, str]:
    """Return what `open_bundle` does, in one go."""
    steps = open_bundle(folder)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: tuple[Reader, str] = done.value
            return found


def bundle_files(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder in the order of their paths."""
    for here, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _raise(error: OSError) -> None:
    raise error


def _flags(name: bytes) -> int:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return 0
    return UTF8


def _content(path: Path) -> Any:
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size < MAPPED_FROM:
            return stream.read(MAPPED_FROM)
        return memoryview(mmap.mmap(stream.fileno(), size, prot=mmap.PROT_READ))


def _read(path: Path, content: Any) -> Iterator[bytes]:
    """Yield a file in pieces. A mapping is not touched here: of a file that shrinks meanwhile, that kills the process.

    Raises `OSError` where the file is no longer as long as `content`.
    """
    if isinstance(content, bytes):
        yield content
        return
    left = len(content)
    with path.open("rb") as stream:
        while left:
            piece = stream.read(min(left, _PIECE))
            if not piece:
                raise OSError(0, f"{path.name} became shorter while it was read")
            left -= len(piece)
            yield piece
