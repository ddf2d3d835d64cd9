"""Boot programs of iPXE for BIOS: behind the code that unpacks them come its parts, each an LZMA stream.

Format: iPXE, src/util/zbin.c and src/arch/x86/prefix/unlzma.S, by what they write: length of the stream and of itself
(4 bytes), LZMA without a header that ends by its mark, targets of calls absolute.
Limits: programs from before 2014, which were packed with NRV2B, are not recognised.
"""

import lzma
from contextlib import suppress
from functools import partial
from typing import Final

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.codec.streams import STEP, Filter, Stream, collect, decode, raw_lzma
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

MAGIC: Final = bytes.fromhex("67ac6766ad660fc867668945046766ff4d08")
"""How the code that unpacks begins a stream: a byte, a word with its bytes turned around, all bits of the range."""
FILTERS: Final[list[Filter]] = [
    {"id": lzma.FILTER_X86},
    {"id": lzma.FILTER_LZMA1, "dict_size": 1 << 22, "lc": 2, "lp": 0, "pb": 0},
]
LENGTH: Final = 4
SHORTEST, LONGEST = 16, 1 << 22
FIRST_WITHIN, NEXT_WITHIN = 4096, 1024
"""Bytes behind the magic in which the first stream begins, and behind a stream in which the next one does."""
MOST_PARTS, MOST_TRIES = 16, 64


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode one stream, which begins behind its length."""
    return raw_lzma(FILTERS, data, offset, step)


def parse_ipxe(data: Reader) -> Image:
    """Return the parts in order: code that stays in low memory, tables, and last what the program does."""
    if not data.startswith(MAGIC):
        raise NotThisFormat("no code that unpacks iPXE")
    members, tables = list[Member](), list[Span]()
    end, within = len(MAGIC), FIRST_WITHIN
    while len(members) < MOST_PARTS and (start := _stream(data, end, within)) >= 0:
        first, end = start + LENGTH, start + int.from_bytes(data.view_at(start, LENGTH), "little")
        tables.append(Span(start, first))
        opener = partial(decode, decompress, data.slice(first, end), 0)
        members.append(Member(f"part{len(members)}", opener, (Span(first, end),)))
        within = NEXT_WITHIN
    if not members:
        raise NotThisFormat("no part of iPXE behind the code that unpacks it")
    return Image(end, tuple(members), tuple(tables))


def _stream(data: Reader, position: int, within: int) -> int:
    """Return where the next stream begins, with its length; -1 where none does."""
    head, tries = data.read_upto(position, within + LENGTH + 1), 0
    for at in range(len(head) - LENGTH):
        length = int.from_bytes(head[at : at + LENGTH], "little")
        if head[at + LENGTH] or not SHORTEST <= length <= LONGEST or position + at + length > data.size:
            continue
        tries += 1
        if tries > MOST_TRIES:
            break
        with suppress(LimitReached):
            part = data.slice(position + at, position + at + length)
            if collect(decompress, part, LENGTH, LONGEST).consumed == length - LENGTH:
                return position + at
    return -1
