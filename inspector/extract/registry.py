"""All built-in extractors, shelf by shelf. A test proves that none is left out.

Whoever imports this imports every reader. A scan starts from `catalogue.CATALOGUE`, which is made from it.
"""

from typing import Final

from inspector.extract.archive import shelf as archive
from inspector.extract.base import Extractor
from inspector.extract.filesystem import shelf as filesystem
from inspector.extract.firmware import shelf as firmware
from inspector.extract.media import EXTRACTORS as MEDIA
from inspector.extract.mobile import shelf as mobile

EXTRACTORS: Final[tuple[Extractor, ...]] = (
    *mobile.EXTRACTORS,
    *firmware.EXTRACTORS,
    *filesystem.EXTRACTORS,
    *archive.EXTRACTORS,
    *MEDIA,
)
