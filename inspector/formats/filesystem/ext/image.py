"""An ext file system: groups, directories, members."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, Unsupported
from inspector.formats.filesystem.ext.inode import (
    COMPRESSED,
    ENCRYPTED,
    HOLDS_DATA,
    USES_EXTENTS,
    BlockMap,
    ExtInode,
    inline_data,
    parse_inode,
)  # fmt: skip
from inspector.formats.filesystem.ext.superblock import AT, FILE_TYPES, RECOVER, ExtSuperblock, parse_ext_superblock
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.filesystem.runs import merged, open_runs, stored_spans
from inspector.formats.filesystem.tree import Budget, Entry, Found, members_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

ROOT: Final = 2
RESIZE: Final = 7
DIRECTORY_TYPE: Final = 2
MAX_DIRECTORY: Final = 1 << 28
MAX_TARGET: Final = 1 << 16
DIRENT: Final = Struct("<IHBB")
JOURNAL_MAGIC: Final = b"\xc0\x3b\x39\x98"


class ExtImage:
    """An opened file system; keeps which tables were read, nothing else."""

    def __init__(self, data: Reader) -> None:
        self.data = data
        self.block = parse_ext_superblock(data)
        self._map = BlockMap(data, self.block.block_size)
        self._budget = Budget(data.size)
        self._groups: dict[int, int] = {}
        self._directories: list[Span] = []

    def inode(self, number: int) -> ExtInode:
        """Return an inode by its number, which starts at 1."""
        block = self.block
        if not 1 <= number <= block.inodes:
            raise Malformed(f"inode {number} of {block.inodes}")
        group, index = divmod(number - 1, block.inodes_per_group)
        at = self._table(group) * block.block_size + index * block.inode_size
        return parse_inode(number, self.data.read_at(at, block.inode_size))

    def _table(self, group: int) -> int:
        table = self._groups.get(group)
        if table is None:
            wide = self.block.descriptor_size >= 64
            raw = self.data.read_at(self.block.descriptor_at(group), self.block.descriptor_size)
            table = int.from_bytes(raw[8:12], "little")
            table |= int.from_bytes(raw[40:44], "little") << 32 if wide else 0
            self._groups[group] = table
        return table

    # Directories

    def children(self, number: int) -> Iterator[Entry[int]]:
        """Yield the entries of a directory, without `.` and `..`."""
        inode = self.inode(number)
        if kind_of(inode.mode) is not MemberKind.DIRECTORY:
            raise Malformed("directory entry does not lead to a directory")
        for piece in self._listing(inode):
            yield from self._entries(piece)

    def _listing(self, inode: ExtInode) -> Iterator[memoryview]:
        if inode.flags & HOLDS_DATA:
            content = memoryview(inline_data(inode))
            # The parent's number stands where `.` and `..` would; pointer field and attribute hold a list each.
            yield content[4:60]
            yield content[60:]
            return
        runs = merged(self._map.runs(inode))
        size = min(inode.size, MAX_DIRECTORY)
        reader = open_runs(self.data, runs, size, MAX_DIRECTORY)
        self._budget.spend(size)
        self._directories += stored_spans(runs, size, self.data.size)
        for offset in range(0, reader.size, self.block.block_size):
            yield reader.view_at(offset, min(self.block.block_size, reader.size - offset))

    def _entries(self, listing: memoryview) -> Iterator[Entry[int]]:
        at = 0
        while at + DIRENT.size <= len(listing):
            number, length, name_length, kind = DIRENT.unpack_from(listing, at)
            length = length if length % 4 == 0 else (length & 0xFFFC) | (length & 3) << 16
            name = bytes(listing[at + DIRENT.size : at + DIRENT.size + name_length])
            if number and name not in (b".", b"..") and name_length:
                yield Entry(name, number, self._is_directory(number, kind))
            if length < DIRENT.size:
                if length:
                    raise Malformed("directory entry of no length")
                return  # a length of 0 stands for a whole block of 64 KiB
            at += length

    def _is_directory(self, number: int, kind: int) -> bool:
        if self.block.incompat & FILE_TYPES and kind:
            return kind == DIRECTORY_TYPE
        try:
            return kind_of(self.inode(number).mode) is MemberKind.DIRECTORY
        except FormatError:
            return False

    # Members

    def members(self) -> Iterator[Member]:
        """Return every entry, as `members_of` orders them."""
        return members_of(ROOT, self.children, self._member, self._is_sealed)

    def _is_sealed(self, number: int) -> bool:
        return bool(self.inode(number).flags & ENCRYPTED)

    def _member(self, found: Found[int]) -> Member:
        inode = self.inode(found.key)
        kind = kind_of(inode.mode)
        if kind is None:
            raise Malformed(f"inode {found.key} is not in use")
        member = Member(found.path, kind=kind, mode=inode.mode & 0o7777, notes=found.notes)
        if kind is MemberKind.FILE:
            return self._file(member, inode)
        if kind is MemberKind.SYMLINK:
            return replace(member, target=decode_name(self._target(inode)))
        return member

    def _file(self, member: Member, inode: ExtInode) -> Member:
        member = replace(member, size=inode.size)
        if inode.flags & HOLDS_DATA and not inode.flags & ENCRYPTED:
            return replace(member, open=partial(_open_inline, inline_data(inode), inode.size))
        runs = merged(self._map.runs(inode))
        member = replace(member, extents=stored_spans(runs, inode.size, self.data.size))
        if inode.flags & ENCRYPTED:
            return replace(member, problem=Encrypted("file encrypted with fscrypt"))
        if inode.flags & COMPRESSED and self.block.incompat & 1:
            return replace(member, problem=Unsupported("file compressed by e2compr"))
        return replace(member, open=partial(open_runs, self.data, runs, inode.size))

    def _target(self, inode: ExtInode) -> bytes:
        if inode.flags & ENCRYPTED:
            raise Encrypted("link encrypted with fscrypt")
        if inode.flags & HOLDS_DATA:
            return inline_data(inode)
        if inode.size < 60 and not inode.flags & USES_EXTENTS:
            return inode.block[: inode.size]
        runs = merged(self._map.runs(inode))
        self._directories += stored_spans(runs, inode.size, self.data.size)
        return bytes(open_runs(self.data, runs, inode.size, MAX_TARGET).all())

    # Tables

    def structure(self) -> Iterable[Span]:
        """Return superblocks, descriptors and inode tables of all groups in use, pointer and directory blocks."""
        spans = [Span(AT, AT + 1024), *self._reserved(), *self._journal(), *self._map.spans(), *self._directories]
        size = self.block.block_size
        for group in range(min(self.block.groups, self.data.size // size + 1)):
            spans += self._group_spans(group)
        end = self.data.size
        return [Span(span.start, min(span.end, end)) for span in spans if span.start < end]

    def _group_spans(self, group: int) -> Iterator[Span]:
        block = self.block
        try:
            at = block.descriptor_at(group)
            raw = self.data.read_at(at, block.descriptor_size)
        except FormatError:
            return
        yield Span(at, at + block.descriptor_size)
        high = raw[32:44] if block.descriptor_size >= 64 else bytes(12)
        lengths = (block.block_size, block.block_size, block.inodes_per_group * block.inode_size)
        for index, length in enumerate(lengths):
            field = slice(4 * index, 4 * index + 4)
            start = (
                int.from_bytes(raw[field], "little") | int.from_bytes(high[field], "little") << 32
            ) * block.block_size
            if 0 < start < self.data.size:
                yield Span(start, start + length)
        yield from self._backup(group)

    def _backup(self, group: int) -> Iterator[Span]:
        block = self.block
        start = block.group_start(group) * block.block_size
        original = self.data.read_at(AT + 104, 16)
        if group and block.has_backup(group) and self.data.read_upto(start + 104, 16) == original:
            table = block.groups * block.descriptor_size
            copied = table if self.data.read_upto(start + block.block_size, table) else 0
            yield Span(start, start + block.block_size + copied)

    def _reserved(self) -> tuple[Span, ...]:
        """Return the blocks kept for descriptors of groups to come: a file of their own holds them."""
        try:
            inode = self.inode(RESIZE)
            return stored_spans(self._map.runs(inode), inode.size, self.data.size)
        except FormatError:
            return ()

    def _journal(self) -> Iterator[Span]:
        """Yield the journal's own blocks; the copies of blocks between them belong to nobody."""
        if not self.block.journal:
            return
        try:
            runs = merged(self._map.runs(self.inode(self.block.journal)))
        except FormatError:
            return
        for run in runs:
            for at in range(run.physical, run.physical + run.length, self.block.block_size):
                if self.data.startswith(JOURNAL_MAGIC, at):
                    yield Span(at, at + self.block.block_size)


def _open_inline(content: bytes, size: int, limit: int) -> Reader:
    """Return data kept in an inode; mke2fs leaves out a tail of zeros, however long."""
    if size > limit:
        raise LimitReached(f"file of {size} bytes, {limit} are left", "max-unpacked")
    if size == len(content):
        return BufferReader(content)
    return MappedReader([Piece(len(content), BufferReader(content)), Piece(size - len(content))])


def read_ext(data: Reader) -> Contents:
    """Return the contents of the file system at the start of `data`; raises `Malformed` without a root directory."""
    image = ExtImage(data)
    if kind_of(image.inode(ROOT).mode) is not MemberKind.DIRECTORY:
        raise Malformed("ext root is no directory")
    block: ExtSuperblock = image.block
    properties = {"version": block.version, "block size": str(block.block_size), "label": block.label}
    notes = ("the journal holds changes that were never written back",) if block.incompat & RECOVER else ()
    return Contents(image.members(), image.structure, properties, notes)
