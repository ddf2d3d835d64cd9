"""ISO 9660 images → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.iso9660 import measure_iso9660, read_iso9660
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Iso9660(Extractor):
    """ISO 9660, with UDF where the disc has both."""

    INFO = ExtractorInfo(
        name="iso9660",
        title="ISO 9660",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Optical discs, installers and recovery images.",
        references=("https://ecma-international.org/publications-and-standards/standards/ecma-119/",),
        tested="original packers: genisoimage and xorriso with Rock Ridge, Joliet, plain names; xorriso with zisofs; "
        "genisoimage with UDF",
    )
    MAGIC = (Magic(b"\x01CD001\x01", 32768),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the primary volume counts it, or UDF beside it, cut at what is there."""
        extent = measure_iso9660(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_iso9660(data)
