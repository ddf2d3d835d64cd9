"""exFAT, the file system of large SD cards.

Format: Microsoft "exFAT file system specification" (2019).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct, unpack_from
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.filesystem.runs import Run, merged, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"EXFAT   "
BOOT: Final = Struct("<64xQQIIIII8xBBB")
FILE, STREAM, NAME = 0x85, 0xC0, 0xC1
BITMAP, UPCASE = 0x81, 0x82
DIRECTORY: Final = 0x10
CONTIGUOUS: Final = 2
MAX_LISTING: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a file or directory lies: all that its entries say of it."""

    entry: int
    cluster: int
    size: int
    written: int
    """Bytes that were ever written; the rest reads as zeros."""
    contiguous: bool


class ExfatImage:
    """An opened file system."""

    def __init__(self, data: Reader) -> None:
        if not data.startswith(MAGIC, 3) or not data.startswith(b"\x55\xaa", 510):
            raise NotThisFormat("no exFAT boot sector")
        _, sectors, table, table_size, heap, clusters, root, sector, per_cluster, copies = data.unpack_at(0, BOOT)
        if not 9 <= sector <= 12 or sector + per_cluster > 25 or not clusters or copies not in (1, 2):
            raise NotThisFormat("fields of an exFAT boot sector contradict one another")
        self.data = data
        self.size: int = sectors << sector
        self.cluster: int = 1 << sector + per_cluster
        self.clusters: int = clusters
        self.root = Stream(0, root, MAX_LISTING, MAX_LISTING, contiguous=False)
        self._table: int = table << sector
        self._heap: int = heap << sector
        self._budget = Budget(data.size)
        self._spans = [Span(0, 24 << sector), Span(self._table, self._table + (copies * table_size << sector))]

    def runs(self, stream: Stream, *, listing: bool = False) -> list[Run]:
        """Return the stored runs of a stream; a listing may end before its claimed size."""
        if stream.contiguous:
            length = -(-stream.size // self.cluster) * self.cluster
            return [Run(0, self._offset(stream.cluster), length)] if length else []
        runs: list[Run] = []
        cluster, at = stream.cluster, 0
        while at < stream.size and 2 <= cluster < self.clusters + 2:
            self._budget.spend(self.cluster)
            runs.append(Run(at, self._offset(cluster), self.cluster))
            at += self.cluster
            (cluster,) = unpack_from("<I", self.data.view_at(self._table + 4 * cluster, 4))
        if at < stream.size and not listing:
            raise Malformed("exFAT chain ends before its file")
        return merged(runs)

    def _offset(self, cluster: int) -> int:
        if not 2 <= cluster < self.clusters + 2:
            raise Malformed(f"exFAT cluster {cluster}")
        return self._heap + (cluster - 2) * self.cluster

    def children(self, directory: Stream) -> Iterator[Entry[Stream]]:
        """Yield the files of a directory, each from its set of entries."""
        left, attributes = 0, 0
        stream: Stream | None = None
        name = b""
        length = 0
        for at, raw in self._entries(directory):
            kind = raw[0]
            if kind == 0:
                return
            if kind == FILE:
                left, attributes, stream, name = raw[1], int.from_bytes(raw[4:6], "little"), None, b""
            elif kind == STREAM and left:
                stream, length = _stream(at, raw), raw[3]
            elif kind == NAME and stream is not None:
                name += bytes(raw[2:32])
                if len(name) >= 2 * length:
                    text = name[: 2 * length].decode("utf-16-le", "surrogatepass")
                    yield Entry(text.encode("utf-8", "surrogatepass"), stream, bool(attributes & DIRECTORY))
                    left, stream = 0, None
            elif kind in (BITMAP, UPCASE):
                self._claim(_stream(at, raw))

    def _entries(self, directory: Stream) -> Iterator[tuple[int, memoryview]]:
        for run in self.runs(directory, listing=True):
            length = min(run.length, MAX_LISTING, self.data.size - run.physical)
            self._budget.spend(length)
            view = self.data.view_at(run.physical, length)
            self._spans.append(Span(run.physical, run.physical + length))
            for offset in range(0, length - 31, 32):
                yield run.physical + offset, view[offset : offset + 32]

    def _claim(self, stream: Stream) -> None:
        self._spans += stored_spans(self.runs(stream, listing=True), stream.size, self.data.size)

    def member(self, found: Found[Stream]) -> Member:
        """Return the member of one file."""
        stream = found.key
        runs = self.runs(stream)
        extents = stored_spans(runs, stream.size, self.data.size)
        written = [
            Run(run.logical, run.physical, min(run.length, stream.written - run.logical))
            for run in runs
            if run.logical < stream.written
        ]
        return Member(
            found.path, partial(open_runs, self.data, written, stream.size), extents, stream.size, notes=found.notes
        )

    def structure(self) -> list[Span]:
        """Return boot region, allocation table, bitmap and listings."""
        return [Span(span.start, min(span.end, self.data.size)) for span in self._spans if span.start < self.data.size]


def _stream(at: int, raw: memoryview) -> Stream:
    flags, written, cluster, size = unpack_from("<xB6xQ4xIQ", raw)
    if raw[0] != STREAM:
        return Stream(at, cluster, size, size, contiguous=False)
    return Stream(at, cluster, size, min(written, size), bool(flags & CONTIGUOUS))


def measure_exfat(data: Reader) -> Span:
    """Return the extent as the boot sector counts it, cut at what is there."""
    return Span(0, min(ExfatImage(data).size, data.size))


def read_exfat(data: Reader) -> Contents:
    """Return the contents of the file system at the start of `data`."""
    image = ExfatImage(data)
    return Contents(
        members_of(image.root, image.children, image.member), image.structure, {"cluster": str(image.cluster)}
    )
