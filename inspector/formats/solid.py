"""Members that are slices of one decoded block, as solid archives keep them.

The last block is kept while its members are read one after another, so each is decoded once.
"""

from collections.abc import Callable

from inspector.errors import LimitReached, Malformed
from inspector.formats.reader import Reader

Decode = Callable[[int], Reader]
"""Decode a whole block; takes the most decoded bytes allowed."""


class LastBlock:
    """Decodes blocks on demand and keeps the last one; one instance for each archive that is read."""

    def __init__(self) -> None:
        self._key = -1
        self._block: Reader | None = None

    def member(self, key: int, decode: Decode, start: int, size: int, limit: int) -> Reader:
        """Return `size` bytes at `start` of block `key`; a damaged block gives what it has, with its damage."""
        if size > limit:
            raise LimitReached(f"{size} bytes, {limit} allowed")
        block = self.whole(key, decode, limit)
        end = min(start + size, block.size)
        if block.damage is not None and end <= start < start + size:
            raise block.damage
        content = block.slice(min(start, end), end)
        if end < start + size:
            content.damage = block.damage or Malformed("block is shorter than its members")
        return content

    def whole(self, key: int, decode: Decode, limit: int) -> Reader:
        """Return block `key`, of which not more than `limit` bytes are decoded."""
        if self._block is None or self._key != key:
            self._block = None  # two blocks are never held together
            self._block, self._key = decode(limit), key
        return self._block
