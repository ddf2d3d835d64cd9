"""FIT in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.fdt import MAGIC
from inspector.formats.firmware.fit import parse_fit


class Fit(Wrapper):
    """Images of a flat image tree, inside it or behind it."""

    INFO = ExtractorInfo(
        name="fit",
        title="U-Boot flat image tree (FIT)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Kernels, device trees and ramdisks of devices that boot with a newer U-Boot.",
        references=("U-Boot doc/usage/fit/source_file_format.rst",),
        limitations=(
            "Signatures of configurations are not verified.",
            "Ciphered images need their key.",
        ),
        tested="original packer: mkimage of u-boot-tools",
    )
    MAGIC = (Magic(MAGIC.to_bytes(4, "big")),)
    parse = staticmethod(parse_fit)
