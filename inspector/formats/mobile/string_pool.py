"""The string pool of Android's compiled resources: shared by binary XML and resource tables.

Format: AOSP frameworks/base `ResourceTypes.h`, `ResStringPool_header`.
Limits: spans of styled strings are not kept.
"""

import re
from bisect import bisect_right
from functools import cached_property
from struct import Struct, unpack_from
from typing import Final

from inspector.errors import Malformed

CHUNK: Final = Struct("<HHI")
HEADER: Final = Struct("<HHI5I")
POOL_TYPE: Final = 0x0001
UTF8_FLAG: Final = 0x100
_WORDS_8: Final = re.compile(rb"[!-~]{8,512}\0")
_WORDS_16: Final = re.compile(rb"(?:[!-~]\0){8,512}\0\0")
_CONSTANT: Final = re.compile(r"(?!res/)(?=.*[0-9.:])[!-~]{8,512}")
LONGEST: Final = 1 << 16
"""Characters decoded of one string; the runtime itself stores lengths in 15 or 31 bits."""


class StringPool:
    """Strings by index, decoded when asked for; the claimed count is clamped to what the chunk can hold."""

    def __init__(self, raw: bytes, start: int) -> None:
        """Read the header at `start`; `Malformed` where it does not fit."""
        if start + HEADER.size > len(raw):
            raise Malformed("string pool cut short")
        _, header_size, size, claimed, _, flags, strings, _ = HEADER.unpack_from(raw, start)
        self._raw = raw
        self._end = min(start + size, len(raw)) if size >= HEADER.size else len(raw)
        self._index = start + max(header_size, HEADER.size)
        self._strings = start + strings
        self._utf8 = bool(flags & UTF8_FLAG)
        room = max(0, min(self._end, self._strings if strings else self._end) - self._index) // 4
        self.count: Final[int] = min(claimed, room)
        self.notes: Final = (f"string pool claims {claimed} strings, room for {room}",) if claimed > room else ()
        self.size: Final = size

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> str:
        """Return a string; empty for an index outside the pool or data outside the chunk."""
        if not 0 <= index < self.count:
            return ""
        start = self._strings + unpack_from("<I", self._raw, self._index + 4 * index)[0]
        if start + 2 > self._end:
            return ""
        return self._utf8_at(start) if self._utf8 else self._utf16_at(start)

    def index_at(self, offset: int) -> int:
        """Return the string that holds the byte at `offset` of the file, or -1."""
        order, starts = self._order
        row = bisect_right(starts, offset - self._strings) - 1
        if row < 0 or offset >= self._end:
            return -1
        return order[row]

    def constants(self, most: int) -> frozenset[int]:
        """Return the indices of strings in one word that hold a digit, dot or colon: addresses, keys; `most` of them.

        Paths of resources are left out.
        """
        pattern = _WORDS_8 if self._utf8 else _WORDS_16
        found = set[int]()
        for match in pattern.finditer(self._raw, self._strings, self._end):
            index = self.index_at(match.end() - 3)
            if _CONSTANT.fullmatch(self[index]):
                found.add(index)
                if len(found) >= most:
                    break
        return frozenset(found)

    @cached_property
    def _order(self) -> tuple[list[int], list[int]]:
        """String indices by where they stand, and those places relative to the data."""
        offsets = unpack_from(f"<{self.count}I", self._raw, self._index) if self.count else ()
        order = sorted(range(self.count), key=offsets.__getitem__)
        return order, [offsets[index] for index in order]

    def _utf8_at(self, start: int) -> str:
        # Two lengths of one or two bytes: UTF-16 units, then bytes.
        raw = self._raw
        start += 2 if raw[start] & 0x80 else 1
        if start + 2 > self._end:
            return ""
        length = raw[start]
        start += 1
        if length & 0x80:
            length = (length & 0x7F) << 8 | raw[start]
            start += 1
        return raw[start : min(start + length, self._end)].decode("utf-8", "replace")

    def _utf16_at(self, start: int) -> str:
        (length,) = unpack_from("<H", self._raw, start)
        start += 2
        if length & 0x8000:
            if start + 2 > self._end:
                return ""
            length = (length & 0x7FFF) << 16 | unpack_from("<H", self._raw, start)[0]
            start += 2
        stop = min(start + 2 * min(length, LONGEST), self._end)
        return self._raw[start:stop].decode("utf-16-le", "replace")
