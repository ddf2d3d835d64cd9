"""UBI images → their volumes."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.ubi import measure_ubi, read_ubi
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Ubi(Extractor):
    """UBI."""

    INFO = ExtractorInfo(
        name="ubi",
        title="UBI",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Logical volumes on the raw NAND flash of routers, cameras and set-top boxes.",
        references=("http://www.linux-mtd.infradead.org/doc/ubi.html",),
        tested="original packer: ubinize, with bad and erased blocks put between",
    )
    MAGIC = (Magic(b"UBI#\x01\x00\x00\x00"),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent up to the end of the last erase block with a header."""
        extent = measure_ubi(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_ubi(data)
