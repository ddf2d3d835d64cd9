"""Inodes and directories of squashfs 4, and the shape into which every version's inodes are brought."""

import sys
from array import array
from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import LimitReached, Malformed
from inspector.formats.filesystem.squashfs.metadata import Cursor
from inspector.formats.filesystem.squashfs.superblock import Order
from inspector.formats.layout import MemberKind

NO_FRAGMENT: Final = 0xFFFFFFFF
MAX_BLOCKS: Final = 1 << 22
MAX_TARGET: Final = 1 << 16
KINDS: Final = (
    MemberKind.DIRECTORY, MemberKind.FILE, MemberKind.SYMLINK, MemberKind.DEVICE, MemberKind.DEVICE,
    MemberKind.FIFO, MemberKind.SOCKET,
)  # fmt: skip
"""In the order of the type numbers, which start at 1; the extended forms repeat it 7 higher."""


class Inode(NamedTuple):
    """One inode of any version."""

    kind: MemberKind
    mode: int
    size: int = 0
    """Bytes of a file, or of a directory's listing."""
    start: int = 0
    """File: offset of its first block in the image. Directory: offset of its listing's block in the directory table."""
    blocks: "array[int] | tuple[()]" = ()
    """Stored size of each block; bit 24 means stored as it is, 0 a hole."""
    fragment: int = NO_FRAGMENT
    offset: int = 0
    """Where the tail starts in the fragment, or the listing in its decoded metadata block."""
    target: bytes = b""


class DirectoryEntry(NamedTuple):
    """One name of a directory; `reference` finds its inode as in `Superblock.root`."""

    name: bytes
    reference: int
    directory: bool


class Layout4:
    """Structures of version 4. Big-endian images of version 4 exist only as vendor builds."""

    def __init__(self, order: Order, block_size: int) -> None:
        self._order = order
        self._block_size = block_size
        self._base = Struct(order + "HHHHII")
        self._directory = Struct(order + "IIHHI")
        self._file = Struct(order + "IIII")
        self._two = Struct(order + "II")
        self._long_directory = Struct(order + "IIIIHHI")
        self._long_file = Struct(order + "QQQIIII")
        self._header = Struct(order + "III")
        self._entry = Struct(order + "HhHH")

    def inode(self, cursor: Cursor) -> Inode:
        """Return the inode at `cursor`; raises `Malformed` for a type that does not exist."""
        number, mode, *_ = cursor.unpack(self._base)
        if not 1 <= number <= 14:
            raise Malformed(f"squashfs inode type {number}")
        long, kind = number > 7, KINDS[(number - 1) % 7]
        if kind is MemberKind.FILE:
            return self._read_file(cursor, mode, long)
        if kind is MemberKind.DIRECTORY:
            return self._read_directory(cursor, mode, long)
        if kind is MemberKind.SYMLINK:
            _, length = cursor.unpack(self._two)
            return Inode(kind, mode, target=cursor.take(min(length, MAX_TARGET)))
        return Inode(kind, mode)

    def _read_file(self, cursor: Cursor, mode: int, long: bool) -> Inode:
        if long:
            start, size, _, _, fragment, offset, _ = cursor.unpack(self._long_file)
        else:
            start, fragment, offset, size = cursor.unpack(self._file)
        blocks = block_list(cursor, self._order, size, self._block_size, fragment)
        return Inode(MemberKind.FILE, mode, size, start, blocks, fragment, offset)

    def _read_directory(self, cursor: Cursor, mode: int, long: bool) -> Inode:
        if long:
            _, size, start, _, _, offset, _ = cursor.unpack(self._long_directory)
        else:
            start, _, size, offset, _ = cursor.unpack(self._directory)
        # The size counts 3 bytes for the `.` and `..` that are not stored.
        return Inode(MemberKind.DIRECTORY, mode, max(size - 3, 0), start, offset=offset)

    def directory(self, cursor: Cursor, size: int) -> Iterator[DirectoryEntry]:
        """Yield the entries of a listing of `size` bytes: runs of up to 256 entries behind a header each."""
        while size > 0:
            count, start, _ = cursor.unpack(self._header)
            if count >= 256:
                raise Malformed("squashfs directory run is too long")
            size -= self._header.size
            for _ in range(count + 1):
                offset, _, kind, length = cursor.unpack(self._entry)
                name = cursor.take((length & 0xFF) + 1)
                size -= self._entry.size + len(name)
                yield DirectoryEntry(name, start << 16 | offset, kind in (1, 8))


def block_list(cursor: Cursor, order: Order, size: int, block_size: int, fragment: int) -> "array[int]":
    """Return the stored sizes that follow a file's inode; the tail has none when it lies in a fragment."""
    count = size // block_size if fragment != NO_FRAGMENT else -(-size // block_size)
    if count > MAX_BLOCKS:
        raise LimitReached(f"file of {size} bytes in a squashfs image", "max-unpacked")
    blocks = array("I", cursor.take(4 * count))
    if (order == "<") != (sys.byteorder == "little"):
        blocks.byteswap()
    return blocks
