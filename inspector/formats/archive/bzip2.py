"""bzip2: blocks of bits that start with the digits of pi and end with those of its square root.

Format: J. Tsai, "BZIP2 format specification", https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf
"""

from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.codec.streams import STEP, Stream, bunzip2
from inspector.formats.reader import Reader

BLOCK: Final = bytes.fromhex("314159265359")
END: Final = 0x177245385090
END_BITS: Final = 48 + 32
"""End mark and combined checksum, in bits; up to seven zero bits follow."""


def check_header(data: Reader, offset: int = 0) -> None:
    """Raise `NotThisFormat` unless a stream header and the first block (or the end mark) stand at `offset`."""
    head = data.read_upto(offset, 10)
    if head[:3] != b"BZh" or not b"1" <= head[3:4] <= b"9" or head[4:] not in (BLOCK, END.to_bytes(6)):
        raise NotThisFormat("no bzip2 stream")


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one or more streams joined end to end."""
    check_header(data, offset)
    position = offset + (yield from bunzip2(data, offset, step))
    while data.startswith(b"BZh", position):
        try:
            check_header(data, position)
        except NotThisFormat:
            break
        position += yield from bunzip2(data, position, step)
    return position - offset


def ends_with_data(data: Reader, offset: int) -> bool:
    """Tell whether an end mark stands, at any bit, just before the end of `data`: 48 bits leave no room for chance."""
    tail = int.from_bytes(data.read_at(data.size - 11, 11)) if data.size - offset >= 14 else 0
    return any((tail >> (END_BITS - 48 + shift)) & (1 << 48) - 1 == END for shift in range(8))
