"""Hikvision update package (`digicap.dav`): a header of files, plain (`SWKH`) or XORed with a fixed key.

Format: structures `FIRMWARE_HEADER` and `UPGRADE_FILE_HEADER` of Hikvision's SDK demo, as published in
Akagi201/akcode `upgrade_file.h`; the XOR key in many public tools (hiktools `fmod`).
Limits: packages with AES-encrypted headers (newer generations) and encrypted file contents are not decrypted.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

KEY: Final = bytes.fromhex("bacdbcfed6caddd3bab9a3abbfcbb5be")
HEADER: Final = Struct("<4s6I")
HEADER_SIZE: Final = 0x40
ENTRY: Final = Struct("<32sIII")
MAGICS: Final = (b"SWKH", b"HKWS", b"02KH")
INNER: Final = Struct(">IIIII")
INNER_MARK: Final = b"\xa5\xa5\0\0"
MOST_FILES: Final = 64


def unscramble(raw: bytes) -> bytes:
    """Undo the XOR: the key is turned by one byte after each 16 bytes."""
    return bytes(byte ^ KEY[(index + (index >> 4)) & 15] for index, byte in enumerate(raw))


SCRAMBLED: Final = tuple(unscramble(magic) for magic in MAGICS)
"""How the magics look in an XORed package."""


def parse_hikvision(data: Reader) -> Image:
    """Return the files of the package under their names."""
    first = bytes(header_at(data, HEADER_SIZE, "a Hikvision header"))
    plain = first[:4] in MAGICS
    if not plain and first[:4] not in SCRAMBLED:
        raise NotThisFormat("no Hikvision header")
    head = data.read_upto(0, HEADER_SIZE + MOST_FILES * ENTRY.size)
    head = head if plain else unscramble(head)
    _, checksum, _, count, language, device, oem = HEADER.unpack_from(head)
    table_end = HEADER_SIZE + count * ENTRY.size
    if not 0 < count <= MOST_FILES or table_end > len(head):
        raise NotThisFormat(f"Hikvision header of {count} files")
    members = [_file(data, *ENTRY.unpack_from(head, HEADER_SIZE + i * ENTRY.size), index=i) for i in range(count)]
    right = not checksum or checksum == sum(head[12:table_end])
    return Image(
        size=max(table_end, *(span.end for member in members for span in member.extents)),
        members=tuple(members),
        structure=(Span(0, table_end), *_inner_headers(members, table_end)),
        properties={
            "header": "plain" if plain else "xor",
            "language": str(language),
            "device class": f"{device:#x}",
            "oem": str(oem),
        },
        notes=() if right else ("header checksum differs",),
    )


def _file(data: Reader, name: bytes, offset: int, size: int, _checksum: int, *, index: int) -> Member:
    """Return one file, without the 20-byte header that access controllers put before its contents."""
    path = decode_name(name.split(b"\0")[0]) or f"file{index}"
    if offset + size > data.size:
        raise Malformed(f"{path} wants {size} bytes at {offset:#x}, {data.size} there")
    if size > INNER.size:
        _, _, _, length, total = INNER.unpack(data.read_at(offset, INNER.size))
        if length == size and data.startswith(INNER_MARK, offset + 8):
            right = sum(data.view_at(offset + INNER.size, size - INNER.size)) & 0xFFFFFFFF == total
            notes = () if right else ("checksum differs",)
            return stored(data, path, offset + INNER.size, offset + size, notes=notes)
    return stored(data, path, offset, offset + size)


def _inner_headers(members: list[Member], table_end: int) -> tuple[Span, ...]:
    """Return the span between the table and a single file: that file's own header, when there is one."""
    if len(members) == 1 and members[0].extents[0].start - table_end == INNER.size:
        return (Span(table_end, members[0].extents[0].start),)
    return ()
