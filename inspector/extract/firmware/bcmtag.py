"""Broadcom tag in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.bcmtag import MAGIC, parse_bcmtag


class BroadcomTag(Wrapper):
    """256-byte tag, then boot loader, root file system, kernel."""

    INFO = ExtractorInfo(
        name="bcm-tag",
        title="Broadcom CFE image tag",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of DSL routers on Broadcom BCM63xx chips.",
        references=(
            "Linux include/linux/bcm963xx_tag.h",
            "OpenWrt firmware-utils imagetag",
        ),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MAGIC, 4),)
    parse = staticmethod(parse_bcmtag)
