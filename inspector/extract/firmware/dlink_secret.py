"""D-Link images behind published passphrases in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.dlink_secret import (
    DLK_MAGIC,
    MH01_MAGIC,
    SALTED,
    TLV_MAGIC,
    parse_dlk,
    parse_mh01,
    parse_plain_mh01,
    parse_salted,
    parse_tlv,
)


class Mh01(Wrapper):
    """MH01 image, decrypted where the passphrase of its model is published."""

    INFO = ExtractorInfo(
        name="dlink-mh01",
        title="D-Link MH01 image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link DIR-X, COVR, M and R series routers.",
        references=("devttys0/delink mh01",),
        limitations=("Models whose passphrase is not published are gaps.",),
        tested="built samples, encrypted with the openssl program",
    )
    MAGIC = (Magic(MH01_MAGIC, carve=False),)
    parse = staticmethod(parse_mh01)


class Mh01Plain(Wrapper):
    """The second header, inside a decrypted MH01 image."""

    INFO = ExtractorInfo(
        name="dlink-mh01-plain",
        title="D-Link MH01 content",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="What a decrypted MH01 image holds.",
        references=("devttys0/delink mh01",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MH01_MAGIC, carve=False),)
    parse = staticmethod(parse_plain_mh01)


class Tlv(Wrapper):
    """Tagged image, decrypted with the key from its own names."""

    INFO = ExtractorInfo(
        name="dlink-tlv",
        title="D-Link TLV image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link access points and DAP-X series.",
        references=(
            "devttys0/delink tlv",
            "binwalk 3 structures/dlink_tlv",
        ),
        limitations=("The MD5 value is not verified.",),
        tested="built samples, encrypted with the openssl program",
    )
    MAGIC = (Magic(TLV_MAGIC, carve=False),)
    parse = staticmethod(parse_tlv)


class Dlk(Wrapper):
    """DLK image, decrypted block by block."""

    INFO = ExtractorInfo(
        name="dlink-dlk",
        title="D-Link DLK image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of newer D-Link routers of the M and R series.",
        references=("devttys0/delink dlk",),
        limitations=("Models whose key is not published are gaps.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(DLK_MAGIC, carve=False),)
    parse = staticmethod(parse_dlk)


class DlinkSalted(Wrapper):
    """File of the openssl program under a published passphrase."""

    INFO = ExtractorInfo(
        name="dlink-salted",
        title="D-Link file of openssl enc",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link DAP-1610 and of the R36, M36, R95 and M95 routers.",
        references=("devttys0/delink dap1610, r95",),
        tested="built samples, encrypted with the openssl program",
    )
    MAGIC = (Magic(SALTED, carve=False), Magic(SALTED, 512, carve=False))
    parse = staticmethod(parse_salted)
