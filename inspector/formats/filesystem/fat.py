"""FAT12, FAT16 and FAT32 with long names.

Format: Microsoft "FAT32 File System Specification" 1.03; ECMA-107. Disks of Atari computers, and those whose boot
sector lost its last two bytes, have no mark: there allocation tables and root directory have to confirm the fields.
"""

from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.filesystem.runs import Run, merged, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import Reader, Span

BOOT: Final = Struct("<3x8sHBHBHHBHHHIII4xI")
ENTRY: Final = Struct("<11sBB7xH4xHI")
DIRECTORY, LABEL, LONG_NAME = 0x10, 0x08, 0x0F
DELETED: Final = 0xE5
MIN_LINKS: Final = 1 << 12
MAX_LISTING: Final = 65536 * 32
MEDIA: Final = (0xF0, *range(0xF8, 0x100))
UNMARKED_AT: Final = 512
"""Where the table of a disk without the mark is looked for."""
FREE_NAME, ESCAPED_NAME = 0, 0x05
Key = tuple[int, ...]
"""(offset of its entry, first cluster, size) of a file; (first cluster,) of a directory."""


@dataclass(frozen=True, slots=True)
class FatLayout:
    """Where things are, in bytes."""

    bits: int
    """12, 16 or 32: width of an entry in the allocation table."""
    cluster: int
    tables: Span
    """All copies of the allocation table."""
    table: Span
    root: Span
    """The fixed root directory; empty on FAT32."""
    root_cluster: int
    data: int
    clusters: int
    size: int


def parse_fat_boot(data: Reader) -> FatLayout:
    """Return the layout from the boot sector; raises `NotThisFormat` where its fields contradict one another."""
    if data.size < 512:
        raise NotThisFormat("no FAT boot sector")
    if data.startswith(b"\x55\xaa", 510) and data.view_at(0, 1)[0] in (0xEB, 0xE9):
        return _layout(data)
    layout = _layout(data)
    _confirm(data, layout)
    return layout if layout.bits == 32 else replace(layout, bits=_width(data, layout))


def _confirm(data: Reader, layout: FatLayout) -> None:
    """Raise `NotThisFormat` unless all copies of the table are alike, begin as tables do and stand before a root."""
    size = len(layout.table)
    first = data.read_upto(layout.table.start, size)
    copies = [data.read_upto(at, size) for at in range(layout.table.end, layout.tables.end, size)]
    media = data.view_at(21, 1)[0]
    if media not in MEDIA or not first.startswith(bytes([media, 0xFF, 0xFF])) or any(copy != first for copy in copies):
        raise NotThisFormat("no FAT boot sector, and no tables that would do without")
    root = data.read_upto(layout.root.start, len(layout.root))
    for at in range(0, len(root) - 31, 32):
        if root[at] == FREE_NAME:
            return
        name, attributes = root[at : at + 11], root[at + 11]
        if attributes == LONG_NAME or root[at] == DELETED:
            continue
        if attributes & 0xC0 or (min(name) < 0x20 and name[0] != ESCAPED_NAME):
            raise NotThisFormat("no FAT boot sector, and no root directory that would do without")


def _width(data: Reader, layout: FatLayout) -> int:
    """Return 12 or 16, under which fewer links contradict one another: a hard disk of Atari always has 16."""

    def strange(bits: int) -> int:
        used = [link for link in read_links(data, replace(layout, bits=bits))[2 : layout.clusters + 2] if link]
        inside = [link for link in used if 2 <= link < layout.clusters + 2]
        ends = sum(link >= (1 << bits) - 16 for link in used)
        return len(used) - len(set(inside)) - ends

    return min((layout.bits, 28 - layout.bits), key=strange)


def _layout(data: Reader) -> FatLayout:
    (_, sector, per_cluster, reserved, copies, root_entries, small, media, table_16, _, _, _, large, table_32,
     root_cluster) = data.unpack_at(0, BOOT)  # fmt: skip
    total, table = small or large, table_16 or table_32
    powers = sector in (512, 1024, 2048, 4096) and per_cluster in (1, 2, 4, 8, 16, 32, 64, 128)
    if not powers or not reserved or copies not in (1, 2, 3) or media < 0xF0 or not table or not total:
        raise NotThisFormat("fields of a FAT boot sector contradict one another")
    root_at = (reserved + copies * table) * sector
    root_size = -(-root_entries * 32 // sector) * sector
    clusters = (total - (root_at + root_size) // sector) // per_cluster
    bits = 12 if clusters < 4085 else 16 if clusters < 65525 else 32
    bits = 32 if not table_16 else bits
    if clusters <= 0 or table * sector * 8 < clusters * bits or (bits != 32 and not root_entries):
        raise NotThisFormat("FAT table is too small for its clusters")
    tables = Span(reserved * sector, root_at)
    first = Span(tables.start, tables.start + table * sector)
    root = Span(root_at, root_at + root_size)
    return FatLayout(
        bits, per_cluster * sector, tables, first, root, root_cluster if bits == 32 else 0, root.end, clusters,
        total * sector,
    )  # fmt: skip


def read_links(data: Reader, layout: FatLayout) -> "array[int]":
    """Return the next cluster of each cluster, of as many as are there."""
    raw = bytes(data.read_upto(layout.table.start, len(layout.table)))
    if layout.bits == 12:
        pairs = Struct("<3B").iter_unpack(raw[: len(raw) // 3 * 3])
        links = array("I")
        for a, b, c in pairs:
            links.extend((a | (b & 15) << 8, b >> 4 | c << 4))
        return links
    width = layout.bits // 8
    words = Struct("<H" if width == 2 else "<I").iter_unpack(raw[: len(raw) // width * width])
    return array("I", [word & 0x0FFFFFFF for (word,) in words])


class FatImage:
    """An opened file system."""

    def __init__(self, data: Reader) -> None:
        self.data = data
        self.layout = parse_fat_boot(data)
        self._links = read_links(data, self.layout)
        self._budget = Budget(self.layout.clusters, MIN_LINKS)
        self._listings: list[Span] = []

    def chain(self, cluster: int, size: int) -> Iterator[Run]:
        """Yield the runs of a chain that starts at `cluster`, for at most `size` bytes.

        Raises `Malformed` for a link outside the image, `LimitReached` when chains cross on purpose.
        """
        layout, at = self.layout, 0
        while at < size and 2 <= cluster < layout.clusters + 2:
            self._budget.spend(1)
            yield Run(at, layout.data + (cluster - 2) * layout.cluster, layout.cluster)
            at += layout.cluster
            cluster = self._links[cluster] if cluster < len(self._links) else 0
        if at < size:
            raise Malformed("FAT chain ends before its file")

    # Directories

    def children(self, key: Key) -> Iterator[Entry[Key]]:
        """Yield the entries of a directory; deleted ones and the volume label are left out."""
        parts: dict[int, bytes] = {}
        for at, raw in self._entries(key[0]):
            if not raw[0]:
                return
            name, attributes, case, high, low, size = ENTRY.unpack(raw)
            if raw[0] == DELETED:
                parts.clear()
            elif attributes & 0x3F == LONG_NAME:
                parts[raw[0] & 0x3F] = bytes(raw[1:11]) + bytes(raw[14:26]) + bytes(raw[28:32])
            else:
                long, parts = _long_name(parts), {}
                if attributes & LABEL or name.startswith((b".          ", b"..         ")):
                    continue
                cluster = low | (high << 16 if self.layout.bits == 32 else 0)
                directory = bool(attributes & DIRECTORY)
                yield Entry(
                    long or _short_name(name, case), (cluster,) if directory else (at, cluster, size), directory
                )

    def _entries(self, cluster: int) -> Iterator[tuple[int, memoryview]]:
        if cluster == 0 and self.layout.bits != 32:
            runs = [Run(0, self.layout.root.start, len(self.layout.root))]
        else:
            runs = self._listing(cluster or self.layout.root_cluster)
        for run in runs:
            view = self.data.view_at(run.physical, run.length)
            self._listings.append(Span(run.physical, run.physical + run.length))
            for offset in range(0, run.length - 31, 32):
                yield run.physical + offset, view[offset : offset + 32]

    def _listing(self, cluster: int) -> list[Run]:
        runs: list[Run] = []
        # A directory does not say how long it is: its chain just ends.
        with suppress(Malformed):
            runs.extend(self.chain(cluster, MAX_LISTING))
        return merged(runs)

    # Members

    def member(self, found: Found[Key]) -> Member:
        """Return the member of one file."""
        _, cluster, size = found.key
        runs = merged(self.chain(cluster, size))
        extents = stored_spans(runs, size, self.data.size)
        return Member(found.path, partial(open_runs, self.data, runs, size), extents, size, notes=found.notes)

    def structure(self) -> list[Span]:
        """Return boot sectors, allocation tables and listings, cut at the end of the image."""
        spans = [Span(0, self.layout.tables.start), self.layout.tables, *self._listings]
        return [Span(span.start, min(span.end, self.data.size)) for span in spans if span.start < self.data.size]


def _long_name(parts: dict[int, bytes]) -> bytes:
    raw = b"".join(parts[number] for number in sorted(parts))
    return raw.decode("utf-16-le", "surrogatepass").split("\0")[0].encode("utf-8", "surrogatepass")


def _short_name(raw: bytes, case: int) -> bytes:
    base, extension = raw[:8].rstrip(), raw[8:].rstrip()
    if base[:1] == b"\x05":
        base = b"\xe5" + base[1:]
    # Windows keeps all-lower-case short names by two flags instead of a long entry.
    base = base.lower() if case & 8 else base
    extension = extension.lower() if case & 16 else extension
    return (base + b"." + extension if extension else base).decode("cp437").encode()


def measure_fat(data: Reader) -> Span:
    """Return the extent as the boot sector counts it, cut at what is there."""
    layout = parse_fat_boot(data)
    head = data.read_upto(layout.table.start, 1)
    if head[:1] < b"\xf0":
        raise NotThisFormat("FAT table does not start with its media byte")
    return Span(0, min(layout.size, data.size))


def read_fat(data: Reader) -> Contents:
    """Return the contents of the file system at the start of `data`."""
    image = FatImage(data)
    properties = {"version": f"FAT{image.layout.bits}", "cluster": str(image.layout.cluster)}
    root: Key = (0,)
    return Contents(members_of(root, image.children, image.member), image.structure, properties)
