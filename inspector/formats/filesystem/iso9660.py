"""ISO 9660 images with Rock Ridge or Joliet names, and what UDF on the same disc adds.

Format: ECMA-119; IEEE P1281 (SUSP), P1282 (Rock Ridge); Microsoft Joliet specification; El Torito 1.0.
A disc may hold a tree of each kind over the same data, or, as installers of Windows do, show nothing but a note in
one and everything in the other. Names are taken from the tree that has the better ones, files from both.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.runs import Run, merged, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of, walk
from inspector.formats.filesystem.udf import UdfImage
from inspector.formats.filesystem.zisofs import open_zisofs, zisofs_size
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

SECTOR: Final = 2048
FIRST: Final = 16
IDENTIFIER: Final = b"CD001"
PRIMARY, SUPPLEMENTARY, END = 1, 2, 255
JOLIET: Final = (b"%/@", b"%/C", b"%/E")
RECORD: Final = Struct("<BBI4xI4x7xBBB4xB")
MAX_LISTING: Final = 1 << 28
MAX_CONTINUED: Final = 64
"""Continuation areas followed per record."""
IS_DIRECTORY, HAS_MORE = 2, 0x80
Key = tuple[int, ...]
"""(block, bytes) of a directory, (block,) of one that was moved, (offset of its record,) of a file."""


ROOT: Final = 156
"""Where in a descriptor the record of the root directory stands."""
ROOT_SIZE: Final = b"\x22"
"""How long that is, in its first byte."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume descriptor."""

    joliet: bool
    block: int
    blocks: int
    root: int
    root_size: int
    label: str
    path_table: tuple[int, int, int]
    """Its size, then the blocks of its little- and big-endian copies."""


@dataclass(slots=True)
class Record:
    """What one directory record and its system use fields say."""

    at: int
    name: bytes
    directory: bool
    extents: list[tuple[int, int]] = field(default_factory=list)
    """(block, bytes) of each part."""
    more: bool = False
    mode: int = 0
    target: bytes | None = None
    moved_to: int = 0
    """Block of a directory that Rock Ridge keeps elsewhere because of its depth."""
    is_moved: bool = False
    posix_name: bytes = b""
    compressed: bool = False
    """Whether a field says that the file is kept in zisofs."""


def volumes(data: Reader) -> Iterator[Volume]:
    """Yield the volume descriptors in order; raises `NotThisFormat` without one."""
    if not data.startswith(IDENTIFIER, FIRST * SECTOR + 1):
        raise NotThisFormat("no ISO 9660 volume descriptor")
    first = data.read_upto(FIRST * SECTOR, ROOT + 1)
    if first[0] == PRIMARY and first[ROOT:] != ROOT_SIZE and first[80:84] != first[87:83:-1]:
        raise NotThisFormat("no ISO 9660 volume descriptor, but its mark in a program")
    for sector in range(FIRST, FIRST + 64):
        raw = data.read_upto(sector * SECTOR, SECTOR)
        if len(raw) < SECTOR or raw[1:6] != IDENTIFIER or raw[0] == END:
            return
        if raw[0] in (PRIMARY, SUPPLEMENTARY):
            joliet = raw[0] == SUPPLEMENTARY and raw[88:91] in JOLIET
            if raw[0] == PRIMARY or joliet:
                yield _volume(raw, joliet=joliet)


def _volume(raw: bytes, *, joliet: bool) -> Volume:
    def number(at: int, width: int = 4) -> int:
        return int.from_bytes(raw[at : at + width], "little")

    label = raw[40:72].decode("utf-16-be", "replace") if joliet else decode_name(raw[40:72])
    tables = number(132), number(140), int.from_bytes(raw[148:152], "big")
    return Volume(joliet, number(128, 2) or SECTOR, number(80), number(158), number(166), label.strip(" \0"), tables)


def volume_root(volume: Volume) -> Key:
    """Return the key of the root directory."""
    return volume.root, volume.root_size


class IsoImage:
    """An opened image: the tree with the best names is the one that counts."""

    def __init__(self, data: Reader) -> None:
        self.data = data
        self.volumes = list(volumes(data))
        if not self.volumes:
            raise Malformed("ISO 9660 image without a primary volume")
        self.volume = self.volumes[0]
        self._skip = 0
        self._budget = Budget(data.size)
        self._tables: list[Span] = []
        self._files: dict[int, Record] = {}
        self.rock_ridge = self._find_rock_ridge()
        joliet = [volume for volume in self.volumes if volume.joliet]
        if joliet and not self.rock_ridge:
            self.volume = joliet[0]

    def _find_rock_ridge(self) -> bool:
        try:
            at = self.volume.root * self.volume.block
            raw = self.data.view_at(at, self.data.view_at(at, 1)[0])
        except FormatError:
            return False
        use = bytes(raw[34:])
        if use[:2] != b"SP" or len(use) < 7:
            return False
        self._skip = use[6]
        return True

    # Directories

    def children(self, key: Key) -> Iterator[Entry[Key]]:
        """Yield the entries of the directory at block `key[0]`; the key of a file is where its record stands."""
        size = key[1] if len(key) > 1 else self._size_of(key[0])
        pending: Record | None = None
        for record in self._records(key[0], min(size, MAX_LISTING)):
            if pending is not None and pending.name == record.name:
                pending.extents += record.extents
                pending.more = record.more
            else:
                pending = record
            if pending.more:
                continue
            entry, pending = self._entry(pending), None
            if entry is not None:
                yield entry

    def _entry(self, record: Record) -> Entry[Key] | None:
        if record.is_moved:
            return None
        name = record.posix_name if self.rock_ridge and record.posix_name else self._plain_name(record.name)
        if record.moved_to:
            return Entry(name, (record.moved_to,), directory=True)
        if record.directory:
            return Entry(name, record.extents[0], directory=True)
        self._files[record.at] = record
        return Entry(name, (record.at,), directory=False)

    def _plain_name(self, raw: bytes) -> bytes:
        if self.volume.joliet:
            raw = raw.decode("utf-16-be", "replace").encode()
        base = raw.split(b";")[0]
        return base[:-1] if base.endswith(b".") and len(base) > 1 else base

    def _size_of(self, block: int) -> int:
        """Return the size of a directory from its own `.` record."""
        return int(self.data.unpack_at(block * self.volume.block, RECORD)[3])

    def _records(self, block: int, size: int) -> Iterator[Record]:
        at = block * self.volume.block
        end = min(at + size, self.data.size)
        self._tables.append(Span(min(at, end), end))
        self._budget.spend(max(end - at, 0))
        while at + RECORD.size <= end:
            length = self.data.view_at(at, 1)[0]
            if length < 34:
                # Records do not cross sectors: the rest of one that is full is zero.
                at = (at // SECTOR + 1) * SECTOR
                continue
            record = self._record(at, min(length, end - at))
            if record.name not in (b"\0", b"\1"):
                yield record
            at += length

    def _record(self, at: int, length: int) -> Record:
        raw = self.data.view_at(at, length)
        _, attributes, block, size, flags, _, _, name_length = RECORD.unpack_from(raw)
        name = bytes(raw[33 : 33 + name_length])
        record = Record(at, name, bool(flags & IS_DIRECTORY), [(block + attributes, size)], bool(flags & HAS_MORE))
        if self.rock_ridge and not self.volume.joliet:
            start = 33 + name_length + (1 - name_length % 2) + self._skip
            self._system_use(record, bytes(raw[start:]))
        return record

    def _system_use(self, record: Record, area: bytes) -> None:
        link: list[bytes] = []
        for _ in range(MAX_CONTINUED):
            following = None
            at = 0
            while at + 4 <= len(area) and area[at + 2] >= 4:
                kind, body = area[at : at + 2], area[at + 4 : at + area[at + 2]]
                if kind == b"CE" and len(body) >= 24:
                    following = [int.from_bytes(body[i : i + 4], "little") for i in (0, 8, 16)]
                else:
                    _apply(record, kind, body, link)
                at += area[at + 2]
            if following is None:
                break
            block, offset, length = following
            start = block * self.volume.block + offset
            area = bytes(self.data.read_upto(start, min(length, SECTOR)))
            self._tables.append(Span(start, start + len(area)))
        if link:
            record.target = _link_target(link)

    # Members

    def member(self, found: Found[Key]) -> Member:
        """Return the member of one file or link."""
        record = self._files[found.key[0]]
        kind = kind_of(record.mode) or MemberKind.FILE
        make = partial(Member, found.path, mode=record.mode & 0o7777, notes=found.notes)
        if record.target is not None:
            return make(kind=MemberKind.SYMLINK, target=decode_name(record.target))
        if kind not in (MemberKind.FILE, MemberKind.DIRECTORY):
            return make(kind=kind)
        runs, at = [], 0
        for block, size in record.extents:
            runs.append(Run(at, block * self.volume.block, size))
            at += size
        runs = merged(run for run in runs if run.length)
        spans = stored_spans(runs, at, self.data.size)
        if record.compressed:
            decoded = self._decoded_size(runs, at)
            if decoded is not None:
                return make(partial(self._open_compressed, runs, at), spans, decoded)
        return make(partial(open_runs, self.data, runs, at), spans, at)

    def _decoded_size(self, runs: list[Run], stored: int) -> int | None:
        try:
            return zisofs_size(open_runs(self.data, runs, stored, stored))
        except FormatError:
            return None

    def _open_compressed(self, runs: list[Run], stored: int, limit: int) -> Reader:
        return open_zisofs(open_runs(self.data, runs, stored, stored), limit)

    def structure(self) -> list[Span]:
        """Return volume descriptors, path tables, the listings of every tree."""
        spans = [Span(FIRST * SECTOR, (FIRST + len(self.volumes) + 2) * SECTOR)]
        for volume in self.volumes:
            size, *blocks = volume.path_table
            spans += [Span(block * volume.block, block * volume.block + size) for block in blocks if block]
        spans += self._tables + self._other_trees()
        return [Span(span.start, min(span.end, self.data.size)) for span in spans if span.start < self.data.size]

    def _other_trees(self) -> list[Span]:
        """Return the listings of the trees whose names were not used."""
        kept, kept_tables = self.volume, self._tables
        self._tables = []
        for volume in self.volumes:
            if volume is not kept:
                self.volume = volume
                for _ in walk(volume_root(volume), self.children):
                    pass
        found, self._tables, self.volume = self._tables, kept_tables, kept
        return found


def _apply(record: Record, kind: bytes, body: bytes, link: list[bytes]) -> None:
    """Take one Rock Ridge field into the record."""
    if kind == b"NM" and body and not body[0] & 6:
        record.posix_name += body[1:]
    elif kind == b"PX" and len(body) >= 4:
        record.mode = int.from_bytes(body[:4], "little")
    elif kind == b"SL":
        link.append(body[1:])
    elif kind == b"CL" and len(body) >= 4:
        record.moved_to = int.from_bytes(body[:4], "little")
    elif kind == b"RE":
        record.is_moved = True
    elif kind in (b"ZF", b"Z2"):
        record.compressed = True


def _link_target(fields: list[bytes]) -> bytes:
    parts: list[bytes] = []
    joins = False
    for body in fields:
        at = 0
        while at + 2 <= len(body):
            flags, length = body[at], body[at + 1]
            text = b".." if flags & 4 else b"." if flags & 2 else b"" if flags & 8 else body[at + 2 : at + 2 + length]
            if joins and parts:
                parts[-1] += text
            else:
                parts.append(text)
            joins = bool(flags & 1)
            at += 2 + length
    return b"/".join(parts) or b"/"


def measure_iso9660(data: Reader) -> Span:
    """Return the extent as the primary volume counts it, or UDF beside it, cut at what is there."""
    volume = next(volumes(data), None)
    if volume is None or not volume.blocks:
        raise Malformed("ISO 9660 image without a primary volume")
    end = volume.blocks * volume.block
    with suppress(FormatError):
        end = max(end, UdfImage(data).end)
    return Span(0, min(end, data.size))


def read_iso9660(data: Reader) -> Contents:
    """Return the contents of the image at the start of `data`."""
    image = IsoImage(data)
    volume = image.volume
    names = "Rock Ridge" if image.rock_ridge else "Joliet" if volume.joliet else "ISO 9660"
    members = members_of(volume_root(volume), image.children, image.member)
    try:
        udf = UdfImage(data)
    except NotThisFormat:
        return Contents(members, image.structure, {"names": names, "label": volume.label})
    except FormatError as problem:
        return Contents(members, image.structure, {"names": names, "label": volume.label}, damage=f"UDF: {problem}")
    properties = {"names": f"{names}, UDF" if image.rock_ridge else f"UDF, {names}", "label": volume.label}
    trees = (members, udf.members()) if image.rock_ridge else (udf.members(), members)
    return Contents(_joined(*trees), lambda: [*image.structure(), *udf.structure()], properties)


def _joined(first: Iterable[Member], second: Iterable[Member]) -> Iterator[Member]:
    """Yield the first tree, then what the second has besides: files that lie elsewhere, and what cannot be read."""
    seen: set[tuple[Span, ...]] = set()
    for member in first:
        seen.add(member.extents)
        yield member
    for member in second:
        if member.problem or (member.kind is MemberKind.FILE and member.extents and member.extents not in seen):
            yield member
