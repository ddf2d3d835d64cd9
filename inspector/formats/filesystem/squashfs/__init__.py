"""Squashfs, the read-only file system of most firmware: all versions, both byte orders, vendor dialects.

Format: Linux `fs/squashfs/squashfs_fs.h`, `Documentation/filesystems/squashfs.rst`; older versions from the headers of
squashfs-tools.
"""

from inspector.formats.filesystem.squashfs.image import Image, open_image, read_squashfs
from inspector.formats.filesystem.squashfs.superblock import MAGICS, Superblock, parse_superblock

__all__ = ["MAGICS", "Image", "Superblock", "open_image", "parse_superblock", "read_squashfs"]
