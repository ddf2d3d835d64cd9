"""Squashfs images → their files."""

from inspector.errors import Malformed
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.squashfs import MAGICS, parse_superblock, read_squashfs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Squashfs(Extractor):
    """Squashfs 1 to 4."""

    INFO = ExtractorInfo(
        name="squashfs",
        title="Squashfs",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Compressed read-only root file system of routers, cameras and most other Linux devices.",
        references=("https://docs.kernel.org/filesystems/squashfs.html",),
        limitations=("Extended attributes are not decoded.",),
        tested="original packers: mksquashfs 4.5.1 and gensquashfs with each compressor; real images: "
        "Xiaomi Dafang (xz), TP-Link WR940N (LZMA), a Broadcom router (version 2, big endian); "
        "built samples: versions 1 and 3, the other LZMA headers",
    )
    MAGIC = tuple(Magic(magic) for magic in MAGICS)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the image as its superblock states it, without the padding to 4 KiB that follows."""
        block = parse_superblock(data.slice(offset))
        if block.used > data.size - offset:
            raise Malformed(f"squashfs image is cut off: {data.size - offset} of {block.used} bytes")
        return Span(offset, offset + block.used)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_squashfs(data)
