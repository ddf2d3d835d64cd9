"""QNX6 file systems ("Power-Safe"): two superblocks, of which the later one counts, and inodes in a file of their own.

Format: the on-disk structures in Linux `include/linux/qnx6_fs.h` and `fs/qnx6`; both byte orders, and the superblock of
the Audi MMI 3G.
Limits: what was deleted is not looked for. Encryption domains leave no mark that is known here: their files read as
they are stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.crc import crc32_forward
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.runs import Run, joined, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, holds, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span


class _Fields(NamedTuple):
    """The fields of a volume in its byte order."""

    order: str
    word: Struct
    half: Struct
    head: Struct
    """Checksum and serial number of a superblock."""
    sizes: Struct
    root_node: Struct
    inode: Struct


def _fields(order: str) -> _Fields:
    layouts = ("I", "H", "IQ", "4I", "Q16IB", "Q24xHH16IB")
    return _Fields(order, *(Struct(order + layout) for layout in layouts))


ORDERS: Final = {b"\x22\x11\x19\x68": _fields("<"), b"\x68\x19\x11\x22": _fields(">")}
BOOT: Final = 0x2000
"""Where the superblock stands behind a boot block; some volumes have none."""
AREA: Final = 0x1000
SUPERBLOCK: Final = 512
PLAIN_FIELDS, MMI_FIELDS = (48, 72), (40, 64)
"""Where the size of a block stands in either kind of superblock, and the first root node."""
ROOT_NODE: Final = 80
SMALLEST_BLOCK, LARGEST_BLOCK = 512, 1 << 16
UNUSED: Final = 0xFFFFFFFF
MOST_LEVELS: Final = 5
INODE: Final = 128
ENTRY: Final = 32
LONG: Final = 0xFF
MOST_LONG: Final = 510
ROOT: Final = 1
MAX_TARGET: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class _Superblock:
    """One of the two superblocks."""

    fields: _Fields
    serial: int
    block: int
    blocks: int
    start: int
    """Offset of block 0."""
    inodes: "_Node"
    long_names: "_Node"


@dataclass(frozen=True, slots=True)
class _Node:
    """A file: its size, sixteen pointers, and how many levels of pointers stand between them and the data."""

    size: int
    pointers: tuple[int, ...]
    levels: int
    mode: int = 0


class Qnx6Image:
    """An opened file system."""

    def __init__(self, data: Reader) -> None:
        self.data = data
        self._budget = Budget(data.size)
        self._tables: list[Span] = []
        at = next((at for at in (BOOT, 0) if data.read_upto(at, 4) in ORDERS), -1)
        if at < 0:
            raise NotThisFormat("no QNX6 superblock")
        first = self._superblock(at, at)
        if first is None:
            raise NotThisFormat("QNX6 superblock does not hold")
        end = first.start + first.blocks * first.block
        later = self._superblock(end, at) if end + SUPERBLOCK <= data.size else None
        self.now = later if later and later.serial > first.serial else first
        self.size = end + (AREA if later or end + AREA <= data.size else 0)
        self._tables += [Span(at, at + SUPERBLOCK), *([Span(end, end + SUPERBLOCK)] if later else [])]
        self._pointers = Struct(f"{self.now.fields.order}{self.now.block // 4}I")
        self._inodes = self._table(self.now.inodes)
        self._long_names = self._table(self.now.long_names)
        if kind_of(self.inode(ROOT).mode) is not MemberKind.DIRECTORY:
            raise NotThisFormat("QNX6 root is no directory")

    def _superblock(self, at: int, base: int) -> _Superblock | None:
        """Return the superblock at `at` of the volume whose first one is at `base`; None where it does not hold."""
        fields = ORDERS.get(self.data.read_upto(at, 4))
        if fields is None or at + SUPERBLOCK > self.data.size:
            return None
        checksum, serial = self.data.unpack_at(at + 4, fields.head)
        if crc32_forward(self.data.read_at(at + 8, SUPERBLOCK - 8)) != checksum:
            return None
        for sizes, nodes in (PLAIN_FIELDS, MMI_FIELDS):
            block, inodes, _, blocks = self.data.unpack_at(at + sizes, fields.sizes)
            if SMALLEST_BLOCK <= block <= LARGEST_BLOCK and not block & block - 1 and inodes and blocks:
                first, longer = (self._root_node(at + nodes + number * ROOT_NODE, fields) for number in (0, 2))
                start = -(-(base + AREA) // block) * block
                return _Superblock(fields, serial, block, blocks, start, first, longer)
        return None

    def _root_node(self, at: int, fields: _Fields) -> _Node:
        size, *pointers, levels = self.data.unpack_at(at, fields.root_node)
        return _Node(size, tuple(pointers), levels)

    def _table(self, node: _Node) -> Reader:
        """Return a file that is a table of the file system itself."""
        runs = self.runs(node)
        self._tables += stored_spans(runs, node.size, self.data.size)
        return open_runs(self.data, runs, node.size, self.data.size)

    def runs(self, node: _Node) -> list[Run]:
        """Return where the parts of a file lie, in order; what no block holds is left out."""
        if node.levels > MOST_LEVELS:
            raise Malformed(f"QNX6 file with {node.levels} levels of pointers")
        blocks = self._blocks(node.pointers, node.levels, 0, node.size)
        return joined(Run(logical, place, self.now.block) for logical, place in blocks)

    def _blocks(self, pointers: tuple[int, ...], levels: int, logical: int, size: int) -> Iterator[tuple[int, int]]:
        """Yield (offset in the file, offset in the image) of each block; pointers to pointers are followed."""
        now = self.now
        each = now.block * (now.block // 4) ** levels
        for pointer in pointers:
            if logical >= size:
                return
            self._budget.spend(now.block // 8)
            if pointer != UNUSED:
                place = now.start + pointer * now.block
                if pointer >= now.blocks or place + now.block > self.data.size:
                    raise Malformed(f"QNX6 block {pointer} of {now.blocks}")
                if levels:
                    self._tables.append(Span(place, place + now.block))
                    below = self.data.unpack_at(place, self._pointers)
                    yield from self._blocks(below, levels - 1, logical, size)
                else:
                    yield logical, place
            logical += each

    def inode(self, number: int) -> _Node:
        """Return inode `number`, counted from one."""
        at = (number - 1) * INODE
        if number < 1 or at + INODE > self._inodes.size:
            raise Malformed(f"QNX6 inode {number} is behind the table")
        size, mode, _, *pointers, levels = self._inodes.unpack_at(at, self.now.fields.inode)
        return _Node(size, tuple(pointers), levels, mode)

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the entries of a directory."""
        node = self.inode(number)
        runs = self.runs(node)
        self._tables += stored_spans(runs, node.size, self.data.size)
        listing = open_runs(self.data, runs, node.size, self.data.size)
        for at in range(0, listing.size - ENTRY + 1, ENTRY):
            self._budget.spend(ENTRY)
            raw = listing.read_at(at, ENTRY)
            (key,) = self.now.fields.word.unpack_from(raw)
            if not key:
                continue
            name = self._long_name(raw) if raw[4] == LONG else raw[5 : 5 + min(raw[4], ENTRY - 5)]
            name = name.split(b"\0")[0]
            if name not in (b".", b".."):
                yield Entry(name, key, holds(self._is_directory, key))

    def _is_directory(self, number: int) -> bool:
        return kind_of(self.inode(number).mode) is MemberKind.DIRECTORY

    def _long_name(self, raw: bytes) -> bytes:
        """Return the name that an entry has elsewhere: a length and the bytes, one name in each block."""
        (number,) = self.now.fields.word.unpack_from(raw, 8)
        at = number * self.now.block
        (length,) = self._long_names.unpack_at(at, self.now.fields.half)
        return self._long_names.read_at(at + 2, min(length, MOST_LONG))

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry that is no directory."""
        node = self.inode(found.key)
        kind, mode = kind_of(node.mode), node.mode & 0o7777
        if kind is None:
            raise Malformed(f"QNX6 mode {node.mode:#o}")
        if kind is MemberKind.SYMLINK:
            runs = self.runs(node)
            spans = stored_spans(runs, node.size, self.data.size)
            self._tables += spans
            target = decode_name(bytes(open_runs(self.data, runs, node.size, MAX_TARGET).all()))
            return Member(found.path, kind=kind, target=target, mode=mode, notes=found.notes)
        if kind is not MemberKind.FILE:
            return Member(found.path, kind=kind, mode=mode, notes=found.notes)
        runs = self.runs(node)
        opener = partial(open_runs, self.data, runs, node.size)
        extents = stored_spans(runs, node.size, self.data.size)
        return Member(found.path, opener, extents, node.size, mode=mode, notes=found.notes)

    def structure(self) -> list[Span]:
        """Return the superblocks and the tables that were read."""
        return self._tables


def measure_qnx6(data: Reader) -> Span:
    """Return the extent as the superblock counts it, the second one with it, cut at what is there."""
    return Span(0, min(Qnx6Image(data).size, data.size))


def read_qnx6(data: Reader) -> Contents:
    """Return the contents of the file system that fills `data`; files come in the order of their data."""
    image = Qnx6Image(data)
    facts = {"byte order": "little" if image.now.fields.order == "<" else "big", "block size": str(image.now.block)}
    damage = f"file system is cut off: {data.size} of {image.size} bytes" if image.size > data.size else ""
    return Contents(members_of(ROOT, image.children, image.member), image.structure, facts, damage=damage)
