"""romfs images → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.romfs import measure_romfs, read_romfs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Romfs(Extractor):
    """romfs."""

    INFO = ExtractorInfo(
        name="romfs",
        title="romfs",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Tiny uncompressed root file system of devices without a memory-management unit.",
        references=("https://docs.kernel.org/filesystems/romfs.html",),
        tested="original packer: genromfs; real image of binwalk",
    )
    MAGIC = (Magic(b"-rom1fs-"),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the header states it; the checksum must hold."""
        extent = measure_romfs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_romfs(data)
