"""Adapter for Unix compress."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import lzw
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader, Span


class Compress(StreamExtractor):
    """LZW stream as a container of one member."""

    INFO = ExtractorInfo(
        name="compress",
        title="Unix compress (.Z)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Packages and logs of older Unix appliances.",
        references=("ncompress",),
        limitations=("The stream has no end mark: it reaches to the end of the data.",),
        tested="original packer: compress of ncompress",
    )
    MAGIC = (Magic(lzw.MAGIC, carve=False),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless magic and flags hold."""
        lzw.check_header(data, offset)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return everything from `offset` on."""
        self.check(data, offset)
        return Span(offset, data.size)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return lzw.decompress(data, offset, step)
