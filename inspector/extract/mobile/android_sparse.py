"""Adapter for the Android sparse image."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.mobile import android_sparse


class AndroidSparse(Wrapper):
    """Android sparse image and its parts."""

    INFO = ExtractorInfo(
        name="android-sparse",
        title="Android sparse image",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Factory and fastboot images of Android devices and set-top boxes.",
        references=("AOSP system/core/libsparse/sparse_format.h",),
        limitations=("chunk checksums are not compared",),
        tested="original packer: img2simg",
    )
    MAGIC = (Magic(android_sparse.MAGIC),)
    parse = staticmethod(android_sparse.parse_sparse)
