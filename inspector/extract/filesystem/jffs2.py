"""JFFS2 file systems → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.jffs2 import measure_jffs2, read_jffs2
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span

FIRST = (b"\xe0\x01", b"\xe0\x02", b"\x20\x03", b"\x20\x06", b"\xc0\x01", b"\xc0\x02")
"""Types a file system may begin with: names, data, the marks of an erased block; obsolete names and data."""


class Jffs2(Extractor):
    """JFFS2."""

    INFO = ExtractorInfo(
        name="jffs2",
        title="JFFS2",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Writable root or overlay file system on NOR and small NAND flash.",
        references=("https://www.sourceware.org/jffs2/",),
        limitations=("Rubin compression is named, not read.", "Extended attributes are not decoded."),
        tested="original packer: mkfs.jffs2, both byte orders, zlib, rtime, lzo, none; real image: Xiaomi Dafang para",
    )
    MAGIC = (
        *(Magic(b"\x85\x19" + kind[::-1]) for kind in FIRST),
        *(Magic(b"\x19\x85" + kind) for kind in FIRST),
    )

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent from the first node to the last."""
        extent = measure_jffs2(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data, then what earlier versions left."""
        return read_jffs2(data)
