"""cramfs images → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.cramfs import measure_cramfs, read_cramfs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Cramfs(Extractor):
    """cramfs."""

    INFO = ExtractorInfo(
        name="cramfs",
        title="cramfs",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Read-only root file system of older cameras, routers and players.",
        references=("https://docs.kernel.org/filesystems/cramfs.html",),
        limitations=("Pages of another size than 4 KiB are not read.",),
        tested="original packer: mkfs.cramfs of util-linux, both byte orders; real image of binwalk",
    )
    MAGIC = (
        Magic(b"\x45\x3d\xcd\x28"),
        Magic(b"\x28\xcd\x3d\x45"),
    )

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the header states it."""
        extent = measure_cramfs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_cramfs(data)
