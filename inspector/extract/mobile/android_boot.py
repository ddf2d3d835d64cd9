"""Adapter for the Android boot image."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.mobile import android_boot


class AndroidBoot(Wrapper):
    """Android boot image and its parts."""

    INFO = ExtractorInfo(
        name="android-boot",
        title="Android boot image",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Kernel and RAM disk of Android and many embedded devices.",
        references=("AOSP system/tools/mkbootimg",),
        tested="original packer: mkbootimg, versions 0 to 4",
    )
    MAGIC = (Magic(android_boot.MAGIC),)
    parse = staticmethod(android_boot.parse_boot)


class AndroidVendorBoot(Wrapper):
    """vendor_boot: the vendor's RAM disks, device trees and boot configuration."""

    INFO = ExtractorInfo(
        name="android-vendor-boot",
        title="Android vendor_boot image",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="The vendor's half of the boot image since Android 11.",
        references=("AOSP system/tools/mkbootimg",),
        tested="original packer: mkbootimg, versions 0 to 4",
    )
    MAGIC = (Magic(android_boot.VENDOR_MAGIC),)
    parse = staticmethod(android_boot.parse_vendor_boot)
