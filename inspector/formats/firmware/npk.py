"""MikroTik NPK packages: containers one behind the other, some of them file trees packed with zlib.

Format: npkpy documentation (container numbers); OpenWrt firmware-utils `npk_pack_kernel` (record of a packed file).
Limits: signatures are not verified.
"""

import zlib
from collections.abc import Iterator
from struct import Struct
from typing import Final

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.formats.codec.streams import allowance
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

MAGIC: Final = b"\x1e\xf1\xd0\xba"
HEADER: Final = Struct("<4sI")
CONTAINER: Final = Struct("<HI")
RECORD: Final = Struct("<H6s3II I H".replace(" ", ""))
NAMES: Final = {
    1: "information", 2: "description", 3: "dependencies", 4: "files", 5: "install", 6: "uninstall",
    7: "install-library", 8: "uninstall-library", 9: "signature", 16: "architecture", 17: "conflicts",
    18: "package", 20: "features", 21: "squashfs", 22: "padding", 23: "digest", 24: "channel", 25: "header",
}  # fmt: skip
FILES, PACKAGE, PADDING = 4, (1, 18, 25), 22
DIRECTORY: Final = 0o040000
KINDS: Final = 0o170000
MOST: Final = 10_000


def parse_npk(data: Reader) -> Image:
    """Return each container by its meaning; a packed file tree stays one member, `files`."""
    return _parse(data, listed=False)


def list_npk(data: Reader) -> Image:
    """Return the same with the files of packed trees in place of the trees; these are decoded for it."""
    return _parse(data, listed=True)


def _parse(data: Reader, *, listed: bool) -> Image:
    header_at(data, HEADER.size, "an NPK header")
    magic, size = data.unpack_at(0, HEADER)
    if magic != MAGIC or size < CONTAINER.size:
        raise NotThisFormat("no NPK header")
    end = HEADER.size + size
    if end > data.size:
        raise Malformed(f"NPK package of {end} bytes, {data.size} there")
    offset, members, structure, properties = HEADER.size, list[Member](), [Span(0, HEADER.size)], dict[str, str]()
    for index in range(MOST):
        if offset + CONTAINER.size > end:
            break
        kind, length = data.unpack_at(offset, CONTAINER)
        start, offset = offset + CONTAINER.size, offset + CONTAINER.size + length
        if offset > end:
            raise Malformed(f"NPK container {kind} at {start:#x} leaves the package")
        structure.append(Span(start - CONTAINER.size, start))
        if kind in PACKAGE and length >= 16 and "package" not in properties:
            properties["package"] = text(data.view_at(start, 16))
        if kind == PADDING or not length:
            structure.append(Span(start, offset))
        elif kind == FILES and listed:
            members += _files(data, Span(start, offset))
        else:
            members.append(stored(data, f"{index}-{NAMES.get(kind, str(kind))}", start, offset))
    structure.append(Span(offset, end))
    return Image(end, tuple(members), tuple(structure), properties)


def _files(data: Reader, extent: Span) -> Iterator[Member]:
    """Yield the files of a packed tree; where it does not decode, the container itself as one member."""
    limit = allowance(len(extent))
    try:
        plain = _inflate(data.read_at(extent.start, len(extent)), limit)
    except FormatError:
        yield stored(data, "files", extent.start, extent.end)
        return
    offset = 0
    for _ in range(MOST):
        if offset + RECORD.size > len(plain):
            return
        mode, _, _, _, _, _, size, name_length = RECORD.unpack_from(plain, offset)
        name_end = offset + RECORD.size + name_length
        if name_end + size > len(plain):
            yield Member("files", extents=(extent,), problem=Malformed("NPK file record leaves its container"))
            return
        path = decode_name(plain[offset + RECORD.size : name_end])
        offset = name_end + size
        if mode & KINDS == DIRECTORY:
            yield Member(path, kind=MemberKind.DIRECTORY, mode=mode & 0o7777)
        else:
            yield _plain_file(path, plain[name_end:offset], extent, mode & 0o7777)


def _plain_file(path: str, content: bytes, extent: Span, mode: int) -> Member:
    def open_file(limit: int) -> Reader:
        if len(content) > limit:
            raise LimitReached(f"{len(content)} bytes, {limit} allowed")
        return BufferReader(content)

    return Member(path, open=open_file, extents=(extent,), size=len(content), mode=mode)


def _inflate(raw: bytes, limit: int) -> bytes:
    decoder = zlib.decompressobj()
    try:
        plain = decoder.decompress(raw, limit)
    except zlib.error as error:
        raise Malformed(f"damaged NPK file tree: {error}") from error
    if decoder.unconsumed_tail:
        raise LimitReached(f"more than the {limit} bytes allowed")
    return plain
