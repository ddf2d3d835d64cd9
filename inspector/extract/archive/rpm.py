"""Adapter for the RPM package."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import rpm


class Rpm(Wrapper):
    """RPM package and its members."""

    INFO = ExtractorInfo(
        name="rpm",
        title="RPM package",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Packages of Linux distributions and some appliances.",
        references=("Linux Standard Base 5.0, Package File Format",),
        limitations=("signatures are not verified",),
        tested="original packer: rpmbuild",
    )
    MAGIC = (Magic(rpm.LEAD),)
    parse = staticmethod(rpm.parse_rpm)
