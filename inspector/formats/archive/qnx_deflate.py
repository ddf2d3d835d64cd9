"""QNX deflate: one file packed block by block with LZO1X or NRV2B, as the programs in QNX file systems are.

Format: QNX `deflate` (openqnx, `utils/d/deflate`), its header and block headers; always little-endian.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.blockcodecs import Decode, unlzo
from inspector.formats.codec.nrv2b import un_nrv2b
from inspector.formats.codec.streams import STEP, CutOff, Stream
from inspector.formats.reader import Reader

MAGIC: Final = b"iwlyfmbp"
HEADER: Final = Struct("<8sIHBB")
BLOCK: Final = Struct("<HHHH")
BLOCK_SIZES: Final = (4096, 8192, 16384, 32768)
CODECS: Final[tuple[Decode, ...]] = (unlzo, un_nrv2b)
"""By the number in the header."""
NAMES: Final = ("lzo", "ucl")


class Header(NamedTuple):
    """What the file says of itself."""

    size: int
    """Decoded bytes."""
    block: int
    """Most decoded bytes of one block."""
    codec: int


def parse_header(data: Reader, offset: int) -> Header:
    """Return the header at `offset`, once the first block's header fits too. Raises `NotThisFormat`."""
    if not data.startswith(MAGIC, offset) or offset + HEADER.size + BLOCK.size > data.size:
        raise NotThisFormat("no QNX deflate header")
    _, size, block, codec, _ = data.unpack_at(offset, HEADER)
    before, _, plain_before, plain = data.unpack_at(offset + HEADER.size, BLOCK)
    if block not in BLOCK_SIZES or codec >= len(CODECS) or before or plain_before or plain != min(size, block):
        raise NotThisFormat("no QNX deflate blocks")
    return Header(size, block, codec)


def _blocks(data: Reader, offset: int, header: Header) -> Iterator[tuple[int, int, int]]:
    """Yield (start, stored length, decoded length) of each block, last (end, 0, 0); each names the one before it."""
    at, before, left = offset + HEADER.size, (0, 0), header.size
    while True:
        if at + BLOCK.size > data.size:
            raise CutOff("QNX deflate file ends early")
        last, follows, last_plain, plain = data.unpack_at(at, BLOCK)
        if (last, last_plain) != before:
            raise Malformed(f"QNX deflate block at {at:#x} does not name the one before it")
        if not follows:
            break
        if follows <= BLOCK.size or plain != min(left, header.block) or not plain:
            raise Malformed(f"QNX deflate block at {at:#x} of {follows} bytes for {plain}")
        yield at + BLOCK.size, follows - BLOCK.size, plain
        at, before, left = at + follows, (follows, plain), left - plain
    if left:
        raise Malformed(f"QNX deflate file lacks {left} bytes")
    yield at + BLOCK.size, 0, 0


def extent(data: Reader, offset: int) -> int:
    """Return the stored length, found by the block headers. Raises `Malformed`."""
    return max(start for start, _, _ in _blocks(data, offset, parse_header(data, offset))) - offset


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:  # noqa: ARG001 - blocks are the steps
    """Decode the file at `offset`."""
    header = parse_header(data, offset)
    decode, end = CODECS[header.codec], offset
    for end, stored, plain in _blocks(data, offset, header):
        if not stored:
            break
        if end + stored > data.size:
            raise CutOff("QNX deflate block is cut off")
        block = decode(data.view_at(end, stored), plain)
        if len(block) != plain:
            raise Malformed(f"QNX deflate block at {end:#x} holds {len(block)} bytes of {plain}")
        yield block
    return end - offset
