"""Adapter for NTFS."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem import ntfs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Ntfs(Extractor):
    """Files and named streams of a volume."""

    INFO = ExtractorInfo(
        name="ntfs",
        title="NTFS volume",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Disks of devices with Windows: consoles of medical devices, recorders, point of sale.",
        references=("Linux-NTFS project documentation", "MS-FSCC"),
        limitations=("Files compressed or encrypted by NTFS are named, not read.", "The log is not replayed."),
        tested="original packer: mkntfs with ntfscp",
    )
    MAGIC = (Magic(ntfs.MAGIC, ntfs.MAGIC_AT),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent that the boot sector states, up to the end of the data."""
        return ntfs.extent(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the files in the order of their records."""
        return ntfs.read_ntfs(data)
