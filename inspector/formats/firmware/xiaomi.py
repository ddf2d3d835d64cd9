"""Xiaomi router firmware, HDR1 and HDR2: a header, up to eight named blobs, an RSA signature.

Format: OpenWrt firmware-utils `xiaomifw`; unblob `handlers/archive/xiaomi/hdr.py` (field order).
Limits: the signature is measured, not verified.
"""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

HEADERS: Final = {b"HDR1": Struct("<4sIIHH8I"), b"HDR2": Struct("<4sIII8s8s16x8I")}
BLOB: Final = Struct("<IIIHH32s")
BLOB_MAGIC: Final = 0xBABE
SIGNATURE_HEADER: Final = 16
CRC_STARTS: Final = 12


def parse_xiaomi(data: Reader) -> Image:
    """Return the blobs under their names; raises `Malformed` where one has no blob header."""
    magic = bytes(header_at(data, 80, "a Xiaomi header")[:4])
    if magic not in HEADERS:
        raise NotThisFormat("no Xiaomi header")
    header = HEADERS[magic]
    fields = data.unpack_at(0, header)
    signature, checksum, offsets = fields[1], fields[2], fields[-8:]
    if signature < header.size or not data.startswith(BLOB_MAGIC.to_bytes(4, "little"), offsets[0]):
        raise NotThisFormat("Xiaomi header without blobs")
    if signature > data.size - SIGNATURE_HEADER:
        raise Malformed(f"Xiaomi image of more than {signature} bytes, {data.size} there")
    (signature_size,) = data.unpack_at(signature, Struct("<I"))
    end = signature + SIGNATURE_HEADER + signature_size
    if end > data.size:
        raise Malformed(f"Xiaomi image of {end} bytes, {data.size} there")
    right = crc32(data.view_at(CRC_STARTS, end - CRC_STARTS)) ^ 0xFFFFFFFF == checksum
    members, headers = zip(*_blobs(data, offsets), strict=True)
    return Image(
        size=end,
        members=members,
        structure=(Span(0, header.size), *headers, Span(signature, end)),
        properties={"device": f"{fields[4]:#06x}" if magic == b"HDR1" else text(fields[4]), "header": magic.decode()},
        notes=() if right else ("checksum differs",),
    )


def _blobs(data: Reader, offsets: Sequence[int]) -> Iterator[tuple[Member, Span]]:
    for offset in offsets:
        if not offset:
            return
        magic, _, size, _, _, name = data.unpack_at(offset, BLOB)
        if magic != BLOB_MAGIC:
            raise Malformed(f"no blob at {offset:#x}")
        start = offset + BLOB.size
        yield stored(data, decode_name(name.split(b"\0")[0]), start, start + size), Span(offset, start)
