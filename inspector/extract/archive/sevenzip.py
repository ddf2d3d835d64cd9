"""Adapter for 7z."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import sevenzip
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class SevenZip(Extractor):
    """7z with solid blocks, each decoded once."""

    INFO = ExtractorInfo(
        name="7z",
        title="7z",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Vendor downloads, SDK packages.",
        references=("LZMA SDK, 7zFormat.txt and Methods.txt",),
        limitations=(
            "of blocks in PPMd the first 16 MB are read, or those in the first 2 MB packed",
            "encrypted blocks are gaps",
        ),
        tested="original packer: 7z; built samples of Zstandard, Brotli and LZ4 as 7-Zip ZS and py7zr pack",
    )
    MAGIC = (Magic(sevenzip.MAGIC),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent that the start header states."""
        return sevenzip.extent(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the members in the order of the header."""
        return sevenzip.read_7z(data)
