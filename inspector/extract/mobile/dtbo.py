"""Adapter for the Android device tree table."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.mobile import dtbo


class Dtbo(Wrapper):
    """Android device tree table and its parts."""

    INFO = ExtractorInfo(
        name="dtbo",
        title="Android device tree table",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="dtbo.img: device tree overlays of a board.",
        references=("source.android.com/docs/core/architecture/dto/partitions",),
        tested="built sample",
    )
    MAGIC = (Magic(dtbo.MAGIC),)
    parse = staticmethod(dtbo.parse_dtbo)
