"""CHK, Netgear's wrapper of kernel and root file system.

Format: OpenWrt firmware-utils `mkchkimg` (header, and the checksum with its two folded sums).
Limits: none known.
"""

from itertools import accumulate
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct(">4sI8s6I")
MAGIC: Final = b"*#$^"
MOST_BOARD_NAME: Final = 64


def parse_chk(data: Reader) -> Image:
    """Return kernel and root file system; `NotThisFormat` where the header's own checksum differs."""
    header_at(data, HEADER.size, "a CHK header")
    magic, size, _, kernel_sum, rootfs_sum, kernel, rootfs, _, header_sum = data.unpack_at(0, HEADER)
    if magic != MAGIC or not HEADER.size <= size <= HEADER.size + MOST_BOARD_NAME or size > data.size:
        raise NotThisFormat("no CHK header")
    raw = bytearray(data.view_at(0, size))
    raw[36:40] = bytes(4)
    if netgear_checksum(raw) != header_sum:
        raise NotThisFormat("CHK header checksum differs")
    end = size + kernel + rootfs
    if end > data.size:
        raise Malformed(f"CHK image of {end} bytes, {data.size} there")
    members = []
    for name, start, length, checksum in (
        ("kernel", size, kernel, kernel_sum),
        ("rootfs", size + kernel, rootfs, rootfs_sum),
    ):
        if length:
            right = netgear_checksum(data.view_at(start, length)) == checksum
            notes = () if right else ("checksum differs",)
            members.append(stored(data, name, start, start + length, notes=notes))
    return Image(end, tuple(members), (Span(0, size),), {"board": text(bytes(raw[HEADER.size :]))})


def netgear_checksum(raw: bytes | bytearray | memoryview) -> int:
    """Return the 32-bit checksum: plain sum and sum of the running sums, each folded to 16 bits."""
    plain = sum(raw)
    running = sum(accumulate(raw))
    low, high = (_fold(value & 0xFFFFFFFF) for value in (plain, running))
    return high << 16 | low


def _fold(value: int) -> int:
    half = (value & 0xFFFF) + (value >> 16)
    return (half & 0xFFFF) + (half >> 16) & 0xFFFF
