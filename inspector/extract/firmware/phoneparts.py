"""Phone partitions in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.phoneparts import HUAWEI_MAGIC, MTK_MAGIC, parse_huawei, parse_mtk


class HuaweiUpdate(Wrapper):
    """Partitions of an UPDATE.APP."""

    INFO = ExtractorInfo(
        name="huawei-update",
        title="Huawei UPDATE.APP",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Huawei and Honor phones and tablets.",
        references=("Public splitters of UPDATE.APP",),
        limitations=("The CRC-16 values are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(HUAWEI_MAGIC),)
    parse = staticmethod(parse_huawei)


class MtkPartition(Wrapper):
    """Content of a MediaTek partition image."""

    INFO = ExtractorInfo(
        name="mtk-partition",
        title="MediaTek partition image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Logo, modem and boot partitions of MediaTek devices.",
        references=("MediaTek little-kernel part_hdr_t",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MTK_MAGIC.to_bytes(4, "little")),)
    parse = staticmethod(parse_mtk)
