"""DEX files inside other files, in the pipeline."""

from inspector.errors import NotThisFormat
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.layout import Contents
from inspector.formats.mobile.art_profile import MAGICS, profile_span, read_profile
from inspector.formats.mobile.embedded_dex import ODEX, VDEX, VERSIONS, dex_span, members, odex_span, vdex_span
from inspector.formats.reader import Reader, Span


class EmbeddedDex(Extractor):
    """A DEX file behind or inside something else; a file that is a DEX from its first byte is a leaf."""

    INFO = ExtractorInfo(
        name="embedded-dex",
        title="DEX inside another file",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Code appended to libraries, pictures or other DEX files, as loaders and packers do; OAT files.",
        references=("source.android.com, Dalvik executable format",),
        limitations=("Encrypted payloads of packers are not DEX until they run.",),
        tested="built samples",
    )
    MAGIC = tuple(Magic(version) for version in VERSIONS)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent by the header's own size; nothing at offset 0."""
        if offset == 0:
            raise NotThisFormat("a DEX file by itself")
        return dex_span(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the DEX as the only member."""
        return members(data)


class Vdex(Extractor):
    """Verified DEX of the ART runtime."""

    INFO = ExtractorInfo(
        name="vdex",
        title="ART verified DEX (VDEX)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Code of preinstalled apps in Android system images (oat/arm64/*.vdex).",
        references=("AOSP art/runtime/vdex_file.h",),
        limitations=(
            "Quickened instructions of versions 6 to 19 are decoded only as far as their length goes.",
            "Code of compact DEX is not decoded; its strings and classes are read.",
        ),
        tested="built samples",
    )
    MAGIC = (Magic(VDEX, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the whole file."""
        return vdex_span(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the DEX files in order."""
        return members(data)


class Odex(Extractor):
    """Optimised DEX of the Dalvik runtime."""

    INFO = ExtractorInfo(
        name="odex",
        title="Dalvik optimised DEX (ODEX)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Code of preinstalled apps in system images before Android 5.",
        references=("AOSP dalvik/libdex/DexFile.h",),
        limitations=("Optimised instructions are decoded only as far as their length goes.",),
        tested="built samples",
    )
    MAGIC = (Magic(ODEX),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return header, DEX and tables."""
        return odex_span(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the DEX."""
        return members(data)


class ArtProfile(Extractor):
    """Hints for the compiler of ART, packaged with most apps."""

    INFO = ExtractorInfo(
        name="art-profile",
        title="ART profile",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="assets/dexopt/baseline.prof of apps: which methods to compile at installation.",
        references=("AOSP art/libprofile/profile/profile_compilation_info.cc",),
        limitations=("The method lists inside are scanned as bytes.",),
        tested="real apps: Yosemite (NetEase)",
    )
    MAGIC = tuple(Magic(magic, carve=False) for magic in MAGICS)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return header and compressed body."""
        return profile_span(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the body, decompressed."""
        return read_profile(data)
