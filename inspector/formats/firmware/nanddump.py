"""Dumps of NAND flash with the spare bytes of each page behind it, told by a UBI image inside.

Format: Linux `drivers/mtd/ubi/ubi-media.h`; `nanddump --oob` of mtd-utils: page, spare bytes, page, spare bytes.
Limits: only dumps that hold UBI with its volume header in a page of its own; error correction is not applied.
"""

from typing import Final

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.filesystem.ubi import HEADER, VOLUME, crc_holds, erase_header
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import MappedReader, Piece, Reader, Span

PAGES: Final = ((2048, (64, 128)), (4096, (128, 224, 256)), (512, (16,)), (8192, (448, 512)))
"""Bytes of a page, and how many spare bytes may follow it."""
MOST_BLOCKS: Final = 64
SMALLEST_BLOCK, LARGEST_BLOCK = 16, 512
"""Pages of an erase block."""


def parse_nanddump(data: Reader) -> Image:
    """Return the flash without its spare bytes; the volume header must stand where spare bytes have moved it."""
    header = erase_header(data, 0)
    if header is None:
        raise NotThisFormat("no UBI erase counter header")
    if _is_volume_header(data, header[0]):
        raise NotThisFormat("UBI image without spare bytes")
    for page, spares in PAGES:
        if header[0] % page:
            continue
        for spare in spares:
            if _fits(data, page, spare, header):
                return _image(data, page, spare)
    raise NotThisFormat("no NAND dump with spare bytes")


def _fits(data: Reader, page: int, spare: int, header: tuple[int, int, int]) -> bool:
    """Tell whether a volume header stands in its page, here or in one of the next blocks, and blocks follow."""
    step = page + spare
    volume = header[0] // page * step
    pages = SMALLEST_BLOCK
    while pages <= LARGEST_BLOCK:
        blocks = range(0, min(data.size, MOST_BLOCKS * pages * step), pages * step)
        if any(_is_volume_header(data, at + volume) for at in blocks if erase_header(data, at) == header):
            return True
        pages *= 2
    return False


def _is_volume_header(data: Reader, at: int) -> bool:
    raw = data.read_upto(at, HEADER)
    return len(raw) == HEADER and raw[:4] == VOLUME and crc_holds(memoryview(raw))


def _image(data: Reader, page: int, spare: int) -> Image:
    step = page + spare
    count = data.size // step
    end = count * step

    def open_flash(limit: int) -> Reader:
        if count * page > limit:
            raise LimitReached(f"{count * page} bytes, {limit} allowed")
        return MappedReader([Piece(page, data, at) for at in range(0, end, step)])

    extents = (Span(0, end),)
    properties = {"page": str(page), "spare bytes": str(spare)}
    return Image(end, (Member("flash", open_flash, extents, count * page),), (), properties)
