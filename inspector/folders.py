"""Several files that are one artifact, read as the zip that packing them would give.

`My.app`, `Sdk.framework` and `Sdk.xcframework` are folders on disk, but one thing to whoever asks about them; so are
the base and the splits of an Android app, as they come from a device (`base.apk`, `split_config.xhdpi.apk`). Nothing
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
from typing import Any, Final, NamedTuple
from zlib import crc32

from inspector.formats.mobile.app_package import BASES, app_sets
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader
from inspector.sets import CutFile, finished, read_parts, set_of

DETACHED: Final = ".idsig"
"""Ending of the file beside a package that holds its signature of scheme v4."""
BUNDLES: Final = (".app", ".framework", ".xcframework")
APP_LISTS: Final = ("Info.plist", "Contents/Info.plist")
"""Where iOS and macOS keep the properties of an app."""
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


class AppParts(NamedTuple):
    """The files of one Android app, all in one folder, the base first."""

    files: tuple[Path, ...]

    @property
    def base(self) -> Path:
        """The file that speaks for the app."""
        return self.files[0]

    @property
    def name(self) -> str:
        """What the set is called: as its base, or where that has no name of its own as the folder."""
        own = self.base.name.lower() not in BASES
        return f"{self.base.stem if own else self.base.absolute().parent.name}.apks"


Source = Path | AppParts | CutFile
"""What one inspection is about: a file, a bundle, the parts of an app, or those of a file."""


def is_bundle(path: Path) -> bool:
    """Tell whether a path is a folder that an Apple system shows as one file.

    Android calls folders after packages, which may end in `.app` too; an app of Apple has its list of properties.
    """
    if path.suffix.lower() not in BUNDLES or not path.is_dir() or path.is_symlink():
        return False
    return path.suffix.lower() != BUNDLES[0] or any((path / list_).is_file() for list_ in APP_LISTS)


def parts_in(folder: Path, names: Iterable[str]) -> list[AppParts]:
    """Return the sets among the files of one folder, by their names; signatures beside them belong to them."""
    known = frozenset(names)
    return [
        AppParts(tuple(folder / name for name in (*files, *(f"{one}{DETACHED}" for one in files)) if name in known))
        for files in app_sets(known)
    ]


def as_source(path: Path) -> Source:
    """Return what a path that somebody named stands for: a folder with one app in parts, or one part of a file."""
    if not path.is_dir():
        return set_of(path) or path
    if not is_bundle(path):
        found = parts_in(path, (entry.name for entry in path.iterdir() if entry.is_file()))
        if len(found) == 1:
            return found[0]
    return path


def is_readable(path: Path) -> bool:
    """Tell whether a path that somebody named stands for one artifact: a file, or a folder that is one."""
    return path.is_file() or is_folded(as_source(path))


def is_folded(source: Source) -> bool:
    """Tell whether a source is several files, which `open_folded` reads as one."""
    return isinstance(source, AppParts) or (isinstance(source, Path) and is_bundle(source))


def home_of(source: Source) -> Path | None:
    """Return the folder below which the names of a source that is several files begin, None for a file."""
    if isinstance(source, AppParts):
        return source.base.parent
    return source.parent if isinstance(source, Path) and is_bundle(source) else None


def files_of(source: Source) -> Iterator[Path]:
    """Yield the files of a source, in the order in which they are read."""
    if isinstance(source, CutFile):
        yield from source.files
    elif isinstance(source, AppParts):
        yield from sorted(source.files)
    elif is_bundle(source):
        yield from bundle_files(source)
    else:
        yield source


def name_of(source: Source) -> str:
    """Return the name under which a source is reported."""
    return os.fsencode(source.name).decode("utf-8", "backslashreplace")


def open_folded(source: Source) -> Generator[None, Any, tuple[Reader, str]]:
    """Return bundle or parts as a zip, and the SHA-256 of that zip; yields between files. Raises `OSError`."""
    above = home_of(source) or Path()
    hasher = hashlib.sha256()
    pieces: list[Piece] = []
    directory, at, count = b"", 0, 0

    def lay(content: Any, read: Iterable[bytes] = ()) -> None:
        nonlocal at
        for piece in read or (content,):
            hasher.update(piece)
        pieces.append(Piece(len(content), BufferReader(content)))
        at += len(content)

    for path in files_of(source):
        name = os.fsencode(path.relative_to(above))
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


def read_folded(source: Source) -> tuple[Reader, str]:
    """Return what `open_folded` does, in one go."""
    return finished(open_folded(source))


def read_several(source: Source) -> tuple[Reader, str] | None:
    """Return a source that is several files as one reader with its SHA-256, None for one file. Raises `OSError`."""
    if isinstance(source, CutFile):
        return read_parts(source.files)
    return read_folded(source) if is_folded(source) else None


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
