"""AndroidManifest.xml: components, meta-data, permissions, and who the app says it is.

Facts for the merge, each `(kind, app, value)` with the app's chain of members as subject: `app:package`,
`app:version-name`, `app:version-code`, `app:min-sdk`, `app:target-sdk`, `app:label`, `app:icon`, `app:application`,
`app:split`, `app:backup`, `app:debuggable`, `app:test-only`, `app:cleartext`, `app:network-security-config`,
`app:shared-user`, `app:exported`, `app:deep-link`, `app:query`, `app:tampering`, `app:splits-required`, `app:declares`
for every class that the manifest promises, and `app:start` for every class that Android runs by itself when the app is
started or the device boots; `part:package`, `part:version-code` and `part:split` for every package, one of a set too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.mobile.aapt_proto import parse_proto_xml
from inspector.formats.mobile.axml import Element, parse_axml
from inspector.formats.mobile.manifest_xml import parse_manifest_xml
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.android.permissions import permission_attributes
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

COMPONENTS: Final = frozenset({"activity", "activity-alias", "service", "receiver", "provider"})
PERMISSIONS: Final = frozenset({"uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m"})
BOOT_ACTIONS: Final = frozenset(
    {
        "android.intent.action.BOOT_COMPLETED",
        "android.intent.action.LOCKED_BOOT_COMPLETED",
        "android.intent.action.QUICKBOOT_POWERON",
        "com.htc.intent.action.QUICKBOOT_POWERON",
        "android.intent.action.REBOOT",
        "android.intent.action.MY_PACKAGE_REPLACED",
    }
)
STARTUP_PROVIDER: Final = "androidx.startup.InitializationProvider"
SETS: Final = ("!app-set", "!aab")
"""Marks of the chains whose packages or modules are one app."""
LIBRARY: Final = "!aar"
"""Mark of a chain whose package is a namespace of classes: nothing is installed under that name."""
STARTUP_VALUE: Final = "androidx.startup"
PATHS: Final = ("path", "pathPrefix", "pathPattern", "pathSuffix", "pathAdvancedPattern")
OPEN_PROVIDERS: Final = 16
"""Up to this level, as least or target, Android exports a provider that does not say otherwise."""
MOST_LINKS: Final = 200
"""Deep links kept of one component: a filter of many hosts and paths has all combinations."""
MASK_KEPT: Final = 4
"""Characters of a meta-data value that reports show: enough to compare with a key one owns."""

_KEY: Final = re.compile(r"[A-Za-z]{0,12}(?=[0-9A-Fa-f]*[0-9]{4})[0-9A-Fa-f]{8,}")

MANIFEST_FACTS: Final = {
    "package": "package",
    "versionName": "version-name",
    "versionCode": "version-code",
    "split": "split",
    "sharedUserId": "shared-user",
}
PART_FACTS: Final = {"package": "package", "versionCode": "version-code", "split": "split"}
REQUIRED_SPLITS: Final = "com.android.vending.splits.required"
SDK_FACTS: Final = {"minSdkVersion": "min-sdk", "targetSdkVersion": "target-sdk", "maxSdkVersion": "max-sdk"}
APPLICATION_FACTS: Final = {
    "label": "label",
    "icon": "icon",
    "allowBackup": "backup",
    "fullBackupContent": "backup-rules",
    "dataExtractionRules": "backup-rules",
    "backupAgent": "backup-agent",
    "debuggable": "debuggable",
    "testOnly": "test-only",
    "usesCleartextTraffic": "cleartext",
    "networkSecurityConfig": "network-security-config",
}


class AndroidManifest(Scanner):
    """Reads the compiled manifest of an APK, split, AAR or APEX."""

    INFO = ScannerInfo(
        name="android-manifest",
        emits=(Kind.APP_ID, Kind.ANDROID_COMPONENT, Kind.ANDROID_METADATA, Kind.PERMISSION),
        reads=("axml", "aapt-proto", "xml", "text", "data"),
        summary="Declared components, meta-data keys (values masked), permissions and identity of Android apps.",
        references=("developer.android.com/guide/topics/manifest", "AOSP ResourceTypes.h"),
        limitations=("Only files named AndroidManifest.xml.",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield sightings in document order; what a strict reader would refuse becomes a fact `app:tampering`."""
        if artifact.name != "AndroidManifest.xml":
            return
        try:
            elements = _elements(artifact, data, notes)
        except NotThisFormat as error:
            if artifact.app:
                # Here the place says what it is: an app whose declarations cannot be read has not been seen.
                raise Malformed(str(error)) from error
            # Outside an app the name alone says little; sources of Android projects carry it too.
            return
        yield from _Walk(artifact, notes).sightings(elements)


def _elements(artifact: Artifact, data: Reader, notes: ScanNotes) -> tuple[Element, ...]:
    """Read a manifest in any of its three forms: message of an app bundle, plain XML of a library, binary XML."""
    if artifact.format == "aapt-proto":
        return parse_proto_xml(data)
    if artifact.format in ("xml", "text"):
        return parse_manifest_xml(data)
    document = parse_axml(data)
    notes.facts.extend(("app:tampering", artifact.app, note) for note in dict.fromkeys(document.notes))
    return document.elements


@dataclass(slots=True)
class _Component:
    """A component while its children are read: filters and meta-data decide what it means."""

    element: Element
    name: str
    actions: set[str]
    filters: list[list[Element]]
    """The data elements of each intent filter."""


class _Walk:
    """One pass over the elements; holds the open component and the package that short names belong to."""

    def __init__(self, artifact: Artifact, notes: ScanNotes) -> None:
        self.artifact = artifact
        self.app = artifact.app
        self.notes = notes
        self.package = ""
        self.named_at = 0
        self.open: _Component | None = None
        self.in_queries = -1
        self.part = False
        self.old = False

    def sightings(self, elements: tuple[Element, ...]) -> Iterator[Sighting]:
        for element in elements:
            if self.open and element.depth <= self.open.element.depth:
                yield self._close()
            if element.depth <= self.in_queries:
                self.in_queries = -1
            yield from self._element(element)
        if self.open:
            yield self._close()

    def _element(self, element: Element) -> Iterator[Sighting]:
        if self.in_queries >= 0:
            self._query(element)
        elif element.name in PERMISSIONS:
            yield self._permission(element)
        elif element.name == "application":
            yield from self._application(element)
        elif element.name == "meta-data":
            yield from self._metadata(element)
        else:
            self._note(element)

    def _note(self, element: Element) -> None:
        """Take what is no sighting by itself: identity, and the parts of the open component."""
        match element.name:
            case "manifest":
                self.package, self.named_at = element.get("package"), element.offset
                # Of a set of APKs the base speaks for all; a split is a part of it.
                self.part = bool(element.get("split")) and any(mark in self.app for mark in SETS)
                self._facts(element, MANIFEST_FACTS)
                if self.app and not self.app.endswith(SETS[1]):
                    self._part_facts(element)
            case "uses-sdk":
                self._facts(element, SDK_FACTS)
                levels = (element.get("minSdkVersion"), element.get("targetSdkVersion"))
                self.old = any(level.isdigit() and int(level) <= OPEN_PROVIDERS for level in levels)
            case "queries":
                self.in_queries = element.depth
            case "action" if self.open:
                self.open.actions.add(element.get("name"))
            case "intent-filter" if self.open:
                self.open.filters.append([])
            case "data" if self.open and self.open.filters:
                self.open.filters[-1].append(element)
            case name if name in COMPONENTS:
                self.open = _Component(element, self._class_name(element.get("name")), set(), [])

    def _facts(self, element: Element, wanted: dict[str, str]) -> None:
        for attribute, fact in wanted.items():
            found = element.attribute(attribute)
            # What label and icon refer to, the package's resource table tells.
            if found is not None and found.value and not (found.reference and fact in ("label", "icon")):
                self._fact(fact, found.value)

    def _part_facts(self, element: Element) -> None:
        for attribute, fact in PART_FACTS.items():
            if value := element.get(attribute):
                self.notes.facts.append((f"part:{fact}", self.app, value))
        if element.get("isSplitRequired") == "true" or element.get("requiredSplitTypes"):
            self._fact("splits-required", "true")

    def _fact(self, kind: str, value: str) -> None:
        if self.part and kind not in ("start", "declares"):
            return
        self.notes.facts.append((f"app:{kind}", self.app, value))

    def _class_name(self, name: str) -> str:
        # Android completes a name that starts with a dot, and one without any dot.
        if name.startswith("."):
            return self.package + name
        return f"{self.package}.{name}" if name and "." not in name else name

    def _sighting(self, kind: Kind, value: str, element: Element, presence: Presence) -> Sighting:
        place = Location(self.artifact.path, element.offset)
        return Sighting(Observable(kind, value), place, Context.CONFIG, presence, value[:120], key=element.name)

    def _permission(self, element: Element) -> Sighting:
        name = element.get("name")
        found = self._sighting(Kind.PERMISSION, name, element, Presence.CONFIGURED)
        return replace(found, attributes=permission_attributes(name))

    def _is_installed(self) -> bool:
        """Tell whether an app goes by the manifest's name: not a library, nor a part of a set whose base has it too."""
        return bool(self.package and self.app) and not self.part and not self.app.endswith(LIBRARY)

    def _itself(self) -> Sighting:
        place = Location(self.artifact.path, self.named_at)
        name = Observable(Kind.APP_ID, self.package)
        return Sighting(name, place, Context.CONFIG, Presence.REFERENCED, self.package[:120], key="package")

    def _application(self, element: Element) -> Iterator[Sighting]:
        self._facts(element, APPLICATION_FACTS)
        # An app without code of its own (a theme, an overlay of resources) does nothing under its name.
        if element.get("hasCode") != "false" and self._is_installed():
            yield self._itself()
        for attribute in ("name", "appComponentFactory"):
            name = self._class_name(element.get(attribute))
            if not name:
                continue
            if attribute == "name":
                self._fact("application", name)
                self._fact("declares", f"application {name}")
            self._fact("start", name)
            yield self._sighting(Kind.ANDROID_COMPONENT, name, element, Presence.STARTED)

    def _metadata(self, element: Element) -> Iterator[Sighting]:
        name, value = element.get("name"), element.attribute("value") or element.attribute("resource")
        if self.open and self.open.name == STARTUP_PROVIDER and value and value.value == STARTUP_VALUE:
            self._fact("start", name)
        if name == REQUIRED_SPLITS and value and value.value == "true":
            self._fact("splits-required", "true")
        if not name:
            return
        found = self._sighting(Kind.ANDROID_METADATA, name, element, Presence.CONFIGURED)
        shown = masked(value.value) if value and not value.reference else value.value if value else ""
        excerpt = f"{name} = {shown}" if shown else name
        yield replace(found, excerpt=excerpt[:120], attributes=(("value", shown),) if shown else ())

    def _query(self, element: Element) -> None:
        wanted = {"package": "name", "provider": "authorities", "action": "name", "data": "scheme"}.get(element.name)
        value = element.get(wanted) if wanted else ""
        if value:
            value = _shown(value) if element.name == "data" else value
            self._fact("query", f"{'scheme' if element.name == 'data' else element.name} {value}")

    def _close(self) -> Sighting:
        component = self.open
        assert component is not None
        self.open = None
        element = component.element
        enabled = element.get("enabled") != "false"
        if enabled and component.name and element.name != "activity-alias":
            self._fact("declares", component.name)
        started = enabled and (element.name == "provider" or bool(component.actions & BOOT_ACTIONS))
        if started:
            self._fact("start", component.name)
        exported = enabled and self._exported(component)
        if exported:
            self._fact("exported", f"{element.name} {component.name}")
        links = (link for filter_ in component.filters for link in _links(filter_))
        for link in islice(dict.fromkeys(links), MOST_LINKS if enabled else 0):
            self._fact("deep-link", link)
        presence = Presence.STARTED if started else Presence.REFERENCED if enabled else Presence.CONFIGURED
        attributes = [("exported", "true")] if exported else []
        attributes += [(key, element.get(key)) for key in ("permission", "process", "authorities") if element.get(key)]
        target = self._class_name(element.get("targetActivity"))
        found = self._sighting(Kind.ANDROID_COMPONENT, target or component.name, element, presence)
        return replace(found, attributes=tuple(attributes))

    def _exported(self, component: _Component) -> bool:
        """Tell whether other apps reach it: said so, or by default with a filter, of old apps every provider."""
        said = component.element.get("exported")
        if said:
            return said == "true"
        return self.old if component.element.name == "provider" else bool(component.actions)


def _links(elements: list[Element]) -> Iterator[str]:
    """Yield `scheme://host:port/path` for the data elements of one filter.

    Android tests scheme, host and path each by itself: every combination of what the elements say opens the app.
    """
    schemes = sorted({_shown(scheme) for element in elements if (scheme := element.get("scheme"))})
    hosts = sorted({_authority(element) for element in elements if element.get("host")})
    paths = sorted({path for element in elements for kind in PATHS if (path := element.get(kind))}) if hosts else []
    for scheme in schemes:
        for host in hosts or [""]:
            for path in paths or [""]:
                yield f"{scheme}://{host}{path}" if host else f"{scheme}:"


def _shown(scheme: str) -> str:
    """Return a scheme as reports may show it: those of WeChat, QQ and the like are the app's key with them."""
    return masked(scheme) if _KEY.fullmatch(scheme) else scheme


def _authority(element: Element) -> str:
    port = element.get("port")
    return f"{element.get('host')}:{port}" if port else element.get("host")


def masked(value: str) -> str:
    """Return a meta-data value as reports may show it: truth values whole, of anything else four characters."""
    if value in ("true", "false") or len(value) <= MASK_KEPT:
        return value
    return value[:MASK_KEPT] + "…"
