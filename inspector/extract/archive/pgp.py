"""OpenPGP messages that are not encrypted → the files in them."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import pgp

STARTS = (b"\x88", b"\x89", b"\x90\x0d\x03", b"\xa0", b"\xa1", b"\xa2", b"\xa3", b"\xa8\x03PGP", b"\xac", b"\xad",
          b"\xae", b"\xaf", b"\xc2", b"\xc4\x0d\x03", b"\xc8", b"\xca\x03PGP", b"\xcb")  # fmt: skip


class PgpMessage(Wrapper):
    """A file behind or between signatures, compressed or not."""

    INFO = ExtractorInfo(
        name="pgp-message",
        title="signed OpenPGP message",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Updates and settings that a vendor signs with gpg, which compresses them too.",
        references=("RFC 9580",),
        limitations=("Signatures are not verified.", "Only at the start of an artifact."),
        tested="original packer: gpg",
    )
    MAGIC = tuple(Magic(start, carve=False) for start in STARTS)
    parse = staticmethod(pgp.parse_message)


class PgpArmor(Wrapper):
    """The same in base64."""

    INFO = ExtractorInfo(
        name="pgp-armor",
        title="signed OpenPGP message in base64",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Settings and scripts that are signed for sending as text.",
        references=("RFC 9580, 6.2",),
        limitations=("Signatures and checksums are not verified.", "Only at the start of an artifact."),
        tested="original packer: gpg",
    )
    MAGIC = (Magic(pgp.ARMOR_HEAD, carve=False),)
    parse = staticmethod(pgp.parse_armor)
