"""Realtek SDK images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.realtek import CARVED, parse_realtek


class Realtek(Wrapper):
    """Sections of kernel, root file system and web pages."""

    INFO = ExtractorInfo(
        name="realtek",
        title="Realtek SDK image (cr6c and kin)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of routers and cameras on Realtek RTL819x chips.",
        references=("Realtek rtl819x SDK, cvimg",),
        limitations=("Signatures that a vendor renamed are not known.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (*(Magic(magic) for magic in CARVED), Magic(b"boot", carve=False), Magic(b"ALL1", carve=False))
    parse = staticmethod(parse_realtek)
