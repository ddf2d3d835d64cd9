"""Scrambled images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.scrambled import (
    ENGENIUS_MAGIC,
    ENGENIUS_MAGIC_AT,
    QNAP_START,
    parse_engenius,
    parse_qnap,
    parse_qnap_networking,
)


class EnGenius(Wrapper):
    """EnGenius image, its XOR undone."""

    INFO = ExtractorInfo(
        name="engenius",
        title="EnGenius scrambled image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of EnGenius access points.",
        references=("unblob handlers/archive/engeniustech/engenius.py",),
        limitations=("Without a run of zeros the phase of the key is not known.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(ENGENIUS_MAGIC, ENGENIUS_MAGIC_AT),)
    parse = staticmethod(parse_engenius)


class Qnap(Wrapper):
    """QNAP package, its first part decrypted."""

    INFO = ExtractorInfo(
        name="qnap",
        title="QNAP NAS package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of QNAP storage.",
        references=("QNAP PC1 program; the cipher of Alexander Pukall",),
        limitations=(
            "Decrypting a megabyte takes about two seconds.",
            "Told by a file name that ends in .img only: the format has no magic.",
        ),
        tested="built sample; the cipher against the start of real packages",
    )
    MAGIC = (Magic(QNAP_START, carve=False),)
    parse = staticmethod(parse_qnap)


class QnapNetworking(Wrapper):
    """QNAP package of a router or switch: told by its name and footer, for it starts with a cipher."""

    INFO = ExtractorInfo(
        name="qnap-networking",
        title="QNAP router or switch package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of QNAP routers and switches.",
        references=("https://neodyme.io/en/blog/pwn2own-2024_qhora/", "unblob qnap_networking"),
        limitations=("Decrypting a megabyte takes about two seconds.",),
        tested="built sample from the documented layout",
    )
    MAGIC = ()
    NAMES = (".img",)
    parse = staticmethod(parse_qnap_networking)
