"""Decoders for one stored block of a file system: the whole block in, the whole block out, never more than allowed.

A block decoder differs from a stream reader: blocks are small, come by the thousand, and their decoded size is known
to be at most the block size, so each is one bounded call.

Limits: LZO gives no way to stop early; a hostile block can decode to 255 times its stored size before it is refused.
"""

import lzma
import zlib
from collections.abc import Callable
from typing import Any, Final

import lz4.block
from isal import isal_zlib
from lzallright import InputNotConsumed, LZOCompressor, LZOError

from inspector.errors import Malformed
from inspector.formats.reader import Buffer

Decode = Callable[[Buffer, int], bytes]
"""(stored block, most bytes it may decode to) → decoded bytes; raises `Malformed` for damage or a larger result."""

MEMORY: Final = 1 << 27
"""Bytes an xz header may ask for as its dictionary."""


def copy(stored: Buffer, limit: int) -> bytes:
    """Return a block that was stored as it is."""
    return bounded(bytes(stored), limit)


def bounded(decoded: bytes, limit: int) -> bytes:
    """Return `decoded`, or raise `Malformed` where it is larger than its place allows."""
    if len(decoded) > limit:
        raise Malformed(f"block decodes to more than {limit} bytes")
    return decoded


def inflate(stored: Buffer, limit: int) -> bytes:
    """Decode a zlib stream (RFC 1950); bytes behind its end are ignored."""
    return _zlib(isal_zlib.decompressobj(), isal_zlib.error, stored, limit)


def inflate_raw(stored: Buffer, limit: int) -> bytes:
    """Decode a bare deflate stream (RFC 1951)."""
    return _zlib(isal_zlib.decompressobj(wbits=-15), isal_zlib.error, stored, limit)


def inflate_unchecked(stored: Buffer, limit: int) -> bytes:
    """Decode a zlib stream whose Adler sum is not looked at, or cut off: another checksum guards the block."""
    view = memoryview(stored)
    if len(view) < 3 or view[0] & 15 != 8 or (view[0] << 8 | view[1]) % 31:
        raise Malformed("no zlib header")
    return inflate_raw(view[2:], limit)


def _zlib(decoder: Any, error: Any, stored: Buffer, limit: int) -> bytes:
    try:
        # A whole block in one call: asking for one byte more than allowed tells a larger stream from a fitting one.
        decoded: bytes = decoder.decompress(stored, limit + 1)
    except (error, zlib.error) as exc:
        raise Malformed(f"damaged deflate block: {exc}") from exc
    if not decoder.eof and len(decoded) <= limit:
        raise Malformed("deflate block ends early")
    return bounded(decoded, limit)


def unxz(stored: Buffer, limit: int) -> bytes:
    """Decode an xz stream with any of its filters."""
    try:
        decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MEMORY)
        decoded = decoder.decompress(stored, limit + 1)
    except (lzma.LZMAError, EOFError) as exc:
        raise Malformed(f"damaged xz block: {exc}") from exc
    if not decoder.eof and len(decoded) <= limit:
        raise Malformed("xz block ends early")
    return bounded(decoded, limit)


def unlzma(stream: Buffer, properties: int, limit: int) -> bytes:
    """Decode a bare LZMA1 stream of which `properties` is the lc/lp/pb byte; stops at `limit` without an error.

    The streams met in file systems carry no end mark, so their length is the caller's to judge.
    """
    lc, lp, pb = properties % 9, properties // 9 % 5, properties // 45
    if pb > 4 or lc + lp > 4:
        raise Malformed(f"no LZMA properties: {properties:#x}")
    if stream[:1] != b"\0":
        raise Malformed("LZMA stream does not start with the zero byte of its range coder")
    # A dictionary larger than the output is never looked into, whatever the header asks for.
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": max(limit, 4096), "lc": lc, "lp": lp, "pb": pb}]
    try:
        return lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=chain).decompress(stream, limit)
    except (lzma.LZMAError, EOFError, ValueError) as exc:
        raise Malformed(f"damaged LZMA block: {exc}") from exc


def unlzma_alone(stored: Buffer, limit: int) -> bytes:
    """Decode LZMA with its classic 13-byte header: properties, dictionary size, decoded size (-1 is unknown)."""
    view = memoryview(stored)
    if len(view) < 14:
        raise Malformed("LZMA block without a header")
    size = int.from_bytes(view[5:13], "little")
    known = size != (1 << 64) - 1
    if known and size > limit:
        raise Malformed(f"block decodes to more than {limit} bytes")
    decoded = unlzma(view[13:], view[0], size if known else limit)
    if known and len(decoded) != size:
        raise Malformed("LZMA block ends early")
    return decoded


def unzstd(stored: Buffer, limit: int) -> bytes:
    """Decode one zstd frame."""
    import zstandard  # takes 20 ms

    try:
        # The decoder trusts the size in the frame's header, whatever limit it is given.
        if zstandard.frame_content_size(stored) > limit:
            raise Malformed(f"block decodes to more than {limit} bytes")
        decoded = zstandard.ZstdDecompressor(max_window_size=MEMORY).decompress(stored, max_output_size=limit)
    except zstandard.ZstdError as exc:
        raise Malformed(f"damaged zstd block: {exc}") from exc
    return bounded(decoded, limit)


def unlz4(stored: Buffer, limit: int) -> bytes:
    """Decode one lz4 block (no frame)."""
    try:
        decoded: bytes = lz4.block.decompress(stored, uncompressed_size=limit)
    except (lz4.block.LZ4BlockError, ValueError, OverflowError) as exc:
        raise Malformed(f"damaged lz4 block: {exc}") from exc
    return decoded


def unlzo(stored: Buffer, limit: int) -> bytes:
    """Decode one LZO1X block; LZO1Y and LZO1Z do not occur in file systems."""
    try:
        decoded: bytes = LZOCompressor.decompress(stored, limit)
    except (LZOError, InputNotConsumed) as exc:
        raise Malformed(f"damaged LZO block: {exc}") from exc
    return bounded(decoded, limit)
