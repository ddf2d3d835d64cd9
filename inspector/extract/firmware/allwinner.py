"""Allwinner packages in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.allwinner import MAGIC, parse_allwinner


class Allwinner(Wrapper):
    """Files of an IMAGEWTY package."""

    INFO = ExtractorInfo(
        name="imagewty",
        title="Allwinner IMAGEWTY package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Update packages of tablets, TV boxes and cameras on Allwinner chips.",
        references=("awutils imagewty.h",),
        limitations=("Packages encrypted as a whole show no header.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MAGIC),)
    parse = staticmethod(parse_allwinner)
