"""SEAMA in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.seama import MAGIC, parse_seama


class Seama(Wrapper):
    """Chain of SEAMA entities, either byte order."""

    INFO = ExtractorInfo(
        name="seama",
        title="SEAMA / DLOB",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link and other routers made by Alpha Networks.",
        references=("OpenWrt firmware-utils oseama",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MAGIC.to_bytes(4, "big")), Magic(MAGIC.to_bytes(4, "little")))
    parse = staticmethod(parse_seama)
