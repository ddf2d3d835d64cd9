"""Brotli: a stream without any magic, so it is decoded only where a name or a container says so.

Format: RFC 7932; the first byte of a stream with a larger window than that knows is the one it keeps free. Frames:
mcmilk/zstdmt, "Brotli frame definition".
Limits: streams with a large window (`brotli --large_window`) are told, not decoded.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.streams import STEP, STORED_STEP, CutOff, Stream
from inspector.formats.reader import Reader

MAX_OUTPUT: Final = 1 << 20
FRAME: Final = Struct("<III2s2x")
FRAME_MAGIC, FRAME_REST, FRAME_MARK = 0x184D2A50, 8, b"BR"
LARGE_WINDOW: Final = 0x11
LARGE_WINDOWS: Final = range(10, 63)
"""Bits of a large window, from the least the encoder takes to the most that the decoder does."""


def large_window(data: Reader, offset: int) -> int:
    """Return the bits of the large window of the stream at `offset`. Raises `NotThisFormat` for an ordinary stream."""
    head = data.read_upto(offset, 2)
    if len(head) < 2 or head[0] & 0x7F != LARGE_WINDOW or head[0] >> 7 or head[1] & 0x3F not in LARGE_WINDOWS:
        raise NotThisFormat("no Brotli stream with a large window")
    return head[1] & 0x3F


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode the stream that fills `data[offset:]`; bytes behind its end raise `Malformed`."""
    import brotli

    decoder, position = brotli.Decompressor(), offset
    is_empty = True
    while not decoder.is_finished():
        fed: bytes | memoryview = b""
        if is_empty:
            if position >= data.size:
                raise CutOff(f"stream ends early, after {position - offset} stored bytes")
            fed = data.view_at(position, min(STORED_STEP, data.size - position))
            position += len(fed)
        try:
            piece = decoder.process(bytes(fed), output_buffer_limit=min(step, MAX_OUTPUT))
        except brotli.error as error:
            raise Malformed(f"damaged Brotli stream: {error}") from error
        # What was taken in may give more pieces than one: none is left where a call gives nothing.
        is_empty = not piece and decoder.can_accept_more_data()
        if piece:
            yield piece
    return position - offset


def decompress_frames(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode the frames that fill `data[offset:]`, as 7-Zip ZS writes them, or the one stream without a frame."""
    position = offset
    if data.read_upto(offset, 4) != FRAME_MAGIC.to_bytes(4, "little"):
        return (yield from decompress(data, offset, step))
    while position < data.size:
        magic, rest, stored, mark = data.unpack_at(position, FRAME)
        start = position + FRAME.size
        if (magic, rest, mark) != (FRAME_MAGIC, FRAME_REST, FRAME_MARK):
            raise Malformed("no Brotli frame")
        if start + stored > data.size:
            raise CutOff("Brotli frame is cut off")
        yield from decompress(data.slice(0, start + stored), start, step)
        position = start + stored
    return position - offset
