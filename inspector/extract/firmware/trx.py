"""TRX in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.trx import MAGIC, parse_trx


class Trx(Wrapper):
    """TRX of version 1 or 2; a wrong checksum is a note."""

    INFO = ExtractorInfo(
        name="trx",
        title="Broadcom TRX",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Firmware of Broadcom routers (Asus, Linksys, Buffalo and others).",
        references=(
            "OpenWrt wiki, TRX vs. TRX2 vs. BIN",
            "OpenWrt firmware-utils otrx",
        ),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MAGIC),)
    parse = staticmethod(parse_trx)
