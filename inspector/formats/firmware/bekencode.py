"""Program flash of Beken BK7231 chips: a checksum behind each 32 bytes, under the key that most devices share.

Format: ltchiptool and bk7231tools (units of 34 bytes with CRC-16, a word stream that depends on the address alone);
the four words of the key stand in Beken's own build scripts and are those of Tuya's CB and WB modules.
Limits: programs under the key of another maker are not told; raw partitions behind the program are not part.
"""

from array import array
from struct import Struct
from sys import byteorder
from typing import Final

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

UNIT: Final = 32
STORED_UNIT: Final = 34
BLANK: Final = b"\xff" * STORED_UNIT
FEWEST_UNITS: Final = 64
KEY: Final = (0x510FB093, 0xA3CBEADC, 0x5993A17E, 0xC7ADEB03)
MIXED: Final = 0xE519A4F1
POLYNOMIAL: Final = 0x8005
STARTS: Final = (0, 0x10000)
"""Addresses of the boot loader, which a dump begins with, and of the program alone."""
VECTORS: Final = Struct("<8I")
VECTOR_CODES: Final = (0xEA, 0xE5, 0xE1, 0xE3)
"""Top bytes of the ARM instructions that stand in a vector table: branches, loads, moves."""


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ POLYNOMIAL if crc & 0x8000 else crc << 1) & 0xFFFF
        table.append(crc)
    return tuple(table)


CRC_TABLE: Final = _crc_table()


def crc16(unit: bytes | memoryview) -> int:
    """Return the checksum of a unit: CRC-16 with polynomial 0x8005, starting from all ones, nothing reflected."""
    crc = 0xFFFF
    for byte in unit:
        crc = (crc << 8 & 0xFFFF) ^ CRC_TABLE[crc >> 8 ^ byte]
    return crc


def _units(data: Reader) -> int:
    """Return how many units in a row, erased ones between them, begin the data; the last one is not erased."""
    count = 0
    limit = data.size // STORED_UNIT
    window = 1024
    for first in range(0, limit, window):
        here = min(window, limit - first)
        raw = data.read_at(first * STORED_UNIT, here * STORED_UNIT)
        for index in range(here):
            unit = raw[index * STORED_UNIT : (index + 1) * STORED_UNIT]
            if unit == BLANK:
                continue
            if crc16(unit[:UNIT]) != int.from_bytes(unit[UNIT:], "big"):
                return count
            count = first + index + 1
    return count


def parse_beken_code(data: Reader) -> Image:
    """Return the program with checksums and cipher taken off; units that are not whole end it."""
    if data.size < FEWEST_UNITS * STORED_UNIT or data.startswith(BLANK):
        raise NotThisFormat("too short for Beken program flash")
    if crc16(data.view_at(0, UNIT)) != int.from_bytes(data.view_at(UNIT, 2), "big"):
        raise NotThisFormat("no Beken program flash")
    count = _units(data)
    if count < FEWEST_UNITS:
        raise NotThisFormat("no Beken program flash")
    end = count * STORED_UNIT
    head = data.read_at(0, UNIT)
    if _is_program(head):
        start = None
    else:
        start = next((at for at in STARTS if _is_program(_decrypted(head, at))), -1)
    properties = {"checksums": "CRC-16 of each 32 bytes", "encryption": "none" if start is None else "published key"}
    if start == -1:
        raise NotThisFormat("no Beken program under a known key")

    def open_program(limit: int) -> Reader:
        if count * UNIT > limit:
            raise LimitReached(f"{count * UNIT} bytes, {limit} allowed")
        return BufferReader(_program(data, count, start))

    return Image(end, (Member("program", open_program, (Span(0, end),), count * UNIT),), (), properties)


def _is_program(head: bytes) -> bool:
    return sum(word >> 24 in VECTOR_CODES for word in VECTORS.unpack(head)) >= 5


def _program(data: Reader, count: int, start: int | None) -> bytes:
    raw = data.read_at(0, count * STORED_UNIT)
    stored = [raw[at : at + STORED_UNIT] for at in range(0, len(raw), STORED_UNIT)]
    plain = b"".join(unit[:UNIT] for unit in stored)
    if start is None:
        return plain
    out = bytearray(_decrypted(plain, start))
    for index, unit in enumerate(stored):
        if unit == BLANK:
            out[index * UNIT : (index + 1) * UNIT] = BLANK[:UNIT]
    return bytes(out)


def _decrypted(raw: bytes, start: int) -> bytes:
    """Return the words under the key stream; with this key only the stream of 32 bits and the third word count."""
    words = array("I", raw)
    if byteorder == "big":
        words.byteswap()
    first, last = KEY[0], KEY[2]
    for index, word in enumerate(words):
        address = start + 4 * index
        mixed = (address >> 8 | address << 24 & 0xFF000000) ^ first
        turned = (mixed >> 15 | mixed << 17) & 0xFFFFFFFF
        words[index] = word ^ turned ^ (mixed >> 2 & 15) * 0x11111111 & MIXED ^ last
    if byteorder == "big":
        words.byteswap()
    return words.tobytes()


def first_bytes() -> tuple[bytes, ...]:
    """Return what the fourth byte of a program may be, plain and under the key: the top byte of its first vector."""
    masks = [0, *(_decrypted(bytes(4), start)[3] for start in STARTS)]
    return tuple(sorted({bytes([code ^ mask]) for code in VECTOR_CODES for mask in masks}))
