"""Adapter for Android backups."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import android_backup


class AndroidBackup(Wrapper):
    """The tar archive inside a backup."""

    INFO = ExtractorInfo(
        name="android-backup",
        title="Android backup",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Data of apps, saved with adb backup.",
        references=("AOSP BackupManagerService",),
        limitations=("Backups under a passphrase are named, not read.",),
        tested="other packer: android-backup of PyPI; zlib and tar of the Python library behind the header",
    )
    MAGIC = (Magic(android_backup.MAGIC, carve=False),)
    parse = staticmethod(android_backup.parse_backup)
