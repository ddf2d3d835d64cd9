"""The zip of an evidence bundle: written the same way every time, read as hostile input.

Format: PKZIP APPNOTE 6.3.10, without zip64, comments, encryption and data descriptors.
Limits: at most 64 files, 128 MiB each and 512 MiB together once unpacked; other shapes are refused, not repaired.
The compressed bytes depend on the zlib in use; the files, their order and times do not.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import IO, Final

from inspector.errors import BundleError
from inspector.report.printable import printable

MOST_FILES: Final = 64
LARGEST_FILE: Final = 128 << 20
LARGEST_TOTAL: Final = 512 << 20
NAME: Final = re.compile(r"(?:[a-z0-9-]{1,40}/)?[a-z0-9][a-z0-9.-]{0,60}")
"""Every name the product writes: lower case, at most one folder, never a way out of it."""
PIECE: Final = 1 << 20
END: Final = struct.Struct("<4s4H2IH")
ENTRY_SIZE: Final = 46
ZIP64_LOCATOR: Final = 20
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
BROKEN: Final = (
    OSError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    zlib.error,
    struct.error,
)
"""What `zipfile` raises for damaged or strange archives."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of `files`, in the order of their names, with fixed times and modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class Archive:
    """The files of a bundle, open for reading; nothing is unpacked before it is asked for."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Read the directory. Raises `BundleError` where it is not that of a bundle."""
        count = _count(stream, stream.seek(0, io.SEEK_END))
        try:
            self._archive = zipfile.ZipFile(stream)
            self._entries = {entry.filename: entry for entry in _checked(self._archive.infolist(), count)}
        except BROKEN as error:
            raise _damaged(error) from error

    @property
    def names(self) -> AbstractSet[str]:
        """Return the names of all files."""
        return self._entries.keys()

    def size(self, name: str) -> int:
        """Return the unpacked size in bytes, as the directory says it; `pieces` holds the file to it."""
        return self._entries[name].file_size

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the content in pieces of at most 1 MiB, never more than `size`. Raises `BundleError` for damage."""
        # A read with a bound: without one `zipfile` inflates everything before it looks at the size.
        try:
            with self._archive.open(self._entries[name]) as stream:
                while piece := stream.read(PIECE):
                    yield piece
        except BROKEN as error:
            raise _damaged(error) from error

    def read(self, name: str, most: int = LARGEST_FILE) -> bytes:
        """Return the content of a file of at most `most` bytes. Raises `BundleError`."""
        if self.size(name) > most:
            raise BundleError(f"is too large: {name} says {self.size(name)} bytes")
        return b"".join(self.pieces(name))


def _damaged(error: Exception) -> BundleError:
    return BundleError(f"is damaged: {printable(str(error), 120)}")


def _count(stream: IO[bytes], size: int) -> int:
    """Return how many files the directory has; refuse one that is not small, last and plain, before it is read."""
    if size < END.size:
        raise BundleError("is no zip archive")
    if size > LARGEST_TOTAL:
        raise BundleError(f"is larger than {LARGEST_TOTAL >> 20} MiB")
    tail = min(size, END.size + ZIP64_LOCATOR)
    stream.seek(size - tail)
    raw = stream.read(tail)
    magic, disk, first, here, count, length, start, comment = END.unpack(raw[-END.size :])
    if magic != b"PK\x05\x06":
        raise BundleError("is no zip archive, or has something behind its end")
    if b"PK\x06\x07" in raw or disk or first or here != count or comment:
        raise BundleError("has a zip directory of a shape that no bundle has")
    if count > MOST_FILES:
        raise BundleError(f"has {count} files; a bundle has at most {MOST_FILES}")
    if start + length + END.size != size or length > count * (ENTRY_SIZE + 4 * 128):
        raise BundleError("has a zip directory of a shape that no bundle has")
    return int(count)


def _checked(entries: list[zipfile.ZipInfo], count: int) -> list[zipfile.ZipInfo]:
    if len(entries) != count:
        raise BundleError("has a zip directory that hides files")
    total = 0
    names: set[str] = set()
    for entry in entries:
        shown = printable(entry.filename, 80)
        if not NAME.fullmatch(entry.filename) or entry.orig_filename != entry.filename:
            raise BundleError(f"has a file name that no bundle has: {shown!r}")
        if entry.filename in names:
            raise BundleError(f"has two files {shown!r}")
        if (
            entry.flag_bits
            or entry.extra
            or entry.comment
            or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        ):
            raise BundleError(f"stores {shown!r} in a way that no bundle does")
        names.add(entry.filename)
        total += entry.file_size
        if entry.file_size > LARGEST_FILE or total > LARGEST_TOTAL:
            raise BundleError(f"is too large once unpacked: {shown!r} says {entry.file_size} bytes")
    return entries
