"""Adapter for zip."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import zip_members
from inspector.formats.archive.zip import END, LOCAL, SPANNED
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Zip(Extractor):
    """zip as Android reads it, and by its local headers where the directory is lost."""

    INFO = ExtractorInfo(
        name="zip",
        title="zip",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Apps (APK, IPA, bundles), update packages, vendor downloads.",
        references=("PKWARE APPNOTE 6.3.10", "Android libziparchive"),
        limitations=(
            "of an entry in PPMd the first 16 MB are read, or those in the first 2 MB packed",
            "encrypted entries are gaps",
        ),
        tested="original packers: zip, 7z, bsdtar, Python zipfile, PKZIP; built samples of reduce; for DCL implode the "
        "test files of implode-decoder",
    )
    MAGIC = (Magic(LOCAL), Magic(END, carve=False), Magic(SPANNED, carve=False))

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent up to the end of the directory's comment."""
        return zip_members.extent(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the entries in the order of the directory."""
        return zip_members.read_zip(data)
