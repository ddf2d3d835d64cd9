"""Inodes and directories of squashfs 1 to 3, which are packed bit fields.

Little-endian images fill them from the low end, big-endian ones from the high end, so one list of widths serves both.
"""

import sys
from array import array
from collections.abc import Iterator
from typing import Final

from inspector.errors import LimitReached, Malformed
from inspector.formats.filesystem.squashfs.inodes import (
    KINDS,
    MAX_BLOCKS,
    NO_FRAGMENT,
    DirectoryEntry,
    Inode,
    block_list,
)
from inspector.formats.filesystem.squashfs.metadata import Cursor
from inspector.formats.filesystem.squashfs.superblock import Order
from inspector.formats.layout import MemberKind

TYPE_LONG_DIRECTORY: Final = 8
TYPE_LONG_FILE: Final = 9
UNCOMPRESSED_1: Final = 0x8000
UNCOMPRESSED: Final = 1 << 24
NO_BLOCKS: Final = ()


class Bits:
    """Unsigned fields of the given widths in bits, packed without gaps."""

    def __init__(self, order: Order, *widths: int) -> None:
        total = sum(widths)
        self.size = total // 8
        self._order: Final = "little" if order == "<" else "big"
        shifts, at = [], 0
        for width in widths:
            shifts.append(at if order == "<" else total - at - width)
            at += width
        self._fields = [(shift, (1 << width) - 1) for shift, width in zip(shifts, widths, strict=True)]

    def read(self, cursor: Cursor) -> list[int]:
        """Return the fields at `cursor`, which moves behind them."""
        raw = cursor.take(self.size)
        value = int.from_bytes(raw, "little") if self._order == "little" else int.from_bytes(raw, "big")
        return [value >> shift & mask for shift, mask in self._fields]


class LegacyLayout:
    """Structures of versions 1 to 3; the interface is that of `Layout4`."""

    def __init__(self, order: Order, block_size: int, major: int) -> None:
        self._order = order
        self._block_size = block_size
        self._major = major
        owner = (4, 4) if major == 1 else (8, 8)
        inode = (32, 32) if major == 3 else ()  # mtime and number stand in every inode of version 3
        self._base = Bits(order, 4, 12, *owner, *inode)
        links = (32,) if major == 3 else ()
        self._symlink = Bits(order, *links, 16)
        if major == 3:
            self._file = Bits(order, 64, 32, 32, 32)
            self._long_file = Bits(order, 32, 64, 32, 32, 64)
            self._directory = Bits(order, 32, 19, 13, 32, 32)
            self._long_directory = Bits(order, 32, 27, 13, 32, 16, 32)
            self._header = Bits(order, 8, 32, 32)
            self._entry = Bits(order, 13, 3, 8, 16)
        else:
            self._file = Bits(order, 32, 32, 32) if major == 1 else Bits(order, 32, 32, 32, 32, 32)
            self._directory = Bits(order, 19, 13, 32, 24)
            self._long_directory = Bits(order, 27, 13, 32, 24, 16)
            self._header = Bits(order, 8, 24)
            self._entry = Bits(order, 13, 3, 8)

    def inode(self, cursor: Cursor) -> Inode:
        """Return the inode at `cursor`; raises `Malformed` for a type that this version does not have."""
        number, mode, *_ = self._base.read(cursor)
        if self._major == 1:
            # Version 1 keeps an owner range in the type: five types, three times over; 0 is a pipe or socket.
            number = (number - 1) % 5 + 1 if number else 6
        if not 1 <= number <= TYPE_LONG_FILE or (number == TYPE_LONG_FILE and self._major < 3):
            raise Malformed(f"squashfs {self._major} inode type {number}")
        kind = KINDS[(number - 1) % 7]
        if kind is MemberKind.FILE:
            return self._read_file(cursor, mode, long=number == TYPE_LONG_FILE)
        if kind is MemberKind.DIRECTORY:
            return self._read_directory(cursor, mode, long=number == TYPE_LONG_DIRECTORY)
        if kind is MemberKind.SYMLINK:
            return Inode(kind, mode, target=cursor.take(self._symlink.read(cursor)[-1]))
        return Inode(kind, mode)

    def _read_file(self, cursor: Cursor, mode: int, *, long: bool) -> Inode:
        if self._major == 1:
            _, start, size = self._file.read(cursor)
            return Inode(MemberKind.FILE, mode, size, start, self._short_blocks(cursor, size))
        if long:
            _, start, fragment, offset, size = self._long_file.read(cursor)
        else:
            start, fragment, offset, size = self._file.read(cursor)[-4:]
        blocks = block_list(cursor, self._order, size, self._block_size, fragment)
        return Inode(MemberKind.FILE, mode, size, start, blocks, fragment, offset)

    def _short_blocks(self, cursor: Cursor, size: int) -> "array[int]":
        count = -(-size // self._block_size)
        if count > MAX_BLOCKS:
            raise LimitReached(f"file of {size} bytes in a squashfs image", "max-unpacked")
        words = array("H", cursor.take(2 * count))
        if (self._order == "<") != (sys.byteorder == "little"):
            words.byteswap()
        return array("I", [_widen(word) for word in words])

    def _read_directory(self, cursor: Cursor, mode: int, *, long: bool) -> Inode:
        fields = (self._long_directory if long else self._directory).read(cursor)
        # Version 3 has its link count first, and its time in the base; before, the time stands in the middle.
        size, offset, start = fields[1:4] if self._major == 3 else (fields[0], fields[1], fields[3])
        return Inode(MemberKind.DIRECTORY, mode, size, start, NO_BLOCKS, NO_FRAGMENT, offset)

    def directory(self, cursor: Cursor, size: int) -> Iterator[DirectoryEntry]:
        """Yield the entries of a listing; some writers count 3 bytes too many, fewer than a header needs."""
        while size >= self._header.size:
            count, start, *_ = self._header.read(cursor)
            size -= self._header.size
            for _ in range(count + 1):
                offset, kind, length, *_ = self._entry.read(cursor)
                name = cursor.take(length + 1)
                size -= self._entry.size + len(name)
                yield DirectoryEntry(name, start << 16 | offset, kind == 1)


def _widen(word: int) -> int:
    """Bring a block's stored size into the later form; a length of 0 means the full 32 KiB."""
    length = word & ~UNCOMPRESSED_1 or UNCOMPRESSED_1
    return length | (UNCOMPRESSED if word & UNCOMPRESSED_1 else 0)
