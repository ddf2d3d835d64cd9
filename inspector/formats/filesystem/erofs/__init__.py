"""EROFS, the read-only file system of current Android system partitions.

Format: Linux `fs/erofs/erofs_fs.h`, `Documentation/filesystems/erofs.rst`.
Limits: data on further devices and the 48-bit layout are not read.
"""

from inspector.formats.filesystem.erofs.image import ErofsImage, measure_erofs, read_erofs

__all__ = ["ErofsImage", "measure_erofs", "read_erofs"]
