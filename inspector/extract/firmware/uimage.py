"""uImage in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.uimage import MAGIC, VENDOR_MAGICS, parse_uimage


class UImage(Wrapper):
    """Legacy U-Boot image, one payload or several."""

    INFO = ExtractorInfo(
        name="uimage",
        title="U-Boot legacy image (uImage)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Kernels, boot loaders, scripts and file systems of devices that boot with U-Boot.",
        references=("U-Boot include/image.h, struct legacy_img_hdr", "OpenWrt target/linux/*/image, UIMAGE_MAGIC"),
        limitations=("A payload cut short by the end of the dump is read as far as it goes.",),
        tested="original packer: mkimage of u-boot-tools; real image: Xiaomi Dafang kernel",
    )
    MAGIC = (
        Magic(MAGIC.to_bytes(4, "big")),
        # These are common in code; system, processor, kind and codec are small numbers.
        *(
            Magic(magic.to_bytes(4, "big"), rest=rb".{24}[\x00-\x1f][\x00-\x3f]{2}[\x00-\x0f]", rest_size=28)
            for magic in VENDOR_MAGICS
        ),
    )
    parse = staticmethod(parse_uimage)
