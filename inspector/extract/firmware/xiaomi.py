"""Xiaomi router images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.xiaomi import parse_xiaomi


class Xiaomi(Wrapper):
    """HDR1 and HDR2 with their named blobs."""

    INFO = ExtractorInfo(
        name="xiaomi-hdr",
        title="Xiaomi HDR1/HDR2",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Xiaomi and Redmi routers.",
        references=(
            "OpenWrt firmware-utils xiaomifw",
            "unblob handlers/archive/xiaomi/hdr.py",
        ),
        limitations=("The RSA signature is measured, not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(b"HDR1"), Magic(b"HDR2"))
    parse = staticmethod(parse_xiaomi)
