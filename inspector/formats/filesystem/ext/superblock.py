"""The superblock of ext2/3/4 and where it puts the group descriptors."""

from dataclasses import dataclass
from struct import unpack
from typing import Final

from inspector.errors import NotThisFormat, Unsupported
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader

AT: Final = 1024
SPARSE_SUPER: Final = 0x1
BIG_CLUSTERS: Final = 0x200
SPARSE_SUPER_2: Final = 0x200
COMPRESSED, FILE_TYPES, RECOVER, JOURNAL_DEVICE = 0x1, 0x2, 0x4, 0x8
META_GROUPS, EXTENTS, WIDE, INLINE = 0x10, 0x40, 0x80, 0x8000
JOURNAL: Final = 0x4


@dataclass(frozen=True, slots=True)
class ExtSuperblock:
    """The fields that reading needs; sizes in bytes, counts in the units of their names."""

    inodes: int
    blocks: int
    first_block: int
    block_size: int
    blocks_per_group: int
    inodes_per_group: int
    inode_size: int
    compat: int
    incompat: int
    read_only_compat: int
    descriptor_size: int
    first_meta_group: int
    backups: tuple[int, int]
    journal: int
    label: str

    @property
    def groups(self) -> int:
        """Number of block groups."""
        return -(-(self.blocks - self.first_block) // self.blocks_per_group)

    @property
    def version(self) -> str:
        """What the features make of it: ext2 has no journal, ext3 no extents."""
        if self.incompat & (EXTENTS | WIDE | META_GROUPS | INLINE | 0x200):
            return "ext4"
        return "ext3" if self.compat & JOURNAL else "ext2"

    def has_backup(self, group: int) -> bool:
        """Tell whether a group starts with a copy of the superblock."""
        if group == 0:
            return True
        if self.compat & SPARSE_SUPER_2:
            return group in self.backups
        return not self.read_only_compat & SPARSE_SUPER or group == 1 or any(_is_power(group, n) for n in (3, 5, 7))

    def group_start(self, group: int) -> int:
        """Return the first block of a group."""
        return self.first_block + group * self.blocks_per_group

    def descriptor_at(self, group: int) -> int:
        """Return the offset in bytes of a group's descriptor."""
        per_block = self.block_size // self.descriptor_size
        meta, index = divmod(group, per_block)
        if not self.incompat & META_GROUPS or meta < self.first_meta_group:
            # With 1 KiB blocks in larger clusters the groups start at block 0, the superblock still fills block 1.
            block = max(self.first_block, AT // self.block_size) + 1 + meta
        else:
            first = meta * per_block
            block = self.group_start(first) + self.has_backup(first)
        return block * self.block_size + index * self.descriptor_size


def _is_power(number: int, base: int) -> bool:
    while number > 1 and number % base == 0:
        number //= base
    return number == 1


def parse_ext_superblock(data: Reader) -> ExtSuperblock:
    """Return the superblock 1024 bytes into `data`.

    Raises `NotThisFormat` for other bytes, for fields that contradict one another, and for a backup copy of the
    superblock; `Unsupported` for a journal device of its own.
    """
    if not data.startswith(b"\x53\xef", AT + 56) or data.size < AT + 1024:
        raise NotThisFormat("no ext superblock")
    raw = data.read_at(AT, 1024)
    word, half = unpack("<256I", raw), unpack("<512H", raw)
    block = _superblock(raw, word, half)
    dynamic = word[19] > 0
    clusters = block.read_only_compat & BIG_CLUSTERS and word[6] <= word[7] <= 16
    sane = (
        word[6] <= 6
        and 0 < block.blocks_per_group <= 8 * block.block_size << (word[7] - word[6] if clusters else 0)
        and block.inodes_per_group > 0
        and block.blocks > block.first_block
        and block.inode_size in (128, 256, 512, 1024, 2048, 4096)
        and block.inodes == block.groups * block.inodes_per_group
        and block.descriptor_size in (32, 64, 128)
        and not (dynamic and half[45])  # number of the group in which this copy stands
    )
    if not sane:
        raise NotThisFormat("fields of an ext superblock contradict one another")
    if block.incompat & JOURNAL_DEVICE:
        raise Unsupported("journal of another ext device")
    return block


def _superblock(raw: bytes, word: tuple[int, ...], half: tuple[int, ...]) -> ExtSuperblock:
    dynamic = word[19] > 0
    compat, incompat, read_only = word[23:26] if dynamic else (0, 0, 0)
    wide = bool(incompat & WIDE)
    return ExtSuperblock(
        inodes=word[0],
        blocks=word[1] | (word[84] << 32 if wide else 0),
        first_block=word[5],
        block_size=1024 << min(word[6], 16),
        blocks_per_group=word[8],
        inodes_per_group=word[10],
        inode_size=half[44] if dynamic else 128,
        compat=compat,
        incompat=incompat,
        read_only_compat=read_only,
        descriptor_size=half[127] if wide else 32,
        first_meta_group=word[65],
        backups=(word[147], word[148]),
        journal=word[56] if compat & JOURNAL else 0,
        label=decode_name(raw[120:136].split(b"\0")[0]),
    )
