"""YAFFS2: a log-structured file system for NAND flash; a dump holds each page with its spare bytes behind it.

Format: yaffs2 sources, `yaffs_guts.h`, `yaffs_packedtags2.h`.
Limits: tags inside the page, and spare areas kept apart from the pages are not read; error correction is
not applied.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.filesystem.runs import Run, merged, open_runs
from inspector.formats.filesystem.tree import Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

PAGES: Final = ((2048, 64), (4096, 128), (512, 16), (8192, 256), (4096, 224), (4096, 256), (2048, 128), (1024, 32),
                (8192, 448), (16384, 512))  # fmt: skip
FILE, SYMLINK, DIRECTORY, HARDLINK, SPECIAL = range(1, 6)
ROOT, LOST, UNLINKED, DELETED = range(1, 5)
KINDS: Final = {SYMLINK: MemberKind.SYMLINK, DIRECTORY: MemberKind.DIRECTORY, SPECIAL: MemberKind.DEVICE}
LOWEST, HIGHEST = 0x1000, 0xEFFFFF00
"""Bounds of the sequence number of an erase block."""
IS_HEADER: Final = 0x80000000
HEADER_SIZE: Final = 460
SAMPLE: Final = 24
STRANGE: Final = 64
"""Pages in a row without sense that end a file system; erased ones do not count."""
MAX_CHUNKS: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Geometry:
    """How pages lie in a dump: bytes of a page, of its spare, where the tags start in the spare, byte order."""

    page: int
    spare: int
    tags: int
    order: str

    @property
    def step(self) -> int:
        """Distance from one page to the next."""
        return self.page + self.spare


@dataclass(frozen=True, slots=True)
class Tags:
    """What the spare says of its page; `chunk` is 0 for an object header, else the page of its file, from 1."""

    sequence: int
    object: int
    chunk: int
    length: int


@dataclass(frozen=True, slots=True)
class Header:
    """One object header; of several of an object the latest counts."""

    type: int
    parent: int
    name: bytes
    mode: int
    size: int
    equivalent: int
    target: bytes
    at: int


def read_tags(data: Reader, at: int, geometry: Geometry) -> Tags | None:
    """Return the tags of the page at `at`, or None where they make no sense."""
    raw = data.view_at(at + geometry.page + geometry.tags, 16)
    sequence, number, chunk, length = Struct(geometry.order + "IIII").unpack(raw)
    if not LOWEST <= sequence < HIGHEST:
        return None
    if chunk & IS_HEADER:
        # The top nibble of the number then holds the type, the chunk field the parent.
        number, chunk = number & 0x0FFFFFFF, 0
    if not number or chunk > MAX_CHUNKS or (chunk and length > geometry.page):
        return None
    return Tags(sequence, number, chunk, length)


def read_header(data: Reader, at: int, order: str) -> Header | None:
    """Return the object header at `at`, or None for another page."""
    raw = data.read_upto(at, HEADER_SIZE)
    if len(raw) < HEADER_SIZE:
        return None
    kind, parent, checksum = Struct(order + "IIH").unpack_from(raw)
    if not FILE <= kind <= SPECIAL or checksum != 0xFFFF or not parent:
        return None
    name = raw[10:266].split(b"\0")[0]
    # Tables of small numbers look like headers; their names hold bytes that no encoding of a name has.
    if any(byte < 0x20 or byte == 0xFF for byte in name):
        return None
    mode, size, equivalent = Struct(order + "I20xII").unpack_from(raw, 268)
    return Header(kind, parent, name, mode, size, equivalent, raw[300:460].split(b"\0")[0], at)


def find_geometry(data: Reader) -> Geometry:
    """Return the geometry under which the first pages make most sense; raises `NotThisFormat` when none does."""
    for order in "<>":
        if read_header(data, 0, order) is None:
            continue
        best = max(_geometries(order), key=partial(_score, data))
        if _score(data, best) > 0:
            return best
    raise NotThisFormat("no YAFFS2 object header with tags behind it")


def _geometries(order: str) -> Iterator[Geometry]:
    for page, spare in PAGES:
        for tags in range(0, min(spare - 15, 64), 2):
            yield Geometry(page, spare, tags, order)


def _score(data: Reader, geometry: Geometry) -> int:
    """Return how many of the first pages agree with their tags, or 0 where one contradicts them."""
    good = 0
    for number in range(min(SAMPLE, data.size // geometry.step)):
        at = number * geometry.step
        tags = read_tags(data, at, geometry)
        if tags is None:
            spare = data.view_at(at + geometry.page, geometry.spare)
            if bytes(spare).strip(b"\xff"):
                return 0
            continue
        if (read_header(data, at, geometry.order) is None) is (tags.chunk == 0):
            return 0
        good += 1
    return good


def chunks(data: Reader, geometry: Geometry) -> Iterator[tuple[int, Tags]]:
    """Yield (offset, tags) of the pages in use; ends where pages stop making sense."""
    strange = 0
    for at in range(0, data.size - geometry.step + 1, geometry.step):
        tags = read_tags(data, at, geometry)
        if tags is not None:
            strange = 0
            yield at, tags
        elif bytes(data.view_at(at + geometry.page, geometry.spare)).strip(b"\xff"):
            strange += 1
            if strange > STRANGE:
                return


class Yaffs2Image:
    """A file system, read once from end to end."""

    def __init__(self, data: Reader, geometry: Geometry | None = None) -> None:
        self.data = data
        self.geometry = geometry or find_geometry(data)
        self.tables: list[Span] = []
        self._headers: dict[int, tuple[int, int, Header]] = {}
        self._pages: dict[int, dict[int, tuple[int, int, int]]] = defaultdict(dict)
        self._tree: dict[int, list[tuple[bytes, int]]] = defaultdict(list)

    def chunks(self) -> Iterator[tuple[int, Tags]]:
        """Yield (offset, tags) of the pages in use."""
        yield from chunks(self.data, self.geometry)

    def scan(self) -> None:
        """Settle which header of an object and which page of a file is the latest."""
        for at, tags in self.chunks():
            age = tags.sequence, at
            if tags.chunk:
                pages = self._pages[tags.object]
                if tags.chunk not in pages or pages[tags.chunk][:2] < age:
                    pages[tags.chunk] = *age, tags.length
                continue
            header = read_header(self.data, at, self.geometry.order)
            if header is not None:
                self.tables.append(Span(at, at + self.geometry.step))
                known = self._headers.get(tags.object)
                if known is None or known[:2] < age:
                    self._headers[tags.object] = *age, header
        for number, (_, _, header) in self._headers.items():
            if number not in (ROOT, LOST) and header.parent not in (UNLINKED, DELETED):
                self._tree[header.parent].append((header.name, number))

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the entries of a directory; under the root also what has lost its own."""
        for name, child in self._tree.get(number, ()):
            header = self._headers[child][2]
            key = header.equivalent if header.type == HARDLINK and header.equivalent in self._headers else child
            yield Entry(name, key, header.type == DIRECTORY)
        if number == ROOT:
            for parent in self._tree:
                if parent not in self._headers and parent != ROOT:
                    yield Entry(b"#%d" % parent, parent, directory=True)

    def member(self, found: Found[int]) -> Member:
        """Return the member of one object."""
        header = self._headers[found.key][2]
        make = partial(Member, found.path, mode=header.mode & 0o7777, notes=found.notes)
        if header.type == HARDLINK:
            raise Malformed(f"hard link to the missing object {header.equivalent}")
        if header.type != FILE:
            return make(kind=KINDS[header.type], target=decode_name(header.target))
        page = self.geometry.page
        pages = sorted(self._pages.get(found.key, {}).items())
        runs = [Run((number - 1) * page, at, length) for number, (_, at, length) in pages]
        end = max((run.logical + run.length for run in runs), default=0)
        # A file that was never closed has no size in its header yet.
        size = header.size if header.size != 0xFFFFFFFF else end
        stored = merged(Run(run.physical, run.physical, self.geometry.step) for run in runs if run.logical < size)
        extents = tuple(Span(run.physical, run.physical + run.length) for run in stored)
        return make(partial(open_runs, self.data, runs, size), extents, size)


def measure_yaffs2(data: Reader) -> Span:
    """Return the extent from the first page to the last one in use."""
    geometry = find_geometry(data)
    end = 0
    for at, _ in chunks(data, geometry):
        end = at + geometry.step
    return Span(0, end)


def read_yaffs2(data: Reader) -> Contents:
    """Return the contents of the dump that fills `data`."""
    return contents_of(Yaffs2Image(data))


def contents_of(image: Yaffs2Image) -> Contents:
    """Return the contents of an opened file system."""
    geometry = image.geometry
    properties = {
        "page": f"{geometry.page}+{geometry.spare}",
        "byte order": "little" if geometry.order == "<" else "big",
    }
    return Contents(_members(image), lambda: image.tables, properties)


def _members(image: Yaffs2Image) -> Iterator[Member]:
    image.scan()
    yield from members_of(ROOT, image.children, image.member)
