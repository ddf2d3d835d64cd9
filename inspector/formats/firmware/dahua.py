"""Dahua update packages: a zip whose first two bytes read `DH` instead of `PK`.

Format: seen in Dahua and rebranded camera updates; binwalk and unblob know the same pair of bytes.
Limits: packages that Dahua encrypts as a whole carry no magic and are not told from noise.
"""

from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

MAGIC: Final = b"DH\x03\x04"
END: Final = b"PK\x05\x06"
ENTRY: Final = Struct("<HHHHHIIIHH")
METHODS: Final = (0, 8, 9, 12, 14, 93, 95)
END_RECORD: Final = Struct("<4sHHHHIIH")


def parse_dahua(data: Reader) -> Image:
    """Return the zip as one member, its first two bytes put right; it ends with the zip's end record."""
    if not data.startswith(MAGIC) or not _is_entry(data):
        raise NotThisFormat("no Dahua package")
    end = _end_of_zip(data)
    opener = _Opener(data, end)
    return Image(end, (Member("package.zip", open=opener.open, extents=(Span(0, end),), size=end, format="zip"),))


class _Opener:
    def __init__(self, data: Reader, end: int) -> None:
        self._data, self._end = data, end

    def open(self, limit: int) -> Reader:
        """Return the zip without a copy of it: two bytes of ours, the rest of theirs."""
        if self._end > limit:
            raise LimitReached(f"{self._end} bytes, {limit} allowed")
        return MappedReader([Piece(2, BufferReader(b"PK")), Piece(self._end - 2, self._data, 2)])


def _is_entry(data: Reader) -> bool:
    """Tell whether a zip entry header follows the magic: a version, a method and a name that exist."""
    if data.size < 30:
        return False
    version, _, method, *_, name, _ = data.unpack_at(4, ENTRY)
    return version <= 63 and method in METHODS and 0 < name <= 512


def _end_of_zip(data: Reader) -> int:
    """Return the end behind the first end record whose directory stands right before it."""
    at = 0
    for _ in range(64):
        at = data.find(END, at)
        if at < 0 or at + END_RECORD.size > data.size:
            break
        *_, size, offset, comment = data.unpack_at(at, END_RECORD)
        if offset + size == at and at + END_RECORD.size + comment <= data.size:
            return int(at + END_RECORD.size + comment)
        at += len(END)
    raise Malformed("Dahua package without the end of its zip")
