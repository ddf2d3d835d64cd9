"""Android update payloads (payload.bin): partitions as lists of compressed block ranges.

Format: AOSP system/update_engine/update_metadata.proto, version 2.
Each range is decoded when it is read and kept only briefly, so a partition of several GB costs no memory.

Limits: incremental payloads change an older version of the partition that is not here; their partitions are gaps.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.archive import bzip2, xz, zstd
from inspector.formats.codec.streams import Codec, collect
from inspector.formats.data.protobuf import EMPTY, messages, numbers
from inspector.formats.image import Image, stored
from inspector.formats.layout import Member
from inspector.formats.mapped import open_mapped
from inspector.formats.names import decode_name
from inspector.formats.reader import MappedReader, Piece, Reader, Span

MAGIC: Final = b"CrAU"
HEADER = Struct(">4sQQI")
VERSION: Final = 2
BLOCK_SIZE, SIGNATURES_OFFSET, SIGNATURES_SIZE, PARTITIONS = 3, 4, 5, 13
NAME, NEW_INFO, OPERATIONS = 1, 7, 8
TYPE, DATA_OFFSET, DATA_LENGTH, TARGETS = 1, 2, 3, 6
START, COUNT = 1, 2
REPLACE, REPLACE_BZ, ZERO, DISCARD, REPLACE_XZ, REPLACE_ZSTD = 0, 1, 6, 7, 8, 14
CODECS: Final[dict[int, Codec]] = {
    REPLACE_BZ: bzip2.decompress,
    REPLACE_XZ: xz.unxz,
    REPLACE_ZSTD: zstd.decompress,
}
DIFFERENCES: Final = {
    2: "MOVE", 3: "BSDIFF", 4: "SOURCE_COPY", 5: "SOURCE_BSDIFF", 9: "PUFFDIFF", 10: "BROTLI_BSDIFF",
    11: "ZUCCHINI", 12: "LZ4DIFF_BSDIFF", 13: "LZ4DIFF_PUFFDIFF",
}  # fmt: skip
MAX_DECODED: Final = 1 << 26
"""Most bytes of one range; generators write 2 MiB at a time."""
KEPT: Final = 1 << 25
"""Decoded bytes kept for the next reads of their neighbourhood."""


class _Recent:
    """The last decoded ranges, up to `KEPT` bytes together."""

    def __init__(self) -> None:
        self._ranges: OrderedDict[int, Reader] = OrderedDict()
        self._size = 0

    def get(self, key: int, decode: Callable[[], Reader]) -> Reader:
        found = self._ranges.pop(key, None)
        if found is None:
            found = decode()
            self._size += found.size
        self._ranges[key] = found
        while self._size > KEPT and len(self._ranges) > 1:
            self._size -= self._ranges.popitem(last=False)[1].size
        return found


class _Range(Reader):
    """Part of a compressed range, decoded when it is read."""

    def __init__(self, key: int, decode: Callable[[], Reader], size: int, recent: _Recent, start: int = 0) -> None:
        self._key, self._decode, self._recent, self._start = key, decode, recent, start
        self.size = size

    def view_at(self, offset: int, length: int) -> memoryview:
        """Decode the range, unless it was just read; a range shorter than promised raises `Malformed`."""
        self._check(offset, length)
        whole = self._recent.get(self._key, self._decode)
        return whole.view_at(self._start + offset, length)

    def slice(self, start: int, end: int | None = None) -> Reader:
        """Return a part that shares the decoded bytes."""
        stop = self.size if end is None else end
        self._check(start, stop - start)
        return _Range(self._key, self._decode, stop - start, self._recent, self._start + start)


@dataclass(frozen=True, slots=True)
class _Operation:
    """One range of a partition: how it is stored and which blocks it fills."""

    kind: int
    stored: Span
    targets: tuple[tuple[int, int], ...]
    """(first block, number of blocks)."""


def parse_payload(data: Reader) -> Image:
    """Return the partitions of a full payload; those of an incremental one carry their problem."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no update payload")
    _, version, manifest_size, signature_size = data.unpack_at(0, HEADER)
    if version != VERSION:
        raise NotThisFormat(f"update payload of version {version}")
    start = HEADER.size + manifest_size + signature_size
    manifest = data.slice(HEADER.size, HEADER.size + manifest_size)
    facts = numbers(manifest)
    block = facts.get(BLOCK_SIZE, 4096)
    if not 512 <= block <= 1 << 20:
        raise Malformed(f"payload with blocks of {block} bytes")
    recent, members, end = _Recent(), list[Member](), start
    for update in messages(manifest, PARTITIONS):
        operations = list(_operations(update, start))
        members.append(_partition(data, update, operations, block, recent))
        end = max([end, *(operation.stored.end for operation in operations)])
    structure = [Span(0, min(start, data.size))]
    if SIGNATURES_SIZE in facts:
        at = start + facts.get(SIGNATURES_OFFSET, 0)
        if at + facts[SIGNATURES_SIZE] <= data.size:
            members.append(stored(data, "signatures", at, at + facts[SIGNATURES_SIZE]))
            end = max(end, at + facts[SIGNATURES_SIZE])
    return Image(min(end, data.size), tuple(members), tuple(structure), {"block size": str(block)})


def _operations(update: Reader, base: int) -> Iterator[_Operation]:
    for message in messages(update, OPERATIONS):
        facts = numbers(message)
        start = base + facts.get(DATA_OFFSET, 0)
        targets = (numbers(target) for target in messages(message, TARGETS))
        yield _Operation(
            facts.get(TYPE, REPLACE),
            Span(start, start + facts.get(DATA_LENGTH, 0)),
            tuple((target.get(START, 0), target.get(COUNT, 0)) for target in targets),
        )


def _partition(data: Reader, update: Reader, operations: list[_Operation], block: int, recent: _Recent) -> Member:
    name = decode_name(bytes(next(messages(update, NAME), EMPTY).all()))
    info = numbers(next(messages(update, NEW_INFO), EMPTY))
    extents = tuple(
        Span(min(op.stored.start, data.size), min(op.stored.end, data.size)) for op in operations if len(op.stored)
    )
    differing = sorted({DIFFERENCES.get(op.kind, f"operation {op.kind}") for op in operations if not _is_whole(op)})
    if differing:
        problem = Unsupported(f"incremental update ({', '.join(differing)}): needs the version it is made against")
        return Member(name, extents=extents, problem=problem, size=info.get(1, -1))
    return Member(name, partial(_open, data, operations, block, recent), extents, info.get(1, -1))


def _is_whole(operation: _Operation) -> bool:
    return operation.kind in (REPLACE, ZERO, DISCARD) or operation.kind in CODECS


def _open(data: Reader, operations: list[_Operation], block: int, recent: _Recent, limit: int) -> Reader:
    placed: list[tuple[int, Piece]] = []
    for operation in operations:
        size = sum(count for _, count in operation.targets) * block
        source = _source(data, operation, size, recent)
        at = 0
        for first, count in operation.targets:
            placed.append((first * block, Piece(count * block, source, at) if source else Piece(count * block)))
            at += count * block
    return open_mapped(list(_filled(placed)), limit)


def _source(data: Reader, operation: _Operation, size: int, recent: _Recent) -> Reader | None:
    if operation.kind in (ZERO, DISCARD):
        return None
    stored_ = data.slice(operation.stored.start, operation.stored.end)
    if operation.kind == REPLACE:
        return MappedReader([Piece(stored_.size, stored_), Piece(max(size - stored_.size, 0))])
    if size > MAX_DECODED:
        raise Malformed(f"payload range of {size} bytes")
    decode_range = partial(_decode, CODECS[operation.kind], stored_)
    return _Range(operation.stored.start, decode_range, size, recent)


def _decode(codec: Codec, stored_: Reader) -> Reader:
    decoded = collect(codec, stored_, 0, MAX_DECODED)
    if decoded.damage is not None:
        raise decoded.damage
    return decoded.reader()


def _filled(placed: list[tuple[int, Piece]]) -> Iterator[Piece]:
    """Yield the pieces in the order of the partition, with holes where no operation writes."""
    position = 0
    for start, piece in sorted(placed, key=lambda item: item[0]):
        if start < position:
            raise Malformed("payload writes a block twice")
        yield Piece(start - position)
        yield piece
        position = start + piece.length
