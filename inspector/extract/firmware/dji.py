"""DJI images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.dji import IMAH_MAGIC, XV4_MAGIC, parse_imah, parse_xv4


class DjiXv4(Wrapper):
    """Modules of an xV4 package."""

    INFO = ExtractorInfo(
        name="dji-xv4",
        title="DJI xV4 package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of DJI drones up to the Phantom 4 and Inspire generation.",
        references=("dji-firmware-tools documentation, xV4",),
        limitations=("Encrypted modules need DJI's keys.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(XV4_MAGIC.to_bytes(4, "little")),)
    parse = staticmethod(parse_xv4)


class DjiImah(Wrapper):
    """Chunks of a signed image; most are encrypted."""

    INFO = ExtractorInfo(
        name="dji-imah",
        title="DJI IM*H signed image",
        family=Family.FIRMWARE,
        grade=Grade.LIST,
        summary="Modules of newer DJI drones and controllers.",
        references=("fvantienen/dji_rev README",),
        limitations=(
            "Encrypted chunks need DJI's keys.",
            "Signatures are not verified.",
        ),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(IMAH_MAGIC),)
    parse = staticmethod(parse_imah)
