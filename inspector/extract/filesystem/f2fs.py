"""F2FS file systems → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.f2fs import measure_f2fs, read_f2fs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class F2fs(Extractor):
    """F2FS."""

    INFO = ExtractorInfo(
        name="f2fs",
        title="F2FS",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Data partitions of Android phones; root file systems of some devices with eMMC.",
        references=("https://docs.kernel.org/filesystems/f2fs.html",),
        limitations=(
            "Nodes synced after the last checkpoint are not replayed.",
            "Files encrypted with fscrypt are named, not read.",
        ),
        tested="original packer: mkfs.f2fs and sload.f2fs, files compressed with lz4 and lzo too",
    )
    MAGIC = (Magic(b"\x10\x20\xf5\xf2", 1024),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the superblock counts it, cut at what is there."""
        extent = measure_f2fs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_f2fs(data)
