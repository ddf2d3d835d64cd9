"""Unity asset bundles (`data.unity3d`, `*.bundle`): scenes, settings and scripts of a game in packed blocks.

Format: Unity `UnityFS`, versions 6 to 8, as UnityPy and AssetRipper read them: header, block table and file table in
big-endian order, the tables packed and in front of the blocks or at the end; blocks stored, LZMA, LZ4.
Limits: encrypted bundles of Unity China are named; the older `UnityRaw` and `UnityWeb` are not read.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import accumulate
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import Encrypted, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.blockcodecs import unlz4, unlzma
from inspector.formats.image import Image, locked
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import BlockReader, BufferReader, Reader, Span

MAGIC: Final = b"UnityFS\0"
HEADER: Final = Struct(">q3I")
BLOCK: Final = Struct(">2IH")
ENTRY: Final = Struct(">2qI")
COUNT: Final = Struct(">I")
VERSIONS: Final = range(6, 9)
ALIGNED: Final = 7
"""From this version on the header is filled up to 16 bytes."""
MOST: Final = 1 << 20
LARGEST_TABLE: Final = 1 << 26
LONGEST_NAME: Final = 4096
LONGEST_VERSION: Final = 64
KEPT_BLOCKS: Final = 4
AT_ONCE: Final = 1 << 26
"""Files up to this size are decoded once; of larger ones each reading decodes the blocks it needs."""
_CODEC: Final = 0x3F
_STORED, _LZMA, _LZ4, _LZ4HC = range(4)
_BOTH_TABLES, _AT_END, _FILLED, _ENCRYPTED = 0x40, 0x80, 0x200, 0x1400


class _Block(NamedTuple):
    start: int
    stored: int
    size: int
    codec: int


class _Header(NamedTuple):
    engine: str
    size: int
    stored_table: int
    table: int
    flags: int
    end: int


def parse_unityfs(data: Reader) -> Image:
    """Return the files of a bundle, decoded block by block when they are read."""
    header = _header(data)
    if header.flags & _ENCRYPTED:
        problem = Encrypted("asset bundle encrypted by Unity China's engine")
        return Image(header.size, (locked("blocks", header.end, header.size, problem),), (Span(0, header.end),))
    if not header.flags & _BOTH_TABLES:
        raise Unsupported("asset bundle without a table of files")
    at = header.size - header.stored_table if header.flags & _AT_END else header.end
    table = _unpacked(data, _Block(at, header.stored_table, header.table, header.flags & _CODEC))
    tabled = 0 if header.flags & _AT_END else header.stored_table
    first = _filled(header.end + tabled, header.flags & _FILLED)
    blocks, entries = _tables(table, first)
    held = sum(block.stored for block in blocks)
    if first + held > header.size:
        raise Malformed(f"asset bundle with blocks of {held} bytes, {header.size - first} there")
    source = _Blocks(data, blocks)
    members = tuple(_member(source, entry) for entry in entries)
    structure = (Span(0, first), Span(at, at + header.stored_table))
    return Image(header.size, members, structure, {"engine": header.engine, "files": str(len(members))})


def _header(data: Reader) -> _Header:
    if data.size < 48 or not data.startswith(MAGIC):
        raise NotThisFormat("no asset bundle")
    (version,) = data.unpack_at(len(MAGIC), COUNT)
    if version not in VERSIONS:
        raise Unsupported(f"asset bundle version {version}")
    at = len(MAGIC) + COUNT.size
    engine = ""
    for _ in range(2):  # the engine that reads it, the engine that wrote it
        raw = data.read_upto(at, LONGEST_VERSION).split(b"\0", 1)
        if len(raw) < 2:
            raise NotThisFormat("no asset bundle")
        engine, at = raw[0].decode("ascii", "backslashreplace"), at + len(raw[0]) + 1
    size, stored, table, flags = data.unpack_at(at, HEADER)
    end = _filled(at + HEADER.size, version >= ALIGNED)
    if not end + stored <= size <= data.size:
        raise Malformed(f"asset bundle of {size} bytes, {data.size} there")
    return _Header(engine, size, stored, table, flags, end)


def _filled(at: int, wanted: bool | int) -> int:
    return at + -at % 16 if wanted else at


def _tables(table: bytes, at: int) -> tuple[list[_Block], list[tuple[str, int, int]]]:
    """Return the blocks, the first of which lies at `at`, and (name, start, size) of the files in the decoded bytes."""
    place = 16  # a hash that nobody fills
    blocks = []
    for _ in range(_count(table, place, BLOCK.size)):
        size, stored, flags = BLOCK.unpack_from(table, place + COUNT.size)
        blocks.append(_Block(at, stored, size, flags & _CODEC))
        at, place = at + stored, place + BLOCK.size
    place += COUNT.size
    entries = []
    count = _count(table, place, ENTRY.size + 1)
    place += COUNT.size
    for _ in range(count):
        if place + ENTRY.size > len(table):
            raise Malformed("table of the asset bundle ends early")
        start, size, _ = ENTRY.unpack_from(table, place)
        name = table[place + ENTRY.size : place + ENTRY.size + LONGEST_NAME].split(b"\0", 1)[0]
        entries.append((decode_name(name), start, size))
        place += ENTRY.size + len(name) + 1
    return blocks, entries


def _count(table: bytes, place: int, least: int) -> int:
    if place + COUNT.size > len(table):
        raise Malformed("table of the asset bundle ends early")
    (count,) = COUNT.unpack_from(table, place)
    if count > min(MOST, (len(table) - place) // least):
        raise Malformed(f"asset bundle with {count} entries")
    return int(count)


def _member(source: "_Blocks", entry: tuple[str, int, int]) -> Member:
    name, start, size = entry
    if not 0 <= start <= start + size <= source.size:
        raise Malformed(f"file of the asset bundle wants {start:#x}, {size} bytes")
    held = source.blocks_of(start, size)
    extents = (Span(held[0].start, held[-1].start + held[-1].stored),) if held else ()

    def open_file(limit: int) -> Reader:
        if size > limit or any(block.size > limit for block in held):
            raise LimitReached(f"{size} bytes, {limit} allowed")
        if size <= AT_ONCE:
            return BufferReader(source.read_at(start, size))
        return source.slice(start, start + size)

    return Member(name, open_file, extents, size)


def _unpacked(data: Reader, block: _Block) -> bytes:
    raw = data.view_at(block.start, block.stored)
    if block.size > max(LARGEST_TABLE, 512 * block.stored):
        raise LimitReached(f"block of {block.size} bytes from {block.stored}")
    if block.codec == _STORED:
        found = bytes(raw)
    elif block.codec in (_LZ4, _LZ4HC):
        found = unlz4(raw, block.size)
    elif block.codec == _LZMA and block.stored > 5:
        found = unlzma(raw[5:], raw[0], block.size)
    else:
        raise Unsupported(f"asset bundle packed in way {block.codec}")
    if len(found) != block.size:
        raise Malformed(f"block of the asset bundle has {len(found)} bytes, {block.size} stated")
    return found


class _Blocks(BlockReader):
    """The decoded bytes of all blocks, end to end; the last few blocks read are kept."""

    def __init__(self, data: Reader, blocks: Sequence[_Block]) -> None:
        self._blocks = blocks
        self._starts = [0, *accumulate(block.size for block in blocks)]
        self.size = self._starts[-1]
        self._unpacked = lru_cache(KEPT_BLOCKS)(partial(_unpacked, data))

    def blocks_of(self, start: int, size: int) -> Sequence[_Block]:
        """Return the blocks that hold `size` bytes from `start`."""
        return self._blocks[self._at(start) : self._at(start + size - 1) + 1] if size else ()

    def _at(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1

    def _in_block(self, offset: int, length: int) -> bytes:
        index = self._at(offset)
        inside = offset - self._starts[index]
        return self._unpacked(self._blocks[index])[inside : inside + length]
