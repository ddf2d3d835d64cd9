"""Adapter for OLE compound files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import compound
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Compound(Extractor):
    """Streams of a compound file."""

    INFO = ExtractorInfo(
        name="ole",
        title="OLE compound file (MSI, Office, Thumbs.db)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Installers (MSI) of vendor tools, Office documents, picture caches left in web pages.",
        references=("MS-CFB", "msitools libmsi"),
        limitations=("The tables of an MSI database are streams, not rows.",),
        tested="original packer: wixl of msitools; real files: Thumbs.db in TP-Link WR940N v6",
    )
    MAGIC = (Magic(compound.MAGIC, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return everything from `offset` on: the header states no length."""
        compound.check(data, offset)
        return Span(offset, data.size)

    def unpack(self, data: Reader) -> Contents:
        """Return the streams."""
        return compound.read_compound(data)
