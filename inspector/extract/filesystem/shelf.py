"""All file systems, explicitly."""

from typing import Final

from inspector.extract.base import Extractor
from inspector.extract.filesystem.cpio import Cpio
from inspector.extract.filesystem.cramfs import Cramfs
from inspector.extract.filesystem.dlink_romfs import DlinkRomfs
from inspector.extract.filesystem.erofs import Erofs
from inspector.extract.filesystem.exfat import Exfat
from inspector.extract.filesystem.ext import Ext
from inspector.extract.filesystem.f2fs import F2fs
from inspector.extract.filesystem.fat import Fat
from inspector.extract.filesystem.iso9660 import Iso9660
from inspector.extract.filesystem.jffs2 import Jffs2
from inspector.extract.filesystem.ntfs import Ntfs
from inspector.extract.filesystem.qnx import Qnx4, Qnx6, QnxImageFs
from inspector.extract.filesystem.romfs import Romfs
from inspector.extract.filesystem.squashfs import Squashfs
from inspector.extract.filesystem.ubi import Ubi
from inspector.extract.filesystem.ubifs import Ubifs
from inspector.extract.filesystem.udf import Udf
from inspector.extract.filesystem.yaffs2 import Yaffs1, Yaffs2

EXTRACTORS: Final[tuple[Extractor, ...]] = (
    Squashfs(),
    Cpio(),
    Ext(),
    Cramfs(),
    Romfs(),
    Jffs2(),
    Ubi(),
    Ubifs(),
    Fat(),
    Exfat(),
    Iso9660(),
    Udf(),
    Erofs(),
    Yaffs2(),
    Yaffs1(),
    F2fs(),
    Ntfs(),
    QnxImageFs(),
    Qnx6(),
    Qnx4(),
    DlinkRomfs(),
)
