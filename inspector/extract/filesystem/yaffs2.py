"""YAFFS1 and YAFFS2 dumps → their files."""

from typing import Final, Literal

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem.yaffs1 import measure_yaffs1, read_yaffs1
from inspector.formats.filesystem.yaffs2 import measure_yaffs2, read_yaffs2
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span

ORDERS: Final[tuple[Literal["little", "big"], ...]] = ("little", "big")


class Yaffs2(Extractor):
    """YAFFS2."""

    INFO = ExtractorInfo(
        name="yaffs2",
        title="YAFFS2",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Root and data partitions on NAND flash of older Android devices, routers and set-top boxes.",
        references=("https://yaffs.net/documents/yaffs-2-specification",),
        limitations=(
            "Tags inside the page, and spare areas kept apart are not read.",
            "Error correction is not applied.",
        ),
        tested="real image of binwalk, 2048+64 little endian; built samples for the other geometries",
    )
    MAGIC = tuple(
        Magic(b"".join((kind.to_bytes(4, order), (1).to_bytes(4, order), b"\xff\xff")))
        for order in ORDERS
        for kind in (1, 2, 3)
    )

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent from the first page to the last one in use."""
        extent = measure_yaffs2(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_yaffs2(data)


class Yaffs1(Extractor):
    """YAFFS1."""

    INFO = ExtractorInfo(
        name="yaffs1",
        title="YAFFS1",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Root and data partitions on NAND flash with small pages: routers of about 2005 to 2012, RouterBOARDs.",
        references=("yaffs sources, yaffs_guts.h and yaffs_tagscompat.c",),
        limitations=(
            "Spare areas kept apart from the pages are not read; error correction is not applied.",
            "Of two copies of a page, neither of which is marked as deleted, the one further behind counts.",
        ),
        tested="built samples of both byte orders; the tags of a RouterBOARD",
    )
    MAGIC = Yaffs2.MAGIC

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent from the first page to the last one in use."""
        return Span(offset, offset + measure_yaffs1(data.slice(offset)).end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return read_yaffs1(data)
