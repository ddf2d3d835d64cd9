"""Router headers in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.routerheader import DNI_MAGIC, LINKSYS_MAGIC, LINKSYS_MAGIC_AT, parse_dni, parse_linksys


class Dni(Wrapper):
    """Image behind a text header of Netgear."""

    INFO = ExtractorInfo(
        name="netgear-dni",
        title="Netgear DNI image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Netgear routers and extenders made by DNI.",
        references=("OpenWrt firmware-utils mkdniimg",),
        limitations=("The image has no length: it reaches to the end of the data.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(DNI_MAGIC, carve=False),)
    parse = staticmethod(parse_dni)


class Linksys(Wrapper):
    """TRX behind a code pattern of Linksys."""

    INFO = ExtractorInfo(
        name="linksys",
        title="Linksys code pattern",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Linksys WRT54G and kin.",
        references=("OpenWrt firmware-utils addpattern",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(LINKSYS_MAGIC, LINKSYS_MAGIC_AT),)
    parse = staticmethod(parse_linksys)
