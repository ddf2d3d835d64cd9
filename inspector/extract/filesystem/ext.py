"""ext2, ext3 and ext4 file systems → their files."""

from inspector.errors import NotThisFormat
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.ext import ExtImage, read_ext
from inspector.formats.filesystem.modes import kind_of
from inspector.formats.layout import Contents, MemberKind
from inspector.formats.reader import Reader, Span


class Ext(Extractor):
    """ext2/3/4."""

    INFO = ExtractorInfo(
        name="ext",
        title="ext2, ext3, ext4",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Root file system of devices with eMMC or SD storage; system partitions of Android.",
        references=("https://docs.kernel.org/filesystems/ext4/",),
        limitations=("The journal is not replayed.", "Files encrypted with fscrypt are named, not read."),
        tested="original packer: mke2fs with ext2, ext3, ext4 and each layout feature",
    )
    # The magic has two bytes; with the state, the error policy and the minor revision behind it, it is rare enough.
    MAGIC = (
        *(
            Magic(bytes((0x53, 0xEF, state, 0, policy, 0, 0, 0)), 1080)
            for state in (0, 1, 2, 4, 5)
            for policy in (1, 2, 3)
        ),
        Magic(b"\x53\xef", 1080, carve=False),
    )

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the file system as its superblock counts it, cut at what is there; the root must be a directory."""
        image = ExtImage(data.slice(offset))
        if kind_of(image.inode(2).mode) is not MemberKind.DIRECTORY:
            raise NotThisFormat("ext root is no directory")
        return Span(offset, offset + min(image.block.blocks * image.block.block_size, data.size - offset))

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_ext(data)
