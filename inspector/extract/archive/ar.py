"""Adapter for the ar archive."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import ar


class Ar(Wrapper):
    """ar archive and its members."""

    INFO = ExtractorInfo(
        name="ar",
        title="ar archive",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Debian and older ipk packages, static libraries, some vendor updates.",
        references=("ar(5), deb(5)",),
        limitations=("thin archives hold no contents",),
        tested="original packers: ar, dpkg-deb",
    )
    MAGIC = (Magic(ar.MAGIC),)
    parse = staticmethod(ar.parse_ar)
