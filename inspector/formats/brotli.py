"""Brotli: a stream without any magic, so it is decoded only where a name or a container says so.

Format: RFC 7932.
"""

from typing import Final

from inspector.errors import Malformed
from inspector.formats.reader import Reader
from inspector.formats.streams import STEP, STORED_STEP, CutOff, Stream

MAX_OUTPUT: Final = 1 << 20


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode the stream that fills `data[offset:]`; bytes behind its end raise `Malformed`."""
    import brotli

    decoder, position = brotli.Decompressor(), offset
    while not decoder.is_finished():
        fed: bytes | memoryview = b""
        if decoder.can_accept_more_data():
            if position >= data.size:
                raise CutOff(f"stream ends early, after {position - offset} stored bytes")
            fed = data.view_at(position, min(STORED_STEP, data.size - position))
            position += len(fed)
        try:
            piece = decoder.process(bytes(fed), output_buffer_limit=min(step, MAX_OUTPUT))
        except brotli.error as error:
            raise Malformed(f"damaged Brotli stream: {error}") from error
        if piece:
            yield piece
    return position - offset
