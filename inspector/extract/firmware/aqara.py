"""Aqara updates in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.aqara import PREFIXES, parse_aqara


class Aqara(Wrapper):
    """Typed header fields with CRC, then a gzipped tar."""

    INFO = ExtractorInfo(
        name="aqara",
        title="Aqara (Lumi) update",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Aqara cameras and gateways.",
        references=("Fields of Aqara Camera Hub G2 ota_3.5.8_0062",),
        limitations=("Fields of unknown meaning are skipped.",),
        tested="real image: Aqara Camera Hub G2 3.5.8_0062",
    )
    MAGIC = tuple(Magic(prefix) for prefix in PREFIXES)
    parse = staticmethod(parse_aqara)
