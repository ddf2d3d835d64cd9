"""File systems of QNX → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem import qnx4, qnx6, qnx_imagefs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class QnxImageFs(Extractor):
    """Image file system alone."""

    INFO = ExtractorInfo(
        name="qnx-imagefs",
        title="QNX image file system",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Read-only files of QNX boot images: programs, libraries, boot script.",
        references=("QNX sys/image.h", "dumpifs"),
        limitations=("Extended attributes are not decoded.",),
        tested="built sample from the documented layout, both byte orders",
    )
    MAGIC = (Magic(qnx_imagefs.FILES),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the header states it, cut at what is there."""
        extent = qnx_imagefs.measure_qnx_imagefs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return qnx_imagefs.read_qnx_imagefs(data)


class Qnx6(Extractor):
    """QNX6, the Power-Safe file system."""

    INFO = ExtractorInfo(
        name="qnx6",
        title="QNX6 file system",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Disks and flash of cars, medical and industrial devices with QNX 6.4 and later.",
        references=("https://docs.kernel.org/filesystems/qnx6.html",),
        limitations=("Encryption domains are not recognised: their files are read as they are stored.",),
        tested="real image: both byte orders, test images of dissect.qnxfs 1.2; built samples for levels of pointers, "
        "holes and the Audi MMI 3G",
    )
    MAGIC = tuple(Magic(magic, at) for at in (qnx6.BOOT, 0) for magic in qnx6.ORDERS)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the superblock counts it; its checksum must hold and the root be a directory."""
        extent = qnx6.measure_qnx6(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return qnx6.read_qnx6(data)


class Qnx4(Extractor):
    """QNX4."""

    INFO = ExtractorInfo(
        name="qnx4",
        title="QNX4 file system",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Disks of industrial and medical devices with QNX 4 and early QNX 6.",
        references=("Linux include/uapi/linux/qnx4_fs.h",),
        tested="real image: test image of dissect.qnxfs 1.2; built samples for files in many extents",
    )
    MAGIC = (Magic(qnx4.ROOT_NAME, qnx4.ROOT, carve=False),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent that the map of blocks covers; the root must be a directory that holds this map."""
        extent = qnx4.measure_qnx4(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return qnx4.read_qnx4(data)
