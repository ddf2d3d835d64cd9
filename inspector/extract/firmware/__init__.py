"""Firmware wrappers: headers of boot loaders, vendors and update tools around kernels and file systems."""

from typing import Final

from inspector.extract.base import Extractor
from inspector.extract.firmware.uimage import UImage

EXTRACTORS: Final[tuple[Extractor, ...]] = (UImage(),)
