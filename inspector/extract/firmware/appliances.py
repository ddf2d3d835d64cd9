"""Updates of printers, cameras, controllers, boxes and small chips in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.airoha import MARK as AIROHA_MARK
from inspector.formats.firmware.airoha import MARK_AT as AIROHA_MARK_AT
from inspector.formats.firmware.airoha import parse_airoha
from inspector.formats.firmware.autel import MAGIC as AUTEL_MAGIC
from inspector.formats.firmware.autel import parse_autel
from inspector.formats.firmware.boxpackages import AMLOGIC_MAGIC, AMLOGIC_MAGIC_AT, PAC_START, parse_amlogic, parse_pac
from inspector.formats.firmware.instar import BNEG_START, ZIP_START, parse_bneg, parse_instar_zip
from inspector.formats.firmware.marvell import MAGIC as MRVL_MAGIC
from inspector.formats.firmware.marvell import SBFH_START, parse_mrvl, parse_sbfh
from inspector.formats.firmware.moxa import MAGIC as MOXA_MAGIC
from inspector.formats.firmware.moxa import parse_moxa
from inspector.formats.firmware.printers import BDL_START, DLM_START, IPKG_START, parse_bdl, parse_dlm, parse_ipkg
from inspector.formats.firmware.rockloader import STARTS as LOADER_STARTS
from inspector.formats.firmware.rockloader import parse_loader
from inspector.formats.firmware.wince import MAGIC as WINCE_MAGIC
from inspector.formats.firmware.wince import parse_wince


class HpBdl(Wrapper):
    """HP package of packages."""

    INFO = ExtractorInfo(
        name="hp-bdl",
        title="HP BDL package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of HP printers.",
        references=(
            "hpbdl",
            "unblob handlers/archive/hp",
        ),
        limitations=("Signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(BDL_START),)
    parse = staticmethod(parse_bdl)


class HpIpkg(Wrapper):
    """HP package of files."""

    INFO = ExtractorInfo(
        name="hp-ipkg",
        title="HP IPKG package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Parts of updates of HP printers.",
        references=(
            "hpbdl",
            "unblob handlers/archive/hp",
        ),
        limitations=("Signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(IPKG_START),)
    parse = staticmethod(parse_ipkg)


class XeroxDlm(Wrapper):
    """Xerox module behind a text header."""

    INFO = ExtractorInfo(
        name="xerox-dlm",
        title="Xerox DLM file",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates and settings of Xerox printers.",
        references=("binwalk 2.3 magic/firmware",),
        limitations=(
            "Signatures are not verified.",
            "The content reaches to the end of the data.",
        ),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(DLM_START, carve=False),)
    parse = staticmethod(parse_dlm)


class Bneg(Wrapper):
    """Instar image of two partitions."""

    INFO = ExtractorInfo(
        name="instar-bneg",
        title="Instar BNEG image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Instar cameras.",
        references=("unblob handlers/archive/instar",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(BNEG_START),)
    parse = staticmethod(parse_bneg)


class InstarZip(Wrapper):
    """Zip archive with altered marks."""

    INFO = ExtractorInfo(
        name="instar-hd",
        title="Instar HD archive",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Instar HD cameras.",
        references=("unblob handlers/archive/instar",),
        tested="built sample: zip of the Python library with the marks changed",
    )
    MAGIC = (Magic(ZIP_START, carve=False),)
    parse = staticmethod(parse_instar_zip)


class Moxa(Wrapper):
    """Moxa package."""

    INFO = ExtractorInfo(
        name="moxa-frm",
        title="Moxa FRM package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Moxa serial device servers and gateways.",
        references=("unblob handlers/archive/moxa",),
        limitations=("Checksums are not known.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MOXA_MAGIC),)
    parse = staticmethod(parse_moxa)


class Autel(Wrapper):
    """Autel image, decoded."""

    INFO = ExtractorInfo(
        name="autel-ecc",
        title="Autel ECC image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Autel diagnosis tools and charging stations.",
        references=("Sector 7, Autel ECC decryption",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(AUTEL_MAGIC),)
    parse = staticmethod(parse_autel)


class Airoha(Wrapper):
    """Airoha firmware."""

    INFO = ExtractorInfo(
        name="airoha",
        title="Airoha Bluetooth firmware",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Ear phones and speakers on Airoha chips.",
        references=("ramikg/airoha-firmware-parser",),
        limitations=("Contents under AES are named, not read.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(AIROHA_MARK, AIROHA_MARK_AT, carve=False),)
    parse = staticmethod(parse_airoha)


class Mrvl(Wrapper):
    """Marvell microcontroller firmware."""

    INFO = ExtractorInfo(
        name="mrvl",
        title="Marvell MRVL firmware",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Wi-Fi modules on Marvell 88MW30x: chargers, plugs, appliances.",
        references=("wfr/mrvl-88mw30x-firmware-tools",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MRVL_MAGIC),)
    parse = staticmethod(parse_mrvl)


class Sbfh(Wrapper):
    """Tesla wall connector image."""

    INFO = ExtractorInfo(
        name="tesla-sbfh",
        title="Tesla SBFH image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Tesla wall connectors.",
        references=("Tesla Wall Connector firmware file structure",),
        limitations=("The signature is not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(SBFH_START),)
    parse = staticmethod(parse_sbfh)


class Amlogic(Wrapper):
    """Amlogic package."""

    INFO = ExtractorInfo(
        name="amlogic-burn",
        title="Amlogic burning image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Update packages of TV boxes on Amlogic chips.",
        references=("Amlogic amlImage_if.h",),
        limitations=("Checksums are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(AMLOGIC_MAGIC, AMLOGIC_MAGIC_AT, carve=False),)
    parse = staticmethod(parse_amlogic)


class Pac(Wrapper):
    """Unisoc package."""

    INFO = ExtractorInfo(
        name="unisoc-pac",
        title="Unisoc PAC package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Update packages of phones and tablets on Unisoc chips.",
        references=("pac_parser",),
        limitations=("Checksums are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(PAC_START, carve=False),)
    parse = staticmethod(parse_pac)


class RockLoader(Wrapper):
    """Rockchip loader, its parts unscrambled."""

    INFO = ExtractorInfo(
        name="rockchip-loader",
        title="Rockchip loader",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Loader that is sent to Rockchip devices over USB.",
        references=(
            "rkdeveloptool RKBoot",
            "U-Boot boot_merger",
        ),
        limitations=("The checksum is not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(start) for start in LOADER_STARTS)
    parse = staticmethod(parse_loader)


class WinCe(Wrapper):
    """Windows CE memory image."""

    INFO = ExtractorInfo(
        name="wince",
        title="Windows CE image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Navigation, point-of-sale, medical and industrial devices.",
        references=("Microsoft, .bin image data format",),
        limitations=("The files inside the memory are not listed.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(WINCE_MAGIC),)
    parse = staticmethod(parse_wince)
