"""The index of a compressed EROFS file: which stored blocks hold which part of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, unpack_from
from typing import Any, Final

from isal import isal_zlib

from inspector.errors import LimitReached, Malformed, Unsupported
from inspector.formats.codec.blockcodecs import MEMORY, Decode, inflate_raw, unlz4, unlzma, unzstd
from inspector.formats.reader import Buffer, Reader

PLAIN, HEAD, NONHEAD, HEAD2 = range(4)
COMPACT_2B, BIG_1, BIG_2, INLINE, INTERLACED, FRAGMENT = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20
COUNT_FLAG: Final = 0x800
"""In the distance of the entry behind a head: what follows is how many blocks the head fills."""
MAX_CLUSTERS: Final = 1 << 22
INDEX: Final = Struct("<HHI")


def _micro_lzma(stored: Buffer, limit: int) -> bytes:
    # The first byte of an LZMA stream is always 0; here it holds the inverted properties.
    view = memoryview(stored)
    if not view:
        raise Malformed("empty LZMA block")
    return unlzma(b"\0" + bytes(view[1:]), ~view[0] & 0xFF, limit)


ALGORITHMS: Final[dict[int, tuple[str, Decode]]] = {
    0: ("lz4", unlz4),
    1: ("lzma", _micro_lzma),
    2: ("deflate", inflate_raw),
    3: ("zstd", unzstd),
}


@dataclass(frozen=True, slots=True)
class MapHeader:
    """What stands before the index: how it and the data are laid out."""

    advise: int
    algorithms: tuple[int, int]
    cluster_bits: int
    tail_size: int
    """Bytes of the last part when it is kept behind the index."""
    fragment: int
    """Offset of the last part in the packed inode; of the whole file where `whole` is set."""
    whole: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """One part of a file and where it is stored, in bytes."""

    logical: int
    length: int
    physical: int
    stored: int
    kind: int
    """`PLAIN`, `HEAD` or `HEAD2`."""


def parse_map_header(data: Reader, at: int, block_bits: int) -> MapHeader:
    """Return the header at `at`, which is 8-aligned behind the inode."""
    low, advise, algorithms, bits = data.unpack_at(at, Struct("<IHBB"))
    if bits >> 7:
        (word,) = data.unpack_at(at, Struct("<Q"))
        return MapHeader(0, (0, 0), block_bits, 0, word & ~(1 << 63), whole=True)
    return MapHeader(advise, (algorithms & 15, algorithms >> 4), block_bits + (bits & 7), low >> 16, low, whole=False)


def read_index(
    data: Reader, at: int, size: int, header: MapHeader, block_bits: int, *, compact: bool
) -> tuple[list[Extent], int]:
    """Return the extents of a file of `size` bytes whose map header is at `at`, and where the index ends.

    Raises `Malformed` for an index that leaves the image or runs backwards.
    """
    count = (size + (1 << header.cluster_bits) - 1) >> header.cluster_bits
    if count > MAX_CLUSTERS:
        raise LimitReached(f"file of {size} bytes in an EROFS image", "max-unpacked")
    if compact:
        entries, end = _compact(data, at + 8, count, header)
    else:
        entries, end = _full(data, at + 16, count)
    return list(_extents(entries, size, header, block_bits)), end


Indexed = tuple[int, int, int, int]
"""(type, offset in its cluster or distance, first block, blocks or 0)."""


def _full(data: Reader, at: int, count: int) -> tuple[list[Indexed], int]:
    entries: list[Indexed] = []
    for advise, offset, word in INDEX.iter_unpack(data.view_at(at, 8 * count)):
        kind = advise & 3
        if kind == NONHEAD:
            delta = word & 0xFFFF
            entries.append((kind, delta, 0, delta & ~COUNT_FLAG if delta & COUNT_FLAG else 0))
        else:
            entries.append((kind, offset, word, 0))
    return entries, at + 8 * count


def _compact(data: Reader, base: int, count: int, header: MapHeader) -> tuple[list[Indexed], int]:
    """Decode packs: two entries in 8 bytes, or sixteen in 32, each with its first block at the end."""
    initial = min((32 - base % 32) // 4 & 7, count)
    short = (count - initial) // 16 * 16 if header.advise & COMPACT_2B else 0
    entries: list[Indexed] = []
    at = base
    for part, per_pack, size in ((initial, 2, 8), (short, 16, 32), (count - initial - short, 2, 8)):
        done = 0
        while done < part:
            entries += _pack(data.read_at(at, size), per_pack, header)[: part - done]
            done += per_pack
            at += size
    return entries, at


def _pack(raw: bytes, per_pack: int, header: MapHeader) -> list[Indexed]:
    width = (len(raw) - 4) * 8 // per_pack
    bits = max(header.cluster_bits, 12)
    value = int.from_bytes(raw[:-4], "little")
    (block,) = unpack_from("<I", raw, len(raw) - 4)
    big = bool(header.advise & (BIG_1 | BIG_2))
    filled = 0 if big else 1
    out: list[Indexed] = []
    last_head = False
    for number in range(per_pack):
        word = value >> number * width
        low, kind = word & (1 << bits) - 1, word >> bits & 3
        if kind == NONHEAD:
            blocks = low & ~COUNT_FLAG if big and low & COUNT_FLAG else 0
            # The count replaces the one block that its head was taken to fill.
            filled += blocks - (1 if last_head else 0) if blocks else 0
            out.append((kind, low, 0, blocks))
        else:
            out.append((kind, low, block + filled, 0))
            filled += 1
        last_head = kind != NONHEAD
    return out


def _extents(entries: list[Indexed], size: int, header: MapHeader, block_bits: int) -> Iterator[Extent]:
    cluster = 1 << header.cluster_bits
    heads = [number for number, entry in enumerate(entries) if entry[0] != NONHEAD]
    for place, number in enumerate(heads):
        kind, offset, block, _ = entries[number]
        start = number * cluster + offset
        if place + 1 < len(heads):
            end = heads[place + 1] * cluster + entries[heads[place + 1]][1]
        else:
            end = size
        end = min(end, size)
        if end < start:
            raise Malformed("EROFS index runs backwards")
        if end == start:
            continue  # a last head may only mark where the file ends
        blocks = entries[number + 1][3] if number + 1 < len(entries) and entries[number + 1][0] == NONHEAD else 0
        stored = blocks << block_bits if blocks else cluster
        yield Extent(start, end - start, block << block_bits, stored, kind)


def unlz4_partial(stored: Buffer, size: int) -> bytes:
    """Decode the first `size` bytes of an lz4 block that holds more, or has padding behind it.

    The library refuses both; blocks of this kind are rare, so this does without it.
    """
    out, at = bytearray(), 0
    try:
        while len(out) < size:
            token = stored[at]
            at, literals = _lz4_length(stored, at + 1, token >> 4)
            out += stored[at : at + literals]
            at += literals
            if len(out) < size:
                back = stored[at] | stored[at + 1] << 8
                at, copied = _lz4_length(stored, at + 2, token & 15)
                _repeat(out, back, min(copied + 4, size - len(out)))
    except IndexError as exc:
        raise Malformed("lz4 block ends early") from exc
    return bytes(out[:size])


def _lz4_length(stored: Buffer, at: int, length: int) -> tuple[int, int]:
    if length == 15:
        while stored[at] == 255:
            length, at = length + 255, at + 1
        length, at = length + stored[at], at + 1
    return at, length


def _repeat(out: bytearray, back: int, count: int) -> None:
    if not 0 < back <= len(out):
        raise Malformed("lz4 match before its block")
    piece = bytes(out[-back:])
    out += (piece * (count // back + 1))[:count]


def inflate_partial(stored: Buffer, size: int) -> bytes:
    """Decode the first `size` bytes of a bare deflate stream that holds more."""
    error: Any = isal_zlib.error
    try:
        return bytes(isal_zlib.decompressobj(wbits=-15).decompress(stored, size))
    except error as exc:
        raise Malformed(f"damaged deflate block: {exc}") from exc


def unzstd_partial(stored: Buffer, size: int) -> bytes:
    """Decode the first `size` bytes of a zstd frame that holds more."""
    import zstandard  # takes 20 ms

    try:
        with zstandard.ZstdDecompressor(max_window_size=MEMORY).stream_reader(stored) as reader:
            return bytes(reader.read(size))
    except zstandard.ZstdError as exc:
        raise Malformed(f"damaged zstd block: {exc}") from exc


BEGINNINGS: Final[dict[int, Decode]] = {0: unlz4_partial, 2: inflate_partial, 3: unzstd_partial}
"""By algorithm: what decodes the beginning of a block; LZMA as it is kept here stops anywhere."""


def decode_extent(
    stored: memoryview, extent: Extent, header: MapHeader, block_size: int, *, padded: bool = True
) -> bytes:
    """Return the decoded bytes of an extent; compressed blocks are `padded` with zeros in front, old ones behind."""
    if extent.kind == PLAIN:
        raw = bytes(stored[: max(extent.length, block_size)])
        turn = extent.logical % block_size if header.advise & INTERLACED else 0
        return (raw[turn:] + raw[:turn])[: extent.length]
    number = header.algorithms[1 if extent.kind == HEAD2 else 0]
    if number not in ALGORITHMS:
        raise Unsupported(f"EROFS compression {number}")
    name, decode = ALGORITHMS[number]
    if number == 0 and not padded:
        return unlz4_partial(stored, extent.length)
    packed = bytes(stored).lstrip(b"\0")
    try:
        decoded = decode(packed, extent.length)
    except Malformed:
        # A block may hold more than this part of the file: what follows was stored better elsewhere.
        if number not in BEGINNINGS:
            raise
        decoded = BEGINNINGS[number](packed, extent.length)
    if len(decoded) != extent.length:
        raise Malformed(f"{name} block holds {len(decoded)} bytes of {extent.length}")
    return decoded
