"""exFAT file systems → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.exfat import measure_exfat, read_exfat
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Exfat(Extractor):
    """exFAT."""

    INFO = ExtractorInfo(
        name="exfat",
        title="exFAT",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="SD cards and USB media of cameras, recorders and phones.",
        references=("https://learn.microsoft.com/windows/win32/fileio/exfat-specification",),
        tested="built sample: files laid by hand into an image of mkfs.exfat, for which no copying tool exists",
    )
    MAGIC = (Magic(b"EXFAT   ", 3),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the boot sector counts it, cut at what is there."""
        extent = measure_exfat(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_exfat(data)
