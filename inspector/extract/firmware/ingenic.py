"""Ingenic boot loaders in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.ingenic import MAGIC, parse_ingenic


class Ingenic(Wrapper):
    """First-stage boot loader of Ingenic chips."""

    INFO = ExtractorInfo(
        name="ingenic-spl",
        title="Ingenic boot loader",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Boot loaders of cameras on Ingenic chips.",
        references=("Ingenic SDK, U-Boot tools",),
        limitations=("The second stage is not pointed to and stays outside.",),
        tested="real image: Xiaomi Dafang boot loader partition",
    )
    MAGIC = (Magic(MAGIC),)
    parse = staticmethod(parse_ingenic)
