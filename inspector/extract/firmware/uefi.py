"""UEFI firmware in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.uefi import (
    CAPSULES,
    VOLUME_MAGIC,
    VOLUME_MAGIC_AT,
    parse_capsule,
    parse_sections,
    parse_volume,
)


class UefiVolume(Wrapper):
    """Sections of the files of a firmware volume."""

    INFO = ExtractorInfo(
        name="uefi-volume",
        title="UEFI firmware volume",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Firmware of PCs, servers and boards.",
        references=("UEFI Platform Initialization 1.8, volume 3",),
        limitations=("NVRAM variables are raw bytes.",),
        tested="real image: OVMF and AAVMF of Debian",
    )
    MAGIC = (Magic(VOLUME_MAGIC, VOLUME_MAGIC_AT),)
    parse = staticmethod(parse_volume)


class UefiSections(Wrapper):
    """Section stream that a compressed section decodes to; it has to fill the artifact."""

    INFO = ExtractorInfo(
        name="uefi-sections",
        title="UEFI section stream",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="What a packed section of a UEFI file decodes to.",
        references=("UEFI Platform Initialization 1.8, volume 3",),
        tested="real image: OVMF of Debian",
    )
    MAGIC = tuple(Magic(bytes([kind]), 3, carve=False) for kind in (0x01, 0x02, 0x10, 0x13, 0x15, 0x17, 0x19))
    parse = staticmethod(parse_sections)


class UefiCapsule(Wrapper):
    """Payload of a capsule."""

    INFO = ExtractorInfo(
        name="uefi-capsule",
        title="UEFI capsule",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Firmware updates of PCs and boards.",
        references=("UEFI 2.10, chapter 23",),
        limitations=("Signatures are not verified.",),
        tested="other packer: edk2-pytool-library; built sample from the documented layout",
    )
    MAGIC = tuple(Magic(guid) for guid in CAPSULES)
    parse = staticmethod(parse_capsule)
