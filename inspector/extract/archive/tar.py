"""Adapter for tar."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import tar
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Tar(Extractor):
    """tar in all its dialects; contents are slices, nothing is copied."""

    INFO = ExtractorInfo(
        name="tar",
        title="tar",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Update packages, root file systems, container layers.",
        references=("POSIX.1-2017 pax", "GNU tar manual, Basic Tar Format"),
        limitations=("v7 archives, which have no magic, are recognised at the start of an artifact only",),
        tested="original packers: GNU tar, bsdtar, Python tarfile",
    )
    MAGIC = (Magic(b"ustar", 257), Magic(b"", 0, carve=False))

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent up to the end marks, or to the last whole entry."""
        return tar.extent(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the entries in the order of the file."""
        return tar.read_tar(data)
