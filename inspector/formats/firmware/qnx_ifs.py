"""QNX boot images: a startup program, then an image file system, plain or packed in blocks of LZO1X or NRV2B.

Format: QNX `sys/startup.h`, the layout that `dumpifs` reads; both byte orders.
Limits: packings that this header does not name are not read.
"""

from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.archive import gzip, zlib
from inspector.formats.codec.blockcodecs import Decode, unlzo
from inspector.formats.codec.nrv2b import un_nrv2b
from inspector.formats.codec.streams import STEP, Codec, CutOff, Stream, decode
from inspector.formats.image import Image, locked, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

STARTUP: Final = {b"\xeb\x7e\xff\0": "<", b"\0\xff\x7e\xeb": ">"}
STARTUP_SIZE: Final = 256
BIG_ENDIAN: Final = 0x02
PACKING: Final = 0x1C
NOT_PACKED, PACKED_ZLIB, PACKED_LZO, PACKED_UCL = range(0, 0x10, 4)
PACKINGS: Final = {NOT_PACKED: "none", PACKED_ZLIB: "zlib", PACKED_LZO: "lzo", PACKED_UCL: "ucl"}
LARGEST_BLOCK: Final = 1 << 16
"""Room that the startup program has for one decoded block."""
MACHINES: Final = {3: "x86", 8: "MIPS", 20: "PowerPC", 40: "ARM", 42: "SuperH", 62: "x86-64", 183: "AArch64"}


def parse_qnx_startup(data: Reader) -> Image:
    """Return the startup program and the file system behind it.

    Raises `NotThisFormat`; `Malformed` for sizes that contradict each other.
    """
    order = STARTUP.get(data.read_upto(0, 4))
    if order is None or data.size < STARTUP_SIZE:
        raise NotThisFormat("no QNX startup header")
    version, flags, _, header, machine = data.unpack_at(4, Struct(order + "HBBHH"))
    startup, whole, _, plain, _, zero = data.unpack_at(32, Struct(order + "IIIIHH"))
    if version != 1 or header != STARTUP_SIZE or zero or bool(flags & BIG_ENDIAN) != (order == ">"):
        raise NotThisFormat("no QNX startup header of version 1")
    if not STARTUP_SIZE <= startup <= whole or startup > data.size:
        raise Malformed(f"QNX startup of {startup} bytes in an image of {whole}")
    size, packing = min(whole, data.size), flags & PACKING
    parts = [stored(data, "startup", STARTUP_SIZE, startup)] if startup > STARTUP_SIZE else []
    if startup < size:
        parts.append(_files(data, Span(startup, size), packing, plain))
    facts = {"compression": PACKINGS.get(packing, f"{packing:#x}"), "machine": MACHINES.get(machine, str(machine))}
    damage = f"image is cut off: {data.size} of {whole} bytes" if whole > data.size else ""
    return Image(size, tuple(parts), (Span(0, STARTUP_SIZE),), facts, damage=damage)


def _files(data: Reader, region: Span, packing: int, plain: int) -> Member:
    """Return the member that the file system is, decoded when it is opened."""
    if packing == NOT_PACKED:
        return stored(data, "imagefs", region.start, region.end)
    part = data.slice(region.start, region.end)
    if packing == PACKED_ZLIB:
        codec: Codec = gzip.gunzip if part.startswith(gzip.MAGIC) else zlib.decompress
    elif packing in (PACKED_LZO, PACKED_UCL):
        codec = partial(_blocks, unlzo if packing == PACKED_LZO else un_nrv2b)
    else:
        return locked("imagefs", region.start, region.end, Unsupported(f"QNX image packed with {packing:#x}"))
    return Member("imagefs", partial(decode, codec, part, 0), (region,), plain)


def _blocks(block: Decode, data: Reader, offset: int, step: int = STEP) -> Stream:  # noqa: ARG001 - blocks are the steps
    """Decode blocks, each behind its length in two bytes, the high one first; a length of zero ends them."""
    at = offset
    while True:
        if at + 2 > data.size:
            raise CutOff("QNX image ends early")
        length = int.from_bytes(data.view_at(at, 2), "big")
        at += 2
        if not length:
            return at - offset
        if at + length > data.size:
            raise CutOff("QNX block is cut off")
        yield block(data.view_at(at, length), LARGEST_BLOCK)
        at += length
