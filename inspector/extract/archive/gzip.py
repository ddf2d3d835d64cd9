"""Adapter for gzip."""

from inspector.extract.archive.stream import CONTENT, StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import gzip
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Gzip(StreamExtractor):
    """gzip with any number of members; damaged ones give their good beginning."""

    INFO = ExtractorInfo(
        name="gzip",
        title="gzip",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Kernels, initial RAM disks, configuration backups, tar packages.",
        references=("RFC 1952",),
        tested="original packer: gzip",
    )
    MAGIC = (Magic(gzip.MAGIC),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the member header holds."""
        gzip.parse_header(data, offset)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length; of a whole file a plausible trailer is taken for the end."""
        if offset == 0 and gzip.ends_with_data(data, offset):
            return data.size
        return super().length(data, offset)

    def name(self, data: Reader) -> str:
        """Return the name in the header, without folders."""
        return gzip.parse_header(data).name.rpartition("/")[2] or CONTENT

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return gzip.gunzip(data, offset, step)
