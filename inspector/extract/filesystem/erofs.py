"""EROFS images → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.erofs import measure_erofs, read_erofs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Erofs(Extractor):
    """EROFS."""

    INFO = ExtractorInfo(
        name="erofs",
        title="EROFS",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="System partitions of current Android devices; root file systems of some cameras and phones.",
        references=("https://docs.kernel.org/filesystems/erofs.html",),
        limitations=("Data on further devices and 48-bit block numbers are not read.",),
        tested="original packer: mkfs.erofs 1.5 and 1.8.6 without compression, lz4, lz4hc, lzma, deflate, zstd, "
        "large clusters, chunks, packed tails, fragments, repeated parts",
    )
    MAGIC = (Magic(b"\xe2\xe1\xf5\xe0", 1024),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the superblock counts it, cut at what is there."""
        extent = measure_erofs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_erofs(data)
