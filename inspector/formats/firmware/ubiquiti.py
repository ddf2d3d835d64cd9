"""Ubiquiti images: a version, parts with their names and addresses, and a closing mark.

Format: OpenWrt firmware-utils `mkfwimage` (fw.h).
Limits: RSA signatures behind the closing mark are not verified.
"""

from binascii import crc32
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

MAGICS: Final = (b"UBNT", b"OPEN", b"GEOS")
HEADER: Final = Struct(">4s256sII")
PART: Final = Struct(">4s16s12s6I")
CLOSING: Final = Struct(">4sII")
SIGNED: Final = 256 + 8
"""Bytes of a signed closing mark: signature, then a checksum and padding."""
MOST_PARTS: Final = 64


def parse_ubiquiti(data: Reader) -> Image:
    """Return the parts by name; a wrong checksum of a part is a note."""
    header_at(data, HEADER.size, "a Ubiquiti header")
    magic, version, checksum, zero = data.unpack_at(0, HEADER)
    if magic not in MAGICS or zero or crc32(data.view_at(0, HEADER.size - 8)) != checksum:
        raise NotThisFormat("no Ubiquiti header")
    offset, members, structure, notes = HEADER.size, list[Member](), [Span(0, HEADER.size)], list[str]()
    for _ in range(MOST_PARTS):
        if not data.startswith(b"PART", offset) and not data.startswith(b"FILE", offset):
            break
        _, name, _, _, _, _, _, size, _ = data.unpack_at(offset, PART)
        start = offset + PART.size
        end = start + size
        if end + 8 > data.size:
            raise Malformed(f"Ubiquiti part of {size} bytes, {data.size - start} there")
        if crc32(data.view_at(offset, PART.size + size)) != int.from_bytes(data.view_at(end, 4), "big"):
            notes.append(f"checksum of part {text(name)} differs")
        members.append(stored(data, text(name) or str(len(members)), start, end))
        structure += [Span(offset, start), Span(end, end + 8)]
        offset = end + 8
    if not members:
        raise NotThisFormat("Ubiquiti header without parts")
    end = _closing(data, offset)
    return Image(end, tuple(members), (*structure, Span(offset, end)), {"version": text(version)}, tuple(notes))


def _closing(data: Reader, offset: int) -> int:
    if data.startswith(b"END.", offset):
        return min(offset + CLOSING.size, data.size)
    if data.startswith(b"ENDS", offset):
        return min(offset + 4 + SIGNED, data.size)
    return offset
