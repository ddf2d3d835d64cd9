"""The squashfs superblock, versions 1 to 4, in either byte order and under any of its magics."""

from dataclasses import dataclass
from struct import Struct
from typing import Final, Literal

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.reader import Reader

MAGICS: Final = (
    b"hsqs", b"sqsh",  # as released: little endian, big endian
    b"shsq", b"qshs",  # LZMA patches of router vendors
    b"hsqt", b"tqsh",  # DD-WRT
    b"sqlz", b"zlqs",  # sqlzma
    b"hsqz", b"zqsh", b"hslz", b"sqzm",
)  # fmt: skip
Order = Literal["<", ">"]
NONE: Final = (1 << 64) - 1
MAX_BLOCK: Final = 1 << 20
HEAD_4: Final = "4sIIIIHHHHHHQQQQQQQQ"
HEAD_3: Final = "4sIIIIIIHHHHBBBiQIIIqqqqqqq"
HEAD_2: Final = "4sIIIIIIHHHHBBBiQIII"
HEAD_1: Final = "4sIIIIIIHHHHBBBiQ"
COMPRESSORS: Final = {1: "gzip", 2: "lzma", 3: "lzo", 4: "xz", 5: "lz4", 6: "zstd"}
FLAG_CHECK_DATA: Final = 1 << 2
"""Up to version 3: a marker byte follows the length of each metadata block."""
FLAG_OPTIONS: Final = 1 << 10
"""Version 4: the compressor's options stand as a metadata block behind the superblock."""


@dataclass(frozen=True, slots=True)
class Superblock:
    """What all versions say, in one shape; offsets are from the start of the image, `NONE` where a table is absent."""

    magic: bytes
    order: Order
    major: int
    minor: int
    size: int
    """Bytes of the superblock itself."""
    inodes: int
    block_size: int
    compressor: str
    """Empty before version 4, which does not say."""
    flags: int
    root: int
    """Inode reference: offset of the metadata block in the inode table << 16 | offset inside the decoded block."""
    used: int
    """Bytes of the whole image."""
    inode_table: int
    directory_table: int
    fragments: int
    fragment_table: int
    ids: int
    id_table: int
    export_table: int
    xattr_table: int


def parse_superblock(data: Reader) -> Superblock:
    """Return the superblock at the start of `data`.

    The magic of a vendor's image says little about byte order, so both are tried: only one gives a sane version and
    block size. Raises `NotThisFormat` for other bytes, `Malformed` for tables that cannot be inside the image.
    """
    if data.size < 64 or data.read_at(0, 4) not in MAGICS:
        raise NotThisFormat("no squashfs magic")
    orders: tuple[Order, ...] = ("<", ">")
    for order in orders:
        major, minor = data.unpack_at(28, Struct(order + "HH"))
        if 1 <= major <= 4 and minor <= 3:
            block = _version_4(data, order) if major == 4 else _version_1_to_3(data, order, major)
            if _sane(block):
                return _checked(block)
    raise NotThisFormat("no squashfs superblock behind the magic")


def _sane(block: Superblock) -> bool:
    size = block.block_size
    return 4096 <= size <= MAX_BLOCK and size & (size - 1) == 0 and block.inodes > 0


def _checked(block: Superblock) -> Superblock:
    if not block.size <= block.inode_table < block.directory_table <= block.used:
        raise Malformed("squashfs tables are out of order")
    return block


def _version_4(data: Reader, order: Order) -> Superblock:
    layout = Struct(order + HEAD_4)
    fields = data.unpack_at(0, layout)
    magic, inodes, _, block_size, fragments, compressor, _, flags, id_count, major, minor, root, used = fields[:13]
    ids, xattrs, inode_table, directory_table, fragment_table, export = fields[13:]
    name = COMPRESSORS.get(compressor, f"unknown {compressor}")
    return Superblock(
        magic, order, major, minor, layout.size, inodes, block_size, name, flags, root, used,
        inode_table, directory_table, fragments, fragment_table, id_count, ids, export, xattrs,
    )  # fmt: skip


def _version_1_to_3(data: Reader, order: Order, major: int) -> Superblock:
    layout = Struct(order + (HEAD_1, HEAD_2, HEAD_3)[major - 1])
    fields = list(data.unpack_at(0, layout))
    magic, inodes, used, uids, guids, inode_table, directory_table, _, minor, block_size, _, flags = fields[:12]
    root, fragments, fragment_table, export = fields[15], 0, NONE, NONE
    if major > 1:
        block_size, fragments, fragment_table = fields[16:19]
    if major > 2:
        used, uids, guids, inode_table, directory_table, fragment_table, export = fields[19:26]
    ids = min(uids, guids)  # plain arrays of u32, one behind the other
    return Superblock(
        magic, order, major, minor, layout.size, inodes, block_size, "", flags, root, used,
        inode_table, directory_table, fragments, fragment_table, 0, ids, export, NONE,
    )  # fmt: skip
