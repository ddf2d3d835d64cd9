"""UBIFS volumes → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.ubifs import measure_ubifs, read_ubifs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Ubifs(Extractor):
    """UBIFS."""

    INFO = ExtractorInfo(
        name="ubifs",
        title="UBIFS",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Writable root file system on NAND flash, inside a UBI volume.",
        references=("http://www.linux-mtd.infradead.org/doc/ubifs.html",),
        limitations=("Files encrypted with fscrypt are named, not read.", "Extended attributes are not decoded."),
        tested="original packer: mkfs.ubifs with lzo, zlib, zstd and none",
    )
    MAGIC = (Magic(b"\x31\x18\x10\x06"),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the superblock counts it, cut at what is there."""
        extent = measure_ubifs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_ubifs(data)
