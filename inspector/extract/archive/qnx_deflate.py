"""Adapter for files of QNX deflate."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import qnx_deflate
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader


class QnxDeflate(StreamExtractor):
    """One file in blocks of LZO or UCL."""

    INFO = ExtractorInfo(
        name="qnx-deflate",
        title="QNX deflate file",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Programs in QNX file systems of cars and medical devices.",
        references=("QNX deflate utility", "unblob qnx_deflate handler"),
        tested="original packer: blocks of libucl 1.03; built samples in the layout of the QNX utility for the files",
    )
    MAGIC = (Magic(qnx_deflate.MAGIC),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header and that of the first block hold."""
        qnx_deflate.parse_header(data, offset)

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length from the block headers."""
        return qnx_deflate.extent(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the file at `offset`."""
        return qnx_deflate.decompress(data, offset, step)

    def unpack(self, data: Reader) -> Contents:
        """Return the one file, and how it is packed."""
        contents = super().unpack(data)
        header = qnx_deflate.parse_header(data, 0)
        return Contents(contents.members, properties={"compression": qnx_deflate.NAMES[header.codec]})
