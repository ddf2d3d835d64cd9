"""xz: blocks of LZMA2 chunks, an index, a footer; streams may be joined end to end.

Format: "The .xz File Format" 1.1.0, https://tukaani.org/xz/xz-file-format.txt
The extent is found without decoding: chunk headers carry their sizes, so a stream is walked in steps of up to
64 KiB, and the index confirms what the walk saw.
"""

import lzma
from binascii import crc32
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.streams import MEMORY, STEP, Stream, pump
from inspector.formats.reader import Reader

MAGIC: Final = b"\xfd7zXZ\x00"
HEADER_SIZE: Final = 12
CHECK_SIZES: Final = (0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64)
LZMA2: Final = 0x21
MAX_NUMBER: Final = 9


def check_size(data: Reader, offset: int) -> int:
    """Return the length of the check behind each block; raises `NotThisFormat` unless the header's CRC holds."""
    head = data.read_upto(offset, HEADER_SIZE)
    if len(head) < HEADER_SIZE or head[:6] != MAGIC or head[6] or head[7] > 15:
        raise NotThisFormat("no xz stream")
    if crc32(head[6:8]) != int.from_bytes(head[8:12], "little"):
        raise NotThisFormat("xz header checksum differs")
    return CHECK_SIZES[head[7]]


def stream_length(data: Reader, offset: int) -> int:
    """Return the stored length of one stream from its chunk headers; raises `Malformed` where they break off."""
    check = check_size(data, offset)
    position = offset + HEADER_SIZE
    while data.view_at(position, 1)[0]:
        start = position
        position += _block_header(data, position)
        position = _skip_chunks(data, position)
        position += -(position - start) % 4 + check
    position = _skip_index(data, position)
    if bytes(data.view_at(position + 10, 2)) != b"YZ":
        raise Malformed("xz stream has no footer")
    return position + HEADER_SIZE - offset


def _block_header(data: Reader, offset: int) -> int:
    length = (data.view_at(offset, 1)[0] + 1) * 4
    raw = data.read_at(offset, length)
    if crc32(raw[:-4]) != int.from_bytes(raw[-4:], "little"):
        raise Malformed("xz block header checksum differs")
    return length


def _skip_chunks(data: Reader, position: int) -> int:
    """Walk LZMA2 chunks: 0 ends them, 1 and 2 are stored, from 0x80 on compressed (0xC0: with new properties)."""
    while control := data.view_at(position, 1)[0]:
        if control in (1, 2):
            position += 3 + int.from_bytes(data.view_at(position + 1, 2)) + 1
        elif control >= 0x80:
            position += 5 + int.from_bytes(data.view_at(position + 3, 2)) + 1 + (control >= 0xC0)
        else:
            raise Malformed(f"no LZMA2 chunk at {position:#x}")
    return position + 1


def _skip_index(data: Reader, start: int) -> int:
    records, position = _number(data, start + 1)
    for _ in range(min(records, data.size) * 2):
        _, position = _number(data, position)
    return position + -(position - start) % 4 + 4


def _number(data: Reader, position: int) -> tuple[int, int]:
    value = shift = 0
    for _ in range(MAX_NUMBER):
        byte = data.view_at(position, 1)[0]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, position
    raise Malformed("xz number too long")


def extent(data: Reader, offset: int) -> int:
    """Return the stored length of all streams joined at `offset`, zero padding between them included."""
    position = offset + stream_length(data, offset)
    end = position
    while True:
        position = _after_padding(data, position)
        try:
            position += stream_length(data, position)
        except (NotThisFormat, Malformed):
            return end - offset
        end = position


def _after_padding(data: Reader, position: int) -> int:
    # Padding is a multiple of four zero bytes; a long run of them is flash, not padding.
    zeros = data.read_upto(position, 1024)
    return position + (len(zeros) - len(zeros.lstrip(b"\0"))) // 4 * 4


def unxz(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode all streams joined at `offset`."""
    check_size(data, offset)
    position = offset
    while data.startswith(MAGIC, position):
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)
        position += yield from pump(decoder, data, position, step)
        end, position = position, _after_padding(data, position)
    return end - offset
