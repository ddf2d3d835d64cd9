"""Artifact → sightings. Scanners say what is there and where; who owns it is for `classify` to say."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from inspector.errors import FormatError
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Sighting
from inspector.scan.android.packaged_files import PackagedFiles
from inspector.scan.apple.info import IosInfo
from inspector.scan.base import AnchoredScanner, Placer, Scanner, ScanNotes
from inspector.scan.certificates import Certificates, KeyStores
from inspector.scan.deferred import DeferredPlacer, DeferredScanner
from inspector.scan.device.boot import BootFacts
from inspector.scan.device.mechanisms import Mechanisms
from inspector.scan.endpoint.endpoints import EndpointScanner
from inspector.scan.endpoint.hidden import HiddenEndpoints
from inspector.scan.endpoint.reference_lists import mark_reference_lists
from inspector.scan.frameworks import Frameworks
from inspector.scan.known_strings import KnownStrings
from inspector.scan.mentions import FolderMentions
from inspector.scan.places import PLACERS as FORMAT_PLACERS
from inspector.scan.places.surroundings import Surrounded
from inspector.scan.sweep import Window
from inspector.scan.yara_rules import YaraRules

PLACERS: Final[tuple[Placer, ...]] = (
    *FORMAT_PLACERS,
    Surrounded(DeferredPlacer("inspector.scan.android.dex_references:DexReferences", "dex")),
    Surrounded(DeferredPlacer("inspector.scan.android.java_classes:JavaReferences", "class")),
    Surrounded(DeferredPlacer("inspector.scan.android.resource_names:ResourceNames", "arsc")),
)


def make_scanners() -> tuple[Scanner, ...]:
    """Return a new instance of every scanner: `prepare` binds one to the knowledge of one toolbox."""
    return (
        EndpointScanner(PLACERS),
        HiddenEndpoints(PLACERS),
        DeferredScanner(
            "inspector.scan.endpoint.packed:PackedEndpoints",
            *("luac", "pyc", "sqlite", "unity-assets"),
            arguments=(PLACERS,),
        ),
        DeferredScanner("inspector.scan.endpoint.fused:FusedEndpoints", "elf", arguments=(PLACERS,)),
        Certificates(),
        KeyStores(),
        KnownStrings(PLACERS),
        Mechanisms(PLACERS),
        DeferredScanner("inspector.scan.native_libraries:NativeLibraries", "elf"),
        BootFacts(),
        FolderMentions(),
        DeferredScanner(
            "inspector.scan.android.manifest:AndroidManifest",
            *("axml", "aapt-proto", "xml", "text", "data"),
            name="AndroidManifest.xml",
        ),
        DeferredScanner("inspector.scan.android.code:AndroidCode", "dex", "cdex"),
        DeferredScanner("inspector.scan.android.behaviour:AndroidBehaviour", "dex", "cdex"),
        DeferredScanner("inspector.scan.android.apk_signature:ApkSignature", "apk-signing-block", "pkcs7", "apk-idsig"),
        DeferredScanner("inspector.scan.android.java_classes:JavaClasses", "class"),
        DeferredScanner("inspector.scan.android.native_code:NativeCode", "elf"),
        DeferredScanner("inspector.scan.android.network_security:NetworkSecurity", "axml"),
        DeferredScanner("inspector.scan.device.update_settings:UpdateSettings", "axml", "aapt-proto", "plist", "arsc"),
        PackagedFiles(),
        YaraRules(),
        DeferredScanner("inspector.scan.apple.code:IosCode", "macho"),
        DeferredScanner("inspector.scan.apple.swift_texts:SwiftTexts", "macho"),
        IosInfo(),
        DeferredScanner("inspector.scan.harmony_info:HarmonyInfo", "json"),
        Frameworks(),
    )


SCANNERS: Final = make_scanners()
"""One of each, bound to no knowledge: what there is, for the reference and for tests."""


def import_all() -> None:
    """Import every scanner and placer now: what many processes will need is better loaded before they fork."""
    for scanner in SCANNERS:
        _ = isinstance(scanner, DeferredScanner) and scanner.inner
    for placer in PLACERS:
        inner = placer.inner if isinstance(placer, Surrounded) else placer
        _ = isinstance(inner, DeferredPlacer) and inner.inner


Swept = Mapping[Scanner, Iterable[Window]]
"""What one pass for all anchors found in a leaf; scanners that are not in it have nothing to look at."""


def scan_leaf(
    artifact: Artifact, data: Reader, scanners: Sequence[Scanner], notes: ScanNotes, swept: Swept | None = None
) -> list[Sighting]:
    """Run every scanner that reads the leaf's format; return the sightings in their total order.

    Without `swept` each scanner looks for its own anchors. A scanner that raises a `FormatError` leaves a gap over the
    whole leaf, under its own name; the others go on.
    """
    sightings: list[Sighting] = []
    for scanner in scanners:
        if "*" not in scanner.reads and artifact.format not in scanner.reads:
            continue
        try:
            if swept is None or not isinstance(scanner, AnchoredScanner):
                sightings.extend(scanner.scan(artifact, data, notes))
            elif windows := swept.get(scanner):
                sightings.extend(scanner.judge(artifact, data, notes, windows))
        except FormatError as error:
            notes.gaps.append((0, data.size, error.reason, f"{scanner.INFO.name}: {error}"))
    return sorted(mark_reference_lists(sightings), key=Sighting.sort_key) if sightings else sightings
