"""Adapter for the Android super partition."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.mobile import android_super


class AndroidSuper(Wrapper):
    """Android super partition and its parts."""

    INFO = ExtractorInfo(
        name="android-super",
        title="Android super partition",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Logical partitions (system, vendor, product) since Android 10.",
        references=("AOSP system/core/fs_mgr/liblp",),
        limitations=("extents on further block devices are named, not read",),
        tested="built sample",
    )
    MAGIC = (Magic(android_super.GEOMETRY_MAGIC, android_super.GEOMETRY_AT),)
    parse = staticmethod(android_super.parse_super)
