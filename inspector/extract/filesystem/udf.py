"""UDF volumes → their files."""

from inspector.errors import NotThisFormat
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.udf import BEGIN, RECOGNITION, measure_udf, read_udf
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Udf(Extractor):
    """UDF without ISO 9660 beside it; discs with both are read as one by the reader of ISO 9660."""

    INFO = ExtractorInfo(
        name="udf",
        title="UDF",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="DVDs and Blu-ray discs, recordings of medical devices, large USB disks.",
        references=("ECMA-167, third edition", "OSTA Universal Disk Format 2.60"),
        limitations=("Extended attributes and streams of the whole volume are not decoded.",),
        tested="original packer: mkudffs, all revisions and media, files laid into its images by hand and compared "
        "with 7z; genisoimage -udf",
    )
    MAGIC = (Magic(BEGIN, RECOGNITION),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent up to the end of the last partition, cut at what is there."""
        part = data.slice(offset)
        if not part.startswith(BEGIN, RECOGNITION):
            raise NotThisFormat("no UDF recognition sequence")
        return Span(offset, offset + measure_udf(part).end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_udf(data)
