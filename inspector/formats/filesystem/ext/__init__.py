"""ext2, ext3 and ext4.

Format: Linux `Documentation/filesystems/ext4/`, `fs/ext4/ext4.h`.
Limits: the journal is not replayed; files encrypted with fscrypt and clusters compressed by e2compr are named,
not read.
"""

from inspector.formats.filesystem.ext.image import ExtImage, read_ext
from inspector.formats.filesystem.ext.superblock import ExtSuperblock, parse_ext_superblock

__all__ = ["ExtImage", "ExtSuperblock", "parse_ext_superblock", "read_ext"]
