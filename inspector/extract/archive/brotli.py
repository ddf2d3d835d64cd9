"""Adapter for brotli, told by name."""

from inspector.errors import Malformed, NotThisFormat
from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade
from inspector.formats import brotli
from inspector.formats.reader import Reader, Span
from inspector.formats.streams import STEP, Stream

PROBE = 1 << 12


class Brotli(StreamExtractor):
    """brotli as a container of one member."""

    INFO = ExtractorInfo(
        name="brotli",
        title="brotli stream",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Web pages of devices, Android updates (system.new.dat.br).",
        references=("RFC 7932",),
        limitations=("Told by a file name that ends in .br only: the format has no magic.",),
        tested="original packer: brotli",
    )
    MAGIC = ()
    NAMES = (".br",)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` away from the start, or where the stream does not begin to decode."""
        if offset:
            raise NotThisFormat("brotli is told by the name of a file")
        try:
            next(brotli.decompress(data, 0, PROBE))
        except (StopIteration, Malformed) as error:
            raise NotThisFormat("no brotli stream") from error

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the whole file: the stream is decoded when it is read."""
        self.check(data, offset)
        return Span(offset, data.size)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return brotli.decompress(data, offset, step)
