"""Updates of microcontrollers in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.mcuimage import (
    GBL_MAGIC,
    MCUBOOT_MAGIC,
    UF2_MAGICS,
    parse_gbl,
    parse_mcuboot,
    parse_uf2,
)


class McuBoot(Wrapper):
    """Program of an MCUboot image."""

    INFO = ExtractorInfo(
        name="mcuboot",
        title="MCUboot image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of devices with Zephyr, Nordic, NXP and other microcontrollers.",
        references=("MCUboot documentation, design",),
        limitations=(
            "Signatures are not verified.",
            "Encrypted programs are named, not read.",
        ),
        tested="original packer: imgtool",
    )
    MAGIC = (Magic(MCUBOOT_MAGIC.to_bytes(4, "little")),)
    parse = staticmethod(parse_mcuboot)


class Gbl(Wrapper):
    """Programs and metadata of a GBL file."""

    INFO = ExtractorInfo(
        name="gbl",
        title="Silicon Labs GBL file",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Zigbee, Thread and BLE devices on Silicon Labs chips.",
        references=("Silicon Labs UG489, Gecko Bootloader",),
        limitations=(
            "Signatures are not verified.",
            "Encrypted programs are named, not read.",
        ),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(GBL_MAGIC.to_bytes(4, "little")),)
    parse = staticmethod(parse_gbl)


class Uf2(Wrapper):
    """Memory regions of a UF2 file."""

    INFO = ExtractorInfo(
        name="uf2",
        title="UF2 blocks",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of boards that show up as a USB drive, and of LibreTiny devices.",
        references=("microsoft/uf2 README",),
        tested="original packer: esptool; built samples",
    )
    MAGIC = (Magic(b"".join(magic.to_bytes(4, "little") for magic in UF2_MAGICS)),)
    parse = staticmethod(parse_uf2)
