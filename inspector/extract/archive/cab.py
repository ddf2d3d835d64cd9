"""Adapter for Microsoft cabinet."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.firmware.wrapper import Wrapper
from inspector.formats import cab


class Cab(Wrapper):
    """Microsoft cabinet and its members."""

    INFO = ExtractorInfo(
        name="cab",
        title="Microsoft cabinet",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Windows tools and drivers in vendor downloads.",
        references=("[MS-CAB], [MS-MCI]",),
        limitations=("LZX and Quantum folders are named, not decoded", "files that go on in another cabinet are gaps"),
        tested="original packer: gcab",
    )
    MAGIC = (Magic(cab.MAGIC),)
    parse = staticmethod(cab.parse_cab)
