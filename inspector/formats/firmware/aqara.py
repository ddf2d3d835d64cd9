"""Aqara (Lumi) gateway and camera update: a header of typed fields, then a `PLJT` header, then a gzipped tar.

Format: worked out from an update of the Camera Hub G2 (`ota_3.5.8_0062`): each field is tag, type, value; type 0x20 is
a byte, 0x23 a big-endian word, 0x41 a byte of length and bytes. Both checksums are CRC-32 and hold.
Limits: fields whose meaning is not known are skipped by their type.
"""

from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, stored, text
from inspector.formats.reader import Reader, Span

BYTE, WORD, STRING = 0x20, 0x23, 0x41
NAME, VERSION, TOTAL, BODY_CRC, TIME, HEADER_SIZE, HEADER_CRC = 0, 3, 4, 5, 7, 1, 9
PREFIXES: Final = (b"\0A\4LMFW", b"\0A\5DLMFW")
INNER: Final = Struct("<5s8sII")
INNER_MAGIC: Final = b"PLJT "
MOST_HEADER: Final = 256


def parse_aqara(data: Reader) -> Image:
    """Return the payload behind both headers; raises `NotThisFormat` where the header's checksum differs."""
    raw = data.read_upto(0, MOST_HEADER)
    if not raw.startswith(PREFIXES):
        raise NotThisFormat("no Aqara update header")
    fields, crc_at, end = _fields(raw)
    if crc32(raw[:crc_at]).to_bytes(4, "big") != fields.get(HEADER_CRC):
        raise NotThisFormat("Aqara header checksum differs")
    total = _word(fields, TOTAL)
    if not end < total <= data.size:
        raise Malformed(f"Aqara update of {total} bytes, {data.size} there")
    right = crc32(data.view_at(end, total - end)).to_bytes(4, "big") == fields.get(BODY_CRC)
    start, version = end, text(fields.get(VERSION, b""))
    if data.startswith(INNER_MAGIC, end) and end + INNER.size <= total:
        _, _, size, _ = data.unpack_at(end, INNER)
        if size == total - end - INNER.size:
            start = end + INNER.size
    return Image(
        size=total,
        members=(stored(data, "payload", start, total, hint="gzip" if data.startswith(b"\x1f\x8b", start) else ""),),
        structure=(Span(0, start),),
        properties={"magic": text(fields[NAME]), "version": version, "built": str(_word(fields, TIME))},
        notes=() if right else ("body checksum differs",),
    )


def _fields(raw: bytes) -> tuple[dict[int, bytes], int, int]:
    """Return the fields by tag, where the header's checksum field starts, and where the header ends."""
    fields: dict[int, bytes] = {}
    offset, crc_at = 0, 0
    while offset + 3 <= len(raw):
        tag, kind = raw[offset], raw[offset + 1]
        if kind == STRING:
            start, size = offset + 3, raw[offset + 2]
        else:
            start, size = offset + 2, {BYTE: 1, WORD: 4}.get(kind, 0)
        if not size or start + size > len(raw):
            break
        fields[tag] = raw[start : start + size]
        if tag == HEADER_CRC:
            return fields, offset, start + size
        offset = start + size
    raise NotThisFormat(f"Aqara header ends without a checksum at {crc_at:#x}")


def _word(fields: dict[int, bytes], tag: int) -> int:
    return int.from_bytes(fields.get(tag, b""), "big")
