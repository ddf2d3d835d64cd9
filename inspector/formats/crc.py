"""Checksums that the standard library has not."""

from functools import cache, reduce


def crc32_forward(raw: bytes) -> int:
    """Return the CRC-32 of polynomial 0x04c11db7, nothing reflected, starting from zero (RFC 3533, 6; QNX6)."""
    table, crc = _table(), 0
    for byte in raw:
        crc = crc << 8 & 0xFFFFFFFF ^ table[crc >> 24 ^ byte]
    return crc


@cache
def _table() -> tuple[int, ...]:
    def shifted(crc: int, _: int) -> int:
        return (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF

    return tuple(reduce(shifted, range(8), byte << 24) for byte in range(256))
