"""LZ4: frames, skippable frames, and the legacy format of Linux kernels.

Format: lz4_Frame_format.md 1.6.4, https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
Extents need no decoding: every block carries its stored size. A legacy stream has no end mark; it is over where
the next block size cannot be one.
"""

from collections.abc import Iterator
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.streams import STEP, CutOff, Stream, pump
from inspector.formats.reader import Reader

MAGIC: Final = b"\x04\x22\x4d\x18"
LEGACY: Final = b"\x02\x21\x4c\x18"
SKIPPABLE: Final = 0x184D2A50
VERSION, BLOCK_CHECKSUM, CONTENT_SIZE, CONTENT_CHECKSUM, DICTIONARY = 0xC0, 0x10, 0x08, 0x04, 0x01
UNCOMPRESSED: Final = 1 << 31
BLOCK_SIZES: Final = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}
LEGACY_BLOCK: Final = 8 << 20
LEGACY_STORED: Final = LEGACY_BLOCK + LEGACY_BLOCK // 255 + 16
"""Most stored bytes of a legacy block: nothing shrinks, every 255 literals cost one byte."""


def _word(data: Reader, offset: int) -> int:
    return int.from_bytes(data.view_at(offset, 4), "little")


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless a frame descriptor, or a legacy block that decodes, stands at `offset`."""
    head = data.read_upto(offset, 7)
    if head[:4] == LEGACY:
        first = next(_legacy_blocks(data, offset), None)
        if first is None:
            raise NotThisFormat("no legacy LZ4 block")
        try:
            _block(data, *first)
        except Malformed as error:
            raise NotThisFormat("first legacy LZ4 block does not decode") from error
    elif head[:4] != MAGIC or len(head) < 7 or head[4] & VERSION != 0x40 or head[4] & 2:
        raise NotThisFormat("no LZ4 frame")
    elif head[5] & 0x8F or head[5] >> 4 not in BLOCK_SIZES:
        raise NotThisFormat("no LZ4 frame descriptor")


def frame_length(data: Reader, offset: int) -> int:
    """Return the stored length of the frame at `offset` from its block headers. Raises `Malformed`."""
    if _is_skippable(data, offset):
        return 8 + _word(data, offset + 4)
    flags, block = data.view_at(offset + 4, 2)
    position = offset + 7 + (8 if flags & CONTENT_SIZE else 0) + (4 if flags & DICTIONARY else 0)
    most = BLOCK_SIZES.get(block >> 4 & 7, 0)
    while word := _word(data, position):
        if word & ~UNCOMPRESSED > most:
            raise Malformed(f"LZ4 block at {position:#x} is larger than the frame allows")
        position += 4 + (word & ~UNCOMPRESSED) + (4 if flags & BLOCK_CHECKSUM else 0)
    return position + 4 + (4 if flags & CONTENT_CHECKSUM else 0) - offset


def _is_skippable(data: Reader, offset: int) -> bool:
    return offset + 8 <= data.size and _word(data, offset) & ~15 == SKIPPABLE


def _legacy_blocks(data: Reader, offset: int) -> Iterator[tuple[int, int]]:
    """Yield (offset, stored length) of legacy blocks; a repeated magic joins streams."""
    position = offset + 4
    while position + 4 <= data.size:
        if data.startswith(LEGACY, position):
            position += 4
            continue
        length = _word(data, position)
        if not 0 < length <= LEGACY_STORED or position + 4 + length > data.size:
            return
        yield position + 4, length
        position += 4 + length


def extent(data: Reader, offset: int) -> int:
    """Return the stored length of all frames, or all legacy blocks, joined at `offset`. Raises `Malformed`."""
    if data.startswith(LEGACY, offset):
        end = offset
        for start, length in _legacy_blocks(data, offset):
            end = start + length
        return end - offset
    position = offset + frame_length(data, offset)
    while position < data.size and (data.startswith(MAGIC, position) or _is_skippable(data, position)):
        try:
            position += frame_length(data, position)
        except Malformed:
            break
    if position > data.size:
        raise Malformed("LZ4 frame is cut off")
    return position - offset


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode all frames, or all legacy blocks, joined at `offset`."""
    if data.startswith(LEGACY, offset):
        end = offset
        for start, length in _legacy_blocks(data, offset):
            yield _block(data, start, length)
            end = start + length
        return end - offset
    from lz4.frame import LZ4FrameDecompressor

    position = offset
    while data.startswith(MAGIC, position) or _is_skippable(data, position):
        if _is_skippable(data, position):
            position += frame_length(data, position)
        else:
            position += yield from pump(LZ4FrameDecompressor(), data, position, step)
    if position > data.size:
        raise CutOff("LZ4 frame is cut off")
    return position - offset


def _block(data: Reader, start: int, length: int) -> bytes:
    from lz4.block import LZ4BlockError, decompress

    try:
        return bytes(decompress(data.view_at(start, length), uncompressed_size=LEGACY_BLOCK))
    except (LZ4BlockError, ValueError) as error:
        raise Malformed(f"damaged LZ4 block at {start:#x}") from error
