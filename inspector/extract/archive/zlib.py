"""Adapter for zlib stream."""

from collections.abc import Iterator

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import zlib
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader, Span


class Zlib(StreamExtractor):
    """zlib stream as a container of one member."""

    INFO = ExtractorInfo(
        name="zlib",
        title="zlib stream",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Settings backups, partitions and resources of cameras and routers.",
        references=("RFC 1950",),
        limitations=(
            "inside programs streams are looked for only where Qt resources are compiled in: two bytes are no magic",
            "streams of less than 32 decoded bytes count at the start of an artifact only",
        ),
        tested="Python zlib",
    )
    MAGIC = (*(Magic(header, carve=False) for header in zlib.HEADERS),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header holds."""
        zlib.check_header(data, offset)

    def scattered(self, data: Reader, region: Span) -> Iterator[Span]:
        """Yield the whole streams at any offset of the region."""
        return zlib.streams(data, region)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length, proved by decoding."""
        return zlib.length(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return zlib.decompress(data, offset, step)
