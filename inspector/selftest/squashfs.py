"""Maker of squashfs images that no packer would write: names that climb, one name for a link and a folder.

Version 4, everything stored uncompressed in one metadata block: enough for a few hundred small files.
"""

import struct
from collections.abc import Sequence

Tree = Sequence[tuple[bytes, "bytes | str | Tree"]]
"""(name, what it is): bytes of a file, target of a symbolic link, or the entries of a folder."""
_FOLDER, _FILE, _LINK = 1, 2, 3
_STORED = 1 << 24
"""Marks a data block that is not compressed."""
_NONE = (1 << 64) - 1


class _Image:
    def __init__(self) -> None:
        self.data = bytearray(96)
        self.inodes = bytearray()
        self.listings = bytearray()
        self.count = 0

    def add(self, node: "bytes | str | Tree") -> tuple[int, int, int]:
        """Append a node with all below it; return (kind, offset of its inode, number)."""
        if isinstance(node, bytes):
            start = len(self.data)
            self.data += node
            blocks = struct.pack("<I", len(node) | _STORED) if node else b""
            return self._inode(_FILE, struct.pack("<4I", start, 0xFFFFFFFF, 0, len(node)) + blocks)
        if isinstance(node, str):
            target = node.encode()
            return self._inode(_LINK, struct.pack("<2I", 1, len(target)) + target)
        entries = [(name, self.add(child)) for name, child in node]
        at = len(self.listings)
        if entries:
            self.listings += struct.pack("<3I", len(entries) - 1, 0, 0)
        for name, (kind, offset, number) in entries:
            self.listings += struct.pack("<HhHH", offset, number, kind, len(name) - 1) + name
        size = len(self.listings) - at + 3
        return self._inode(_FOLDER, struct.pack("<IIHHI", 0, 2, size, at, 0))

    def _inode(self, kind: int, rest: bytes) -> tuple[int, int, int]:
        self.count += 1
        at = len(self.inodes)
        self.inodes += struct.pack("<HHHHII", kind, 0o755, 0, 0, 0, self.count) + rest
        return kind, at, self.count


def squashfs_of(tree: Tree) -> bytes:
    """Return an image with exactly these names, in this order."""
    image = _Image()
    _, root, _ = image.add(tree)
    body = bytes(image.data[96:])
    inodes_at = 96 + len(body)
    listings_at = inodes_at + 2 + len(image.inodes)
    ids_at = listings_at + 2 + len(image.listings)
    tail = _block(image.inodes) + _block(image.listings) + _block(bytes(4)) + struct.pack("<Q", ids_at)
    pointers_at = ids_at + 6
    head = struct.pack("<4s4I6H", b"hsqs", image.count, 0, 1 << 17, 0, 1, 17, 0, 1, 4, 0)
    head += struct.pack(
        "<8Q", root, 96 + len(body) + len(tail), pointers_at, _NONE, inodes_at, listings_at, _NONE, _NONE
    )
    return head + body + tail


def _block(content: bytes | bytearray) -> bytes:
    return struct.pack("<H", len(content) | 0x8000) + content
