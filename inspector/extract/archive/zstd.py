"""Adapter for Zstandard."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import zstd
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Zstd(StreamExtractor):
    """Zstandard frames; the extent is walked, not decoded."""

    INFO = ExtractorInfo(
        name="zstd",
        title="Zstandard",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Kernels, RAM disks and packages of recent devices.",
        references=("RFC 8878",),
        limitations=("frames that need a dictionary kept elsewhere", "windows over 512 MiB"),
        tested="original packer: zstd",
    )
    MAGIC = (Magic(zstd.MAGIC), *(Magic(bytes([0x50 + low, 0x2A, 0x4D, 0x18]), carve=False) for low in range(16)))

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless a frame starts here."""
        zstd.check_header(data, offset)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length from the block headers."""
        return zstd.extent(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return zstd.decompress(data, offset, step)
