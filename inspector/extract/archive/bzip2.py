"""Adapter for bzip2."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import bzip2
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Bzip2(StreamExtractor):
    """bzip2 with any number of streams."""

    INFO = ExtractorInfo(
        name="bzip2",
        title="bzip2",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Older tar packages, vendor updates, payload.bin pieces.",
        references=("https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf",),
        tested="original packer: bzip2",
    )
    MAGIC = (*(Magic(b"BZh%d" % level + bzip2.BLOCK) for level in range(1, 10)),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless header and first block mark hold."""
        bzip2.check_header(data, offset)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length; of a whole file the end mark before its end is enough."""
        if offset == 0 and bzip2.ends_with_data(data, offset):
            return data.size
        return super().length(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return bzip2.decompress(data, offset, step)
