"""Adapter for xz."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import xz
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Xz(StreamExtractor):
    """xz with any number of streams; the extent is walked, not decoded."""

    INFO = ExtractorInfo(
        name="xz",
        title="xz",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Kernels, packages and images of current Linux devices.",
        references=("https://tukaani.org/xz/xz-file-format.txt",),
        tested="original packer: xz",
    )
    MAGIC = (Magic(xz.MAGIC),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header's checksum holds."""
        xz.check_size(data, offset)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length from the chunk headers."""
        return xz.extent(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return xz.unxz(data, offset, step)
