"""Dumps of NAND flash in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.nanddump import parse_nanddump


class NandDump(Wrapper):
    """NAND flash read out with its spare bytes: they are taken away."""

    INFO = ExtractorInfo(
        name="nand-dump",
        title="NAND dump with spare bytes",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Flash read out by programmers and by nanddump, UBI inside.",
        references=("mtd-utils nanddump",),
        limitations=("Dumps without UBI are not told.", "Error correction is not applied."),
        tested="image of ubinize with spare bytes put between its pages",
    )
    MAGIC = (Magic(b"UBI#\x01\x00\x00\x00"),)
    parse = staticmethod(parse_nanddump)
