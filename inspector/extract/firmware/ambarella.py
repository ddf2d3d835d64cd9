"""Ambarella images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.ambarella import MAGIC, MAGIC_AT, parse_ambarella


class Ambarella(Wrapper):
    """Parts with header and CRC."""

    INFO = ExtractorInfo(
        name="ambarella",
        title="Ambarella A-series firmware",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Firmware of action cameras, dash cameras and drones on Ambarella chips.",
        references=("dji-firmware-tools wiki, Ambarella A9 firmware",),
        limitations=("The table before the first part is not read.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MAGIC.to_bytes(4, "little"), MAGIC_AT),)
    parse = staticmethod(parse_ambarella)
