"""Adapter for installers of Inno Setup."""

from inspector.errors import NotThisFormat
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import inno
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Inno(Extractor):
    """Inno Setup installer: the programs that run it, its records and script, and the files it installs."""

    INFO = ExtractorInfo(
        name="inno",
        title="Inno Setup installer",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Tools of vendors for Windows: the files, with the records and the script that say where they go.",
        references=("Inno Setup, Projects/Src/Shared.Struct.pas", "innoextract, Binary Refinery: other versions"),
        limitations=(
            "from version 5.0 on; of versions that came after 7.0 files may have no names",
            "files in parts beside the program (setup-1.bin) are named and not read",
            "recognised at the start of a file alone",
        ),
        tested="built samples of versions 5.0 to 7.0, some of which innoextract reads alike",
        remedy="innoextract",
    )
    MAGIC = (Magic(inno.PROGRAM, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent that the table in the program states."""
        if offset:
            raise NotThisFormat("no start of a file")
        return Span(0, inno.extent(data))

    def unpack(self, data: Reader) -> Contents:
        """Return the programs, the records, and the files, those that are packed together in a row."""
        return inno.parse_inno(data)
