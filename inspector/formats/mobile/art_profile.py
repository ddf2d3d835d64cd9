"""ART profiles (`baseline.prof`, `baseline.profm`): which methods to compile at installation, compressed with zlib.

Format: AOSP art/libprofile `profile_compilation_info.cc`; androidx `ProfileTranscoder.java`.
Limits: versions whose body is not one zlib stream behind the header are handed over as they are.
"""

import zlib
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import BufferReader, Reader, Span

MAGICS: Final = (b"pro\0", b"prm\0")
HEADER: Final = 8
SIZES: Final = Struct("<II")
LARGEST: Final = 1 << 26


def _body(data: Reader, offset: int) -> tuple[int, int]:
    """Return where the compressed body starts and its length."""
    version = data.read_upto(offset + 4, 4)
    if not data.startswith(MAGICS[0], offset) and not data.startswith(MAGICS[1], offset):
        raise NotThisFormat("no ART profile")
    if len(version) < 4 or not version[:3].isdigit() or version[3]:
        raise NotThisFormat("no ART profile version")
    # A count of DEX files stands before the sizes, of one byte or two by version.
    for start in (offset + HEADER + 1, offset + HEADER + 2):
        if start + SIZES.size > data.size:
            continue
        _, length = data.unpack_at(start, SIZES)
        at = start + SIZES.size
        if 0 < length <= data.size - at and data.startswith(b"\x78", at):
            return at, length
    raise NotThisFormat("ART profile without compressed body")


def profile_span(data: Reader, offset: int) -> Span:
    """Return the extent of a profile; `NotThisFormat` unless a zlib stream of the stated length follows the header."""
    at, length = _body(data, offset)
    return Span(offset, at + length)


def read_profile(data: Reader) -> Contents:
    """Return the decompressed body as member `profile`."""
    at, length = _body(data, 0)

    def decode(limit: int) -> Reader:
        decoder = zlib.decompressobj()
        try:
            text = decoder.decompress(data.read_at(at, length), min(limit, LARGEST))
        except zlib.error as error:
            raise Malformed(f"ART profile: {error}") from error
        if decoder.unconsumed_tail:
            raise LimitReached(f"ART profile of more than {len(text)} bytes", "unpacked")
        return BufferReader(text)

    return Contents([Member("profile", open=decode, extents=(Span(at, at + length),))], lambda: (Span(0, at),))
