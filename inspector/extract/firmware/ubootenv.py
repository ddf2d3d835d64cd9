"""U-Boot environments in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.ubootenv import FIRST_KEYS, PLAIN, REDUNDANT, parse_ubootenv


class UbootEnv(Wrapper):
    """Variables of an environment as one text."""

    INFO = ExtractorInfo(
        name="uboot-env",
        title="U-Boot environment",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Settings of the boot loader: server addresses, boot commands, kernel arguments.",
        references=("U-Boot include/env_internal.h, env_t",),
        limitations=(
            "Environments built into the boot loader have no checksum and stay part of its bytes.",
            "At an offset, only blocks whose first variable is a common one are found.",
        ),
        tested="original packer: mkenvimage of u-boot-tools",
    )
    MAGIC = tuple(Magic(key, offset) for key in FIRST_KEYS for offset in (PLAIN, REDUNDANT))
    parse = staticmethod(parse_ubootenv)
