"""CHK in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.chk import MAGIC, parse_chk


class Chk(Wrapper):
    """Kernel and root file system behind a checksummed header."""

    INFO = ExtractorInfo(
        name="chk",
        title="Netgear CHK",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Netgear routers on Broadcom chips.",
        references=("OpenWrt firmware-utils mkchkimg",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MAGIC),)
    parse = staticmethod(parse_chk)
