"""TP-Link settings in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.tplinkconfig import parse_tplink_config


class TpLinkConfig(Wrapper):
    """Settings that TP-Link encrypts with one published key; there is no magic, so every start is tried."""

    INFO = ExtractorInfo(
        name="tplink-config",
        title="TP-Link encrypted settings",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Settings inside TP-Link firmware, and saved settings of TP-Link routers.",
        references=("Public tools for TP-Link config.bin, DES key 478DA50BF9E3D2CF",),
        limitations=("Backups of models that compress the text first are handed over compressed.",),
        tested="real image: model.conf of TP-Link WR940N v6",
    )
    MAGIC = (Magic(b"", carve=False),)
    parse = staticmethod(parse_tplink_config)
