"""Compressed streams decoded piece by piece, with an allowance and without trust in any header.

A codec is a generator: it yields decoded pieces of at most `step` bytes and returns how many stored bytes it
consumed. What it cannot decode it raises as a `FormatError` after the pieces that were still good. The same
generator serves three callers: `collect` keeps the output, `span_of` only looks for the end, and container
parsers chain several streams into one member.

Limits: a bzip2, LZMA or raw deflate stream has no length field; its end is found by decoding it.
"""

import bz2
import lzma
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, Protocol

from isal import igzip_lib

from inspector.errors import FormatError, LimitReached, Malformed
from inspector.formats.reader import BufferReader, Reader

Stream = Generator[bytes, None, int]
"""Yields decoded pieces, returns the number of stored bytes consumed."""
Codec = Callable[[Reader, int, int], Stream]
"""Decode what starts at an offset of a reader, in pieces of at most `step` bytes."""

STEP: Final = 1 << 22
"""Most bytes decoded in one call into a codec."""
SALVAGE_STEP: Final = 1 << 12
"""Piece size when a damaged stream is decoded again for its good beginning."""
STORED_STEP: Final = 1 << 20
MEMORY: Final = 1 << 29
"""Most memory a codec may take for its dictionary or window."""
RATIO: Final = 200
RATIO_FROM: Final = 1 << 26


def allowance(stored: int, ratio: int = RATIO, floor: int = RATIO_FROM) -> int:
    """Return how many bytes `stored` bytes may decode to: `ratio` times as many, and always `floor`."""
    return max(floor, stored * ratio)


class CutOff(Malformed):
    """The data ends inside the stream."""


class Decoder(Protocol):
    """What the decompressor objects of lzma, bz2 and isal have in common."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether more output needs more input."""

    @property
    def unused_data(self) -> bytes | None:
        """What was fed behind the end of the stream."""

    def decompress(self, data: Any, max_length: int = -1) -> bytes:
        """Return at most `max_length` decoded bytes."""


_IsalError: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment] # its stub calls the class an instance
DECODER_ERRORS: Final = (_IsalError, lzma.LZMAError, OSError, ValueError, EOFError, RuntimeError)


def pump(decoder: Decoder, data: Reader, offset: int, step: int) -> Stream:
    """Feed `data[offset:]` to a decoder until its stream ends; raise `Malformed` where it breaks or runs dry."""
    position = offset
    while not decoder.eof:
        fed: bytes | memoryview = b""
        if decoder.needs_input:
            if position >= data.size:
                raise CutOff(f"stream ends early, after {position - offset} stored bytes")
            fed = data.view_at(position, min(STORED_STEP, data.size - position))
            position += len(fed)
        piece = _step(decoder, fed, step)
        if piece:
            yield piece
    return position - offset - len(decoder.unused_data or b"")


def _step(decoder: Decoder, fed: Any, step: int) -> bytes:
    try:
        return decoder.decompress(fed, step)
    except MemoryError as error:
        raise LimitReached("decoder wants too much memory", "memory") from error
    except DECODER_ERRORS as error:
        if "emory usage limit" in str(error):
            raise LimitReached(f"dictionary larger than {MEMORY} bytes", "memory") from error
        raise Malformed(f"damaged stream: {error}") from error


def inflate(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one raw deflate stream."""
    return pump(igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE), data, offset, step)


def inflate_at_once(stored: memoryview, size: int) -> bytes | None:
    """Decode a deflate stream in one call, into one object; None unless it ends inside `stored`, after `size` bytes.

    Memory is taken as output comes, so that a large `size` costs nothing by itself.
    """
    decoder = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)
    try:
        plain = decoder.decompress(stored, size + 1)  # the end mark may stand behind the last byte
    except DECODER_ERRORS:
        return None
    return plain if decoder.eof and len(plain) == size else None


def bunzip2(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one bzip2 stream."""
    return pump(bz2.BZ2Decompressor(), data, offset, step)


Filter = dict[str, int]
"""One filter of liblzma."""
LZMA_PROPERTIES: Final = Struct("<BI")
"""The byte that tells lc, lp and pb, and the size of the dictionary."""


def lzma1(properties: int, dictionary: int) -> Filter:
    """Return the filter of LZMA with these properties. Raises `Malformed` where they are none."""
    if properties > 224:
        raise Malformed("LZMA stream with impossible properties")
    lc, lp, pb = properties % 9, properties // 9 % 5, properties // 45
    return {"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": max(dictionary, 1 << 12)}


def lzma2_dictionary(code: int) -> int:
    """Return how many bytes the dictionary of LZMA2 has by the byte that tells it, at most 40."""
    return (2 | code & 1) << code // 2 + 11


def raw_lzma(filters: Sequence[Filter], data: Reader, offset: int, step: int) -> Stream:
    """Decode what filters of liblzma packed, without any header of theirs."""
    try:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
    except (lzma.LZMAError, ValueError) as error:
        raise Malformed(f"LZMA stream: {error}") from error
    return (yield from pump(decoder, data, offset, step))


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a stream gave: its bytes, the stored length consumed (-1 when it broke), and why it broke."""

    data: bytes | bytearray
    consumed: int
    damage: FormatError | None = None

    def reader(self, *notes: str) -> Reader:
        """Return the bytes as a reader that carries damage and notes; raise the damage when nothing was decoded."""
        if self.damage is not None and not self.data:
            raise self.damage
        reader = BufferReader(self.data)
        reader.damage, reader.notes = self.damage, notes
        return reader


def collect(codec: Codec, data: Reader, offset: int, limit: int) -> Decoded:
    """Decode into memory; raise `LimitReached` past `limit` bytes, keep the good beginning of a damaged stream."""
    decoded = _gather(codec(data, offset, STEP), limit)
    if decoded.damage is None:
        return decoded
    return _gather(codec(data, offset, SALVAGE_STEP), limit)


def _gather(stream: Stream, limit: int) -> Decoded:
    kept: bytes | bytearray = b""
    while True:
        try:
            piece = next(stream)
        except StopIteration as done:
            return Decoded(kept, done.value)
        except LimitReached:
            raise
        except FormatError as damage:
            return Decoded(kept, -1, damage.bare())
        kept = _append(kept, piece)
        if len(kept) > limit:
            raise LimitReached(f"more than the {limit} bytes allowed")


def _append(kept: bytes | bytearray, piece: bytes) -> bytes | bytearray:
    # One piece is the common case and stays the object the decoder made.
    if not kept:
        return piece
    if isinstance(kept, bytes):
        kept = bytearray(kept)
    kept += piece
    return kept


def decode(codec: Codec, data: Reader, offset: int, limit: int) -> Reader:
    """Decode into memory and return a reader; the usual body of an opener."""
    return collect(codec, data, offset, limit).reader()


def span_of(codec: Codec, data: Reader, offset: int) -> int:
    """Return the stored length of a stream, found by decoding without keeping anything.

    A stream past the allowance of its remaining bytes, or cut off after a good beginning, counts as reaching to
    the end of the data; opening it says so again. Raises `Malformed` where it breaks.
    """
    stream, most, produced = codec(data, offset, STEP), allowance(data.size - offset), 0
    while True:
        try:
            produced += len(next(stream))
        except StopIteration as done:
            if done.value <= 0:
                raise Malformed("stream without bytes of its own") from None
            return int(done.value)
        except LimitReached:
            return data.size - offset
        except CutOff:
            if not produced:
                raise
            return data.size - offset
        if produced > most:
            return data.size - offset
