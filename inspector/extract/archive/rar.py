"""Adapter for RAR."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import rar


class Rar(Wrapper):
    """RAR and its members."""

    INFO = ExtractorInfo(
        name="rar",
        title="RAR",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Vendor downloads.",
        references=("rarlab.com/technote.htm",),
        limitations=(
            "Of a member in PPMd the first 16 MB are read, or those in the first 2 MB packed.",
            "Of volumes that do not lie side by side, each is read by itself.",
        ),
        tested="other packer: rars, RAR 1.5 to 7; real archives: those of the test suite of rarfile 4.2, RAR 1.5 to 5",
        remedy="unrar or 7z",
    )
    MAGIC = (Magic(rar.MAGIC4), Magic(rar.MAGIC5))
    parse = staticmethod(rar.parse_rar)
