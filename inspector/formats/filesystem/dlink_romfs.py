"""D-Link ROMFS: a table of numbered files, some of them folders that give names to the numbers.

Format: binwalk 2.3, `plugins/dlromfsextract.py` and its magic file (MIT). Files may be packed with LZMA or zlib; what
tells is their first bytes.
Limits: known from that description alone; fields without a meaning there are skipped.
"""

from collections.abc import Iterator
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.archive import lzma_alone, zlib
from inspector.formats.codec.streams import Codec, decode
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of
from inspector.formats.image import slicer
from inspector.formats.layout import Contents, Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

ORDERS: Final = {b".moR": "<", b"Rom.": ">"}
MARK: Final = b"ROMFS v"
MARK_AT: Final = 0x10
ROW: Final = 0x20
FOLDER: Final = 0x01
ROOT: Final = 0
LONGEST_NAME: Final = 1024


class _File(NamedTuple):
    """One row of the table."""

    folder: bool
    start: int
    end: int


class DlinkRomfsImage:
    """An opened file system; the key of a file is its number."""

    def __init__(self, data: Reader) -> None:
        order = ORDERS.get(data.read_upto(0, 4))
        if order is None or not data.startswith(MARK, MARK_AT) or data.size < 2 * ROW:
            raise NotThisFormat("no D-Link ROMFS header")
        self.data = data
        self._record = Struct(order + "I4x")
        (self.size,) = data.unpack_at(8, Struct(order + "I"))
        self._files = dict(self._rows(Struct(order + "I8xI4xI4x4s")))
        self._budget = Budget(data.size)
        self._tables = [Span(0, ROW * (len(self._files) + 1))]
        root = self._files.get(ROOT)
        if root is None or not root.folder:
            raise NotThisFormat("D-Link ROMFS without a root")

    def _rows(self, row: Struct) -> Iterator[tuple[int, _File]]:
        """Yield (number, file) of each row; the table ends with a row without a number in digits, or where data lie."""
        seen, at, end = set(), ROW, self.data.size
        while at + ROW <= end:
            kind, size, start, digits = self.data.unpack_at(at, row)
            if not digits.isdigit() or int(digits) in seen:
                return
            seen.add(int(digits))
            if size and start > at:
                end = min(end, start)
            yield int(digits), _File(bool(kind & FOLDER), start, start + size)
            at += ROW

    def _file(self, number: int) -> _File:
        file = self._files.get(number)
        if file is None:
            raise Malformed(f"no file {number} in the table")
        if file.end > self.data.size:
            raise Malformed(f"file's data at {file.start:#x} lies behind the end of the image")
        return file

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the entries of a folder: a number and a name, in rows of 32 bytes."""
        folder = self._file(number)
        at = folder.start
        while at + self._record.size < folder.end:
            self._budget.spend(ROW)
            (key,) = self.data.unpack_at(at, self._record)
            first = at + self._record.size
            raw, ended, _ = self.data.read_at(first, min(LONGEST_NAME, folder.end - first)).partition(b"\0")
            if not ended and first + len(raw) < folder.end:
                raise Malformed("D-Link ROMFS name without its end")
            length = self._record.size + len(raw)
            self._tables.append(Span(at, min(at + length + 1, folder.end)))
            at += (length // ROW + 1) * ROW
            if raw not in (b".", b"..", b""):
                known = self._files.get(key)
                yield Entry(raw, key, bool(known and known.folder))

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry that is no folder."""
        file = self._file(found.key)
        extents = (Span(file.start, file.end),) if file.end > file.start else ()
        part = self.data.slice(file.start, file.end)
        codec = _packed(part)
        opener = partial(decode, codec, part, 0) if codec else slicer(self.data, file.start, file.end)
        return Member(found.path, opener, extents, -1 if codec else file.end - file.start, notes=found.notes)

    def structure(self) -> list[Span]:
        """Return the table and the folders that were read."""
        return self._tables


def _packed(part: Reader) -> Codec | None:
    """Return what unpacks a file, by its first bytes; None for one that is stored as it is."""
    for codec in (lzma_alone.decompress, zlib.decompress):  # both look at their header before anything else
        try:
            next(codec(part, 0, 64))
        except (FormatError, StopIteration):
            continue
        return codec
    return None


def measure_dlink_romfs(data: Reader) -> Span:
    """Return the extent as the header states it, cut at what is there."""
    image = DlinkRomfsImage(data)
    if image.size < image.structure()[0].end:
        raise Malformed(f"D-Link ROMFS of {image.size} bytes is shorter than its table")
    return Span(0, min(image.size, data.size))


def read_dlink_romfs(data: Reader) -> Contents:
    """Return the contents of the file system that fills `data`; files come in the order of their data."""
    image = DlinkRomfsImage(data)
    damage = f"file system is cut off: {data.size} of {image.size} bytes" if image.size > data.size else ""
    version = decode_name(data.read_at(MARK_AT + len(MARK), ROW - MARK_AT - len(MARK)).split(b"\0")[0])
    members = members_of(ROOT, image.children, image.member)
    return Contents(members, image.structure, {"version": version}, damage=damage)
