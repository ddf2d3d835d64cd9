"""Adapter for LZMA with the old header."""

from inspector.errors import NotThisFormat
from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import lzma_alone
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader

USUAL_PROPERTIES = (0x5D, 0x5E, 0x6C, 0x6D)
"""lc 3, and the settings of router makers (lc 4; lc 0 or 1 with lp 2)."""
LARGEST_RATIO = 4096
"""What a stream with unusual settings may claim to hold for each stored byte: tables of numbers claim more."""


class LzmaAlone(StreamExtractor):
    """Classic LZMA, also where the size field is short, missing or left over."""

    INFO = ExtractorInfo(
        name="lzma",
        title="LZMA (13-byte header)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Kernels and boot stages of routers and cameras.",
        references=("LZMA specification (draft), 7-zip.org/sdk.html",),
        limitations=(
            "away from the start of an artifact only the usual properties and dictionary sizes are looked for",
            "without size and end mark, a few bytes behind the end may be noise",
        ),
        tested="original packer: xz --format=lzma, 7z",
    )
    MAGIC = (
        *(
            Magic(bytes([properties]) + (1 << bits).to_bytes(4, "little"))
            for properties in USUAL_PROPERTIES
            for bits in range(15, 27)
        ),
        # Any properties, at the start of an artifact: a dictionary of at least 64 KiB, or of less.
        Magic(b"\0\0", 1, carve=False),
        Magic(b"\0\0", 3, carve=False),
    )

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless some reading of the header decodes; an unusual one only by the standard."""
        header = lzma_alone.parse_header(data, offset)
        if any(data.startswith(magic.pattern, offset) for magic in self.MAGIC if magic.carve):
            return
        if offset or header.damaged or (header.size or 0) > LARGEST_RATIO * data.size:
            raise NotThisFormat("no LZMA stream by the standard")

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return lzma_alone.decompress(data, offset, step)
