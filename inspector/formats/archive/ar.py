"""ar: Debian packages, static libraries, some vendor updates; System V, GNU and BSD names.

Format: ar(5) of FreeBSD; deb(5).
Limits: thin archives hold no contents.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, slicer
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"!<arch>\n"
HEADER_SIZE: Final = 60
END: Final = b"`\n"
SYMBOLS: Final = (b"/", b"/SYM64/", b"__.SYMDEF", b"__.SYMDEF SORTED", b"__.SYMDEF_64")
LONG_NAMES: Final = b"//"
BSD_NAME: Final = b"#1/"
MAX_NAME: Final = 4096
MAX_NAMES: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    mode: int
    header: Span
    body: Span


def parse_ar(data: Reader) -> Image:
    """Return the members in order; symbol and name tables count as structure."""
    if not data.startswith(MAGIC):
        raise NotThisFormat("no ar archive")
    long_names, members, structure, end = b"", list[Member](), [Span(0, len(MAGIC))], len(MAGIC)
    for entry in _entries(data):
        end = entry.body.end
        structure.append(entry.header)
        if entry.name == LONG_NAMES:
            long_names = data.read_upto(entry.body.start, min(len(entry.body), MAX_NAMES))
        if entry.name == LONG_NAMES or entry.name in SYMBOLS:
            structure.append(entry.body)
            continue
        path = decode_name(_full_name(entry.name, long_names))
        opener = slicer(data, entry.body.start, entry.body.end)
        members.append(Member(path, opener, (entry.body,), len(entry.body), mode=entry.mode & 0o7777))
    if end == len(MAGIC) < data.size:
        raise Malformed("ar archive with a broken first header")
    end = min(end + end % 2, data.size)
    return Image(end, tuple(members), tuple(structure))


def _entries(data: Reader) -> Iterator[_Entry]:
    """Yield entries up to the first header that is none, or whose data is not all there."""
    position = len(MAGIC)
    while position + HEADER_SIZE <= data.size:
        header = data.read_at(position, HEADER_SIZE)
        if header[58:] != END or not header[48:58].strip().isdigit():
            return
        start, size = position + HEADER_SIZE, int(header[48:58])
        if start + size > data.size:
            return
        name = header[:16].rstrip(b" ")
        prefix = _bsd_length(name, size)
        if prefix:
            name = data.read_at(start, prefix).rstrip(b"\0")
        mode = header[40:48].strip()
        yield _Entry(
            name,
            int(mode, 8) if mode and not mode.strip(b"01234567") else 0,
            Span(position, start + prefix),
            Span(start + prefix, start + size),
        )
        position = start + size + size % 2


def _bsd_length(name: bytes, size: int) -> int:
    """Return how many bytes of the data are the name, as BSD writes long ones."""
    digits = name.removeprefix(BSD_NAME)
    if not name.startswith(BSD_NAME) or not digits.isdigit():
        return 0
    return min(int(digits), size, MAX_NAME)


def _full_name(name: bytes, long_names: bytes) -> bytes:
    if name[:1] == b"/" and name[1:].isdigit():
        start = int(name[1:])
        return long_names[start : start + MAX_NAME].split(b"\n")[0].removesuffix(b"/")
    return name.removesuffix(b"/")
