"""Bouffalo images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.bouffalo import MAGICS, parse_bouffalo


class Bouffalo(Wrapper):
    """Program behind the BFNP boot header."""

    INFO = ExtractorInfo(
        name="bouffalo",
        title="Bouffalo Lab boot image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Firmware of Wi-Fi and BLE devices on BL602, BL616 and BL702 chips.",
        references=(
            "BL602 reference manual, boot header",
            "bflb_iot_tool 1.10.0",
        ),
        limitations=(
            "Headers of BL606P and BL808 are not known.",
            "Signatures are not verified.",
        ),
        tested="real images: FW_OTA.bin for BL602 and BL616, eflash_loader for BL702, of bflb_iot_tool",
    )
    MAGIC = tuple(Magic(magic) for magic in MAGICS)
    parse = staticmethod(parse_bouffalo)
