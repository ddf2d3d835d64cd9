"""Adapter for LZ4."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import lz4
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Lz4(StreamExtractor):
    """LZ4 as a container of one member."""

    INFO = ExtractorInfo(
        name="lz4",
        title="LZ4",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Kernels and RAM disks that must start quickly.",
        references=("github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md",),
        limitations=("frames that need a dictionary kept elsewhere",),
        tested="original packer: lz4",
    )
    MAGIC = (Magic(lz4.MAGIC), Magic(lz4.LEGACY))

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header holds."""
        lz4.check_header(data, offset)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length from the block headers."""
        return lz4.extent(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return lz4.decompress(data, offset, step)
