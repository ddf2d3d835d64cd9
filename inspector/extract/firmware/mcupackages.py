"""Update files of microcontrollers and the tables of verified boot, in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware import mcupackages


class DfuSe(Wrapper):
    """Elements of an STM32 update file."""

    INFO = ExtractorInfo(
        name="dfuse",
        title="STM32 DfuSe file",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of devices with STM32 microcontrollers.",
        references=("ST UM0391",),
        limitations=("Signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(mcupackages.DFUSE_MAGIC),)
    parse = staticmethod(mcupackages.parse_dfuse)


class Ebl(Wrapper):
    """Programs of an Ember boot loader file."""

    INFO = ExtractorInfo(
        name="ebl",
        title="Silicon Labs EBL file",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of older Zigbee devices with Ember chips.",
        references=("Silicon Labs UG266",),
        limitations=("Encrypted programs are named, not read.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(mcupackages.EBL_SIGNATURE, mcupackages.EBL_SIGNATURE_AT, carve=False),)
    parse = staticmethod(mcupackages.parse_ebl)


class Vbmeta(Wrapper):
    """Header of Android verified boot."""

    INFO = ExtractorInfo(
        name="vbmeta",
        title="Android verified boot header (vbmeta)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="vbmeta partitions, and the end of verified partitions.",
        references=("AOSP libavb",),
        limitations=("Signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(mcupackages.VBMETA_MAGIC),)
    parse = staticmethod(mcupackages.parse_vbmeta)


class AvbFooter(Wrapper):
    """Closing bytes of a verified partition."""

    INFO = ExtractorInfo(
        name="avb-footer",
        title="Android verified boot footer",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="The end of verified partitions of Android.",
        references=("AOSP libavb",),
        limitations=("The hash tree before it is not compared.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(mcupackages.AVB_FOOTER_MAGIC),)
    parse = staticmethod(mcupackages.parse_avb_footer)


class Verity(Wrapper):
    """Superblock and hash tree of dm-verity."""

    INFO = ExtractorInfo(
        name="verity",
        title="dm-verity hash tree",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Read-only root file systems of appliances that verify themselves.",
        references=("cryptsetup wiki, DMVerity",),
        limitations=("The tree is not compared with the file system.",),
        tested="original packer: veritysetup",
    )
    MAGIC = (Magic(mcupackages.VERITY_MAGIC),)
    parse = staticmethod(mcupackages.parse_verity)
