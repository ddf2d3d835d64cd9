"""Windows images → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive.wim import MAGIC, PIPABLE, measure_wim, read_wim
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Wim(Extractor):
    """WIM, SWM and ESD."""

    INFO = ExtractorInfo(
        name="wim",
        title="Windows image (WIM, ESD)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Recovery and update images of Windows devices: terminals, panels, medical workstations.",
        references=("Microsoft, Windows Imaging File Format, 2007", "MS-XCA"),
        limitations=(
            "Of contents packed together with LZMS (ESD) the first 128 MB are read.",
            "Of images in several files that do not lie side by side, each is read by itself.",
        ),
        tested="original packer: wimlib-imagex",
        remedy="wimlib or 7z",
    )
    MAGIC = (Magic(MAGIC), Magic(PIPABLE))

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent up to the end of what the tables name."""
        return Span(offset, offset + measure_wim(data.slice(offset)).end)

    def unpack(self, data: Reader) -> Contents:
        """Return the files of all images; the same file in a later image is a link to the first."""
        return read_wim(data)
