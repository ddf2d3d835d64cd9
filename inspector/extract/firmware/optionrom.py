"""PCI option ROMs in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.firmware.wrapper import Wrapper
from inspector.formats.optionrom import MAGIC, parse_optionrom


class OptionRom(Wrapper):
    """Images of a PCI option ROM, EFI drivers decompressed."""

    INFO = ExtractorInfo(
        name="option-rom",
        title="PCI option ROM",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Boot programs of network and storage cards.",
        references=(
            "PCI Firmware Specification 3.3, chapter 5",
            "UEFI 2.10, 14.4.2",
        ),
        tested="real image: iPXE ROMs of Debian (EFI drivers compressed by EfiRom)",
    )
    MAGIC = (Magic(MAGIC, carve=False),)
    parse = staticmethod(parse_optionrom)
