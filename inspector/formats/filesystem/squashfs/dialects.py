"""How a vendor's squashfs compresses, found by trying: neither magic nor header tells.

Before version 4 the header has no field for it, and router vendors put LZMA in with a header of their own making, or
none; some of them left the tables to zlib. A guess counts only when the root directory and the inodes it names make
sense behind it.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from inspector.errors import FormatError, Malformed
from inspector.formats.codec import blockcodecs
from inspector.formats.codec.blockcodecs import Decode
from inspector.formats.codec.streams import LZMA_PROPERTIES
from inspector.formats.reader import Buffer

NAMED: Final[dict[str, Decode]] = {
    "gzip": blockcodecs.inflate,
    "lzma": blockcodecs.unlzma_alone,
    "xz": blockcodecs.unxz,
    "lzo": blockcodecs.unlzo,
    "lz4": blockcodecs.unlz4,
    "zstd": blockcodecs.unzstd,
}
USUAL: Final = 0x5D
"""The properties byte for lc=3 lp=0 pb=2, which nearly every LZMA encoder starts from."""


def lzma_headed(skip: int, length: int, stored: Buffer, limit: int) -> bytes:
    """Decode LZMA behind `skip` strange bytes and a header of `length` bytes that starts with its properties."""
    view = memoryview(stored)
    if len(view) < skip + length + LZMA_PROPERTIES.size:
        raise Malformed("LZMA block without a header")
    return blockcodecs.unlzma(view[skip + length :], view[skip], limit)


def lzma_bare(properties: int, stored: Buffer, limit: int) -> bytes:
    """Decode LZMA that has no header at all."""
    return blockcodecs.unlzma(stored, properties, limit)


def headed(declared: str) -> Iterator[tuple[str, Decode]]:
    """Yield (name, decoder), the likeliest first: what the header declares, then what vendors are known to write."""
    if declared in NAMED:
        yield declared, NAMED[declared]
    for name, decode in NAMED.items():
        if name != declared:
            yield name, decode
    yield "lzma, 5-byte header", partial(lzma_headed, 0, 5)
    yield "lzma, 9-byte header", partial(lzma_headed, 0, 9)
    yield "lzma, 13-byte header with a false size", partial(lzma_headed, 0, 13)
    yield "lzma, 4 bytes and a 5-byte header", partial(lzma_headed, 4, 5)


def candidates(declared: str) -> Iterator[tuple[str, Decode]]:
    """Yield `headed`, then streams without any header: these prove little, so they come last."""
    yield from headed(declared)
    yield "deflate", blockcodecs.inflate_raw
    yield "lzma, no header", partial(lzma_bare, USUAL)
    for properties in range(225):
        if properties != USUAL and properties % 9 + properties // 9 % 5 <= 4:
            yield f"lzma, no header, properties {properties:#x}", partial(lzma_bare, properties)


class Fallback:
    """A decoder for the data of an image whose tables gave only a guess: what worked last is tried first."""

    def __init__(self, name: str, decode: Decode) -> None:
        self._decoders = [decode, *(other for found, other in headed(name) if found != name)]

    def __call__(self, stored: Buffer, limit: int) -> bytes:
        """Return the block decoded by the first decoder that takes it; raises what the likeliest one raised."""
        first: FormatError | None = None
        for decode in self._decoders:
            try:
                decoded = decode(stored, limit)
            except FormatError as exc:
                first = first or exc.bare()
            else:
                self._decoders = [decode, *(other for other in self._decoders if other is not decode)]
                return decoded
        raise first or Malformed("no decoder")
