"""F2FS, the log-structured file system of phones' data partitions and some eMMC root file systems.

Format: Linux `include/linux/f2fs_fs.h`, `Documentation/filesystems/f2fs.rst`.
Limits: the state of the last checkpoint is read, nodes synced after it are not replayed; files encrypted with fscrypt
are named, not read; blocks of 4 KiB only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct, unpack_from
from typing import Final

from inspector.errors import Encrypted, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.blockcodecs import Decode, unlz4, unlzo, unzstd
from inspector.formats.codec.lzo_rle import unlzo_rle
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.runs import Run, merged, open_runs, stored_spans
from inspector.formats.filesystem.tree import Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

AT: Final = 1024
MAGIC: Final = b"\x10\x20\xf5\xf2"
BLOCK: Final = 4096
SUPER: Final = Struct("<4sHHIIIIIII Q IIIIIII IIIIII I")
NAT_ENTRY: Final = Struct("<BII")
PER_NAT_BLOCK: Final = BLOCK // NAT_ENTRY.size
COMPACT_SUMMARY, LARGE_BITMAP = 0x4, 0x400
JOURNAL_AT: Final = 3584
MAX_JOURNAL: Final = 38
INLINE_XATTR, INLINE_DATA, INLINE_DENTRY, EXTRA = 0x01, 0x02, 0x04, 0x20
FLEXIBLE_XATTR: Final = 0x40
ENCRYPTED: Final = 0x04
COMPRESSED: Final = 0x4
ADDRESSES: Final = 360
IN_INODE: Final = 923
IN_NODE: Final = 1018
HOLES: Final = (0, 0xFFFFFFFF)
IS_COMPRESSED: Final = 0xFFFFFFFE
"""Stands for the first address of a cluster whose other addresses hold compressed data."""
COMPRESSION: Final = Struct("<BB")
COMPRESSION_AT: Final = 32
"""Offset of algorithm and cluster size in the extra attributes."""
CLUSTER_HEADER: Final = 24
ALGORITHMS: Final[dict[int, Decode]] = {0: unlzo, 1: unlz4, 2: unzstd, 3: unlzo_rle}
SMALLEST_CLUSTER, LARGEST_CLUSTER = 2, 8
"""As powers of two, in blocks."""
DEFAULT_XATTR: Final = 50
SLOT: Final = 8
DENTRY: Final = Struct("<IIHB")
MAX_LISTING: Final = 1 << 28
MAX_TARGET: Final = 1 << 16
MAX_BLOCKS: Final = 1 << 23
"""Block addresses read per image: nodes shared on purpose could be read for ever."""


@dataclass(frozen=True, slots=True)
class F2fsInode:
    """One inode block and what its flags say."""

    number: int
    at: int
    mode: int
    size: int
    inline: int
    encrypted: bool
    compressed: bool
    start: int
    """Where addresses, or inline data, begin in the block."""
    count: int
    """Addresses in the inode itself."""


@dataclass(slots=True)
class Clusters:
    """Where the parts of a compressed file lie, in blocks."""

    unit: int
    """Blocks of a cluster."""
    plain: dict[int, int] = field(default_factory=dict)
    """Block of the file → block of the image, of the clusters that are stored as they are."""
    compressed: dict[int, list[int]] = field(default_factory=dict)
    """Cluster → the blocks that hold it."""

    def blocks(self) -> list[int]:
        """Return all blocks of the image, in the order of the file."""
        return [*self.plain.values(), *(block for blocks in self.compressed.values() for block in blocks)]


class F2fsImage:
    """An opened file system at its latest checkpoint."""

    def __init__(self, data: Reader) -> None:
        if data.size < AT + 3072 or not data.startswith(MAGIC, AT):
            raise NotThisFormat("no F2FS superblock")
        fields = data.unpack_at(AT, SUPER)
        log_block, log_segment = fields[5], fields[6]
        if log_block != 12 or log_segment != 9:
            raise NotThisFormat("F2FS geometry is out of range")
        self.data = data
        self.blocks: int = fields[10]
        self.segment = 1 << log_segment
        _, self._checkpoint_at, self._sit, self._nat, self._ssa, self._main, self.root = fields[18:25]
        self.label = data.read_at(AT + 124, 1024).decode("utf-16-le", "replace").split("\0")[0]
        (self._features,) = data.unpack_at(AT + 2180, Struct("<I"))
        (payload,) = data.unpack_at(AT + 1664, Struct("<I"))
        self._tables = [Span(AT, AT + 3072), Span(BLOCK + AT, BLOCK + AT + 3072)]
        self._left = MAX_BLOCKS
        self._load_checkpoint(payload)

    # Node addresses

    def _load_checkpoint(self, payload: int) -> None:
        packs = [self._checkpoint_at, self._checkpoint_at + self.segment]
        version, start = max((self._pack_version(at), at) for at in packs)
        if version < 0:
            raise Malformed("F2FS without a valid checkpoint")
        raw = self.data.read_at(start * BLOCK, BLOCK)
        flags, total, summary = unpack_from("<III", raw, 132)
        sit_size, nat_size = unpack_from("<II", raw, 156)
        if flags & LARGE_BITMAP:
            bitmap_at = 196
        else:
            bitmap_at = 192 if payload else 192 + sit_size
        self._bitmap = raw[bitmap_at : bitmap_at + nat_size]
        self._tables.append(Span(start * BLOCK, (start + min(total, self.segment)) * BLOCK))
        journal = self.data.read_at((start + summary) * BLOCK, BLOCK)
        self._journal = _nat_journal(journal, 0 if flags & COMPACT_SUMMARY else JOURNAL_AT)

    def _pack_version(self, start: int) -> int:
        """Return the version of the pack at a block, or -1 where its first and last block differ."""
        try:
            (version,) = self.data.unpack_at(start * BLOCK, Struct("<Q"))
            (total,) = self.data.unpack_at(start * BLOCK + 136, Struct("<I"))
            if not 0 < total <= self.segment:
                return -1
            (again,) = self.data.unpack_at((start + total - 1) * BLOCK, Struct("<Q"))
        except Malformed:
            return -1
        return int(version) if version == again else -1

    def node_at(self, number: int) -> int:
        """Return the offset of a node's block by its number; raises `Malformed` for one that is not in use."""
        address = self._journal.get(number)
        if address is None:
            block, index = divmod(number, PER_NAT_BLOCK)
            segment, inside = divmod(block, self.segment)
            at = self._nat + segment * self.segment * 2 + inside
            byte = block >> 3
            if byte < len(self._bitmap) and self._bitmap[byte] >> (7 - block % 8) & 1:
                at += self.segment
            address = NAT_ENTRY.unpack(self.data.view_at(at * BLOCK + index * NAT_ENTRY.size, NAT_ENTRY.size))[2]
            self._tables.append(Span(at * BLOCK, (at + 1) * BLOCK))
        if address in HOLES:
            raise Malformed(f"F2FS node {number} is not in use")
        at = address * BLOCK
        if self.data.unpack_at(at + 4072, Struct("<I"))[0] != number:
            raise Malformed(f"F2FS node {number} is not where the table says")
        return at

    def inode(self, number: int) -> F2fsInode:
        """Return an inode by its number."""
        at = self.node_at(number)
        raw = self.data.view_at(at, BLOCK)
        mode, advise, inline = unpack_from("<HBB", raw)
        (size,) = unpack_from("<Q", raw, 16)
        (flags,) = unpack_from("<I", raw, 80)
        extra, xattr = unpack_from("<HH", raw, ADDRESSES) if inline & EXTRA else (0, 0)
        if inline & EXTRA and self._features & FLEXIBLE_XATTR:
            kept = xattr  # reserved whether the attributes are there or not
        else:
            kept = DEFAULT_XATTR if inline & (INLINE_XATTR | INLINE_DENTRY) else 0
        count = IN_INODE - extra // 4 - kept
        if count < 1:
            raise Malformed(f"F2FS inode {number} has no room for addresses")
        self._tables.append(Span(at, at + BLOCK))
        return F2fsInode(
            number, at, mode, size, inline, bool(advise & ENCRYPTED), bool(flags & COMPRESSED), ADDRESSES + extra, count
        )

    # Contents

    def _addresses(self, inode: F2fsInode, unit: int = 1) -> Iterator[tuple[int, int]]:
        """Yield (block of the file, block of the image), holes left out; up to a multiple of `unit` blocks."""
        raw = self.data.view_at(inode.at, BLOCK)
        wanted = -(-inode.size // (BLOCK * unit)) * unit
        yield from self._filled(raw[inode.start : inode.start + 4 * inode.count], 0, wanted)
        at = inode.count
        for node, depth in zip(unpack_from("<5I", raw, 4052), (0, 0, 1, 1, 2), strict=True):
            span = IN_NODE ** (depth + 1)
            if node and at < wanted:
                yield from self._below(node, depth, at, wanted)
            at += span

    def _below(self, number: int, depth: int, at: int, wanted: int) -> Iterator[tuple[int, int]]:
        start = self.node_at(number)
        self._tables.append(Span(start, start + BLOCK))
        table = self.data.view_at(start, 4 * IN_NODE)
        if not depth:
            yield from self._filled(table, at, wanted)
            return
        self._spend(IN_NODE)
        for (node,) in Struct("<I").iter_unpack(table):
            if at >= wanted:
                return
            if node:
                yield from self._below(node, depth - 1, at, wanted)
            at += IN_NODE**depth

    def _filled(self, table: memoryview, at: int, wanted: int) -> Iterator[tuple[int, int]]:
        table = table[: 4 * max(wanted - at, 0)]
        self._spend(len(table) // 4)
        for (address,) in Struct("<I").iter_unpack(table):
            if address not in HOLES:
                yield at, address
            at += 1

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise LimitReached("too many block addresses in one file system", "max-members")

    def runs(self, inode: F2fsInode) -> list[Run]:
        """Return where a file lies."""
        if inode.inline & INLINE_DATA:
            room = 4 * (inode.count - 1)
            return [Run(0, inode.at + inode.start + 4, min(inode.size, room))] if inode.size else []
        return merged(Run(block * BLOCK, address * BLOCK, BLOCK) for block, address in self._addresses(inode))

    # Directories

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the entries of a directory, without `.` and `..`."""
        inode = self.inode(number)
        if kind_of(inode.mode) is not MemberKind.DIRECTORY:
            raise Malformed("directory entry does not lead to a directory")
        if inode.inline & INLINE_DENTRY:
            room = 4 * (inode.count - 1)
            area = self.data.view_at(inode.at + inode.start + 4, room)
            slots = room * 8 // ((DENTRY.size + SLOT) * 8 + 1)
            yield from _dentries(area, slots, len(area) - slots * (DENTRY.size + SLOT))
            return
        runs = self.runs(inode)
        self._tables += stored_spans(runs, MAX_LISTING, self.data.size)
        for run in runs:
            for at in range(run.physical, run.physical + run.length, BLOCK):
                yield from _dentries(self.data.view_at(at, BLOCK), 214, 30)

    def is_sealed(self, number: int) -> bool:
        """Tell whether an inode is encrypted; of a directory, so is all below it."""
        return self.inode(number).encrypted

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry."""
        inode = self.inode(found.key)
        kind = kind_of(inode.mode)
        if kind is None:
            raise Malformed(f"F2FS mode {inode.mode:#o}")
        make = partial(Member, found.path, kind=kind, mode=inode.mode & 0o7777, notes=found.notes)
        if kind not in (MemberKind.FILE, MemberKind.SYMLINK):
            return make()
        if kind is MemberKind.FILE and inode.compressed and not inode.inline & INLINE_DATA:
            return self._compressed_member(make, inode)
        runs = self.runs(inode)
        extents = stored_spans(runs, inode.size, self.data.size)
        if inode.encrypted:
            return make(extents=extents, size=inode.size, problem=Encrypted("encrypted with fscrypt"))
        if kind is MemberKind.FILE:
            return make(partial(open_runs, self.data, runs, inode.size), extents, inode.size)
        self._tables += extents
        return make(target=decode_name(bytes(open_runs(self.data, runs, inode.size, MAX_TARGET).all()).rstrip(b"\0")))

    # Compressed files

    def _compressed_member(self, make: Callable[..., Member], inode: F2fsInode) -> Member:
        algorithm, log_size = self.data.unpack_at(inode.at + ADDRESSES + COMPRESSION_AT, COMPRESSION)
        if inode.start < ADDRESSES + COMPRESSION_AT + COMPRESSION.size:
            raise Malformed(f"F2FS inode {inode.number} has no room for its compression")
        if not SMALLEST_CLUSTER <= log_size <= LARGEST_CLUSTER:
            raise Malformed(f"F2FS cluster of {1 << log_size} blocks")
        clusters = self._clusters(inode, 1 << log_size)
        blocks = [Run(0, at * BLOCK, BLOCK) for at in clusters.blocks()]
        spans = stored_spans(blocks, BLOCK, self.data.size)
        if inode.encrypted:
            return make(extents=spans, size=inode.size, problem=Encrypted("encrypted with fscrypt"))
        decode = ALGORITHMS.get(algorithm)
        if decode is None and clusters.compressed:
            return make(extents=spans, size=inode.size, problem=Unsupported(f"F2FS compression {algorithm}"))
        return make(partial(self._open_clusters, clusters, decode or unlz4, inode.size), spans, inode.size)

    def _clusters(self, inode: F2fsInode, unit: int) -> "Clusters":
        clusters = Clusters(unit)
        for block, address in self._addresses(inode, unit):
            cluster, place = divmod(block, unit)
            if address == IS_COMPRESSED and not place:
                clusters.compressed[cluster] = []
            elif cluster in clusters.compressed:
                clusters.compressed[cluster].append(address)
            else:
                clusters.plain[block] = address
        return clusters

    def _open_clusters(self, clusters: "Clusters", decode: Decode, size: int, limit: int) -> Reader:
        """Return a compressed file: clusters that would not shrink are stored, what is not there reads as zeros."""
        if size > limit:
            raise LimitReached(f"file of {size} bytes, {limit} are left", "max-unpacked")
        out = bytearray(size)
        for block, address in clusters.plain.items():
            self._fill(out, block * BLOCK, self.data.view_at(address * BLOCK, BLOCK))
        unit = clusters.unit * BLOCK
        for cluster, addresses in clusters.compressed.items():
            stored = b"".join(self.data.view_at(address * BLOCK, BLOCK) for address in addresses)
            length = int.from_bytes(stored[:4], "little")
            if not 0 < length <= len(stored) - CLUSTER_HEADER:
                raise Malformed(f"compressed cluster of {length} bytes in {len(addresses)} blocks")
            decoded = decode(stored[CLUSTER_HEADER : CLUSTER_HEADER + length], unit)
            if len(decoded) != unit:
                raise Malformed("compressed cluster ends early")
            self._fill(out, cluster * unit, decoded)
        return BufferReader(out)

    @staticmethod
    def _fill(out: bytearray, at: int, content: bytes | memoryview) -> None:
        length = min(len(content), len(out) - at)
        if length > 0:
            out[at : at + length] = content[:length]

    def structure(self) -> list[Span]:
        """Return superblocks, the checkpoint, and the table, node and listing blocks that were read."""
        return [Span(s.start, min(s.end, self.data.size)) for s in self._tables if s.start < self.data.size]


def _nat_journal(raw: bytes, at: int) -> dict[int, int]:
    """Return node number → block address of the entries that had not yet reached the table."""
    (count,) = unpack_from("<H", raw, at)
    entries = {}
    for index in range(min(count, MAX_JOURNAL)):
        number, _, _, address = unpack_from("<IBII", raw, at + 2 + 13 * index)
        entries[number] = address
    return entries


def _dentries(area: memoryview, slots: int, first: int) -> Iterator[Entry[int]]:
    """Yield the entries of one block, or of an inode's own area: bitmap, then entries, then names of 8 bytes a slot."""
    names = first + slots * DENTRY.size
    slot = 0
    while slot < slots:
        if not area[slot >> 3] >> (slot & 7) & 1:
            slot += 1
            continue
        _, number, length, kind = DENTRY.unpack_from(area, first + slot * DENTRY.size)
        name = bytes(area[names + slot * SLOT : names + slot * SLOT + length])
        if name not in (b".", b"..") and name and number:
            yield Entry(name, number, kind == 2)
        slot += max(-(-length // SLOT), 1)


def measure_f2fs(data: Reader) -> Span:
    """Return the extent as the superblock counts it, cut at what is there; the root must be a directory."""
    image = F2fsImage(data)
    if kind_of(image.inode(image.root).mode) is not MemberKind.DIRECTORY:
        raise NotThisFormat("F2FS root is no directory")
    return Span(0, min(image.blocks * BLOCK, data.size))


def read_f2fs(data: Reader) -> Contents:
    """Return the contents of the file system at the start of `data`."""
    image = F2fsImage(data)
    return Contents(
        members_of(image.root, image.children, image.member, image.is_sealed), image.structure, {"label": image.label}
    )
