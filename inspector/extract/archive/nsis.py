"""Adapter for installers of NSIS."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import nsis
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Nsis(Extractor):
    """NSIS installer: its instructions and texts, and the files it installs."""

    INFO = ExtractorInfo(
        name="nsis",
        title="NSIS installer",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Tools of vendors for Windows: the files, with the instructions and texts that say where they go.",
        references=("NSIS, Source/exehead/fileform.h", "Joe Tsai, BZIP2 Format Specification"),
        limitations=(
            "of NSIS before 2.0, and where instructions were renumbered, files have no names",
            "the program that removes what was installed is in parts, as the installer puts it together",
            "packed with bzip2 it is decoded in Python, about a megabyte per second",
        ),
        tested="original packer: makensis, each method and width of characters",
        remedy="7z",
    )
    MAGIC = (Magic(nsis.MAGIC, nsis.MAGIC_AT),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent that the header states; an installer that is cut off reaches to the end of the data."""
        return Span(offset, min(nsis.check_header(data, offset), data.size))

    def unpack(self, data: Reader) -> Contents:
        """Return the header, then the files in the order in which they are packed."""
        return nsis.parse_nsis(data)
