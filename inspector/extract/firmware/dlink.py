"""D-Link images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.dlink import (
    ALPHA_MODELS,
    DEAFBEAD_MAGIC,
    DIRECTORY,
    ENCRPTED_MAGIC,
    FILE,
    PACKAGE_MAGICS,
    SHRS_MAGIC,
    parse_alpha,
    parse_deafbead,
    parse_encrpted,
    parse_fpkg,
    parse_shrs,
)


class Shrs(Wrapper):
    """SHRS image, decrypted with the published key."""

    INFO = ExtractorInfo(
        name="dlink-shrs",
        title="D-Link SHRS image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link DIR-800 and DIR-3000 series routers.",
        references=("OpenWrt firmware-utils dlink-sge-image",),
        limitations=("RSA signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(SHRS_MAGIC),)
    parse = staticmethod(parse_shrs)


class Encrpted(Wrapper):
    """encrpted_img, decrypted with the published key."""

    INFO = ExtractorInfo(
        name="dlink-encrpted",
        title="D-Link encrpted_img",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link DIR-X1560 and kin.",
        references=("ONEKEY, How-To: Extracting Decryption Keys for D-Link",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(ENCRPTED_MAGIC),)
    parse = staticmethod(parse_encrpted)


class AlphaEncrypted(Wrapper):
    """Encrypted SEAMA image of Alpha Networks, decrypted for the models whose key is published."""

    INFO = ExtractorInfo(
        name="alpha-encrypted",
        title="Alpha Networks encrypted image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link DIR-8xx and DAP-1xxx devices.",
        references=(
            "devttys0/delink encimg",
            "unblob handlers/archive/dlink/alpha_encimg.py",
        ),
        limitations=("Models whose key is not published are not recognised.",),
        tested="built sample from the documented layout; start of real images of eight models",
    )
    MAGIC = tuple(Magic(start, carve=False) for start in ALPHA_MODELS)
    parse = staticmethod(parse_alpha)


class DeafBead(Wrapper):
    """Gzipped files of a DEAFBEAD archive."""

    INFO = ExtractorInfo(
        name="dlink-deafbead",
        title="D-Link DEAFBEAD archive",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Web pages in D-Link DSL-500G firmware.",
        references=("unblob handlers/archive/dlink/deafbead.py",),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(DEAFBEAD_MAGIC + bytes([kind])) for kind in (DIRECTORY, FILE))
    parse = staticmethod(parse_deafbead)


class Fpkg(Wrapper):
    """Files of an FPKG or CPKG archive."""

    INFO = ExtractorInfo(
        name="dlink-fpkg",
        title="D-Link FPKG archive",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link DFL firewalls.",
        references=("unblob handlers/archive/dlink/fpkg.py",),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(magic + b"\1\0\0\0") for magic in PACKAGE_MAGICS)
    parse = staticmethod(parse_fpkg)
