"""Partclone images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import partclone


class Partclone(Wrapper):
    """The used blocks of one file system."""

    INFO = ExtractorInfo(
        name="partclone",
        title="Partclone image",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Backups and factory images made with Clonezilla: consoles of devices, kiosks, recorders.",
        references=("partclone IMAGE_FORMATS.md",),
        limitations=("Checksums of the blocks are not checked.",),
        tested="original packer: partclone 0.3.23 for ext4, FAT, NTFS and raw volumes; version 0001 as built samples "
        "that partclone restores",
    )
    MAGIC = (Magic(partclone.MAGIC),)
    parse = staticmethod(partclone.parse_partclone)
