"""PNG, rebuilt: the same pixels in a new file that holds nothing else.

Format: W3C "Portable Network Graphics (PNG) Specification", third edition.
Limits: interlaced pictures and those of more than 512 pixels a side are refused.
"""

import zlib
from collections.abc import Iterator
from struct import Struct, pack
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.reader import Reader

MAGIC: Final = b"\x89PNG\r\n\x1a\n"
HEADER: Final = Struct(">IIBBBBB")
CHUNK: Final = Struct(">I4s")
LARGEST: Final = 1 << 20
WIDEST: Final = 512
CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
KEPT: Final = (b"PLTE", b"tRNS")


def rebuilt(data: Reader) -> bytes:
    """Return the picture with its pixels compressed anew and no chunk but those needed to show them.

    Raises `NotThisFormat` without the magic, `Malformed` where the pixels are not exactly what the header says,
    `Unsupported` for interlaced and large pictures.
    """
    if not data.startswith(MAGIC) or data.size > LARGEST:
        raise NotThisFormat("no PNG")
    chunks = list(_chunks(data.read_at(0, data.size)))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != HEADER.size:
        raise Malformed("PNG without header")
    header = chunks[0][1]
    rows, row = _shape(header)
    pixels = _inflated(b"".join(body for kind, body in chunks if kind == b"IDAT"), rows * row)
    if any(filter_type > 4 for filter_type in pixels[::row]):
        raise Malformed("PNG with an unknown filter")
    kept = [(kind, body) for kind, body in chunks if kind in KEPT and len(body) <= 768]
    parts = [(b"IHDR", header), *dict(kept).items(), (b"IDAT", zlib.compress(pixels, 6)), (b"IEND", b"")]
    return MAGIC + b"".join(_chunk(kind, body) for kind, body in parts)


def _shape(header: bytes) -> tuple[int, int]:
    """Return rows and bytes of a row, filter byte included."""
    width, height, depth, color, compression, filtering, interlace = HEADER.unpack(header)
    if depth not in DEPTHS.get(color, ()) or compression or filtering:
        raise Malformed("PNG header with unknown values")
    if interlace or not 0 < width <= WIDEST or not 0 < height <= WIDEST:
        raise Unsupported(f"PNG of {width} x {height} pixels")
    return height, 1 + (width * depth * CHANNELS[color] + 7) // 8


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(MAGIC)
    while at + CHUNK.size <= len(raw):
        length, kind = CHUNK.unpack_from(raw, at)
        at += CHUNK.size
        if at + length > len(raw):
            return
        yield kind, raw[at : at + length]
        if kind == b"IEND":
            return
        at += length + 4


def _inflated(raw: bytes, size: int) -> bytes:
    decoder = zlib.decompressobj()
    try:
        pixels = decoder.decompress(raw, size + 1)
    except zlib.error as error:
        raise Malformed(f"PNG pixels: {error}") from error
    if len(pixels) != size:
        raise Malformed(f"PNG pixels are {len(pixels)} bytes, {size} expected")
    return pixels


def _chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))
