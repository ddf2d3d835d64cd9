"""D-Link ROMFS images → their files."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.filesystem import dlink_romfs
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class DlinkRomfs(Extractor):
    """D-Link ROMFS, no relative of romfs."""

    INFO = ExtractorInfo(
        name="dlink-romfs",
        title="D-Link ROMFS",
        family=Family.FILESYSTEM,
        grade=Grade.FULL,
        summary="Web pages of D-Link cameras and routers.",
        references=("binwalk 2.3 dlromfsextract plugin",),
        limitations=("Known from the reader of binwalk alone; no image of a device was at hand.",),
        tested="built sample from the documented layout, read by the plugin of binwalk 2.3 too",
    )
    MAGIC = (Magic(dlink_romfs.MARK, dlink_romfs.MARK_AT),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent as the header states it, cut at what is there; number 0 must be a folder."""
        extent = dlink_romfs.measure_dlink_romfs(data.slice(offset))
        return Span(offset, offset + extent.end)

    def unpack(self, data: Reader) -> Contents:
        """Return every entry; files come in the order of their data."""
        return dlink_romfs.read_dlink_romfs(data)
