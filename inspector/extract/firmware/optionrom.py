"""PCI option ROMs and processor microcode in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.firmware.wrapper import Wrapper
from inspector.formats.microcode import MAGIC as MICROCODE_MAGIC
from inspector.formats.microcode import parse_microcode
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


class Microcode(Wrapper):
    """Intel microcode updates: named one by one, their contents are encrypted."""

    INFO = ExtractorInfo(
        name="intel-microcode",
        title="Intel microcode",
        family=Family.FIRMWARE,
        grade=Grade.LIST,
        summary="Boot firmware of computers and appliances with Intel processors.",
        references=("Intel SDM volume 3A, 9.11.1",),
        limitations=("The contents are encrypted; the key is in the processor.",),
        tested="real image: intel-microcode of Debian",
    )
    MAGIC = (Magic(MICROCODE_MAGIC, carve=False),)
    parse = staticmethod(parse_microcode)
