"""Disk images of virtual machines, each given back as the disk it stands for.

VHD, VHDX, VMDK, VDI, QCOW, QCOW2, QED and Parallels.

Format: Microsoft, "Virtual Hard Disk Image Format" and MS-VHDX; VMware, "Virtual Disk Format 5.0"; QEMU `qcow2.txt`,
`qed_spec.txt` and `parallels.txt`; VirtualBox `VDICore.h` (offsets).
Limits: differences to another image (backing files, parents) show that image's parts as holes; the log of VHDX is not
replayed; VMDK in several files is read as far as this file goes; a VHD of fixed size is a plain disk and keeps its
closing block.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.streams import decode, inflate
from inspector.formats.image import Image, header_at
from inspector.formats.layout import Member
from inspector.formats.mapped import opener
from inspector.formats.reader import BlockReader, MappedReader, Piece, Reader, Span

SECTOR: Final = 512
LARGEST_DISK: Final = 1 << 46
MOST_BLOCKS: Final = 1 << 22
KEPT_BLOCKS: Final = 8
Place = tuple[int, int] | None
"""Where a block's stored bytes lie (offset, length), or None for a hole."""


class PackedBlocks(BlockReader):
    """The packed blocks of a disk, decoded when they are read; the last few are kept."""

    def __init__(self, width: int, places: Sequence[tuple[int, int]], unpack: Callable[[int, int], bytes]) -> None:
        self.size = width * len(places)
        self._width = width
        self._block = lru_cache(KEPT_BLOCKS)(lambda index: unpack(*places[index]))

    def _in_block(self, offset: int, length: int) -> bytes:
        index, inside = divmod(offset, self._width)
        piece = self._block(index)[inside : inside + length]
        if not piece:
            raise Malformed("block of the disk is shorter than it should be")
        return piece


@dataclass(frozen=True, slots=True)
class Disk:
    """What a format says of its disk; blocks in order, each of `width` bytes but the last."""

    size: int
    width: int
    blocks: Sequence[Place]
    structure: tuple[Span, ...]
    packed: frozenset[int] = frozenset()
    """Numbers of the blocks whose stored bytes are packed."""
    unpack: Callable[[int, int], bytes] | None = None
    properties: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def image(self, data: Reader) -> Image:
        """Return the disk as one member."""
        memory = MappedReader(list(self._pieces(data)))
        extents = tuple(_joined(Span(place[0], min(place[0] + place[1], data.size)) for place in self.blocks if place))
        member = Member("disk", open=opener(memory), extents=extents, size=self.size)
        structure = tuple(Span(span.start, min(span.end, data.size)) for span in self.structure)
        return Image(data.size, (member,), structure, dict(self.properties), self.notes)

    def _pieces(self, data: Reader) -> Iterator[Piece]:
        source = PackedBlocks(self.width, [place for place in self._in_order() if place], self.unpack or _plain(data))
        at = 0
        for index, place in enumerate(self.blocks):
            length = min(self.width, self.size - index * self.width)
            if place is None:
                yield Piece(length)
            elif index in self.packed:
                yield Piece(length, source, at)
                at += self.width
            else:
                held = min(length, max(data.size - place[0], 0))  # a cut-off image keeps what is there
                yield Piece(held, data, place[0])
                yield Piece(length - held)

    def _in_order(self) -> Iterator[Place]:
        return (self.blocks[index] for index in sorted(self.packed))


def _plain(data: Reader) -> Callable[[int, int], bytes]:
    return data.read_at


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Yield the spans in order of place, neighbours put together."""
    last: Span | None = None
    for span in sorted(spans):
        if last is not None and span.start <= last.end:
            last = Span(last.start, max(last.end, span.end))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _count(size: int, width: int) -> int:
    """Return how many blocks a disk has; refuses what no disk has."""
    if not 0 < size <= LARGEST_DISK or width < SECTOR or width & (width - 1):
        raise NotThisFormat("no disk of this size")
    count = -(-size // width)
    if count > MOST_BLOCKS:
        raise LimitReached(f"disk of {count} blocks", "members")
    return count


def _table(data: Reader, offset: int, count: int, order: str, width: int = 4) -> tuple[int, ...]:
    if offset + count * width > data.size:
        raise Malformed(f"table of {count} blocks at {offset:#x}, {data.size:#x} bytes there")
    return data.unpack_at(offset, Struct(f"{order}{count}{'I' if width == 4 else 'Q'}"))


# ---------------------------------------------------------------------- VHD

VHD_MAGIC: Final = b"conectix"
VHD: Final = Struct(">8sIIQI4sI4sQQIII")
VHD_DYNAMIC: Final = Struct(">8sQQIII")
VHD_UNUSED: Final = 0xFFFFFFFF
DYNAMIC, DIFFERENCING = 3, 4


def parse_vhd(data: Reader) -> Image:
    """Return the disk of a growing VHD, which begins with a copy of its closing block."""
    header_at(data, SECTOR, "a VHD")
    magic, _, _, offset, _, _, _, _, _, size, _, kind, _ = data.unpack_at(0, VHD)
    if magic != VHD_MAGIC or kind not in (DYNAMIC, DIFFERENCING) or not data.startswith(b"cxsparse", offset):
        raise NotThisFormat("no growing VHD")
    _, _, table, _, entries, width = data.unpack_at(offset, VHD_DYNAMIC)
    count = _count(size, width)
    if count > entries:
        raise Malformed(f"VHD with {entries} blocks, {count} wanted")
    bitmap = -(-width // SECTOR // 8 // SECTOR) * SECTOR
    sectors = _table(data, table, count, ">")
    blocks = [None if sector == VHD_UNUSED else (sector * SECTOR + bitmap, width) for sector in sectors]
    bitmaps = tuple(Span(sector * SECTOR, sector * SECTOR + bitmap) for sector in sectors if sector != VHD_UNUSED)
    _all_start_inside(data, blocks)
    closing = Span(max(data.size - SECTOR, 0), data.size)
    structure = (Span(0, SECTOR), Span(offset, offset + 1024), Span(table, table + entries * 4), *bitmaps, closing)
    return Disk(size, width, blocks, structure, notes=_parent(differs=kind == DIFFERENCING)).image(data)


def _all_start_inside(data: Reader, blocks: Sequence[Place]) -> None:
    if any(place is not None and place[0] >= data.size for place in blocks):
        raise Malformed("blocks of the disk lie behind the end")


def _parent(*, differs: bool) -> tuple[str, ...]:
    return ("differences to another image, which is not here",) if differs else ()


# ---------------------------------------------------------------------- VDI

VDI_MAGIC: Final = b"\x7f\x10\xda\xbe"
VDI_MAGIC_AT: Final = 64
VDI: Final = Struct("<II")
VDI_SIZES: Final = Struct("<QIIII")
VDI_HOLES: Final = 0xFFFFFFFE


def parse_vdi(data: Reader) -> Image:
    """Return the disk of a VirtualBox image."""
    header_at(data, SECTOR, "a VDI")
    if not data.startswith(VDI_MAGIC, VDI_MAGIC_AT):
        raise NotThisFormat("no VDI")
    table, start = data.unpack_at(340, VDI)
    size, width, extra, entries, _ = data.unpack_at(368, VDI_SIZES)
    count = _count(size, width)
    if count > entries or extra:
        raise Malformed(f"VDI with {entries} blocks, {count} wanted")
    numbers = _table(data, table, count, "<")
    blocks = [None if number >= VDI_HOLES else (start + number * width, width) for number in numbers]
    _all_start_inside(data, blocks)
    return Disk(size, width, blocks, (Span(0, SECTOR), Span(table, table + entries * 4))).image(data)


# ---------------------------------------------------------------------- VMDK

VMDK_MAGIC: Final = b"KDMV"
VMDK: Final = Struct("<4sIIQQQQIQQQ?4sH")
VMDK_AT_END: Final = (1 << 64) - 1
VMDK_PACKED: Final = 1 << 16
VMDK_MARK: Final = Struct("<QI")


def parse_vmdk(data: Reader) -> Image:
    """Return the disk of a growing VMDK, packed grain by grain or plain."""
    header_at(data, SECTOR, "a VMDK")
    fields = data.unpack_at(0, VMDK)
    if fields[0] != VMDK_MAGIC or fields[1] > 3:
        raise NotThisFormat("no VMDK")
    if fields[9] == VMDK_AT_END:  # written as a stream: the header with the places of the tables is at the end
        fields = data.unpack_at(max(data.size - 2 * SECTOR, 0), VMDK)
        if fields[0] != VMDK_MAGIC:
            raise Malformed("VMDK stream without its closing header")
    _, _, flags, capacity, grain, text_at, text_size, entries, _, directory, overhead, *_ = fields
    width, size = grain * SECTOR, capacity * SECTOR
    count = _count(size, width)
    if not 0 < entries <= 1 << 16:
        raise NotThisFormat("no VMDK")
    tables = _table(data, directory * SECTOR, -(-count // entries), "<")
    sectors = [sector for table in tables for sector in _grains(data, table, entries)][:count]
    packed = bool(flags & VMDK_PACKED)
    blocks = [None if sector < 2 else _grain(data, sector * SECTOR, width, packed=packed) for sector in sectors]
    _all_start_inside(data, blocks)
    structure = [Span(0, SECTOR), Span(text_at * SECTOR, (text_at + text_size) * SECTOR)]
    structure += [Span(0, min(overhead * SECTOR, data.size)), Span(max(data.size - 3 * SECTOR, 0), data.size)]
    structure += [Span(table * SECTOR, table * SECTOR + entries * 4) for table in (*tables, directory) if table]
    if packed:
        structure += [Span(place[0] - VMDK_MARK.size, place[0]) for place in blocks if place]
    inside = tuple(span for span in structure if span.start <= data.size)
    every = frozenset(index for index, place in enumerate(blocks) if place) if packed else frozenset()

    def unpack(offset: int, length: int) -> bytes:
        stream = data.slice(offset + 2, min(offset + length, data.size))  # behind the two bytes of a zlib header
        return bytes(decode(inflate, stream, 0, width).all())

    properties = (("packed", "zlib"),) if packed else ()
    return Disk(size, width, blocks, inside, every, unpack, properties).image(data)


def _grains(data: Reader, table: int, entries: int) -> tuple[int, ...]:
    return _table(data, table * SECTOR, entries, "<") if table else (0,) * entries


def _grain(data: Reader, offset: int, width: int, *, packed: bool) -> Place:
    if not packed:
        return offset, width
    _, length = data.unpack_at(offset, VMDK_MARK)
    return offset + VMDK_MARK.size, min(length, 2 * width)


# ---------------------------------------------------------------------- QCOW2

QCOW_MAGIC: Final = b"QFI\xfb"
QCOW: Final = Struct(">4sIQIIQIIQ")
QCOW_PLACE: Final = 0x00FFFFFFFFFFFE00
QCOW_PACKED: Final = 1 << 62
QCOW_EXTERNAL, QCOW_EXTENDED = 1 << 2, 1 << 4
QCOW_ZERO: Final = 1
QCOW1: Final = Struct(">4sIQIIQBBHIQ")
QCOW1_PACKED: Final = 1 << 63


def parse_qcow(data: Reader) -> Image:
    """Return the disk of a QCOW image of version 1, 2 or 3."""
    header_at(data, 112, "a QCOW2 image")
    if data.startswith(QCOW_MAGIC + b"\0\0\0\1"):
        return _first_qcow(data)
    magic, version, backing, _, bits, size, cipher, entries, table = data.unpack_at(0, QCOW)
    if magic != QCOW_MAGIC or version not in (2, 3) or not 9 <= bits <= 21:
        raise NotThisFormat("no QCOW2 image")
    if cipher:
        raise Encrypted("QCOW2 under " + ("AES" if cipher == 1 else "LUKS"))
    features, codec = 0, 0
    if version == 3:
        features = int.from_bytes(data.view_at(72, 8), "big")
        codec = data.view_at(104, 1)[0] if int.from_bytes(data.view_at(100, 4), "big") > 104 else 0
    if features & (QCOW_EXTERNAL | QCOW_EXTENDED):
        raise Unsupported("QCOW2 with data in another file or subclusters")
    width = 1 << bits
    count, each = _count(size, width), width // 8
    if entries * each < count:
        raise Malformed(f"QCOW2 table of {entries} entries for {count} clusters")
    first = [entry & QCOW_PLACE for entry in _table(data, table, -(-count // each), ">", 8)]
    numbers = [number for place in first for number in (_table(data, place, each, ">", 8) if place else (0,) * each)]
    shift = 62 - (bits - 8)
    blocks = [_cluster(number, width, shift) for number in numbers[:count]]
    packed = frozenset(index for index, number in enumerate(numbers[:count]) if number & QCOW_PACKED)
    _all_start_inside(data, blocks)
    tables = (Span(place, place + width) for place in first if place)
    structure = (Span(0, min(width, data.size)), Span(table, table + 8 * entries), *tables)

    def unpack(offset: int, length: int) -> bytes:
        stream = data.slice(offset, min(offset + length, data.size))
        return _zstd_cluster(stream, width) if codec else bytes(decode(inflate, stream, 0, width).all())

    return Disk(size, width, blocks, structure, packed, unpack, notes=_parent(differs=bool(backing))).image(data)


def _first_qcow(data: Reader) -> Image:
    _, _, backing, _, _, size, bits, level_bits, _, cipher, table = data.unpack_at(0, QCOW1)
    if not 9 <= bits <= 21 or not 6 <= level_bits <= 18:
        raise NotThisFormat("no QCOW image")
    if cipher:
        raise Encrypted("QCOW under AES")
    width, each = 1 << bits, 1 << level_bits
    count = _count(size, width)
    first = _table(data, table, -(-count // each), ">", 8)
    numbers = [number for place in first for number in (_table(data, place, each, ">", 8) if place else (0,) * each)]
    shift = 63 - bits
    blocks: list[Place] = []
    for number in numbers[:count]:
        if number & QCOW1_PACKED:
            blocks.append((number & ((1 << shift) - 1), number >> shift & width - 1))
        else:
            blocks.append((number, width) if number else None)
    packed = frozenset(index for index, number in enumerate(numbers[:count]) if number & QCOW1_PACKED)
    _all_start_inside(data, blocks)
    tables = (Span(place, place + 8 * each) for place in first if place)
    structure = (Span(0, QCOW1.size), Span(table, table + 8 * len(first)), *tables)

    def unpack(offset: int, length: int) -> bytes:
        return bytes(decode(inflate, data.slice(offset, min(offset + length, data.size)), 0, width).all())

    return Disk(size, width, blocks, structure, packed, unpack, notes=_parent(differs=bool(backing))).image(data)


def _zstd_cluster(stream: Reader, width: int) -> bytes:
    """Return what one frame decodes to; the stored length is rounded up, so other frames may stand behind it."""
    from zstandard import ZstdDecompressor, ZstdError

    try:
        with ZstdDecompressor(max_window_size=1 << 22).stream_reader(stream.read_at(0, stream.size)) as frame:
            return frame.read(width)
    except ZstdError as error:
        raise Malformed(f"damaged QCOW2 cluster: {error}") from error


def _cluster(number: int, width: int, shift: int) -> Place:
    if number & QCOW_PACKED:
        offset = number & ((1 << shift) - 1)
        sectors = (number >> shift & ((1 << 62 - shift) - 1)) + 1
        return offset, sectors * SECTOR - offset % SECTOR
    if number & QCOW_ZERO or not number & QCOW_PLACE:
        return None
    return number & QCOW_PLACE, width


# ---------------------------------------------------------------------- QED

QED_MAGIC: Final = b"QED\0"
QED: Final = Struct("<4sIIIQQQQQII")
QED_BACKING: Final = 1
QED_KNOWN: Final = 7
QED_ZERO: Final = 1


def parse_qed(data: Reader) -> Image:
    """Return the disk of a QEMU enhanced image."""
    header_at(data, QED.size, "a QED image")
    magic, width, tables, header, features, _, _, first, size, backing_at, backing_size = data.unpack_at(0, QED)
    if magic != QED_MAGIC or not 1 << 12 <= width <= 1 << 26 or tables not in (1, 2, 4, 8, 16) or not header:
        raise NotThisFormat("no QED image")
    if features & ~QED_KNOWN:
        raise Unsupported(f"QED image with features {features:#x}")
    count, each = _count(size, width), tables * width // 8
    places = _table(data, first, -(-count // each), "<", 8)
    numbers = [number for place in places for number in (_table(data, place, each, "<", 8) if place else (0,) * each)]
    blocks = [(number, width) if number > QED_ZERO else None for number in numbers[:count]]
    _all_start_inside(data, blocks)
    spans = (Span(place, place + tables * width) for place in (first, *places) if place)
    structure = (Span(0, QED.size), Span(backing_at, backing_at + backing_size), *spans)
    inside = tuple(span for span in structure if span.start <= data.size)
    return Disk(size, width, blocks, inside, notes=_parent(differs=bool(features & QED_BACKING))).image(data)


# ---------------------------------------------------------------------- Parallels

PARALLELS_MAGICS: Final = (b"WithoutFreeSpace", b"WithouFreSpacExt")
PARALLELS: Final = Struct("<16sIIIIIQ")
PARALLELS_TABLE: Final = 64


def parse_parallels(data: Reader) -> Image:
    """Return the disk of a growing Parallels image."""
    header_at(data, PARALLELS_TABLE, "a Parallels image")
    magic, version, _, _, sectors, entries, size = data.unpack_at(0, PARALLELS)
    if magic not in PARALLELS_MAGICS or version != 2 or not sectors:
        raise NotThisFormat("no Parallels image")
    extended = magic == PARALLELS_MAGICS[1]
    # The older kind has no room for a size of more than 32 bits and counts in sectors, the newer one in blocks.
    size, unit = (size, sectors * SECTOR) if extended else (size & 0xFFFFFFFF, SECTOR)
    width, size = sectors * SECTOR, size * SECTOR
    if not 0 < size <= LARGEST_DISK or entries > MOST_BLOCKS:
        raise NotThisFormat("no disk of this size")
    count = -(-size // width)
    if count > entries:
        raise Malformed(f"Parallels image with {entries} blocks, {count} wanted")
    numbers = _table(data, PARALLELS_TABLE, count, "<")
    blocks = [(number * unit, width) if number else None for number in numbers]
    _all_start_inside(data, blocks)
    return Disk(size, width, blocks, (Span(0, PARALLELS_TABLE + 4 * entries),)).image(data)


# ---------------------------------------------------------------------- VHDX

VHDX_MAGIC: Final = b"vhdxfile"
REGIONS_AT: Final = (0x30000, 0x40000)
REGIONS: Final = Struct("<4sIII")
REGION: Final = Struct("<16sQII")
ITEMS: Final = Struct("<8sHH20x")
ITEM: Final = Struct("<16sIIII")
TABLE_ID: Final = bytes.fromhex("6677c22d23f600429d64115e9bfd4a08")
ITEMS_ID: Final = bytes.fromhex("06a27c8b90479a4bb8fe575f050f886e")
PARAMETERS_ID: Final = bytes.fromhex("3767a1ca36fa434db3b633f0aa44e76b")
SIZE_ID: Final = bytes.fromhex("2442a52f1bcd7648b2115dbed83bf4b8")
SECTOR_ID: Final = bytes.fromhex("1dbf41816fa90947ba47f233a8faab5f")
MOST_ITEMS: Final = 1024
PRESENT: Final = (6, 7)
MEBIBYTE: Final = 1 << 20
HAS_PARENT: Final = 2


def parse_vhdx(data: Reader) -> Image:
    """Return the disk of a VHDX image."""
    header_at(data, REGIONS_AT[0], "a VHDX image")
    if not data.startswith(VHDX_MAGIC):
        raise NotThisFormat("no VHDX image")
    regions = _regions(data)
    items = _vhdx_items(data, regions[ITEMS_ID])
    width, flags = data.unpack_at(items[PARAMETERS_ID].start, Struct("<II"))
    (size,) = data.unpack_at(items[SIZE_ID].start, Struct("<Q"))
    (sector,) = data.unpack_at(items[SECTOR_ID].start, Struct("<I"))
    count = _count(size, width)
    ratio = (1 << 23) * sector // width
    if not ratio:
        raise Malformed("VHDX block larger than what one bitmap tells of")
    table = regions[TABLE_ID]
    numbers = _table(data, table.start, min(count + (count - 1) // ratio, len(table) // 8), "<", 8)
    # Behind each `ratio` blocks stands the entry of a bitmap of sectors.
    held = [number for index, number in enumerate(numbers) if (index + 1) % (ratio + 1)][:count]
    blocks = [_vhdx_block(number, width) for number in held]
    blocks += [None] * (count - len(blocks))
    _all_start_inside(data, blocks)
    structure = (Span(0, REGIONS_AT[1] + 0x10000), table, regions[ITEMS_ID])
    return Disk(size, width, blocks, structure, notes=_parent(differs=bool(flags & HAS_PARENT))).image(data)


def _vhdx_block(number: int, width: int) -> Place:
    offset = (number >> 20) * MEBIBYTE
    return (offset, width) if number & 7 in PRESENT and offset else None


def _regions(data: Reader) -> dict[bytes, Span]:
    for at in REGIONS_AT:
        try:
            magic, _, count, _ = data.unpack_at(at, REGIONS)
            if magic != b"regi" or count > MOST_ITEMS:
                continue
            found = [data.unpack_at(at + REGIONS.size + index * REGION.size, REGION) for index in range(count)]
        except FormatError:
            continue
        spans = {name: Span(start, start + size) for name, start, size, _ in found if start + size <= data.size}
        if {TABLE_ID, ITEMS_ID} <= spans.keys():
            return spans
    raise Malformed("VHDX image without its regions")


def _vhdx_items(data: Reader, region: Span) -> dict[bytes, Span]:
    magic, _, count = data.unpack_at(region.start, ITEMS)
    if magic != b"metadata" or count > MOST_ITEMS:
        raise Malformed("VHDX image without metadata")
    found: dict[bytes, Span] = {}
    for index in range(count):
        name, start, size, _, _ = data.unpack_at(region.start + ITEMS.size + index * ITEM.size, ITEM)
        found[name] = Span(region.start + start, region.start + start + size)
    if not {PARAMETERS_ID, SIZE_ID, SECTOR_ID} <= found.keys():
        raise Malformed("VHDX image without the size of its disk")
    return found
