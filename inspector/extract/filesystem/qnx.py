"""File systems of QNX → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats import qnx_ifs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class QnxImageFs(Extractor):
    """Image file system alone."""

    INFO = ExtractorInfo(
        name="qnx-imagefs",
        title="QNX image file system",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Read-only files of QNX boot images: programs, libraries, boot script.",
        references=("QNX sys/image.h", "dumpifs"),
        limitations=("Extended attributes are not decoded.",),
        tested="built sample from the documented layout, both byte orders",
    )
    MAGIC = (Magic(qnx_ifs.FILES),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the header states it, cut at what is there."""
        extent = qnx_ifs.measure_qnx_imagefs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return qnx_ifs.read_qnx_imagefs(data)
