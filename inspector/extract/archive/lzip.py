"""Adapter for lzip."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import lzip
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Lzip(StreamExtractor):
    """lzip as a container of one member."""

    INFO = ExtractorInfo(
        name="lzip",
        title="lzip",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="GNU source packages, some vendor archives.",
        references=("draft-diaz-lzip-09",),
        tested="original packer: lzip",
    )
    MAGIC = (Magic(lzip.MAGIC),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header holds."""
        lzip.check_header(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return lzip.decompress(data, offset, step)
