"""Compiled HTML Help → its pages."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive.chm import MAGICS, measure_chm, read_chm
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Chm(Extractor):
    """Help files of Windows programs."""

    INFO = ExtractorInfo(
        name="chm",
        title="Compiled HTML Help (CHM)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Manuals and help beside the Windows tools of vendors: pages, pictures, and the addresses in them.",
        references=(
            "Unofficial (Preliminary) HTML Help Specification, Matthew Russotto",
            "[MS-PATCH]: LZX",
        ),
        limitations=(
            "packed pages of a file that has no table of resets are named and not read",
            "files of Microsoft Help 2 (.hxs) and of Microsoft Reader (.lit) are another format",
        ),
        tested="original packers: HTML Help Workshop, chmcmd of Free Pascal; 7z reads them alike",
    )
    MAGIC = tuple(Magic(magic) for magic in MAGICS)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent that the header tells."""
        return Span(offset, offset + measure_chm(data.slice(offset)).end)

    def unpack(self, data: Reader) -> Contents:
        """Return the pages and the tables of the help program (`#SYSTEM`, `$FIftiMain`)."""
        return read_chm(data)
