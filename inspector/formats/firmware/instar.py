"""Instar camera updates: BNEG (two partitions) and zip archives with altered marks.

Format: unblob `handlers/archive/instar` (fields, marks).
Limits: none known.
"""

from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

BNEG: Final = Struct("<4s4I")
BNEG_START: Final = b"BNEG\x01\0\0\0\x01\0\0\0"
ZIP_START: Final = b"PK\x03\x07"
MARKS: Final = ((ZIP_START, b"PK\x03\x04"), (b"PK\x01\x08", b"PK\x01\x02"), (b"PK\x05\x09", b"PK\x05\x06"))
END_MARK: Final = b"PK\x05\x09"
END_SIZE: Final = 22


def parse_bneg(data: Reader) -> Image:
    """Return the two partitions."""
    header_at(data, BNEG.size, "a BNEG header")
    if not data.startswith(BNEG_START):
        raise NotThisFormat("no BNEG header")
    _, _, _, first, second = data.unpack_at(0, BNEG)
    end = BNEG.size + first + second
    if not first or not second or end > data.size:
        raise Malformed(f"BNEG partitions of {first} and {second} bytes, {data.size - BNEG.size} there")
    middle = BNEG.size + first
    members = (stored(data, "partition1", BNEG.size, middle), stored(data, "partition2", middle, end))
    return Image(end, members, (Span(0, BNEG.size),))


def parse_instar_zip(data: Reader) -> Image:
    """Return the archive as one member with its marks put right, up to the end of its directory."""
    if not data.startswith(ZIP_START):
        raise NotThisFormat("no Instar archive")
    at = data.find(END_MARK)
    if at < 0 or at + END_SIZE > data.size:
        raise NotThisFormat("Instar archive without a directory")
    end = min(at + END_SIZE + int.from_bytes(data.view_at(at + END_SIZE - 2, 2), "little"), data.size)

    def open_archive(limit: int) -> Reader:
        if end > limit:
            raise LimitReached(f"{end} bytes, {limit} allowed")
        raw = data.read_at(0, end)
        for altered, plain in MARKS:
            raw = raw.replace(altered, plain)
        return BufferReader(raw)

    return Image(end, (Member("archive.zip", open=open_archive, extents=(Span(0, end),), size=end, format="zip"),))
