"""Adapters for ARJ and LHA archives."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import arj, lha


class Arj(Wrapper):
    """ARJ and its members."""

    INFO = ExtractorInfo(
        name="arj",
        title="ARJ archive",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Vendor downloads of the nineties, drivers and tools of old machines.",
        references=("Robert K. Jung, ARJ technical information",),
        limitations=("encrypted members are gaps", "of several volumes each is read by itself"),
        tested="original packer: arj, all methods and volumes",
        remedy="arj or 7z",
    )
    MAGIC = (Magic(arj.MAGIC, carve=False),)
    parse = staticmethod(arj.parse_arj)


class Lha(Wrapper):
    """LHA and its members."""

    INFO = ExtractorInfo(
        name="lha",
        title="LHA or LZH archive",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Vendor downloads in Japan, modules of Award BIOS.",
        references=("LHa for UNIX, header.doc",),
        limitations=("members packed with lh2 or PMarc are named, not read",),
        tested="original packers: jlha, lh5 to lh7, its library, lh1, lh3, lzs and lz5; built samples of headers, "
        "which 7z reads alike up to level 2",
        remedy="lhasa or 7z",
    )
    MAGIC = tuple(Magic(method, lha.METHOD_AT, carve=method not in lha.NAMED) for method in lha.METHODS)
    parse = staticmethod(lha.parse_lha)
