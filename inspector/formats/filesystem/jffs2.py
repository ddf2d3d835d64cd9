"""JFFS2: the log-structured file system of NOR and small NAND flash.

Format: Linux `include/uapi/linux/jffs2.h`, `fs/jffs2/`; LZMA as patched in by OpenWrt.
Nodes that later ones took the place of, and those marked obsolete, are handed over as files in `left-behind/`.
Limits: rubin compression (never a default) is named, not read; extended attributes are not decoded.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.blockcodecs import Decode, copy, inflate_unchecked, unlzma, unlzo
from inspector.formats.filesystem.leftovers import joined, leftover_path
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.tree import Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Buffer, BufferReader, Reader, Span

MAGICS: Final = {b"\x85\x19": "<", b"\x19\x85": ">"}
DIRENT, INODE, CLEAN, PADDING, SUMMARY, XATTR, XREF = 0xE001, 0xE002, 0x2003, 0x2004, 0x2006, 0xE008, 0xE009
ACCURATE: Final = 0x2000
"""Bit of a node's type that NOR flash clears when the node is obsolete; checksums count it as set."""
KNOWN: Final = frozenset((DIRENT, INODE, CLEAN, PADDING, SUMMARY, XATTR, XREF))
ROOT: Final = 1
HEADER: Final = 12
INODE_SIZE: Final = 68
DIRENT_SIZE: Final = 40
MAX_NODE: Final = 1 << 20
GARBAGE: Final = 1 << 16
"""Damaged bytes inside a file system that are read around; erased or zeroed ones may go on for longer."""
ERASED: Final = 1 << 24
STEP: Final = 1 << 12


def jffs2_crc(data: Buffer) -> int:
    """Return the kernel's CRC-32, which starts from 0 and is not inverted at the end."""
    return crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Node:
    """One data node of a file: where it goes and how it is stored."""

    version: int
    start: int
    end: int
    offset: int
    stored: int
    """Bytes stored behind the 68 of the header."""
    size: int
    codec: int
    crc: int


@dataclass(slots=True)
class File:
    """What the nodes of one inode number say; the latest version wins."""

    version: int = -1
    mode: int = 0
    size: int = 0
    nodes: list[Node] = field(default_factory=list)
    superseded: list[Node] = field(default_factory=list)
    """Nodes that are marked obsolete, then also those that later ones cover."""


def rtime(stored: Buffer, size: int) -> bytes:
    """Decode the run-length scheme of JFFS2: a byte, then how far to repeat what followed it last time."""
    out, places = bytearray(), [0] * 256
    for value, repeat in zip(stored[::2], stored[1::2], strict=False):
        out.append(value)
        back, places[value] = places[value], len(out)
        if len(out) + repeat > size:
            raise Malformed("rtime block decodes to more than it may")
        while repeat:
            piece = out[back : back + repeat]
            out += piece
            back += len(piece)
            repeat -= len(piece)
    return bytes(out)


def _unlzma(stored: Buffer, limit: int) -> bytes:
    # OpenWrt fixes lc, lp and pb at 0 and leaves the header out.
    return unlzma(stored, 0, limit)


def _zeros(_: Buffer, limit: int) -> bytes:
    return bytes(limit)


HOLE: Final = 1
CODECS: Final[dict[int, Decode]] = {
    0: copy,
    HOLE: _zeros,
    2: rtime,
    4: copy,
    6: inflate_unchecked,
    7: unlzo,
    8: _unlzma,
}


LARGEST_NODE: Final = 1 << 17
CUT: Final = -1
"""Stands for the type of a node that the image ends inside of."""


class Jffs2Image:
    """A file system, scanned once from end to end."""

    def __init__(self, data: Reader) -> None:
        order = MAGICS.get(data.read_upto(0, 2))
        if order is None:
            raise NotThisFormat("no JFFS2 magic")
        self.data = data
        self.order = order
        self.files: dict[int, File] = defaultdict(File)
        self.tables: list[Span] = []
        self.cut: Span | None = None
        """The last node where the image ends inside it."""
        self._names: dict[tuple[int, bytes], tuple[int, int, int]] = {}
        self._called: dict[int, bytes] = {}
        """Inode number → a name it has or had."""
        self._inode = Struct(order + "12xIIIHHI12xIIIBBHII")
        self._dirent = Struct(order + "12xIIIIBB2xII")
        self._tree: dict[int, list[tuple[bytes, int, int]]] = defaultdict(list)

    def scan(self) -> None:
        """Read every node and settle which names and sizes are the latest."""
        for at, end, kind, head in nodes(self.data, self.order):
            if kind | ACCURATE == INODE and end - at >= INODE_SIZE:
                self._add_inode(at, end, head, obsolete=kind != INODE)
            elif kind | ACCURATE == DIRENT and end - at >= DIRENT_SIZE:
                self._add_name(at, end, head, obsolete=kind != DIRENT)
                self.tables.append(Span(at, end))
            elif kind == CUT:
                self.cut = Span(at, end)
            elif kind | ACCURATE in KNOWN:
                self.tables.append(Span(at, end))
        for (parent, name), (_, number, kind) in self._names.items():
            if number:
                self._tree[parent].append((name, number, kind))

    def _add_inode(self, at: int, end: int, raw: memoryview, *, obsolete: bool) -> None:
        number, version, mode, _, _, size, offset, stored, decoded, codec, _, _, crc, check = self._inode.unpack(raw)
        if jffs2_crc(raw[:60]) != check or stored > end - at - INODE_SIZE:
            return
        file = self.files[number]
        if version > file.version and not obsolete:
            file.version, file.mode, file.size = version, mode, size
        if decoded:
            node = Node(version, at, end, offset, stored, decoded, codec, crc)
            (file.superseded if obsolete else file.nodes).append(node)
        else:
            self.tables.append(Span(at, end))

    def _add_name(self, at: int, end: int, raw: memoryview, *, obsolete: bool) -> None:
        parent, version, number, _, length, kind, check, _ = self._dirent.unpack_from(raw)
        if jffs2_crc(raw[:32]) != check or length > end - at - DIRENT_SIZE:
            return
        key = parent, self.data.read_at(at + DIRENT_SIZE, length)
        if number and (not obsolete or number not in self._called):
            self._called[number] = key[1]
        known = self._names.get(key)
        if not obsolete and (known is None or version > known[0]):
            self._names[key] = version, number, kind

    # Tree

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the live names in a directory."""
        for name, child, kind in self._tree.get(number, ()):
            yield Entry(name, child, kind == 4)

    def orphans(self) -> Iterator[Entry[int]]:
        """Yield the top of every tree whose own directory is lost: a cut image still shows what it holds."""
        named = {number for _, number, _ in self._names.values()}
        for parent in self._tree:
            if parent != ROOT and parent not in named:
                yield Entry(b"#%d" % parent, parent, directory=True)
        for number, file in self.files.items():
            if number != ROOT and number not in named and file.version >= 0 and kind_of(file.mode) is MemberKind.FILE:
                yield Entry(b"#%d" % number, number, directory=False)

    def top(self, number: int) -> Iterator[Entry[int]]:
        """Yield as `children`, for the root also the orphans."""
        yield from self.children(number)
        if number == ROOT:
            yield from self.orphans()

    def member(self, found: Found[int]) -> Member:
        """Return the member of one entry."""
        file = self.files.get(found.key)
        if file is None or file.version < 0:
            raise Malformed(f"no node of inode {found.key}")
        kind = kind_of(file.mode)
        if kind is None:
            raise Malformed(f"JFFS2 mode {file.mode:#o}")
        file.nodes.sort(key=lambda node: (node.version, node.start))
        if kind is MemberKind.FILE and not _in_sequence(file):
            file.nodes, covered = _uncovered(file)
            file.superseded += covered
        extents = _joined(sorted((node.start, node.end) for node in file.nodes))
        member = partial(Member, found.path, kind=kind, mode=file.mode & 0o7777, notes=found.notes)
        if kind is MemberKind.FILE:
            return member(partial(self.open, file), extents, file.size)
        self.tables += extents
        if kind is MemberKind.SYMLINK and file.nodes:
            return member(target=decode_name(self._decode(file.nodes[-1])))
        return member()

    # Contents

    def open(self, file: File, limit: int) -> Reader:
        """Return the bytes of a file: its nodes laid over one another in the order of their versions."""
        if file.size > limit:
            raise LimitReached(f"file of {file.size} bytes, {limit} are left", "max-unpacked")
        if _in_sequence(file):
            return BufferReader(b"".join(map(self._decode, file.nodes)))
        content = bytearray(file.size)
        for node in file.nodes:
            if node.offset < file.size:
                content[node.offset : node.offset + node.size] = self._decode(node)
        del content[file.size :]
        return BufferReader(content)

    def superseded(self) -> Iterator[Member]:
        """Yield, as one file for each inode, what its sound nodes held that count no more; after all other members."""
        for number, file in sorted(self.files.items()):
            kept = sorted((node for node in file.superseded if self._is_text(node)), key=lambda n: (n.version, n.start))
            if not kept:
                continue
            extents = _joined(sorted((node.start, node.end) for node in kept))
            path = leftover_path(number, self._called.get(number, b""))
            yield Member(path, partial(self._open_superseded, file, kept), extents)

    def _is_text(self, node: Node) -> bool:
        """Tell whether a node holds bytes that can be read: a hole has none, a damaged one stays raw."""
        stored = self.data.view_at(node.start + INODE_SIZE, node.stored)
        return node.codec != HOLE and node.codec in CODECS and node.size <= MAX_NODE and jffs2_crc(stored) == node.crc

    def _open_superseded(self, file: File, kept: list[Node], limit: int) -> Reader:
        total = sum(node.size for node in kept)
        if total > limit:
            raise LimitReached(f"superseded nodes of {total} bytes, {limit} are left", "max-unpacked")
        pieces = [(node.offset, self._decode(node)) for node in kept]
        latest = self._latest(file, limit)
        return BufferReader(joined((at, piece) for at, piece in pieces if latest[at : at + len(piece)] != piece))

    def _latest(self, file: File, limit: int) -> bytes:
        try:
            return bytes(self.open(file, limit).all()) if file.version >= 0 else b""
        except FormatError:
            return b""

    def _decode(self, node: Node) -> bytes:
        stored = self.data.view_at(node.start + INODE_SIZE, node.stored)
        decode = CODECS.get(node.codec)
        if decode is None:
            raise Unsupported(f"JFFS2 compression {node.codec}")
        if node.size > MAX_NODE:
            raise Malformed("JFFS2 node is too large")
        if jffs2_crc(stored) != node.crc:
            raise Malformed(f"CRC of the node at {node.start:#x} differs")
        decoded = decode(stored, node.size)
        if len(decoded) != node.size:
            raise Malformed(f"node at {node.start:#x} holds {len(decoded)} bytes of {node.size}")
        return decoded


def _in_sequence(file: File) -> bool:
    at = 0
    for node in file.nodes:
        if node.offset != at:
            return False
        at += node.size
    return at == file.size


def _uncovered(file: File) -> tuple[list[Node], list[Node]]:
    """Return the nodes, in the order of their versions, of which something shows, and those fully under later ones."""
    starts: list[int] = []
    ends: list[int] = []
    shown, covered = [], []
    for node in reversed(file.nodes):
        start, end = node.offset, min(node.offset + node.size, file.size)
        first, last = bisect_left(ends, start), bisect_right(starts, end)
        if start >= end or (first < last and starts[first] <= start and end <= ends[first]):
            covered.append(node)
            continue
        if first < last:
            start, end = min(start, starts[first]), max(end, ends[last - 1])
        starts[first:last], ends[first:last] = [start], [end]
        shown.append(node)
    return shown[::-1], covered[::-1]


def _joined(spans: list[tuple[int, int]]) -> tuple[Span, ...]:
    out: list[Span] = []
    for start, end in spans:
        if out and out[-1].end == start:
            out[-1] = Span(out[-1].start, end)
        else:
            out.append(Span(start, end))
    return tuple(out)


def nodes(data: Reader, order: str) -> Iterator[tuple[int, int, int, memoryview]]:
    """Yield (start, padded end, type, head of up to 68 bytes) of every node whose header is right.

    Of an obsolete node the type lacks `ACCURATE`, its head has it. A node that the data end inside of comes last, with
    the type `CUT`.
    The file system ends where nothing follows within the bounds that erased and damaged stretches have.
    """
    header, kinds = Struct(order + "HHII"), Struct(order + "H")
    magic = kinds.pack(0x1985)
    at, size = 0, data.size
    while at + HEADER <= size:
        raw = data.view_at(at, min(INODE_SIZE, size - at))
        word, kind, length, crc = header.unpack_from(raw)
        if word == 0x1985 and not kind & ACCURATE and kind | ACCURATE in KNOWN:
            raw = memoryview(bytes(raw[:2]) + kinds.pack(kind | ACCURATE) + bytes(raw[4:]))
        if word != 0x1985 or length < HEADER or jffs2_crc(raw[:8]) != crc:
            found = _next_node(data, at + 4, magic)
            if found < 0:
                return
            at = found
            continue
        end = min(at + (length + 3 & ~3), size)
        if at + length > size:
            if length <= LARGEST_NODE and kind | ACCURATE in KNOWN:
                yield at, size, CUT, raw
            return
        yield at, end, kind, raw
        at = end


def _next_node(data: Reader, start: int, magic: bytes) -> int:
    """Return where a node may start next, 4-aligned, or -1; reads on over erased flash, and over a little garbage."""
    garbage, at = 0, start
    while at < data.size and garbage <= GARBAGE and at - start <= ERASED:
        piece = data.read_upto(at, STEP)
        if piece.count(piece[:1]) == len(piece) and piece[:1] in (b"\xff", b"\0"):
            at += len(piece)
            continue
        hit = piece.find(magic)
        while hit >= 0:
            if (at + hit) % 4 == 0:
                return at + hit
            hit = piece.find(magic, hit + 1)
        garbage += len(piece) - piece.count(b"\xff")
        at += len(piece)
    return -1


def measure_jffs2(data: Reader) -> Span:
    """Return the extent from the first node to the last one; raises `NotThisFormat` where nothing useful is in it."""
    order = MAGICS.get(data.read_upto(0, 2))
    if order is None:
        raise NotThisFormat("no JFFS2 magic")
    end, useful = 0, False
    for start, stop, kind, _ in nodes(data, order):
        if not end and start:
            break
        end, useful = stop, useful or kind | ACCURATE in KNOWN
    if not useful:
        raise NotThisFormat("no JFFS2 node")
    return Span(0, end)


def read_jffs2(data: Reader) -> Contents:
    """Return the contents of the file system that fills `data`."""
    image = Jffs2Image(data)
    properties = {"byte order": "little" if image.order == "<" else "big"}
    return Contents(_members(image), lambda: image.tables, properties)


def _members(image: Jffs2Image) -> Iterator[Member]:
    image.scan()
    yield from members_of(ROOT, image.top, image.member)
    yield from image.superseded()
    if image.cut is not None:
        problem = Malformed("the image ends inside a node: what follows is lost and cannot be named")
        yield Member("cut node", None, (image.cut,), problem=problem)
