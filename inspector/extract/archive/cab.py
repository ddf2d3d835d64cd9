"""Adapter for Microsoft cabinet."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import cab


class Cab(Wrapper):
    """Microsoft cabinet and its members."""

    INFO = ExtractorInfo(
        name="cab",
        title="Microsoft cabinet",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Windows tools and drivers in vendor downloads.",
        references=("[MS-CAB], [MS-MCI], [MS-PATCH]", "Quantum compression format, Matthew Russotto"),
        limitations=(
            "of a set whose cabinets do not lie side by side, or are not numbered by name, each is read by itself",
            "of a folder in Quantum the first 16 MB are read",
        ),
        tested="original packers: gcab, makecab of Windows; built samples of Quantum and of sets, which cabextract "
        "reads alike",
    )
    MAGIC = (Magic(cab.MAGIC),)
    parse = staticmethod(cab.parse_cab)
