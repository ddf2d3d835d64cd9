"""Adapter for Electron archives."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import asar
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Asar(Extractor):
    """Files of an Electron application."""

    INFO = ExtractorInfo(
        name="asar",
        title="Electron archive (asar)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Code of desktop applications and consoles made with Electron.",
        references=("electron/asar README",),
        limitations=("Files kept beside the archive are named only.",),
        tested="original packer: @electron/asar",
    )
    MAGIC = (Magic(asar.TEXT_START, asar.TEXT_AT, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent up to the last file that the list names."""
        return asar.extent(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the files in the order of the list."""
        return asar.read_asar(data)
