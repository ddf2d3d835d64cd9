"""FAT file systems → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.fat import MEDIA, UNMARKED_AT, measure_fat, read_fat
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Fat(Extractor):
    """FAT12, FAT16, FAT32."""

    INFO = ExtractorInfo(
        name="fat",
        title="FAT12, FAT16, FAT32",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Boot and data partitions, SD cards, update images of all kinds of devices.",
        references=("https://learn.microsoft.com/windows/win32/fileio/file-systems",),
        limitations=("Without the mark 55 AA only at the start of an artifact, with sectors of 512 bytes.",),
        tested="original packer: mkfs.fat with mtools, all three widths, also as Atari writes it",
    )
    MAGIC = (
        Magic(b"FAT12   ", 54),
        Magic(b"FAT16   ", 54),
        Magic(b"FAT32   ", 82),
        Magic(b"\x55\xaa", 510, carve=False),
        *(Magic(bytes([media, 0xFF, 0xFF]), UNMARKED_AT, carve=False) for media in MEDIA),
    )

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the boot sector counts it, cut at what is there."""
        extent = measure_fat(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_fat(data)
