"""Dahua packages in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.dahua import MAGIC, parse_dahua


class Dahua(Wrapper):
    """A zip with two bytes changed."""

    INFO = ExtractorInfo(
        name="dahua",
        title="Dahua update package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Dahua cameras and recorders, and of brands that resell them.",
        references=("binwalk and unblob, Dahua zip",),
        limitations=("Packages encrypted as a whole carry no magic and stay unexplained bytes.",),
        tested="built sample: zip of the Python library with the two bytes changed",
    )
    MAGIC = (Magic(MAGIC),)
    parse = staticmethod(parse_dahua)
