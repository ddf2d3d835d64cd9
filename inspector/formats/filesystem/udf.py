"""UDF, the file system of DVDs, Blu-ray discs and installers of Windows.

Format: ECMA-167 third edition (the descriptors); OSTA UDF 1.02 to 2.60 (names, the partition maps for write-once,
rewritable and metadata partitions).
Limits: streams of the volume as a whole are raw bytes; checksums over descriptors' bodies are not compared.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct, unpack_from
from typing import Final, NamedTuple

from inspector.errors import FormatError, Malformed, NotThisFormat, Unsupported
from inspector.formats.filesystem.runs import Run, merged, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

RECOGNITION: Final = 0x8000
STEP: Final = 2048
BEGIN: Final = b"\0BEA01\1"
NAMED: Final = (b"NSR02", b"NSR03")
BLOCK_SIZES: Final = (2048, 512, 4096, 1024, 8192, 16384, 32768)
ANCHOR_BLOCK: Final = 256

TAG: Final = Struct("<HHBBHHHI")
LONG: Final = Struct("<IIH6x")
SHORT: Final = Struct("<II")
EXTENDED: Final = Struct("<4x4x4x4xIH2x")
ANCHOR, POINTER, PARTITION, VOLUME, END = 2, 3, 5, 6, 8
FILE_SET, NAME, CONTINUED, INDIRECT, FILE, EXTENDED_FILE = 256, 257, 258, 259, 261, 266
IS_DIRECTORY, IS_DELETED, IS_PARENT = 2, 4, 8
DIRECTORY, SYMLINK, STREAMS, METADATA = 4, 12, 13, (250, 251)
TABLES: Final = (0, 248)
"""Types of the file that holds the table of a virtual partition: UDF 1.50, and from 2.00 on."""
KINDS: Final = {
    4: MemberKind.DIRECTORY, 6: MemberKind.DEVICE, 7: MemberKind.DEVICE, 9: MemberKind.FIFO, 10: MemberKind.SOCKET,
    11: MemberKind.SYMLINK, 12: MemberKind.SYMLINK, 13: MemberKind.DIRECTORY,
}  # fmt: skip
RECORDED, BY_SHORT, BY_LONG, BY_EXTENDED, INSIDE = 0, 0, 1, 2, 3
CONTINUES: Final = 3
"""Type of an extent that holds more descriptors of extents."""
HISTORY: Final = 4096
"""Strategy of write-once discs: entries are followed by where a newer one stands."""
MAX_SEQUENCE: Final = 256
MAX_CHAIN: Final = 1024
MAX_LISTING: Final = 1 << 28
MAX_TABLE: Final = 1 << 26
LOOKED_BACK: Final = 1024
"""Blocks at the end among which the table of a write-once disc is looked for."""
SYMLINK_MOST: Final = 1 << 14
WINDOW: Final = 1 << 20
Key = tuple[int, int]
"""(partition reference, block) of a file's entry."""


class Descriptor(NamedTuple):
    """One checked tag: what it announces, and the bytes from it to the end of its block."""

    kind: int
    location: int
    raw: memoryview


@dataclass(slots=True)
class Part:
    """One partition map: physical blocks, or blocks that are looked up in a table first."""

    start: int
    """Offset of block 0 of the physical partition, in bytes."""
    blocks: int
    number: int = -1
    metadata: list[Run] = field(default_factory=list)
    virtual: memoryview | None = None
    packet: int = 0
    spared: dict[int, int] = field(default_factory=dict)
    """First block of a packet that is written elsewhere → the block of the disc where it is."""


@dataclass(frozen=True, slots=True)
class Node:
    """What the entry of one file says."""

    key: Key
    at: int
    kind: int
    addressing: int
    size: int
    mode: int
    streams: Key | None
    table: Span
    """Where the descriptors of extents stand in the image, or the content itself."""


def recognised(data: Reader) -> bool:
    """Tell whether the volume recognition sequence names UDF, alone or beside ISO 9660."""
    return any(_names_udf(data, step) for step in (STEP, *(size for size in BLOCK_SIZES if size > STEP)))


def _names_udf(data: Reader, step: int) -> bool:
    for at in range(RECOGNITION, RECOGNITION + 64 * step, step):
        name = data.read_upto(at + 1, 5)
        if name in NAMED:
            return True
        if name not in (b"BEA01", b"CD001", b"BOOT2", b"CDW02"):
            return False
    return False


def descriptor(data: Reader, at: int, size: int) -> Descriptor | None:
    """Return the descriptor at `at` of a block of `size` bytes, or None where no sound tag stands."""
    if at < 0 or at + 512 > data.size:
        return None
    raw = data.view_at(at, min(size, data.size - at))
    kind, version, checksum, _, _, _, _, location = TAG.unpack_from(raw)
    if version not in (2, 3) or (sum(raw[:16]) - checksum) & 0xFF != checksum:
        return None
    return Descriptor(kind, location, raw)


class UdfImage:
    """An opened volume."""

    def __init__(self, data: Reader) -> None:
        if not recognised(data):
            raise NotThisFormat("no UDF recognition sequence")
        self.data = data
        self._budget = Budget(data.size)
        self._spans: list[Span] = [Span(RECOGNITION, RECOGNITION + 3 * STEP)]
        self.block, anchor = self._anchor()
        self._partitions: dict[int, Part] = {}
        self._sequences = [SHORT.unpack_from(anchor.raw, at) for at in (16, 24)]
        self._volume = self._sequence()
        self.label = _text(bytes(self._volume[84:212]), fixed=True).decode("utf-8", "replace")
        self.parts = self._maps()
        self.root = self._file_set()

    # The volume

    def _anchor(self) -> tuple[int, Descriptor]:
        """Return the size of a block and the anchor, which stands at block 256 or at one end of the volume."""
        for size in BLOCK_SIZES:
            for at in (ANCHOR_BLOCK * size, self.data.size - size, self.data.size - (ANCHOR_BLOCK + 1) * size):
                found = descriptor(self.data, at, size) if at >= 0 and at % size == 0 else None
                if found is not None and found.kind == ANCHOR and found.location == at // size:
                    self._spans.append(Span(at, at + size))
                    return size, found
        raise Malformed("UDF volume without an anchor")

    def _sequence(self) -> memoryview:
        """Return the logical volume descriptor that counts; takes the partitions into the table."""
        for length, place in self._sequences:
            volume: memoryview | None = None
            newest = -1
            for found in self._descriptors(length, place):
                (number,) = unpack_from("<I", found.raw, 16)
                if found.kind == PARTITION:
                    (name,) = unpack_from("<H", found.raw, 22)
                    first, blocks = unpack_from("<II", found.raw, 188)
                    self._partitions[name] = Part(first * self.block, blocks, name)
                elif found.kind == VOLUME and number >= newest:
                    volume, newest = found.raw, number
            if volume is not None and self._partitions:
                return volume
        raise Malformed("UDF volume without a logical volume")

    def _descriptors(self, length: int, block: int) -> Iterator[Descriptor]:
        at, end = block * self.block, block * self.block + length
        for _ in range(MAX_SEQUENCE):
            # The table of partition maps may make a descriptor longer than its block.
            found = descriptor(self.data, at, 4 * self.block) if at < end else None
            if found is None or found.kind == END:
                return
            self._spans.append(Span(at, at + self.block))
            if found.kind == POINTER:
                length, block = SHORT.unpack_from(found.raw, 20)
                at, end = block * self.block, block * self.block + length
                continue
            yield found
            at += self.block

    def _maps(self) -> list[Part]:
        raw = self._volume
        size, length, count = *unpack_from("<I", raw, 212), *unpack_from("<II", raw, 264)
        if size != self.block:
            raise Unsupported(f"UDF blocks of {size} bytes on sectors of {self.block}")
        table = raw[440 : 440 + length]
        parts: list[Part] = []
        at = 0
        while len(parts) < min(count, 64) and at + 6 <= len(table) and table[at + 1] >= 6:
            parts.append(self._map(table[at : at + table[at + 1]]))
            at += table[at + 1]
        if not parts:
            raise Malformed("UDF volume without a partition")
        return parts

    def _map(self, entry: memoryview) -> Part:
        if entry[0] == 1:
            return self._partition(*unpack_from("<H", entry, 4))
        if entry[0] != 2 or len(entry) < 64:
            raise Unsupported(f"UDF partition map of type {entry[0]}")
        kind = bytes(entry[5:28]).rstrip(b"\0")
        part = self._partition(*unpack_from("<H", entry, 38))
        made = Part(part.start, part.blocks, part.number)
        if kind == b"*UDF Metadata Partition":
            made.metadata = self._metadata(part, *unpack_from("<II", entry, 40))
        elif kind == b"*UDF Virtual Partition":
            made.virtual = self._virtual(part)
        elif kind == b"*UDF Sparable Partition":
            made.packet, tables = *unpack_from("<H", entry, 40), entry[42]
            for place in unpack_from("<4I", entry, 48)[:tables]:
                if made.packet and (spared := self._sparing(place)) is not None:
                    made.spared = spared
                    break
        else:
            raise Unsupported(f"UDF partition map {decode_name(kind)!r}")
        return made

    def _partition(self, number: int) -> Part:
        part = self._partitions.get(number)
        if part is None:
            raise Malformed(f"UDF partition {number} is not described")
        return part

    def _metadata(self, part: Part, *places: int) -> list[Run]:
        """Return the runs of the metadata file, or of its mirror."""
        for place in places:
            try:
                node = self._node((-1, place), part)
                if node.kind in METADATA:
                    return self._runs(node, part)[0]
            except FormatError:
                continue
        raise Malformed("UDF metadata file is not where the volume says")

    def _sparing(self, place: int) -> dict[int, int] | None:
        found = descriptor(self.data, place * self.block, 1 << 20)
        if found is None or bytes(found.raw[17:36]) != b"*UDF Sparing Table\0":
            return None
        (count,) = unpack_from("<H", found.raw, 48)
        pairs = found.raw[56 : 56 + 8 * min(count, (len(found.raw) - 56) // 8)]
        self._spans.append(Span(place * self.block, place * self.block + 56 + len(pairs)))
        return {old: new for old, new in SHORT.iter_unpack(pairs) if old < 0xFFFFFFF0}

    def _virtual(self, part: Part) -> memoryview:
        """Return the table of a write-once disc; its file is the last thing written."""
        last = self._written() // self.block
        for number in range(last, max(last - LOOKED_BACK, 0), -1):
            found = descriptor(self.data, number * self.block, self.block)
            if found is None or found.kind not in (FILE, EXTENDED_FILE) or found.raw[27] not in TABLES:
                continue
            if part.start // self.block + found.location != number:
                continue
            node = self._node((-1, found.location), part)
            table = self._content(node, MAX_TABLE, part).all()
            if node.kind == TABLES[1]:
                return table[min(*unpack_from("<H", table), len(table)) :] if len(table) >= 2 else table
            if bytes(table[-35:-13]) == b"*UDF Virtual Alloc Tbl":
                return table[:-36]
        raise Malformed("UDF disc without its table of virtual blocks: written in parts and not closed, or cut")

    def _written(self) -> int:
        """Return the offset of the last byte that is not zero: images of a whole disc go on behind what was written."""
        end = self.data.size
        while end > 0:
            start = max(end - WINDOW, 0)
            if self.data.constant_until(start) < end and (found := self.data.read_at(start, end - start).rstrip(b"\0")):
                return start + len(found) - 1
            end = start
        return 0

    def _file_set(self) -> Key:
        """Return where the root directory's entry stands."""
        length, block, ref = LONG.unpack_from(self._volume, 248)
        root: Key | None = None
        for step in range(min((length & 0x3FFFFFFF) // self.block, MAX_SEQUENCE)):
            at = self._offset(ref, block + step)
            found = descriptor(self.data, at, self.block)
            if found is None or found.kind != FILE_SET:
                break
            self._spans.append(Span(at, at + self.block))
            _, place, part = LONG.unpack_from(found.raw, 400)
            root = part, place
        if root is None:
            raise Malformed("UDF volume without a file set")
        return root

    # Blocks

    def _places(self, part: Part, block: int, length: int) -> Iterator[tuple[int, int]]:
        """Yield (offset, bytes) of what `length` bytes from `block` on are stored in."""
        at, left = block, length
        while left > 0:
            self._budget.spend(8)
            offset, room = self._place(part, at)
            count = min(left, room)
            yield offset, count
            at, left = at + -(-count // self.block), left - count

    def _place(self, part: Part, block: int) -> tuple[int, int]:
        """Return the offset of a block and how many bytes follow it there."""
        if part.virtual is not None:
            if 4 * block + 4 > len(part.virtual):
                raise Malformed(f"UDF virtual block {block} is not in the table")
            return part.start + unpack_from("<I", part.virtual, 4 * block)[0] * self.block, self.block
        if part.metadata:
            at = block * self.block
            index = bisect_right(part.metadata, at, key=lambda run: run.logical) - 1
            run = part.metadata[max(index, 0)]
            if not run.logical <= at < run.logical + run.length:
                raise Malformed(f"UDF metadata block {block} is not in the metadata file")
            return run.physical + at - run.logical, run.logical + run.length - at
        if part.spared:
            first = block - block % part.packet
            room = (first + part.packet - block) * self.block
            if first in part.spared:
                return (part.spared[first] + block - first) * self.block, room
            return part.start + block * self.block, room
        return part.start + block * self.block, 1 << 62

    def _offset(self, ref: int, block: int) -> int:
        return self._place(self._part(ref), block)[0]

    def _part(self, ref: int) -> Part:
        if not 0 <= ref < len(self.parts):
            raise Malformed(f"UDF partition reference {ref}")
        return self.parts[ref]

    # Files

    def node(self, key: Key) -> Node:
        """Return the newest entry of the file at `key`."""
        part = self._part(key[0])
        for _ in range(MAX_CHAIN):
            at = self._place(part, key[1])[0]
            node = self._node(key, part)
            if unpack_from("<H", self.data.view_at(at, 22), 20)[0] != HISTORY:
                return node
            following = descriptor(self.data, self._place(part, key[1] + 1)[0], self.block)
            if following is None or following.kind != INDIRECT:
                return node
            _, block, ref = LONG.unpack_from(following.raw, 36)
            if (ref, block) == key:
                return node
            key, part = (ref, block), self._part(ref)
        raise Malformed("UDF entry is followed by newer ones without an end")

    def _node(self, key: Key, part: Part) -> Node:
        at = self._place(part, key[1])[0]
        self._budget.spend(64)
        found = descriptor(self.data, at, self.block)
        if found is None or found.kind not in (FILE, EXTENDED_FILE):
            raise Malformed(f"no UDF file entry at {at:#x}")
        raw, streams = found.raw, None
        (flags,) = unpack_from("<H", raw, 34)
        (permissions,) = unpack_from("<I", raw, 44)
        (size,) = unpack_from("<Q", raw, 56)
        if found.kind == EXTENDED_FILE:
            length, block, ref = LONG.unpack_from(raw, 152)
            streams = (ref, block) if length else None
        fixed = 216 if found.kind == EXTENDED_FILE else 176
        attributes, table = unpack_from("<II", raw, fixed - 8)
        start = fixed + attributes
        if start + table > len(raw):
            raise Malformed("UDF file entry is longer than its block")
        self._spans.append(Span(at, at + self.block))
        mode = permissions & 7 | (permissions >> 5 & 7) << 3 | (permissions >> 10 & 7) << 6 | (flags >> 6 & 1) << 11
        return Node(key, at, raw[27], flags & 7, size, mode, streams, Span(at + start, at + start + table))

    def _runs(self, node: Node, part: Part) -> tuple[list[Run], int]:
        """Return the stored runs and how many bytes all descriptors speak of."""
        if node.addressing == INSIDE:
            length = min(node.size, len(node.table))
            return ([Run(0, node.table.start, length)] if length else []), length
        runs: list[Run] = []
        at = 0
        for word, block, ref in self._extents(node):
            length = word & 0x3FFFFFFF
            if word >> 30 == RECORDED:
                where = part if ref < 0 else self._part(ref)
                for offset, count in self._places(where, block, length):
                    runs.append(Run(at, offset, count))
                    at += count
            else:
                at += length
        return merged(runs), at

    def _extents(self, node: Node) -> Iterator[tuple[int, int, int]]:
        """Yield (length and type, block, partition reference) of every extent; -1 is the partition of the entry."""
        shape = {BY_SHORT: SHORT, BY_LONG: LONG, BY_EXTENDED: EXTENDED}.get(node.addressing)
        if shape is None:
            raise Malformed(f"UDF extents of kind {node.addressing}")
        table, own = node.table, node.key[0]
        for _ in range(MAX_CHAIN):
            following: tuple[int, int] | None = None
            self._budget.spend(len(table))
            raw = self.data.view_at(table.start, len(table))
            for at in range(0, len(raw) - shape.size + 1, shape.size):
                fields = shape.unpack_from(raw, at)
                *_, block, ref = (*fields, own) if shape is SHORT else fields
                (word,) = unpack_from("<I", raw, at)
                if not word & 0x3FFFFFFF:
                    break
                if word >> 30 == CONTINUES:
                    following = block, ref
                    break
                yield word, block, ref
            if following is None:
                return
            place = self._offset(following[1], following[0])
            found = descriptor(self.data, place, self.block)
            if found is None or found.kind != CONTINUED:
                raise Malformed(f"no more UDF extents at {place:#x}")
            self._spans.append(Span(place, place + self.block))
            length = min(*unpack_from("<I", found.raw, 20), self.block - 24)
            table = Span(place + 24, place + 24 + length)
        raise Malformed("UDF file of too many extents")

    def _content(self, node: Node, limit: int, part: Part | None = None) -> Reader:
        runs, known = self._runs(node, part or self._part(node.key[0]))
        reader = open_runs(self.data, runs, min(node.size, known), limit)
        if known < node.size:
            reader.damage = Malformed(f"UDF file of {node.size} bytes, extents of {known}")
        return reader

    def children(self, key: Key) -> Iterator[Entry[Key]]:
        """Yield the entries of a directory; named streams follow their file as `name:stream`."""
        for name, target, directory in self._names(self.node(key)):
            yield Entry(name, target, directory)
            if not directory and (streams := self._streams(target)) is not None:
                for stream, place, _ in self._names(self.node(streams)):
                    yield Entry(name + b":" + stream, place, directory=False)

    def _streams(self, key: Key) -> Key | None:
        try:
            return self.node(key).streams
        except FormatError:
            return None

    def _names(self, node: Node) -> Iterator[tuple[bytes, Key, bool]]:
        if node.kind not in (DIRECTORY, STREAMS):
            raise Malformed("UDF entry is no directory")
        listing = self._content(node, MAX_LISTING)
        self._budget.spend(listing.size)
        if node.addressing != INSIDE:
            self._spans += stored_spans(self._runs(node, self._part(node.key[0]))[0], listing.size, self.data.size)
        at = 0
        while at + 38 <= listing.size:
            head = listing.view_at(at, 38)
            if unpack_from("<H", head)[0] != NAME:
                raise Malformed("UDF directory is damaged")
            flags, length = head[18], head[19]
            _, block, ref = LONG.unpack_from(head, 20)
            skipped = 38 + unpack_from("<H", head, 36)[0]
            if not flags & (IS_DELETED | IS_PARENT):
                name = listing.read_at(at + skipped, length)
                yield _text(name), (ref, block), bool(flags & IS_DIRECTORY)
            at += (skipped + length + 3) & ~3
        if listing.damage is not None:
            raise listing.damage

    def member(self, found: Found[Key]) -> Member:
        """Return the member of one file."""
        node = self.node(found.key)
        kind = KINDS.get(node.kind, MemberKind.FILE)
        make = partial(Member, found.path, mode=node.mode & 0o7777, notes=found.notes)
        if kind is MemberKind.SYMLINK and node.kind == SYMLINK:
            target = self._content(node, SYMLINK_MOST).all()
            return make(kind=kind, target=decode_name(_target(target)))
        if kind is not MemberKind.FILE:
            return make(kind=kind)
        runs, known = self._runs(node, self._part(node.key[0]))
        extents = stored_spans(runs, min(node.size, known), self.data.size)
        return make(partial(self._content, node), extents, node.size)

    def members(self) -> Iterator[Member]:
        """Yield every entry; files come in the order of their data."""
        return members_of(self.root, self.children, self.member)

    def structure(self) -> list[Span]:
        """Return descriptors, tables and listings that were read."""
        size = self.data.size
        return [Span(span.start, min(span.end, size)) for span in self._spans if 0 <= span.start < size]

    @property
    def end(self) -> int:
        """Where the last partition or sequence of descriptors ends, or the anchor behind it, cut at what is there."""
        end = max(part.start + part.blocks * self.block for part in self._partitions.values())
        end = max(end, *(place * self.block + length for length, place in self._sequences))
        at = -(-end // self.block)
        for number in (at, at + ANCHOR_BLOCK, self.data.size // self.block - 1):
            found = descriptor(self.data, number * self.block, self.block)
            if found is not None and found.kind == ANCHOR and found.location == number:
                end = (number + 1) * self.block
        return min(end, self.data.size)


def _text(raw: bytes, *, fixed: bool = False) -> bytes:
    """Return OSTA compressed text as UTF-8; a field of fixed size has its length in the last byte."""
    if fixed:
        raw = raw[: raw[-1]] if raw else b""
    if raw[:1] in (b"\x10", b"\xff"):
        return raw[1:].decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass") if len(raw) % 2 else raw
    if raw[:1] in (b"\x08", b"\xfe"):
        return raw[1:].decode("latin-1").encode()
    return raw


def _target(raw: memoryview) -> bytes:
    """Return the path that the components of a link spell."""
    parts: list[bytes] = []
    at = 0
    while at + 4 <= len(raw):
        kind, length = raw[at], raw[at + 1]
        if kind in (1, 2):
            parts = [b""]
        elif kind in (3, 4):
            parts.append(b".." if kind == 3 else b".")
        elif kind == 5:
            parts.append(_text(bytes(raw[at + 4 : at + 4 + length])))
        at += 4 + length
    return b"/".join(parts) if parts != [b""] else b"/"


def measure_udf(data: Reader) -> Span:
    """Return the extent up to the end of the last partition, cut at what is there."""
    return Span(0, UdfImage(data).end)


def read_udf(data: Reader) -> Contents:
    """Return the contents of the volume at the start of `data`."""
    image = UdfImage(data)
    return Contents(image.members(), image.structure, {"block": str(image.block), "label": image.label})
