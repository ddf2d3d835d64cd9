"""Installers of NSIS: what stands behind the program that runs them.

Format: NSIS (zlib licence), `Source/exehead/fileform.h` and `fileform.c`; its reference manual for the names of
variables. A header of pages, sections, instructions and texts is packed, then each file; or all of it as one stream.
Limits: names are those of the instructions that write files, in the order in which they stand; of what the makers of
an installer renumbered, and of NSIS before 2.0, files go without a name. The checksum is not checked: it covers the
program in front too.
"""

import lzma
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.formats.codec import bare_bzip2
from inspector.formats.codec.streams import (
    LZMA_PROPERTIES,
    MEMORY,
    STEP,
    Codec,
    Stream,
    decode,
    inflate,
    lzma1,
    raw_lzma,
)
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span
from inspector.formats.solid import LastBlock

MAGIC: Final = b"\xef\xbe\xad\xdeNullsoftInst"
MAGIC_AT: Final = 4
FIRST: Final = Struct("<I16sII")
"""Flags, magic, size of the header when it is unpacked, size of everything."""
UNINSTALLER, WITHOUT_CHECKSUM, FLAGS = 1, 4, 15
CHECKSUM: Final = 4
SIZE: Final = Struct("<I")
PACKED: Final = 1 << 31
"""In the size of a file that is packed by itself."""
LARGEST_HEADER: Final = 1 << 26

Paths = Mapping[int, Sequence[str]]
"""Where a file is packed, behind the header → the paths that it is written to."""
ENTRIES, TEXTS, LANGUAGES, BLOCKS = 2, 3, 4, 8
ENTRY: Final = Struct("<7I")
CREATE_FOLDER, EXTRACT = 11, 20
MOST_NAMES: Final = 16
"""Of one file."""


def check_header(data: Reader, offset: int) -> int:
    """Return where the installer at `offset` ends by its header; raise `NotThisFormat` where there is none."""
    if offset + FIRST.size > data.size or not data.startswith(MAGIC, offset + MAGIC_AT):
        raise NotThisFormat("no NSIS installer")
    flags, _, header, size = data.unpack_at(offset, FIRST)
    if flags & ~FLAGS or not header or size <= FIRST.size:
        raise NotThisFormat("no header of an NSIS installer")
    return offset + int(size)


def parse_nsis(data: Reader) -> Contents:
    """Return the header of the installer, the files it names, and what else is packed."""
    end = check_header(data, 0)
    flags, _, size, _ = data.unpack_at(0, FIRST)
    if size > LARGEST_HEADER:
        raise LimitReached(f"NSIS header of {size} bytes")
    stop = min(end if flags & WITHOUT_CHECKSUM else end - CHECKSUM, data.size)
    solid, method = _packing(data, size)
    reader = _Solid(data, stop, size, method) if solid else _Apart(data, stop, size, method)
    structure = [Span(0, FIRST.size)] + ([Span(stop, end)] if stop < end <= data.size else [])
    properties = {
        "kind": "uninstaller" if flags & UNINSTALLER else "installer",
        "compression": f"{method}, all as one" if solid else method,
    }
    damage = "installer is cut off" if end > data.size else ""
    return Contents(reader.members(_paths(reader.header)), lambda: structure, properties, damage=damage)


# --------------------------------------------------------------------------- how it is packed


def _packing(data: Reader, size: int) -> tuple[bool, str]:
    """Return whether everything is one stream, and the method."""
    head = data.read_upto(FIRST.size, 16)
    if _is_lzma(head):
        return True, "lzma"
    if len(head) == 16 and head[3] == PACKED >> 24 and not _is_solid(data, head, size):
        return False, _method(head[4:])
    if int.from_bytes(head[:4], "little") == size:
        return False, "none"
    return True, _method(head)


def _is_solid(data: Reader, head: bytes, size: int) -> bool:
    """Tell whether one stream begins here: it holds the header's size first, and may look like a packed size itself."""
    try:
        return _beginning(CODECS[_method(head)], data, FIRST.size, SIZE.size) == SIZE.pack(size)
    except FormatError:
        return False


def _method(head: bytes) -> str:
    if _is_lzma(head):
        return "lzma"
    return "bzip2" if head[:1] == b"\x31" and head[1:2] < b"\x0e" else "deflate"


def _is_lzma(head: bytes) -> bool:
    """Tell properties as NSIS writes them, perhaps behind a byte that tells of a filter."""
    at = 1 if head[:1] <= b"\1" else 0
    return head[at : at + 3] == b"\x5d\0\0" and head[at + 5 : at + 6] == b"\0"


def _lzma(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode an LZMA stream behind its properties."""
    filtered = data.read_at(offset, 1)[0]
    start = offset + (filtered <= 1)
    properties, dictionary = data.unpack_at(start, LZMA_PROPERTIES)
    if dictionary > MEMORY:
        raise Malformed("LZMA stream with impossible properties")
    filters = [lzma1(properties, dictionary)]
    if filtered == 1:
        filters.insert(0, {"id": lzma.FILTER_X86})
    start += LZMA_PROPERTIES.size
    return (yield from raw_lzma(filters, data, start, step)) + start - offset


CODECS: Final[Mapping[str, Codec]] = {"lzma": _lzma, "bzip2": bare_bzip2.decompress, "deflate": inflate}


def _beginning(codec: Codec, data: Reader, offset: int, size: int) -> bytes:
    """Return the first bytes of a stream, without decoding much more."""
    out = bytearray()
    for piece in codec(data, offset, min(STEP, max(size, 1 << 12))):
        out += piece
        if len(out) >= size:
            return bytes(out[:size])
    raise Malformed("NSIS header is cut off")


def _extent(at: int, told: int) -> Span:
    """Return where a file lies, the size in front of it included."""
    return Span(at, at + SIZE.size + (told & ~PACKED))


class _Apart:
    """Files that are packed one by one."""

    def __init__(self, data: Reader, end: int, size: int, method: str) -> None:
        self._data, self._end, self._codec = data.slice(0, end), end, CODECS.get(method)
        (told,) = data.unpack_at(FIRST.size, SIZE)
        self._head = _extent(FIRST.size, told)
        self.header = bytes(self._open(self._head, bool(told & PACKED), size).read_upto(0, size))

    def members(self, known: Paths) -> Iterator[Member]:
        """Yield the header and every file in the order in which they are packed."""
        yield Member("header", lambda _: BufferReader(self.header), (self._head,), len(self.header))
        at = start = self._head.end
        while at + SIZE.size <= self._end:
            (told,) = self._data.unpack_at(at, SIZE)
            extent = _extent(at, told)
            paths = known.get(at - start, ())
            path = paths[0] if paths else f"data/{at - start:08x}"
            if extent.end > self._end:
                yield Member(path, extents=(Span(at, self._end),), problem=Malformed("file is cut off"))
                return
            yield Member(path, partial(self._open, extent, bool(told & PACKED)), (extent,))
            yield from _links(paths)
            at = extent.end

    def _open(self, extent: Span, packed: bool, limit: int) -> Reader:
        part = self._data.slice(extent.start + SIZE.size, extent.end)
        if packed and self._codec is not None:
            return decode(self._codec, part, 0, limit)
        if part.size > limit:
            raise LimitReached(f"{part.size} bytes, {limit} allowed")
        return part


class _Solid:
    """Header and files as one stream."""

    def __init__(self, data: Reader, end: int, size: int, method: str) -> None:
        self._data, self._codec, self._kept = data.slice(0, end), CODECS[method], LastBlock()
        self._extents = (Span(FIRST.size, end),)
        self._start = SIZE.size + size
        """Where the files begin in what is unpacked."""
        self.header = _beginning(self._codec, self._data, FIRST.size, self._start)[SIZE.size :]

    def members(self, known: Paths) -> Iterator[Member]:
        """Yield the header, the files that have a name, and what else the stream holds."""
        yield Member("header", lambda _: BufferReader(self.header), self._extents, len(self.header))
        for at, paths in sorted(known.items()):
            yield Member(paths[0], partial(self._file, at), self._extents)
            yield from _links(paths)
        yield Member("data", partial(self._rest, sorted(known)), self._extents)

    def _whole(self, limit: int) -> Reader:
        return self._kept.whole(0, partial(decode, self._codec, self._data, FIRST.size), limit)

    def _place(self, whole: Reader, at: int) -> Span:
        """Return where a file lies in what is unpacked, its size included."""
        start = min(self._start + at, whole.size)
        told = int.from_bytes(whole.read_upto(start, SIZE.size), "little")
        return _extent(start, told)

    def _file(self, at: int, limit: int) -> Reader:
        whole = self._whole(limit)
        extent = self._place(whole, at)
        end = min(extent.end, whole.size)
        if extent.start + SIZE.size > end:
            raise whole.damage or Malformed("file begins outside the installer")
        if len(extent) - SIZE.size > limit:
            raise LimitReached(f"{len(extent) - SIZE.size} bytes, {limit} allowed")
        content = whole.slice(extent.start + SIZE.size, end)
        if end < extent.end:
            content.damage = whole.damage or Malformed("file is cut off")
        return content

    def _rest(self, known: list[int], limit: int) -> Reader:
        """Return what stands between and behind the files that have a name."""
        whole, at, pieces = self._whole(limit), self._start, list[Piece]()
        for extent in (*(self._place(whole, start) for start in known), Span(whole.size, whole.size)):
            if at < extent.start:
                pieces.append(Piece(extent.start - at, whole, at))
            at = max(at, extent.end)
        rest = MappedReader(pieces)
        rest.damage = whole.damage
        return rest


def _links(paths: Sequence[str]) -> Iterator[Member]:
    """Yield the other names of a file that is installed more than once."""
    return (Member(path, kind=MemberKind.HARDLINK, target=paths[0]) for path in paths[1:])


# --------------------------------------------------------------------------- what the header says


def _paths(header: bytes) -> Paths:
    """Return where files go by the instructions; nothing where these stand in another order than in NSIS 2 and 3."""
    blocks = _blocks(header)
    if blocks is None:
        return {}
    (at, count), (texts_at, _), (texts_end, _) = blocks[ENTRIES : LANGUAGES + 1]
    texts = _Texts(header[texts_at:texts_end])
    folder, paths = "$INSTDIR", dict[int, list[str]]()
    for kind, *numbers in ENTRY.iter_unpack(header[at : at + count * ENTRY.size]):
        if kind == CREATE_FOLDER and numbers[1]:
            folder = texts.at(numbers[0]).replace("$OUTDIR", folder) or folder
        elif kind == EXTRACT:
            path = _joined(folder, texts.at(numbers[1]))
            known = paths.setdefault(numbers[2], [])
            if path and path not in known and len(known) < MOST_NAMES:
                known.append(path)
    return {at: found for at, found in paths.items() if found}


def _blocks(header: bytes) -> list[tuple[int, int]] | None:
    """Return (offset, number of things) of each part of the header; offsets are wider for programs of 64 bits."""
    for layout in (Struct("<II"), Struct("<QI")):
        raw = header[4 : 4 + BLOCKS * layout.size]
        if len(raw) == BLOCKS * layout.size:
            blocks: list[tuple[int, int]] = list(layout.iter_unpack(raw))
            (at, count), (texts, _), (languages, _) = blocks[ENTRIES : LANGUAGES + 1]
            if BLOCKS * layout.size < at and at + count * ENTRY.size <= texts <= languages <= len(header):
                return blocks
    return None


def _joined(folder: str, name: str) -> str:
    absolute = name.startswith(("$", "\\")) or name[1:2] == ":"
    return (name if absolute or not name else f"{folder}\\{name}").replace("\\", "/")


LANGUAGE, SHELL, VARIABLE, LITERAL = range(4)
"""What stands for the text of a language, a folder of Windows, a variable, a character that is none of these."""
LONGEST: Final = 1024
VARIABLES: Final = (
    *(f"${number}" for number in range(10)),
    *(f"$R{number}" for number in range(10)),
    "$CMDLINE",
    "$INSTDIR",
    "$OUTDIR",
    "$EXEDIR",
    "$LANGUAGE",
    "$TEMP",
    "$PLUGINSDIR",
    "$EXEPATH",
    "$EXEFILE",
    "$HWNDPARENT",
    "$_CLICK",
    "$OUTDIR",
)
FOLDERS: Final = {
    0x00: "$DESKTOP",
    0x02: "$SMPROGRAMS",
    0x05: "$DOCUMENTS",
    0x07: "$SMSTARTUP",
    0x0B: "$STARTMENU",
    0x10: "$DESKTOP",
    0x14: "$FONTS",
    0x1A: "$APPDATA",
    0x1C: "$LOCALAPPDATA",
    0x23: "$APPDATA",
    0x24: "$WINDIR",
    0x25: "$SYSDIR",
    0x26: "$PROGRAMFILES",
    0x28: "$PROFILE",
    0x2B: "$COMMONFILES",
}
"""Numbers of folders (CSIDL) as NSIS names them."""
REGISTRY: Final = 0x80
"""In the number of a folder: the registry tells it, under the name at that place among the texts."""


class _Texts:
    """The texts of an installer, of 8 or 16 bits a character, with codes among them."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._wide = raw[:2] == b"\0\0"
        """The first text is empty."""
        self._codes: Mapping[int, int] = dict(zip((1, 2, 3, 4), range(4), strict=True))
        if not self._wide and raw.count(b"\xfd") > raw.count(b"\3"):  # NSIS 2
            self._codes = dict(zip((255, 254, 253, 252), range(4), strict=True))
        self._is_park = self._wide and raw.count(b"\1\xe0") > raw.count(b"\3\0")
        """Jim Park's variant of NSIS 2, for Unicode."""
        if self._is_park:
            self._codes = dict(zip((0xE003, 0xE002, 0xE001, 0xE000), range(4), strict=True))

    def at(self, place: int) -> str:
        """Return the text at a place, which counts characters; empty where there is none."""
        width = 1 + self._wide
        units = self._raw[place * width : (place + LONGEST) * width]
        return self._wide_text(units) if self._wide else self._narrow_text(units)

    def _narrow_text(self, raw: bytes) -> str:
        out, at = bytearray(), 0
        while at < len(raw) and raw[at]:
            kind = self._codes.get(raw[at])
            if kind is None:
                out.append(raw[at])
            elif kind == LITERAL:
                out += raw[at + 1 : at + 2]
                at += 1
            else:
                out += self._named(kind, int.from_bytes(raw[at + 1 : at + 3], "little")).encode()
                at += 2
            at += 1
        return decode_name(bytes(out))

    def _wide_text(self, raw: bytes) -> str:
        units, out, at = Struct(f"<{len(raw) // 2}H").unpack_from(raw), bytearray(), 0
        while at < len(units) and units[at]:
            kind = self._codes.get(units[at])
            if kind is None:
                out += units[at].to_bytes(2, "little")
            elif at + 1 < len(units):
                at += 1
                named = chr(units[at]) if kind == LITERAL else self._named(kind, units[at])
                out += named.encode("utf-16-le", "surrogatepass")
            at += 1
        return out.decode("utf-16-le", "backslashreplace")

    def _named(self, kind: int, code: int) -> str:
        low, high = code & 0xFF, code >> 8
        number = code & 0x7FFF if self._is_park else low & 0x7F | (high & 0x7F) << 7
        if kind == VARIABLE:
            return VARIABLES[number] if number < len(VARIABLES) else f"$var{number - len(VARIABLES)}"
        if kind == LANGUAGE:
            return f"$(text{number})"
        if low & REGISTRY:
            return "$COMMONFILES" if high & 0x7F == 0x2B else "$PROGRAMFILES"
        return FOLDERS.get(low) or FOLDERS.get(high) or f"$folder{low}"
