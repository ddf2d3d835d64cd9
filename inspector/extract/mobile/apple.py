"""Universal Mach-O files and binary property lists of Apple's systems, in the pipeline."""

from inspector.errors import NotThisFormat
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.data import plist
from inspector.formats.image import decoded
from inspector.formats.layout import Contents
from inspector.formats.program import fat_macho
from inspector.formats.reader import Reader, Span


class FatMacho(Wrapper):
    """Universal Mach-O and its slices; a slice may be a static archive."""

    INFO = ExtractorInfo(
        name="fat-macho",
        title="universal Mach-O",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Programs and SDKs for iOS and macOS with code for several processors.",
        references=("Apple mach-o/fat.h",),
        tested="real libraries: AlipaySDK, jcore-ios, TYRZUISDK",
    )
    MAGIC = (Magic(fat_macho.MAGIC, carve=False), Magic(fat_macho.MAGIC64, carve=False))
    parse = staticmethod(fat_macho.parse_fat)


class BinaryPlist(Extractor):
    """A binary property list, given on as XML: its strings stand behind length bytes that look like letters."""

    INFO = ExtractorInfo(
        name="bplist",
        title="binary property list",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Settings of apps and systems by Apple: Info.plist, provisioning, interface files.",
        references=("Apple CoreFoundation CFBinaryPList.c",),
        limitations=("Data values are shown where they are text.",),
        tested="original packer: plistlib; real app: ios-app-bootstrap",
    )
    MAGIC = (Magic(plist.MAGIC, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return everything up to the end: the trailer that says what is where stands there."""
        if not data.startswith(plist.MAGIC, offset) or data.size - offset < 40:
            raise NotThisFormat("no binary property list")
        return Span(offset, data.size)

    def unpack(self, data: Reader) -> Contents:
        """Return the list as the one member, in XML."""
        whole = Span(0, data.size)
        member = decoded(
            data, "plist.xml", whole, lambda _raw: plist.render_plist(plist.parse_plist(data)), hint="plist"
        )
        return Contents((member,))
