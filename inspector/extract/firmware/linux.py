"""Kernel images in the pipeline."""

from typing import Final, Literal

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.linux import (
    BZIMAGE_MAGIC,
    BZIMAGE_MAGIC_AT,
    CONFIG_START,
    IMAGE_MAGIC_AT,
    IMAGE_MAGICS,
    ZBOOT_MAGIC,
    ZIMAGE_MAGIC,
    ZIMAGE_MAGIC_AT,
    parse_bzimage,
    parse_ikconfig,
    parse_image,
    parse_zboot,
    parse_zimage,
)

ORDERS: Final[tuple[Literal["little", "big"], ...]] = ("little", "big")


class BzImage(Wrapper):
    """Compressed kernel of an x86 bzImage."""

    INFO = ExtractorInfo(
        name="bzimage",
        title="Linux x86 bzImage",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Kernels of PCs, recorders and gateways on x86.",
        references=("Linux Documentation/arch/x86/boot.rst",),
        tested="real images: Debian linux-image, iPXE lkrn",
    )
    MAGIC = (Magic(BZIMAGE_MAGIC, BZIMAGE_MAGIC_AT),)
    parse = staticmethod(parse_bzimage)


class ZImage(Wrapper):
    """Compressed kernel of an ARM zImage."""

    INFO = ExtractorInfo(
        name="zimage",
        title="Linux ARM zImage",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Kernels of cameras, routers and boxes on 32-bit ARM.",
        references=("Linux arch/arm/boot/compressed/head.S",),
        limitations=("The compressed kernel is found by its magic.",),
        tested="real image: Debian armhf netboot kernel",
    )
    MAGIC = tuple(Magic(ZIMAGE_MAGIC.to_bytes(4, order), ZIMAGE_MAGIC_AT) for order in ORDERS)
    parse = staticmethod(parse_zimage)


class KernelImage(Wrapper):
    """Kernel behind the 64-byte header of ARM64 or RISC-V."""

    INFO = ExtractorInfo(
        name="linux-image",
        title="Linux ARM64/RISC-V Image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Kernels of newer cameras, routers and boxes.",
        references=(
            "Linux Documentation/arch/arm64/booting.rst",
            "Linux Documentation/arch/riscv/boot-image-header.rst",
        ),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(magic, IMAGE_MAGIC_AT) for magic in IMAGE_MAGICS)
    parse = staticmethod(parse_image)


class Zboot(Wrapper):
    """Compressed kernel of an EFI zboot program."""

    INFO = ExtractorInfo(
        name="efi-zboot",
        title="Linux EFI zboot image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Compressed kernels of ARM64 and RISC-V systems that boot with UEFI.",
        references=("Linux drivers/firmware/efi/libstub/zboot-header.S",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(ZBOOT_MAGIC),)
    parse = staticmethod(parse_zboot)


class KernelConfig(Wrapper):
    """Configuration that a kernel carries inside."""

    INFO = ExtractorInfo(
        name="ikconfig",
        title="Linux kernel configuration (IKCFG)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="What the kernel of a device was built with.",
        references=("Linux kernel/configs.c",),
        tested="built sample: gzip of the Python library between the two marks",
    )
    MAGIC = (Magic(CONFIG_START),)
    parse = staticmethod(parse_ikconfig)
