"""UBIFS: the file system on UBI volumes of NAND flash.

Format: Linux `fs/ubifs/ubifs-media.h`.
Data that no file points to any more, until their block is erased, are handed over as files in `left-behind/`.
Limits: files encrypted with fscrypt are named, not read; authenticated images (hashes in the index) are scanned instead
of walked; extended attributes are not decoded.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.blockcodecs import Decode, copy, inflate_raw, unlzo, unzstd
from inspector.formats.filesystem.leftovers import joined, leftover_path
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.tree import Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

MAGIC: Final = b"\x31\x18\x10\x06"
COMMON: Final = Struct("<IIQIBBxx")
INO, DATA, DENT, XENT, TRUN, PAD, SUPER, MASTER, REF, INDEX, COMMIT, ORPHANS = range(12)
DATA_KEY: Final = 1
BLOCK: Final = 4096
ROOT: Final = 1
SUPER_SIZE: Final = 4096
MAX_LEVELS: Final = 64
MAX_BLOCKS: Final = 1 << 23
ENCRYPTED: Final = 0x40
ALIGN: Final = 8
CODECS: Final[dict[int, Decode]] = {0: copy, 1: unlzo, 2: inflate_raw, 3: unzstd}
INODE: Final = Struct("<24xI12xQQ36xIIIIII")
DATA_HEAD: Final = 48
KEY: Final = Struct("<II")
PAYLOAD: Final = Struct("<IHH")
DIRENT: Final = Struct("<24xIII4xQxBHI")
HOLE_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class UbifsSuper:
    """The superblock node: sizes in bytes, counts in logical erase blocks."""

    leb_size: int
    leb_count: int
    hashed: bool
    """The index carries a hash with each branch."""


@dataclass(frozen=True, slots=True)
class UbifsInode:
    """One inode node."""

    sequence: int
    size: int
    links: int
    mode: int
    flags: int
    data: bytes
    span: Span


class DataNode(NamedTuple):
    """One data node of a file, in the order of writing."""

    sequence: int
    block: int
    start: int
    end: int


class Master(NamedTuple):
    """What the latest master node says."""

    sequence: int
    commit: int
    log: int
    """Logical block the log starts in."""
    root: int
    offset: int


@dataclass(slots=True)
class UbifsFile:
    """What belongs to one inode number."""

    inode: UbifsInode | None = None
    blocks: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """Block number → (sequence, start, end) of its data node."""
    lost: int = 0
    """Data nodes that are not where the index says."""


def parse_ubifs_super(data: Reader) -> UbifsSuper:
    """Return the superblock node at the start of `data`."""
    if data.size < SUPER_SIZE or not data.startswith(MAGIC) or data.view_at(20, 1)[0] != SUPER:
        raise NotThisFormat("no UBIFS superblock")
    raw = data.view_at(0, SUPER_SIZE)
    if crc32(raw[8:]) ^ 0xFFFFFFFF != int.from_bytes(raw[4:8], "little"):
        raise Malformed("CRC of the UBIFS superblock differs")
    flags, _, leb_size, leb_count = Struct("<IIII").unpack_from(raw, 28)
    if not 8192 <= leb_size <= 1 << 23 or not leb_count:
        raise Malformed("UBIFS superblock contradicts itself")
    return UbifsSuper(leb_size, leb_count, bool(flags & 0x10))


def measure_ubifs(data: Reader) -> Span:
    """Return the extent as the superblock counts it, cut at what is there: images end with the last used block."""
    block = parse_ubifs_super(data)
    return Span(0, min(block.leb_size * block.leb_count, data.size))


class UbifsImage:
    """A file system: the committed index is walked, then what was written after the commit is laid over it."""

    def __init__(self, data: Reader) -> None:
        self.data = data
        self.block = parse_ubifs_super(data)
        self.files: dict[int, UbifsFile] = defaultdict(UbifsFile)
        self.tables: list[Span] = []
        self.lost = 0
        """Names and inodes that are not where the index says."""
        self._data: list[tuple[int, int]] = []
        """(start, end) of data nodes anywhere in the image, whether or not they count."""
        self._names_at: list[Span] = []
        self._shown: set[int] = set()
        """Inodes that a member was made of."""
        self._names: dict[tuple[int, bytes], tuple[int, int, int]] = {}
        self._tree: dict[int, list[tuple[bytes, int, int]]] = defaultdict(list)

    def load(self) -> None:
        """Read the index and the journal; without a sound index every node that is there counts."""
        committed = -1
        try:
            committed = self._walk_index()
        except FormatError:
            self.files.clear()
            self._names.clear()
            self.lost = 0
        for at, sequence, length, kind in self.scan():
            if kind in (SUPER, MASTER, REF, COMMIT, ORPHANS, PAD, INDEX):
                self.tables.append(Span(at, at + length))
                continue
            if kind == DATA and length >= DATA_HEAD:
                self._data.append((at, at + length))
            elif kind == DENT and length >= 56:
                self._names_at.append(Span(at, at + length))
            if sequence > committed:
                self._add(at, sequence, length, kind)
        for (parent, name), (_, number, kind) in self._names.items():
            if number:
                self._tree[parent].append((name, number, kind))

    def has_index(self) -> bool:
        """Tell whether the node that the latest commit calls the root of the index is there."""
        try:
            master = self._master()
            at = master.root * self.block.leb_size + master.offset
            magic, _, _, length, kind, _ = COMMON.unpack(self.data.view_at(at, COMMON.size))
            return bool(magic == 0x06101831 and kind == INDEX and at + length <= self.data.size)
        except FormatError:
            return False

    def scan(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield (start, sequence number, length, type) of the nodes in every logical block, in order."""
        size = self.block.leb_size
        for base in range(0, self.data.size, size):
            view = self.data.view_at(base, min(size, self.data.size - base))
            at = 0
            while at + COMMON.size <= len(view):
                magic, _, sequence, length, kind, _ = COMMON.unpack_from(view, at)
                if magic != 0x06101831 or length < COMMON.size or at + length > len(view):
                    if magic == 0xFFFFFFFF and not self._more(view, at):
                        break
                    at += ALIGN
                    continue
                yield base + at, sequence, length, kind
                skip = int.from_bytes(view[at + 24 : at + 28], "little") if kind == PAD else 0
                at += length + skip + 7 & ~7

    def _more(self, view: memoryview, at: int) -> bool:
        return MAGIC in bytes(view[at:])

    def _walk_index(self) -> int:
        """Add every node the index names; return the sequence number that what was written since the commit exceeds."""
        master = self._master()
        seen: set[int] = set()
        stack = [(master.root * self.block.leb_size + master.offset, MAX_LEVELS)]
        while stack:
            at, levels = stack.pop()
            if at in seen or not levels:
                raise Malformed("UBIFS index runs in a circle")
            seen.add(at)
            for below, leaf, key in self._branches(at):
                if leaf:
                    self._add_at(below, key)
                else:
                    stack.append((below, levels - 1))
        if not self.files:
            raise Malformed("UBIFS index is empty")
        return self._commit_start(master)

    def _commit_start(self, master: Master) -> int:
        """Return the sequence number of the commit's start: files go on being written until its master node is."""
        at = master.log * self.block.leb_size
        try:
            magic, _, sequence, _, kind, _ = COMMON.unpack(self.data.view_at(at, COMMON.size))
            (commit,) = self.data.unpack_at(at + 24, Struct("<Q"))
        except FormatError:
            return master.sequence
        sound = magic == 0x06101831 and kind == COMMIT and commit == master.commit
        return int(sequence) if sound else master.sequence

    def _master(self) -> Master:
        """Return the latest master node."""
        found: Master | None = None
        size = self.block.leb_size
        for base in (size, 2 * size):
            at = base
            while at + 72 <= min(base + size, self.data.size):
                raw = self.data.view_at(at, 72)
                magic, _, sequence, length, kind, _ = COMMON.unpack_from(raw)
                if magic != 0x06101831 or kind not in (MASTER, PAD) or length < COMMON.size:
                    break
                if kind == MASTER and (found is None or sequence >= found.sequence):
                    found = Master(sequence, *Struct("<Q4xIII").unpack_from(raw, 32))
                at += length + (int.from_bytes(raw[24:28], "little") if kind == PAD else 0) + 7 & ~7
        if found is None:
            raise Malformed("no UBIFS master node")
        return found

    def _branches(self, at: int) -> Iterator[tuple[int, bool, int]]:
        """Yield (offset, whether it is a node of the file system, key) of what an index node points to."""
        if self.block.hashed:
            raise Unsupported("UBIFS index with hashes")
        head = self.data.view_at(at, 28)
        magic, _, _, length, kind, _ = COMMON.unpack_from(head)
        count, level = Struct("<HH").unpack_from(head, 24)
        if magic != 0x06101831 or kind != INDEX or length < 28 + 20 * count:
            raise Malformed("no UBIFS index node")
        for leb, offset, _, key in Struct("<IIIQ").iter_unpack(self.data.view_at(at + 28, 20 * count)):
            yield leb * self.block.leb_size + offset, level == 0, key

    def _add_at(self, at: int, key: int) -> None:
        try:
            magic, _, sequence, length, kind, _ = COMMON.unpack(self.data.view_at(at, COMMON.size))
            if magic == 0x06101831 and at + length <= self.data.size:
                self._add(at, sequence, length, kind)
                return
        except FormatError:
            pass
        # What the index points to is gone: the file that needs it says so; for a name nobody can.
        if key >> 61 == DATA_KEY:
            self.files[key & 0xFFFFFFFF].lost += 1
        else:
            self.lost += 1

    def _add(self, at: int, sequence: int, length: int, kind: int) -> None:
        if at + length > self.data.size:
            return
        if kind == INO and length >= 160:
            self._add_inode(at, sequence, length)
        elif kind == DATA and length >= DATA_HEAD:
            number, key = KEY.unpack(self.data.view_at(at + 24, 8))
            blocks = self.files[number].blocks
            block = key & 0x1FFFFFFF
            if block not in blocks or blocks[block][0] < sequence:
                blocks[block] = sequence, at, at + length
        elif kind == DENT and length >= 56:
            self._add_name(at, sequence, length)
        elif kind == TRUN and length >= 56:
            self._truncate(at, sequence)

    def _add_inode(self, at: int, sequence: int, length: int) -> None:
        raw = self.data.view_at(at, length)
        number, _, size, links, _, _, mode, flags, data_length = INODE.unpack_from(raw)
        file = self.files[number]
        if file.inode is None or file.inode.sequence < sequence:
            data = bytes(raw[160 : 160 + data_length])
            file.inode = UbifsInode(sequence, size, links, mode, flags, data, Span(at, at + length))

    def _add_name(self, at: int, sequence: int, length: int) -> None:
        raw = self.data.view_at(at, length)
        parent, _, _, number, kind, name_length, _ = DIRENT.unpack_from(raw)
        key = parent, bytes(raw[56 : 56 + name_length])
        self.tables.append(Span(at, at + length))
        if key not in self._names or self._names[key][0] < sequence:
            self._names[key] = sequence, number, kind

    def _truncate(self, at: int, sequence: int) -> None:
        number, _, new = self.data.unpack_at(at + 24, Struct("<I12xQQ"))
        blocks = self.files[number].blocks
        for block in [b for b, (when, _, _) in blocks.items() if b * BLOCK >= new and when < sequence]:
            del blocks[block]

    # Tree

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the live names in a directory."""
        for name, child, kind in self._tree.get(number, ()):
            yield Entry(name, child, kind == 1)

    def is_sealed(self, number: int) -> bool:
        """Tell whether an inode is encrypted; of a directory, so is all below it."""
        file = self.files.get(number)
        return bool(file and file.inode and file.inode.flags & ENCRYPTED)

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry."""
        file = self.files.get(found.key)
        inode = file.inode if file else None
        kind = kind_of(inode.mode) if inode else None
        if file is None or inode is None or kind is None:
            raise Malformed(f"no UBIFS inode {found.key}")
        self._shown.add(found.key)
        self.tables.append(inode.span)
        make = partial(Member, found.path, kind=kind, mode=inode.mode & 0o7777, notes=found.notes)
        if kind is MemberKind.SYMLINK and inode.flags & ENCRYPTED:
            return make(problem=Encrypted("link encrypted with fscrypt"))
        if kind is not MemberKind.FILE:
            return make(target=decode_name(inode.data) if kind is MemberKind.SYMLINK else "")
        extents = _joined(sorted((start, end) for _, start, end in file.blocks.values()))
        if inode.flags & ENCRYPTED:
            return make(extents=extents, size=inode.size, problem=Encrypted("file encrypted with fscrypt"))
        return make(partial(self.open, file, inode.size), extents, inode.size)

    # What earlier contents left

    def superseded(self) -> Iterator[Member]:
        """Yield, as one file for each inode, the sound data that no member holds; after all other members."""
        left: dict[int, dict[tuple[int, int], DataNode]] = defaultdict(dict)
        shown = {start for number in self._shown for _, start, _ in self.files[number].blocks.values()}
        for start, end in self._data:
            if start in shown:
                continue
            span = Span(start, end)
            number, node = self._node_of(span)
            live = self._live(number, node.block)
            known = (node.sequence, node.block)
            if (live is not None and live[0] == node.sequence) or known in left[number]:
                self.tables.append(span)  # the same node, moved from one block to another
            elif self._is_sound(span):
                left[number][known] = node
        names = self._called() if left else {}
        for number, nodes in sorted(left.items()):
            if not nodes:
                continue
            extents = _joined(sorted((node.start, node.end) for node in nodes.values()))
            path = leftover_path(number, names.get(number, b""))
            if self.is_sealed(number):
                yield Member(path, None, extents, problem=Encrypted("file encrypted with fscrypt"))
            else:
                yield Member(path, partial(self._open_superseded, number, sorted(nodes.values())), extents)

    def _node_of(self, span: Span) -> tuple[int, DataNode]:
        _, _, sequence, _, _, _ = COMMON.unpack(self.data.view_at(span.start, COMMON.size))
        number, key = KEY.unpack(self.data.view_at(span.start + 24, KEY.size))
        return number, DataNode(sequence, key & 0x1FFFFFFF, span.start, span.end)

    def _live(self, number: int, block: int) -> tuple[int, int, int] | None:
        return self.files[number].blocks.get(block) if number in self._shown else None

    def _is_sound(self, span: Span) -> bool:
        node = self.data.view_at(span.start, len(span))
        return crc32(node[8:]) ^ 0xFFFFFFFF == int.from_bytes(node[4:8], "little")

    def _called(self) -> dict[int, bytes]:
        """Return inode number → a name it has or had."""
        names: dict[int, bytes] = {}
        for span in self._names_at:
            raw = self.data.view_at(span.start, len(span))
            _, _, _, number, _, length, _ = DIRENT.unpack_from(raw)
            if number:
                names[number] = bytes(raw[56 : 56 + length])
        return names

    def _open_superseded(self, number: int, nodes: list[DataNode], limit: int) -> Reader:
        if len(nodes) * BLOCK > limit:
            raise LimitReached(f"superseded nodes of {len(nodes) * BLOCK} bytes, {limit} are left", "max-unpacked")
        pieces: list[tuple[int, bytes]] = []
        problem: FormatError | None = None
        for node in nodes:
            try:
                live = self._live(number, node.block)
                content = self._content(node.start, node.end)
                if live is None or self._content(*live[1:]) != content:
                    pieces.append((node.block * BLOCK, content))
            except FormatError as exc:
                problem = exc.bare()
        if problem is not None and not pieces:
            raise problem
        reader = BufferReader(joined(pieces))
        reader.damage = problem
        return reader

    # Contents

    def open(self, file: UbifsFile, size: int, limit: int) -> Reader:
        """Return the bytes of a file; blocks without a node are holes."""
        if size > limit:
            raise LimitReached(f"file of {size} bytes, {limit} are left", "max-unpacked")
        content = self._assembled(file, size)
        if file.lost:
            content.damage = Malformed(f"{file.lost} parts of the file are not where the index says")
        return content

    def _assembled(self, file: UbifsFile, size: int) -> Reader:
        numbers = sorted(number for number in file.blocks if number * BLOCK < size)
        if -(-size // BLOCK) - len(numbers) >= HOLE_PIECE // BLOCK:
            return self._sparse(file, numbers, size)
        parts, at = [], 0
        for number in numbers:
            if number > at:
                parts.append(bytes((number - at) * BLOCK))
            parts.append(self._decode(file, number, size))
            at = number + 1
        parts.append(bytes(max(size - at * BLOCK, 0)))
        return BufferReader(b"".join(parts))

    def _sparse(self, file: UbifsFile, numbers: list[int], size: int) -> Reader:
        pieces, at = [], 0
        for number in numbers:
            content = self._decode(file, number, size)
            pieces += [Piece(number * BLOCK - at), Piece(len(content), BufferReader(content))]
            at = number * BLOCK + len(content)
        return MappedReader([*pieces, Piece(size - at)])

    def _decode(self, file: UbifsFile, number: int, size: int) -> bytes:
        content = self._content(*file.blocks[number][1:])
        want = min(BLOCK, size - number * BLOCK)
        return content if len(content) == want else content[:want].ljust(want, b"\0")

    def _content(self, start: int, end: int) -> bytes:
        node = self.data.view_at(start, end - start)
        decoded_size, codec, _ = PAYLOAD.unpack_from(node, 40)
        decode = CODECS.get(codec)
        if decode is None:
            raise Unsupported(f"UBIFS compression {codec}")
        content = decode(node[DATA_HEAD:], BLOCK)
        if len(content) != decoded_size:
            raise Malformed(f"data node at {start:#x} holds {len(content)} bytes of {decoded_size}")
        return content


def _joined(spans: list[tuple[int, int]]) -> tuple[Span, ...]:
    out: list[Span] = []
    for start, end in spans:
        if out and start - out[-1].end < ALIGN:
            out[-1] = Span(out[-1].start, end)
        else:
            out.append(Span(start, end))
    return tuple(out)


def read_ubifs(data: Reader) -> Contents:
    """Return the contents of the volume that fills `data`."""
    image = UbifsImage(data)
    properties = {"logical erase block": str(image.block.leb_size)}
    damage = "" if image.has_index() else "the index is missing: files of the part that is missing cannot be named"
    return Contents(_members(image), lambda: image.tables, properties, damage=damage)


def _members(image: UbifsImage) -> Iterator[Member]:
    image.load()
    yield from members_of(ROOT, image.children, image.member, image.is_sealed)
    yield from image.superseded()
    if image.lost:
        problem = Malformed(f"{image.lost} names or inodes are not where the index says")
        yield Member("lost names", None, problem=problem)
