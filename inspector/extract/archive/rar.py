"""Adapter for RAR."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.firmware.wrapper import Wrapper
from inspector.formats import rar


class Rar(Wrapper):
    """RAR and its members."""

    INFO = ExtractorInfo(
        name="rar",
        title="RAR",
        family=Family.ARCHIVE,
        grade=Grade.LIST,
        summary="Vendor downloads.",
        references=("rarlab.com/technote.htm",),
        limitations=(
            "packed members are named, only stored ones are read",
            "of volumes that do not lie side by side, each is read by itself",
        ),
        tested="real archives: those of the test suite of rarfile 4.2, RAR 1.5 to 5; built samples, read by bsdtar",
        remedy="unrar or 7z",
    )
    MAGIC = (Magic(rar.MAGIC4), Magic(rar.MAGIC5))
    parse = staticmethod(rar.parse_rar)
