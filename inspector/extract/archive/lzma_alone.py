"""Adapter for LZMA with the old header."""

from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats import lzma_alone
from inspector.formats.reader import Reader
from inspector.formats.streams import STEP, Stream

USUAL_PROPERTIES = (0x5D, 0x5E, 0x6C, 0x6D)
"""lc 3, and the settings of router makers (lc 4; lc 0 or 1 with lp 2)."""


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
    )

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless some reading of the header decodes."""
        lzma_alone.parse_header(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return lzma_alone.decompress(data, offset, step)
