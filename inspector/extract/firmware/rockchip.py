"""Rockchip packages in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.rockchip import PART_MAGICS, parse_rkaf, parse_rkfw, parse_rkpart


class Rkfw(Wrapper):
    """Loader and update of an RKFW package."""

    INFO = ExtractorInfo(
        name="rkfw",
        title="Rockchip RKFW package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Update packages of TV boxes and tablets on Rockchip chips.",
        references=("rk2918_tools rkrom",),
        limitations=("The loader is one member; its parts are scrambled.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(b"RKFW"),)
    parse = staticmethod(parse_rkfw)


class Rkaf(Wrapper):
    """Partition files of an RKAF package."""

    INFO = ExtractorInfo(
        name="rkaf",
        title="Rockchip RKAF package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Partitions of a Rockchip update, alone or inside an RKFW package.",
        references=("rk2918_tools afptool",),
        limitations=("The closing checksum is not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(b"RKAF"),)
    parse = staticmethod(parse_rkaf)


class RkPart(Wrapper):
    """Kernel or parameter block with length and checksum."""

    INFO = ExtractorInfo(
        name="rk-part",
        title="Rockchip KRNL/PARM part",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Kernel and parameter partitions of older Rockchip devices.",
        references=("rkflashtool documentation",),
        limitations=("The closing checksum is not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(magic) for magic in PART_MAGICS)
    parse = staticmethod(parse_rkpart)
