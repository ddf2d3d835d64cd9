"""Telink images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.telink import MAGIC, MAGIC_AT, parse_telink


class Telink(Wrapper):
    """Program and CRC of a Telink radio chip."""

    INFO = ExtractorInfo(
        name="telink",
        title="Telink TLSR firmware",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Firmware of Zigbee and BLE devices (Tuya, Xiaomi, Aqara, IKEA) on Telink chips.",
        references=("Telink SDK boot/cstartup.S and OTA notes",),
        tested="real image: Tuya-branded Xiaomi MHO-C122 thermometer",
    )
    MAGIC = (Magic(MAGIC, MAGIC_AT),)
    parse = staticmethod(parse_telink)
