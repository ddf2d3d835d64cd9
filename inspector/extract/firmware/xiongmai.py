"""Adapter for Xiongmai packages."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive.zip import LOCAL
from inspector.formats.firmware import xiongmai
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Xiongmai(Extractor):
    """Zip with a description of its device."""

    INFO = ExtractorInfo(
        name="xiongmai",
        title="Xiongmai update package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Xiongmai cameras and recorders, and of the many brands that resell them.",
        references=("OpenIPC",),
        limitations=("Encrypted images of newer packages are named, not read.",),
        tested="built sample: zip of the Python library",
    )
    MAGIC = (Magic(LOCAL, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent of the zip, where it holds the description of a device."""
        return xiongmai.extent(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the entries in the order of the directory."""
        return xiongmai.read_xiongmai(data)
