"""All built-in extractors, shelf by shelf. A test proves that none is left out."""

from typing import Final

from inspector.extract import archive, filesystem, firmware, media, mobile
from inspector.extract.base import Extractor

EXTRACTORS: Final[tuple[Extractor, ...]] = (
    *mobile.EXTRACTORS,
    *firmware.EXTRACTORS,
    *filesystem.EXTRACTORS,
    *archive.EXTRACTORS,
    *media.EXTRACTORS,
)
