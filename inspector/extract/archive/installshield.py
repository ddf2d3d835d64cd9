"""Adapters for cabinets of InstallShield, and for archives of its third version."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import installshield, installshield3, installstream
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class InstallShield(Extractor):
    """Cabinets of InstallShield with the header that lies beside them."""

    INFO = ExtractorInfo(
        name="installshield",
        title="InstallShield cabinet",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Tools of vendors for Windows: data1.cab, data2.cab and data1.hdr in one folder.",
        references=("unshield, lib/cabfile.h and lib/file.c",),
        limitations=("a cabinet whose header does not lie beside it is named and not read",),
        tested="built samples of versions 5, 6 and 20, which unshield reads alike",
        remedy="unshield",
    )
    MAGIC = (Magic(installshield.MAGIC, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return everything: no header tells the size."""
        installshield.check_header(data, offset)
        return Span(offset, data.size)

    def unpack(self, data: Reader) -> Contents:
        """Return the files in the order of the header."""
        return installshield.parse_installshield(data)


class InstallShield3(Wrapper):
    """Archive of InstallShield 3."""

    INFO = ExtractorInfo(
        name="installshield-z",
        title="InstallShield 3 archive",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Tools of vendors for Windows of the nineties: data.z, _setup.1.",
        references=("unshieldv3, ISArchiveV3.cpp",),
        limitations=("files that are cut over several disks are named, not read",),
        tested="built sample",
        remedy="unshieldv3",
    )
    MAGIC = (Magic(installshield3.MAGIC),)
    parse = staticmethod(installshield3.parse_installshield3)


class InstallStream(Wrapper):
    """What stands behind a setup program of InstallShield."""

    INFO = ExtractorInfo(
        name="installshield-setup",
        title="InstallShield setup program",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Tools of vendors for Windows in one file: setup.exe with its cabinets and packages in disguise.",
        references=("Binary Refinery, xtiss", "issunpack"),
        limitations=("setup programs without a header in front of their files are carved",),
        tested="built samples of both kinds",
        remedy="ISx",
    )
    MAGIC = tuple(Magic(magic) for magic in installstream.MAGICS)
    parse = staticmethod(installstream.parse_installstream)
