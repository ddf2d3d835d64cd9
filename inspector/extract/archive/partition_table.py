"""Adapters for partition tables."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import partition_table


class Gpt(Wrapper):
    """A disk with a GUID partition table."""

    INFO = ExtractorInfo(
        name="gpt",
        title="GUID partition table",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Disk images, eMMC and UFS dumps.",
        references=("UEFI Specification 2.10, chapter 5",),
        tested="original packer: sgdisk, sfdisk",
    )
    MAGIC = (Magic(partition_table.GPT_MAGIC, 512), Magic(partition_table.GPT_MAGIC, 4096))
    parse = staticmethod(partition_table.parse_gpt)


class Mbr(Wrapper):
    """A disk with a master boot record."""

    INFO = ExtractorInfo(
        name="mbr",
        title="MBR partition table",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Card images and disks of small devices.",
        references=("UEFI Specification 2.10, chapter 5.2",),
        limitations=("looked for at the start of an artifact only: two bytes are no magic",),
        tested="original packer: sfdisk",
    )
    MAGIC = (Magic(partition_table.SIGNATURE, partition_table.SIGNATURE_AT, carve=False),)
    parse = staticmethod(partition_table.parse_mbr)
