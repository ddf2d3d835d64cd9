"""App packages and code containers of Android and HarmonyOS; `EXTRACTORS` is the explicit list."""

from typing import Final

from inspector.extract.base import Extractor
from inspector.extract.mobile.embedded_dex import EmbeddedDex, Odex, Vdex
from inspector.extract.mobile.package import Aab, Aar, Apex, Apk, AppSet, Hap, Jar

EXTRACTORS: Final[tuple[Extractor, ...]] = (
    Apk(),
    AppSet(),
    Aab(),
    Aar(),
    Apex(),
    Hap(),
    Jar(),
    EmbeddedDex(),
    Vdex(),
    Odex(),
)
