"""Arcadyan images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.arcadyan import MARK, MARK_AT, parse_arcadyan


class Arcadyan(Wrapper):
    """LZMA stream with swapped and scrambled blocks, put back in order."""

    INFO = ExtractorInfo(
        name="arcadyan",
        title="Arcadyan obfuscated firmware",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Arcadyan routers (Speedport, EasyBox, Belkin).",
        references=(
            "devttys0, Reversing Belkin/Arcadyan obfuscated firmware, 2014",
            "binwalk extractor arcadyan",
        ),
        limitations=("Without its trailer an image has no length: it then reaches to the end of the data.",),
        tested="real image: input of the binwalk test suite",
    )
    MAGIC = (Magic(MARK, MARK_AT, carve=False),)
    parse = staticmethod(parse_arcadyan)
