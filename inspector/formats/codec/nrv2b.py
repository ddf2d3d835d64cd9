"""NRV2B, the packing of UCL that takes its bits from whole bytes: blocks of QNX images and programs.

Format: the description of the bit stream in Markus Oberhumer's UCL documentation and in unblob's reader (MIT).
Limits: decoded in Python, about one megabyte a second.
"""

from typing import Final

from inspector.errors import Malformed
from inspector.formats.codec.prefixcode import repeat
from inspector.formats.reader import Buffer

END: Final = 0xFFFFFFFF
FAR: Final = 0xD00
"""Matches from further back are one byte longer than coded."""
LARGEST_HEAD: Final = 0x1000002
"""Upper part of a distance, as coded; the end mark has this one."""


ONES: Final = bytes(8 - (byte ^ 0xFF).bit_length() for byte in range(256))
"""How many one bits a byte begins with."""


def un_nrv2b(stored: Buffer, limit: int) -> bytes:
    """Decode one block that fills `stored`; raises `Malformed` for damage or for more than `limit` bytes."""
    stream = _Stream(bytes(stored))
    try:
        out = stream.decoded(limit)
    except IndexError as error:
        raise Malformed("NRV2B block ends early") from error
    if len(out) > limit:
        raise Malformed(f"block decodes to more than {limit} bytes")
    if not stream.at_end:
        raise Malformed("NRV2B block goes on behind its end mark")
    return bytes(out)


class _Stream:
    """Bits and bytes of a block, which stand among each other: a byte of bits where its first bit is wanted."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = self._hold = self._left = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)

    def decoded(self, limit: int) -> bytearray:
        """Return what the block holds up to its end mark, or somewhat more than `limit` bytes."""
        out, last = bytearray(), 1
        while len(out) <= limit:
            self._literals(out)
            distance = self._number(LARGEST_HEAD)
            if distance == 2:
                distance = last
            else:
                distance = (distance - 3 << 8) + self._data[self._at]
                self._at += 1
                if distance == END:
                    break
                distance += 1
                last = distance
            length = self._pair() or self._number(limit) + 2
            length += 2 if distance > FAR else 1
            if len(out) + length > limit:
                raise Malformed(f"block decodes to more than {limit} bytes")
            repeat(out, distance, length, "NRV2B")
        return out

    def _literals(self, out: bytearray) -> None:
        """Append a byte for each one bit up to the next zero bit."""
        while True:
            if not self._left:
                self._hold, self._left = self._data[self._at], 8
                self._at += 1
            count = ONES[self._hold << 8 - self._left & 0xFF]
            end = self._at + count
            if end > len(self._data):
                raise Malformed("NRV2B block ends early")
            out += self._data[self._at : end]
            self._at, self._left = end, self._left - count
            if self._left:
                self._left -= 1
                return

    def _pair(self) -> int:
        """Return the next two bits."""
        if self._left < 2:
            self._hold = (self._hold & 1) << 8 | self._data[self._at]
            self._left += 8
            self._at += 1
        self._left -= 2
        return self._hold >> self._left & 3

    def _number(self, most: int) -> int:
        """Return a number of at least two, coded as pairs of one bit of it and one that tells whether it ends."""
        number = 1
        while number <= most:
            pair = self._pair()
            number = number << 1 | pair >> 1
            if pair & 1:
                return number
        raise Malformed("NRV2B number is too large")
