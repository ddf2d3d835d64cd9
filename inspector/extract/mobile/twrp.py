"""Backups of TWRP in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.mobile import twrp


class TwrpBackup(Wrapper):
    """Partitions of a phone, as images or archives."""

    INFO = ExtractorInfo(
        name="twrp-backup",
        title="TWRP backup",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Backups of Android devices that the recovery TWRP sends through adb.",
        references=("TWRP adbbu/twadbstream.h",),
        limitations=("MD5 sums are not checked.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(twrp.MAGIC + twrp.STREAM),)
    parse = staticmethod(twrp.parse_twrp)
