"""Zstandard frames and skippable frames, joined end to end.

Format: RFC 8878. The extent needs no decoding: every block header carries its stored size.
"""

from collections.abc import Iterator
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.codec.streams import MEMORY, STEP, CutOff, Stream
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"\x28\xb5\x2f\xfd"
SKIPPABLE: Final = 0x184D2A50
DICTIONARY_ID_SIZES: Final = (0, 1, 2, 4)
CONTENT_SIZES: Final = (0, 2, 4, 8)
RAW, RUN, COMPRESSED = 0, 1, 2
MAX_BLOCK: Final = 1 << 17


def _is_skippable(data: Reader, offset: int) -> bool:
    return offset + 8 <= data.size and int.from_bytes(data.view_at(offset, 4), "little") & ~15 == SKIPPABLE


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless a skippable frame, or a frame whose first block can be one, stands at `offset`."""
    if _is_skippable(data, offset):
        return
    if not data.startswith(MAGIC, offset) or offset + 8 > data.size or data.view_at(offset + 4, 1)[0] & 0x08:
        raise NotThisFormat("no zstd frame")
    try:
        _block(data, offset + _header_length(data.view_at(offset + 4, 1)[0]))
    except Malformed as error:
        raise NotThisFormat("no zstd block behind the frame header") from error


def frame_length(data: Reader, offset: int) -> int:
    """Return the stored length of the frame at `offset` from its block headers, checksum included."""
    if _is_skippable(data, offset):
        length = 8 + int.from_bytes(data.view_at(offset + 4, 4), "little")
        data.view_at(offset, 0 if offset + length <= data.size else length)
        return length
    if not data.startswith(MAGIC, offset):
        raise NotThisFormat("no zstd frame")
    descriptor = data.view_at(offset + 4, 1)[0]
    if descriptor & 0x08:
        raise NotThisFormat("reserved bit of a zstd frame set")
    position = offset + _header_length(descriptor)
    largest = _largest_block(data, offset, descriptor)
    last = False
    while not last:
        last, stored = _block(data, position)
        if stored > largest:
            raise Malformed(f"zstd block of {stored} bytes at {position:#x}, the frame allows {largest}")
        position += 3 + stored
    return position + (4 if descriptor & 0x04 else 0) - offset


def _header_length(descriptor: int) -> int:
    single = bool(descriptor & 0x20)
    content = CONTENT_SIZES[descriptor >> 6] or int(single)
    return 5 + (not single) + DICTIONARY_ID_SIZES[descriptor & 3] + content


def _largest_block(data: Reader, offset: int, descriptor: int) -> int:
    """Return how large a block may be where the content is one segment: no larger than it (RFC 8878, 3.1.1.2.4)."""
    width = CONTENT_SIZES[descriptor >> 6] or 1
    if not descriptor & 0x20 or width > 2:
        return MAX_BLOCK
    stored = data.view_at(offset + 5 + DICTIONARY_ID_SIZES[descriptor & 3], width)
    return min(MAX_BLOCK, int.from_bytes(stored, "little") + (256 if width == 2 else 0))


def _block(data: Reader, position: int) -> tuple[bool, int]:
    """Return whether the block at `position` is the last, and its stored length behind the three header bytes."""
    header = int.from_bytes(data.view_at(position, 3), "little")
    kind, size = header >> 1 & 3, header >> 3
    if kind > COMPRESSED or size > MAX_BLOCK:
        raise Malformed(f"no zstd block at {position:#x}")
    return bool(header & 1), 1 if kind == RUN else size


def frames(data: Reader, offset: int) -> Iterator[Span]:
    """Yield the frames joined at `offset`, skippable ones included; raises only for the first."""
    position = offset + frame_length(data, offset)
    yield Span(offset, position)
    while data.startswith(MAGIC, position) or _is_skippable(data, position):
        try:
            length = frame_length(data, position)
        except (NotThisFormat, Malformed):
            return
        yield Span(position, position + length)
        position += length


def extent(data: Reader, offset: int) -> int:
    """Return the stored length of all frames joined at `offset`; at least one must hold data."""
    spans = list(frames(data, offset))
    if not any(data.startswith(MAGIC, span.start) for span in spans):
        raise NotThisFormat("only skippable frames")
    if spans[-1].end > data.size:
        raise Malformed("zstd frame is cut off")
    return spans[-1].end - offset


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode all frames joined at `offset`; a cut-off last frame gives its good beginning, then `Malformed`."""
    position = offset
    if not _is_skippable(data, offset) and not data.startswith(MAGIC, offset):
        raise NotThisFormat("no zstd frame")
    while data.startswith(MAGIC, position) or _is_skippable(data, position):
        try:
            end, whole = position + frame_length(data, position), True
        except Malformed:
            end, whole = data.size, False
        if not _is_skippable(data, position):
            yield from _frame(data, position, min(end, data.size), step)
        if not whole or end > data.size:
            raise CutOff("zstd frame is cut off")
        position = end
    return position - offset


def _frame(data: Reader, start: int, end: int, step: int) -> Iterator[bytes]:
    from zstandard import ZstdDecompressor, ZstdError

    with ZstdDecompressor(max_window_size=MEMORY).stream_reader(data.view_at(start, end - start)) as stream:
        while True:
            try:
                piece = stream.read(step)
            except ZstdError as error:
                if "memory" in str(error):
                    raise LimitReached("zstd window wants too much memory", "memory") from error
                raise Malformed(f"damaged zstd frame: {error}") from error
            if not piece:
                return
            yield piece
