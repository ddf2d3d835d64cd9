"""Updates of Wi-Fi chips in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.bekencode import first_bytes, parse_beken_code
from inspector.formats.firmware.iotchip import AMEBA_TAGS, RBL_MAGIC, UG_HEAD, parse_ameba, parse_rbl, parse_tuya_ug


class TuyaUg(Wrapper):
    """Program behind the header of a Tuya UG package."""

    INFO = ExtractorInfo(
        name="tuya-ug",
        title="Tuya UG package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Tuya Wi-Fi modules (WBR, CB, WB series).",
        references=("Tuya Wi-Fi SDK package.h, UG_PKG_FH_S",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(UG_HEAD),)
    parse = staticmethod(parse_tuya_ug)


class BekenRbl(Wrapper):
    """Body of an RBL update, decrypted with the key of the SDK where that fits."""

    INFO = ExtractorInfo(
        name="beken-rbl",
        title="Beken RBL update",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Beken BK7231 modules (Tuya CB and WB series).",
        references=(
            "RT-Thread OTA packager",
            "ltchiptool, rtota",
        ),
        limitations=(
            "Bodies encrypted with a vendor's own key are not read.",
            "QuickLZ and FastLZ are not decoded.",
        ),
        tested="original packer: ltchiptool, plain and gzip; built samples for the ciphers",
    )
    MAGIC = (Magic(RBL_MAGIC),)
    parse = staticmethod(parse_rbl)


class BekenCode(Wrapper):
    """Program flash of a Beken chip, checksums and cipher taken off."""

    INFO = ExtractorInfo(
        name="beken-code",
        title="Beken BK7231 program flash",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Dumps and programs of Beken BK7231 modules (Tuya CB and WB series).",
        references=("ltchiptool and bk7231tools", "https://docs.libretiny.eu/docs/platform/beken-72xx/"),
        limitations=("Programs under another key than the one most devices share are not told.",),
        tested="original packer: ltchiptool",
    )
    MAGIC = tuple(Magic(byte, 3, carve=False) for byte in first_bytes())
    parse = staticmethod(parse_beken_code)


class Ameba(Wrapper):
    """Images of an Ameba OTA file, each with its byte sum."""

    INFO = ExtractorInfo(
        name="ameba-ota",
        title="Realtek Ameba OTA",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Realtek RTL8710B and RTL8720 modules.",
        references=("Realtek Ameba application note, OTA",),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(tag, 8) for tag in AMEBA_TAGS)
    parse = staticmethod(parse_ameba)
