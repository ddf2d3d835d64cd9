"""NTFS: a table of records, one for each file, with the places of its contents.

Format: Linux-NTFS project documentation (boot sector, records, attributes, run lists); MS-FSCC (reparse points).
Limits: files compressed or encrypted by NTFS are named, not read; the log is not replayed; records that were freed are
not looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.layout import Contents, Member, MemberKind, Opener
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

MAGIC: Final = b"NTFS    "
MAGIC_AT: Final = 3
BOOT: Final = Struct("<HB")
BOOT_TABLE: Final = Struct("<QQQb3xb")
RECORD: Final = Struct("<4sHHQHHHHIIQ")
ATTRIBUTE: Final = Struct("<IIBBHHH")
RESIDENT: Final = Struct("<IH")
RUNS: Final = Struct("<QQHH4xQQQ")
NAME: Final = Struct("<Q48xIIBB")
IN_USE, FOLDER = 1, 2
FILE_NAME, DATA, REPARSE, END = 0x30, 0x80, 0xC0, 0xFFFFFFFF
COMPRESSED, ENCRYPTED = 0x00FF, 0x4000
DOS_NAME: Final = 2
ROOT: Final = 5
SYSTEM: Final = 16
"""Records below this number are the file system's own."""
NUMBER: Final = (1 << 48) - 1
MOST_RECORDS: Final = 1 << 21
MOST_RUNS: Final = 1 << 16
DEEPEST: Final = 256
LARGEST_LINK: Final = 1 << 14
SYMLINK_TAG: Final = 0xA000000C
JUNCTION_TAG: Final = 0xA0000003


@dataclass(slots=True)
class _Stream:
    """One stream of data: its bytes where the record holds them, else the runs of clusters."""

    size: int = 0
    flags: int = 0
    resident: bytes | None = None
    place: Span | None = None
    parts: list[tuple[int, tuple[tuple[int, int], ...]]] = field(default_factory=list)
    """(first cluster of the part, runs): a stream in many pieces is told by several records."""


@dataclass(slots=True)
class _File:
    """What the records of one file say."""

    names: list[tuple[int, str]] = field(default_factory=list)
    """(number of the folder, name), names for DOS left out."""
    streams: dict[str, _Stream] = field(default_factory=dict)
    folder: bool = False
    target: str = ""
    link: tuple[tuple[int, int], ...] = ()
    """Runs of a reparse point that its record has no room for."""
    tables: list[tuple[tuple[int, int], ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Volume:
    cluster: int
    record: int
    table: int
    size: int


def _power(value: int, unit: int) -> int:
    """Return bytes from a count of `unit` bytes, or from a negative power of two."""
    return value * unit if value > 0 else 1 << -value if -31 <= value < 0 else 0


def _volume(data: Reader) -> _Volume:
    if not data.startswith(MAGIC, MAGIC_AT) or data.size < 512:
        raise NotThisFormat("no NTFS volume")
    sector, per_cluster = data.unpack_at(0x0B, BOOT)
    sectors, table, _, per_record, _ = data.unpack_at(0x28, BOOT_TABLE)
    clusters = per_cluster if per_cluster <= 128 else 1 << min(256 - per_cluster, 31)
    cluster = sector * clusters
    record = _power(per_record, cluster)
    if sector not in (512, 1024, 2048, 4096) or not cluster or cluster > 1 << 21 or not 512 <= record <= 1 << 16:
        raise NotThisFormat("no NTFS volume")
    return _Volume(cluster, record, table * cluster, (sectors + 1) * sector)


def extent(data: Reader, offset: int) -> Span:
    """Return the volume as the boot sector states it, its copy at the end included where it is there."""
    part = data.slice(offset)
    volume = _volume(part)
    if volume.table + volume.record > part.size or not part.startswith(b"FILE", volume.table):
        raise Malformed("NTFS volume without its table of files")
    return Span(offset, offset + min(volume.size, part.size))


def read_ntfs(data: Reader) -> Contents:
    """Return files, folders and links; named streams follow their file as `name:stream`."""
    return _Reader(data, _volume(data)).contents()


class _Reader:
    """One pass over the records, then the paths."""

    def __init__(self, data: Reader, volume: _Volume) -> None:
        self._data, self._volume = data, volume
        self._files: dict[int, _File] = {}
        self._table_runs: list[Span] = []
        self._damaged = 0

    def contents(self) -> Contents:
        records = self._records()
        for index, (raw, base) in enumerate(records):
            if index >= MOST_RECORDS:
                raise LimitReached("too many records in an NTFS volume", "members")
            try:
                self._take(index, raw, base)
            except FormatError:
                self._damaged += 1
        notes = (f"{self._damaged} damaged records",) if self._damaged else ()
        return Contents(list(self._members()), lambda: list(self._structure()), notes=notes)

    def _records(self) -> Iterator[tuple[bytes, int]]:
        """Yield each record with its fixed-up bytes and where the volume holds it."""
        width = self._volume.record
        first = self._fixed(self._data.read_at(self._volume.table, width))
        table = _File()
        _attributes(first, table, self._volume.table)
        stream = table.streams.get("")
        if stream is None or stream.resident is not None:
            raise Malformed("NTFS table of files has no runs")
        for start, length in (run for _, runs in sorted(stream.parts) for run in runs):
            begin = start * self._volume.cluster
            end = min(begin + length * self._volume.cluster, self._data.size)
            if start < 0 or begin >= end:
                continue
            self._table_runs.append(Span(begin, end))
            for at in range(begin, end - width + 1, width):
                yield self._data.read_at(at, width), at

    def _fixed(self, raw: bytes) -> bytes:
        """Put back the two bytes at the end of each sector that a check value stands for."""
        magic, at, count = RECORD.unpack_from(raw)[:3]
        if magic != b"FILE" or at + 2 * count > len(raw) or not 1 <= count <= len(raw) // 512 + 1:
            raise Malformed("damaged NTFS record")
        out, mark = bytearray(raw), raw[at : at + 2]
        for index in range(1, count):
            end = index * 512
            if out[end - 2 : end] != mark:
                raise Malformed("NTFS record was written in part")
            out[end - 2 : end] = raw[at + 2 * index : at + 2 * index + 2]
        return bytes(out)

    def _take(self, index: int, raw: bytes, place: int) -> None:
        if not raw.startswith(b"FILE") or not RECORD.unpack_from(raw)[7] & IN_USE:
            return
        fixed = self._fixed(raw)
        *_, flags, _, _, base = RECORD.unpack_from(fixed)
        owner = base & NUMBER or index
        file = self._files.setdefault(owner, _File())
        if owner == index:
            file.folder = bool(flags & FOLDER)
        _attributes(fixed, file, place)

    def _members(self) -> Iterator[Member]:
        paths: dict[int, str | None] = {ROOT: ""}
        for index, file in sorted(self._files.items()):
            if index < SYSTEM or not file.names:
                continue
            parent = self._path(file.names[0][0], paths)
            if parent is None or parent.startswith("$Extend"):
                continue
            path = f"{parent}{file.names[0][1]}"
            yield from self._entry(path, file)
            for folder, name in file.names[1:]:
                other = self._path(folder, paths)
                if other is not None:
                    yield Member(f"{other}{name}", kind=MemberKind.HARDLINK, target=path)

    def _path(self, number: int, paths: dict[int, str | None]) -> str | None:
        """Return the path of a folder with a slash behind it; None for one that hangs nowhere."""
        chain, at = list[int](), number
        while at not in paths and len(chain) < DEEPEST:
            chain.append(at)
            file = self._files.get(at)
            if file is None or not file.names or not file.folder:
                break
            at = file.names[0][0]
        base = paths.get(at)
        for step in reversed(chain):
            found = self._files.get(step)
            base = f"{base}{found.names[0][1]}/" if base is not None and found is not None and found.names else None
            paths[step] = base
        return base

    def _entry(self, path: str, file: _File) -> Iterator[Member]:
        target = file.target or self._far_target(file)
        if target:
            yield Member(path, kind=MemberKind.SYMLINK, target=target)
        elif file.folder:
            yield Member(path, kind=MemberKind.DIRECTORY)
        elif "" not in file.streams:
            yield Member(path, open=lambda _: BufferReader(b""), size=0)
        for name, stream in sorted(file.streams.items()):
            if name or not target:
                yield self._stream(f"{path}:{name}" if name else path, stream)

    def _far_target(self, file: _File) -> str:
        raw = b"".join(
            self._data.read_at(span.start, min(len(span), LARGEST_LINK)) for span in self._spans(file.link[:1])
        )
        return _target(raw)

    def _stream(self, path: str, stream: _Stream) -> Member:
        if stream.resident is not None:
            content, place = stream.resident, stream.place
            return Member(
                path, open=_opener(BufferReader(content)), extents=(place,) if place else (), size=len(content)
            )
        runs = [run for _, part in sorted(stream.parts) for run in part]
        extents = tuple(self._spans(runs))
        if stream.flags & ENCRYPTED:
            return Member(path, extents=extents, size=stream.size, problem=Encrypted("file encrypted by NTFS (EFS)"))
        if stream.flags & COMPRESSED:
            return Member(path, extents=extents, size=stream.size, problem=Unsupported("file compressed by NTFS"))
        try:
            memory = MappedReader(list(self._pieces(runs, stream.size)))
        except FormatError as error:
            return Member(path, extents=extents, size=stream.size, problem=error.bare())
        return Member(path, open=_opener(memory), extents=extents, size=stream.size)

    def _pieces(self, runs: list[tuple[int, int]], size: int) -> Iterator[Piece]:
        left = size
        for start, length in runs:
            count = min(length * self._volume.cluster, left)
            begin = start * self._volume.cluster
            if start >= 0 and begin + count > self._data.size:
                raise Malformed(f"clusters at {begin:#x} lie behind the end of the volume")
            yield Piece(count, self._data, begin) if start >= 0 else Piece(count)
            left -= count
        if left:
            raise Malformed(f"run list ends {left} bytes early")

    def _spans(self, runs: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> Iterator[Span]:
        for start, length in runs:
            begin = start * self._volume.cluster
            if start >= 0 and begin < self._data.size:
                yield Span(begin, min(begin + length * self._volume.cluster, self._data.size))

    def _structure(self) -> Iterator[Span]:
        yield Span(0, min(8192, self._data.size))  # the boot program
        yield Span(max(self._data.size - 512, 0), self._data.size)  # the copy of its first sector
        yield from self._table_runs
        for index, file in self._files.items():
            tables = list(file.tables)
            if index < SYSTEM and index != 8:  # not the one that lists bad clusters: it spans the whole volume
                tables += [runs for stream in file.streams.values() for _, runs in stream.parts]
            for runs in tables:
                yield from self._spans(runs)


def _opener(reader: Reader) -> Opener:
    def open_file(limit: int) -> Reader:
        if reader.size > limit:
            raise LimitReached(f"{reader.size} bytes, {limit} allowed")
        return reader

    return open_file


def _attributes(raw: bytes, file: _File, place: int) -> None:
    """Read the attributes of one record into what is known of its file."""
    at = RECORD.unpack_from(raw)[6]
    while at + ATTRIBUTE.size <= len(raw):
        kind, length, apart, name_length, name_at, flags, _ = ATTRIBUTE.unpack_from(raw, at)
        if kind == END:
            return
        if length < ATTRIBUTE.size + 8 or at + length > len(raw):
            raise Malformed("damaged NTFS attribute")
        attribute = raw[at : at + length]
        name = attribute[name_at : name_at + 2 * name_length].decode("utf-16-le", "backslashreplace")
        if apart:
            _apart(kind, attribute, name, flags, file)
        else:
            _inside(kind, attribute, name, flags, file, place + at)
        at += length


def _apart(kind: int, attribute: bytes, name: str, flags: int, file: _File) -> None:
    if len(attribute) < ATTRIBUTE.size + RUNS.size:
        raise Malformed("damaged NTFS attribute")
    first, _, runs_at, _, _, size, _ = RUNS.unpack_from(attribute, ATTRIBUTE.size)
    runs = tuple(_runs(attribute[runs_at:]))
    if kind != DATA:
        file.tables.append(runs)
        file.link = runs if kind == REPARSE else file.link
        return
    stream = file.streams.setdefault(name, _Stream())
    stream.parts.append((first, runs))
    if not first:
        stream.size, stream.flags = size, flags


def _inside(kind: int, attribute: bytes, name: str, flags: int, file: _File, place: int) -> None:
    size, start = RESIDENT.unpack_from(attribute, ATTRIBUTE.size)
    value = attribute[start : start + size]
    if kind == DATA:
        file.streams[name] = _Stream(len(value), flags, value, Span(place + start, place + start + len(value)))
    elif kind == FILE_NAME and len(value) >= NAME.size:
        folder, _, _, length, space = NAME.unpack_from(value)
        if space != DOS_NAME:
            text = value[NAME.size : NAME.size + 2 * length].decode("utf-16-le", "backslashreplace")
            file.names.append((folder & NUMBER, text.replace("/", "\\x2f") or "?"))
    elif kind == REPARSE:
        file.target = _target(value)


def _runs(raw: bytes) -> Iterator[tuple[int, int]]:
    """Yield (first cluster, count) of each run, -1 for a hole; a run's start is told from the last one's."""
    at, cluster = 0, 0
    for _ in range(MOST_RUNS):
        if at >= len(raw) or not raw[at]:
            return
        counts, starts = raw[at] & 15, raw[at] >> 4
        end = at + 1 + counts + starts
        if not 1 <= counts <= 8 or starts > 8 or end > len(raw):
            raise Malformed("damaged NTFS run list")
        count = int.from_bytes(raw[at + 1 : at + 1 + counts], "little")
        if starts:
            cluster += int.from_bytes(raw[at + 1 + counts : end], "little", signed=True)
            if cluster < 0:
                raise Malformed("NTFS run before the start of the volume")
        yield (cluster if starts else -1), count
        at = end


def _target(value: bytes) -> str:
    """Return where a symbolic link or junction leads, as it is shown to people; nothing for other reparse points."""
    tag = int.from_bytes(value[:4], "little")
    if tag not in (SYMLINK_TAG, JUNCTION_TAG) or len(value) < 20:
        return ""
    start, length = (int.from_bytes(value[at : at + 2], "little") for at in (12, 14))
    base = 20 if tag == SYMLINK_TAG else 16
    return value[base + start : base + start + length].decode("utf-16-le", "backslashreplace")
