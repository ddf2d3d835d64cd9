"""Qt resource files (.rcc): a tree of files, plain or packed with zlib or zstd.

Format: Qt `rcc.cpp` and `qresource.cpp`, versions 1 to 3.
Limits: resources compiled into a program have no header and no names here; their streams are found by themselves.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.blockcodecs import inflate, unzstd
from inspector.formats.codec.streams import allowance
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

MAGIC: Final = b"qres"
REGISTERS: Final = b"qRegisterResourceData"
"""Part of the name of the function that programs call for resources compiled into them, however it is mangled."""
HEADER: Final = Struct(">4s4I")
PACKED, FOLDER, PACKED_ZSTD = 1, 2, 4
MOST: Final = 200_000
DEEPEST: Final = 64
LONGEST_NAME: Final = 1024


def parse_qt_resources(data: Reader) -> Image:
    """Return the files by their path in the tree, in depth-first order."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no Qt resources")
    _, version, tree, body, names = data.unpack_at(0, HEADER)
    if not 1 <= version <= 3 or max(tree, body, names) >= data.size:
        raise Malformed(f"Qt resources version {version}")
    members = tuple(_files(data, tree, body, names, 14 if version == 1 else 22))
    ends = [member.extents[0].end for member in members]
    return Image(data.size, members, (Span(0, HEADER.size),), {"files": str(len(ends))})


def _files(data: Reader, tree: int, body: int, names: int, width: int) -> Iterator[Member]:
    stack, seen = [(0, "", 0)], 0
    visited: set[int] = set()
    while stack:
        index, path, depth = stack.pop()
        at = tree + index * width
        if index in visited or depth > DEEPEST:
            raise Malformed("Qt resources whose tree is none")
        visited.add(index)
        name, flags = data.unpack_at(at, Struct(">IH"))
        here = f"{path}/{_name(data, names + name)}".lstrip("/") if depth else ""
        if flags & FOLDER:
            count, first = data.unpack_at(at + 6, Struct(">2I"))
            seen += count
            if seen > min(MOST, data.size // width):
                raise Malformed(f"Qt resources with a folder of {count} entries")
            stack += [(first + number, here, depth + 1) for number in reversed(range(count))]
        else:
            yield _file(data, here, body + data.unpack_at(at + 10, Struct(">I"))[0], flags)


def _name(data: Reader, at: int) -> str:
    (length,) = data.unpack_at(at, Struct(">H"))
    return data.read_at(at + 6, 2 * min(length, LONGEST_NAME)).decode("utf-16-be", "replace")


def _file(data: Reader, path: str, at: int, flags: int) -> Member:
    (size,) = data.unpack_at(at, Struct(">I"))
    extent = Span(at + 4, at + 4 + size)
    if extent.end > data.size:
        raise Malformed(f"Qt resource of {size} bytes at {at:#x}")

    def open_file(limit: int) -> Reader:
        stored = data.slice(extent.start, extent.end)
        most = min(limit, allowance(size))
        if flags & PACKED and size > 4:
            return BufferReader(inflate(stored.view_at(4, size - 4), most))
        return BufferReader(unzstd(stored.all(), most)) if flags & PACKED_ZSTD else stored

    return Member(path, open_file, (extent,))
