"""Broadcom ProgramStore: the wrapper of programs for cable modems (eCos), a header of 92 bytes whose checksum holds.

Format: binwalk-ng `formats/program_store.rs` (field order and constants).
Limits: contents packed with LZ, LZO or NRV2B are named, not decoded; the checksum of the content is not verified.
"""

from binascii import crc_hqx
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.image import Image, header_at, locked, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct(">2sBBHHIII48s8sIIHHI")
PADDING_AT: Final = 67
PADDING: Final = bytes(9)
"""The NUL behind the name, and what is left free."""
SUMMED: Final = 84
NONE, LZ, LZO, RESERVED, NRV2B, LZMA = range(6)
CODECS: Final = {NONE: "none", LZ: "LZ", LZO: "LZO", RESERVED: "an unknown method", NRV2B: "NRV2B", LZMA: "LZMA"}


def parse_program_store(data: Reader) -> Image:
    """Return the program, or both halves of one that is split."""
    header_at(data, HEADER.size, "a ProgramStore header")
    kind, split, codec, major, minor, _, size, address, name, zero, first, second, own, reserved, _ = data.unpack_at(
        0, HEADER
    )
    fits = split in (0, 1) and codec in CODECS and size and not any(zero) and not reserved and name[0]
    if not fits or crc_hqx(data.read_at(0, SUMMED), 0xFFFF) ^ 0xFFFF != own:
        raise NotThisFormat("no ProgramStore header")
    end = HEADER.size + size
    if end > data.size or (split and first + second > size):
        raise Malformed(f"ProgramStore image of {size} bytes, {data.size - HEADER.size} there")
    title = text(name)
    spans = {title: Span(HEADER.size, end)}
    if split:
        spans = {f"{title}.1": Span(HEADER.size, HEADER.size + first), f"{title}.2": Span(end - second, end)}
    return Image(
        end,
        tuple(_member(data, path, span, codec) for path, span in spans.items() if len(span)),
        (Span(0, HEADER.size),),
        {
            "signature": kind.hex(),
            "version": f"{major}.{minor}",
            "compression": CODECS[codec],
            "address": f"{address:#010x}",
        },
    )


def _member(data: Reader, path: str, span: Span, codec: int) -> Member:
    if codec in (NONE, LZMA):
        return stored(data, path, span.start, span.end, hint="lzma" if codec == LZMA else "")
    return locked(path, span.start, span.end, Unsupported(f"packed with {CODECS[codec]}"))
