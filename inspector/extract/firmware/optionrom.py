"""PCI option ROMs, boot programs of iPXE and processor microcode in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware import ipxe
from inspector.formats.firmware.microcode import MAGIC as MICROCODE_MAGIC
from inspector.formats.firmware.microcode import parse_microcode
from inspector.formats.firmware.optionrom import MAGIC, parse_optionrom


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
        tested="real image: iPXE ROMs of Debian, with EFI drivers as they are; for packed ones, streams of jlha",
    )
    MAGIC = (Magic(MAGIC, carve=False),)
    parse = staticmethod(parse_optionrom)


class Ipxe(Wrapper):
    """The parts of a boot program of iPXE, decompressed; the code in front of them stays outside."""

    INFO = ExtractorInfo(
        name="ipxe",
        title="iPXE boot program",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Network boot programs in option ROMs and on boot servers, with the scripts built into them.",
        references=("iPXE, src/util/zbin.c and src/arch/x86/prefix/unlzma.S",),
        limitations=("Programs from before 2014 are not recognised.",),
        tested="real images: ROMs, lkrn, pxe and kpxe of Debian's iPXE",
    )
    MAGIC = (Magic(ipxe.MAGIC),)
    parse = staticmethod(ipxe.parse_ipxe)


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
