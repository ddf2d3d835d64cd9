"""TP-Link headers in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.tplink import SAFELOADER_TABLE, TABLE_LINE, parse_safeloader, parse_tplink


class TpLink(Wrapper):
    """TP-Link header with MD5 sum, versions 1 to 3; a boot loader in front nests a second one."""

    INFO = ExtractorInfo(
        name="tplink",
        title="TP-Link firmware header",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates and flash images of TP-Link routers and access points.",
        references=("OpenWrt firmware-utils mktplinkfw and mktplinkfw2",),
        limitations=("The RSA signature of newer images is not checked.",),
        tested="real image: TP-Link WR940N v6 (version 1); built sample (versions 2 and 3)",
    )
    MAGIC = (Magic(b"\x01\0\0\0TP-L"), Magic(b"\x55\xaa", 0x8C, carve=False))
    parse = staticmethod(parse_tplink)


class SafeLoader(Wrapper):
    """TP-Link image with a text table of partitions."""

    INFO = ExtractorInfo(
        name="tplink-safeloader",
        title="TP-Link safe loader image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of newer TP-Link routers, Archer and EAP series.",
        references=("OpenWrt firmware-utils tplink-safeloader",),
        limitations=("The MD5 sum at the start and the signature are not checked.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(TABLE_LINE, SAFELOADER_TABLE),)
    parse = staticmethod(parse_safeloader)
