"""Unix compress (.Z): LZW with codes that grow from 9 bits.

Format: ncompress documentation and its header (`compress(1)`); codes come in groups of eight of one width.
Limits: the stream has no end mark: it reaches to the end of the data; with codes of 9 bits at most it is read
until its table is full, for programs disagree on what follows.
"""

from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader

MAGIC: Final = b"\x1f\x9d"
BLOCK_MODE: Final = 0x80
CLEAR: Final = 256
FIRST_WIDTH: Final = 9
WIDEST: Final = 16


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless magic and flags hold."""
    head = data.read_upto(offset, 5)
    if len(head) < 5 or not head.startswith(MAGIC) or not FIRST_WIDTH <= head[2] & 31 <= WIDEST or head[2] & 0x60:
        raise NotThisFormat("no compress stream")
    if int.from_bytes(head[3:5], "little") & 0x1FF > 255:
        raise NotThisFormat("compress stream does not begin with a byte")


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode everything from `offset` to the end of the data."""
    check_header(data, offset)
    flags = data.view_at(offset + 2, 1)[0]
    most, blocks = flags & 31, bool(flags & BLOCK_MODE)
    single = [bytes([value]) for value in range(256)]
    table = [*single, b""] if blocks else single.copy()
    width, position, last, out = FIRST_WIDTH, offset + 3, b"", bytearray()
    while position < data.size:
        # Eight codes of one width fill as many bytes as the width has bits; what is left of a group is skipped.
        group = data.read_upto(position, width)
        position += len(group)
        bits = int.from_bytes(group, "little")
        for _ in range(len(group) * 8 // width):
            code, bits = bits & (1 << width) - 1, bits >> width
            if code == CLEAR and blocks:
                del table[257:]
                width, last = FIRST_WIDTH, b""
                break
            entry = _entry(code, table, last)
            out += entry
            if last and len(table) < 1 << most:
                table.append(last + entry[:1])
            last = entry
            if most == FIRST_WIDTH and len(table) == 1 << most:
                raise Unsupported("compress with codes of 9 bits and a full table")
            if len(table) >= 1 << width and width < most:
                width += 1
                break
        if len(out) >= step:
            yield bytes(out)
            out.clear()
    if out:
        yield bytes(out)
    return data.size - offset


def _entry(code: int, table: list[bytes], last: bytes) -> bytes:
    """Return what a code stands for; the one that is only about to be made repeats the last text's first byte."""
    if code < len(table):
        return table[code]
    if code == len(table) and last:
        return last + last[:1]
    raise Malformed(f"compress stream has code {code} of {len(table)}")
