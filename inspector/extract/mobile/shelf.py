"""All formats of phones and apps, explicitly."""

from typing import Final

from inspector.extract.base import Extractor
from inspector.extract.mobile.android_boot import AndroidBoot, AndroidVendorBoot
from inspector.extract.mobile.android_payload import AndroidPayload
from inspector.extract.mobile.android_sparse import AndroidSparse
from inspector.extract.mobile.android_super import AndroidSuper
from inspector.extract.mobile.apple import BinaryPlist, FatMacho
from inspector.extract.mobile.dtbo import Dtbo
from inspector.extract.mobile.embedded_dex import ArtProfile, EmbeddedDex, Odex, Vdex
from inspector.extract.mobile.frameworks import (
    AssemblyStore,
    DartSnapshot,
    Hermes,
    Il2cpp,
    PackedAssembly,
    QtResources,
    UnityBundle,
    Wxapkg,
)
from inspector.extract.mobile.package import Aab, Aar, Apex, Apk, AppSet, Hap, Ipa, Jar
from inspector.extract.mobile.twrp import TwrpBackup

EXTRACTORS: Final[tuple[Extractor, ...]] = (
    Apk(),
    AppSet(),
    Aab(),
    Aar(),
    Apex(),
    Hap(),
    Ipa(),
    Jar(),
    EmbeddedDex(),
    Vdex(),
    Odex(),
    ArtProfile(),
    AndroidSparse(),
    AndroidBoot(),
    AndroidVendorBoot(),
    AndroidSuper(),
    AndroidPayload(),
    Dtbo(),
    FatMacho(),
    BinaryPlist(),
    Hermes(),
    DartSnapshot(),
    Il2cpp(),
    UnityBundle(),
    AssemblyStore(),
    PackedAssembly(),
    Wxapkg(),
    QtResources(),
    TwrpBackup(),
)
