"""Adapter for lzop."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import lzop
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Lzop(StreamExtractor):
    """lzop as a container of one member."""

    INFO = ExtractorInfo(
        name="lzop",
        title="lzop",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Kernels and RAM disks of older boards.",
        references=("Linux kernel, lib/decompress_unlzo.c",),
        tested="original packer: lzop",
    )
    MAGIC = (Magic(lzop.MAGIC),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header holds."""
        lzop.parse_header(data, offset)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length from the block headers."""
        return lzop.extent(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return lzop.decompress(data, offset, step)
