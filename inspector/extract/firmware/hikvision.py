"""Hikvision packages in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.hikvision import MAGICS, SCRAMBLED, parse_hikvision


class Hikvision(Wrapper):
    """Files behind a plain or XORed header."""

    INFO = ExtractorInfo(
        name="hikvision",
        title="Hikvision update package (digicap)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Hikvision cameras, recorders and access controllers.",
        references=(
            "Akagi201/akcode upgrade_file.h",
            "hiktools fmod",
        ),
        limitations=("AES-encrypted headers and file contents of newer generations are not decrypted.",),
        tested="real image: Hikvision DS-K260X access controller (plain header); built sample (XORed header)",
    )
    MAGIC = tuple(Magic(magic, carve=False) for magic in (*MAGICS, *SCRAMBLED))
    parse = staticmethod(parse_hikvision)
