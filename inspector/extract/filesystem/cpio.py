"""cpio archives → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.cpio import measure_cpio, read_cpio
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Cpio(Extractor):
    """cpio with any of its five headers."""

    INFO = ExtractorInfo(
        name="cpio",
        title="cpio archive",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Initial RAM disk of Linux and Android boot images; payload of RPM packages.",
        references=("https://docs.kernel.org/driver-api/early-userspace/buffer-format.html",),
        limitations=("The byte sum of the crc variant is not checked.",),
        tested="original packer: GNU cpio with newc, crc, odc and binary headers",
    )
    MAGIC = (
        Magic(b"070701"),
        Magic(b"070702"),
        Magic(b"070707"),
        Magic(b"\xc7\x71", carve=False),
        Magic(b"\x71\xc7", carve=False),
    )

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent with the trailer; an archive without one ends with its last whole entry."""
        return measure_cpio(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry in the order of the archive."""
        return read_cpio(data)
