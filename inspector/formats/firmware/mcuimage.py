"""Update containers of microcontrollers: MCUboot images, Silicon Labs GBL, UF2 blocks.

Format: MCUboot documentation "design" (image format); Silicon Labs UG489 "Gecko Bootloader" (GBL tags); Microsoft UF2
specification (github.com/microsoft/uf2).
Limits: signatures are not verified; encrypted programs are named, not read.
"""

from hashlib import sha256
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Encrypted, LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, locked, stored
from inspector.formats.layout import Member
from inspector.formats.reader import MappedReader, Piece, Reader, Span

MCUBOOT: Final = Struct("<IIHHIIBBHI")
MCUBOOT_MAGIC: Final = 0x96F3B83D
MCUBOOT_ENCRYPTED: Final = 0x0C
TRAILER: Final = Struct("<HH")
TRAILER_MAGICS: Final = (0x6907, 0x6908)
SHA256_TAG: Final = 0x10
GBL_TAG: Final = Struct("<II")
GBL_MAGIC: Final = 0x03A617EB
GBL_END: Final = 0xFC0404FC
GBL_NAMES: Final = {
    0x03A617EB: "header",
    0xF40A0AF4: "application",
    0xF50909F5: "bootloader",
    0xF60808F6: "metadata",
    0xF70A0AF7: "signature",
    0xFE0101FE: "program",
    0xFD0303FD: "program",
    0xFD0505FD: "program-lz4",
    0xFD0707FD: "program-lzma",
    0xFA0606FA: "encryption",
    0xF90707F9: "encrypted",
    GBL_END: "end",
}
GBL_ENCRYPTED: Final = 0xF90707F9
GBL_LZMA: Final = 0xFD0707FD
MOST_TAGS: Final = 4096
UF2: Final = Struct("<8I")
UF2_MAGICS: Final = (0x0A324655, 0x9E5D5157)
UF2_END: Final = b"\x30\x6f\xb1\x0a"
UF2_BLOCK: Final = 512
UF2_NOT_FLASH: Final = 0x00000001
MOST_BLOCKS: Final = 1 << 18


def parse_mcuboot(data: Reader) -> Image:
    """Return the program between header and trailer; a SHA-256 in the trailer that differs is a note."""
    header_at(data, MCUBOOT.size, "an MCUboot header")
    magic, _, header, protected, size, flags, major, minor, revision, build = data.unpack_at(0, MCUBOOT)
    if magic != MCUBOOT_MAGIC or not MCUBOOT.size <= header <= 0x1000 or not size:
        raise NotThisFormat("no MCUboot header")
    stop = header + size
    if stop + protected + TRAILER.size > data.size:
        raise Malformed(f"MCUboot image of {stop} bytes, {data.size} there")
    end, digest = _mcuboot_trailer(data, stop + protected)
    right = digest is None or sha256(data.view_at(0, stop + protected)).digest() == digest
    member = (
        locked("program", header, stop, Encrypted("AES-CTR, key wrapped in the image's trailer"))
        if flags & MCUBOOT_ENCRYPTED
        else stored(data, "program", header, stop)
    )
    return Image(
        size=end,
        members=(member,),
        structure=(Span(0, header), Span(stop, end)),
        properties={"version": f"{major}.{minor}.{revision}+{build}"},
        notes=() if right else ("SHA-256 differs",),
    )


def _mcuboot_trailer(data: Reader, at: int) -> tuple[int, bytes | None]:
    """Return where the unprotected trailer ends, and the digest in it when there is one."""
    magic, length = data.unpack_at(at, TRAILER)
    if magic not in TRAILER_MAGICS or not TRAILER.size <= length <= data.size - at:
        raise NotThisFormat("MCUboot image without a trailer")
    offset, end, digest = at + TRAILER.size, at + length, None
    while offset + TRAILER.size <= end:
        kind, size = data.unpack_at(offset, TRAILER)
        offset += TRAILER.size
        if kind == SHA256_TAG and size == 32 and offset + size <= end:
            digest = data.read_at(offset, size)
        offset += size
    return end, digest


def parse_gbl(data: Reader) -> Image:
    """Return the programs and metadata by their tags; the CRC in the end tag covers the whole file."""
    header_at(data, GBL_TAG.size, "a GBL file")
    offset, members, structure = 0, list[Member](), list[Span]()
    for index in range(MOST_TAGS):
        if offset + GBL_TAG.size > data.size:
            break
        tag, size = data.unpack_at(offset, GBL_TAG)
        start = offset + GBL_TAG.size
        if tag not in GBL_NAMES or (not index and tag != GBL_MAGIC) or size > data.size - start:
            raise NotThisFormat("no GBL file") if not index else Malformed(f"GBL tag {tag:#010x} at {offset:#x}")
        stop = start + size
        name = f"{index}-{GBL_NAMES[tag]}"
        structure.append(Span(offset, start))
        if tag == GBL_END:
            right = size == 4 and crc32(data.view_at(0, start)) == int.from_bytes(data.view_at(start, 4), "little")
            notes = () if right else ("CRC differs",)
            return Image(stop, tuple(members), (*structure, Span(start, stop)), {}, notes)
        if tag == GBL_ENCRYPTED:
            members.append(locked(name, start, stop, Encrypted("AES-CTR-CCM, key of the device")))
        elif size and tag != GBL_MAGIC:
            members.append(stored(data, name, start, stop))
        else:
            structure.append(Span(start, stop))
        offset = stop
    raise Malformed("GBL file without an end tag")


def parse_uf2(data: Reader) -> Image:
    """Return one member per family and contiguous region of memory, put together from the 512-byte blocks."""
    header_at(data, UF2_BLOCK, "a UF2 block")
    regions: dict[tuple[int, int], tuple[list[Piece], list[Span]]] = {}
    at: dict[int, tuple[int, int]] = {}
    offset = 0
    for _ in range(MOST_BLOCKS):
        if offset + UF2_BLOCK > data.size:
            break
        first, second, flags, address, size, _, _, family = data.unpack_at(offset, UF2)
        if (first, second) != UF2_MAGICS or not data.startswith(UF2_END, offset + UF2_BLOCK - 4) or size > 476:
            break
        if not flags & UF2_NOT_FLASH and size:
            start, end = at.get(family, (address, -1))
            if end != address:
                start = address
            pieces, spans = regions.setdefault((family, start), ([], []))
            pieces.append(Piece(size, data, offset + UF2.size))
            spans.append(Span(offset + UF2.size, offset + UF2.size + size))
            at[family] = start, address + size
        offset += UF2_BLOCK
    if not regions:
        raise NotThisFormat("no UF2 block")
    members = tuple(_uf2_member(key, pieces, spans) for key, (pieces, spans) in regions.items())
    return Image(offset, members, (Span(0, offset),))


def _uf2_member(key: tuple[int, int], pieces: list[Piece], spans: list[Span]) -> Member:
    memory = MappedReader(pieces)

    def open_region(limit: int) -> Reader:
        if memory.size > limit:
            raise LimitReached(f"{memory.size} bytes, {limit} allowed")
        return memory

    name = f"{key[0]:08x}@{key[1]:#010x}"
    return Member(name, open=open_region, extents=tuple(spans), size=memory.size)
