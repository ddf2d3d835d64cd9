"""zlib streams: two header bytes, deflate data, a checksum.

Format: RFC 1950. Two bytes prove nothing; a stream counts only when all of it decodes and its checksum holds.
Limits: streams with a preset dictionary.
"""

from typing import Final

from isal import igzip_lib

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.reader import Reader
from inspector.formats.streams import STEP, Stream, pump

HEADERS: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
"""A 32 KiB window at the four levels; other windows are legal and rare."""
PRESET: Final = 0x20


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless a header without preset dictionary and with a right check stands at `offset`."""
    head = data.read_upto(offset, 3)
    if len(head) < 3 or head[0] & 15 != 8 or head[0] >> 4 > 7 or int.from_bytes(head[:2]) % 31 or head[1] & PRESET:
        raise NotThisFormat("no zlib header")
    if head[2] >> 1 & 3 == 3:
        raise NotThisFormat("no deflate block behind the zlib header")


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one zlib stream; raises `Malformed` at its end when the checksum differs."""
    check_header(data, offset)
    return (yield from pump(igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB), data, offset, step))


def length(data: Reader, offset: int) -> int:
    """Return the stored length of a whole stream that decodes to something and whose checksum holds.

    Raises `NotThisFormat` otherwise: nothing less tells a stream from chance.
    """
    produced, stream = 0, decompress(data, offset)
    while True:
        try:
            produced += len(next(stream))
        except StopIteration as done:
            if not produced:
                raise NotThisFormat("empty zlib stream") from None
            return int(done.value)
        except Malformed as error:
            raise NotThisFormat("zlib stream does not decode") from error
