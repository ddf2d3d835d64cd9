"""Where an app fetches its own program from: settings of CodePush and Expo that stand in compiled form.

Read are the meta-data of a binary AndroidManifest.xml, binary property lists and the texts of a resource table; the
same settings in text are lines with a rule of `mechanisms`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import urlsplit

from inspector.errors import FormatError
from inspector.formats.data.plist import parse_plist
from inspector.formats.mobile.aapt_proto import parse_proto_xml
from inspector.formats.mobile.arsc import parse_arsc
from inspector.formats.mobile.axml import parse_axml
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes
from inspector.scan.device.mechanism_rules import ADMIN

URLS: Final = ("expo.modules.updates.EXPO_UPDATE_URL", "EXUpdatesURL", "CodePushServerURL", "CodePushServerUrl")
"""Settings that hold the place that a new program comes from."""
KEYS: Final = ("CodePushDeploymentKey",)
"""Settings that choose a program there; alone, they leave the place to the library."""
SWITCHES: Final = ("expo.modules.updates.ENABLED", "EXUpdatesEnabled")
"""Settings that turn updates off where they are false."""
NAME: Final = "fetch-and-execute"
FROM_THERE: Final = "replaces its program from there"
FROM_DEFAULT: Final = "replaces its program from the server that its library names"
_MARKS: Final = tuple(
    mark.encode(code) for mark in ("CodePush", "EXUpdates", "EXPO_UPDATE") for code in ("utf-8", "utf-16-le")
)
_LONGEST: Final = 300


class _Setting(NamedTuple):
    value: str
    offset: int


class UpdateSettings(Scanner):
    """Reads compiled settings by which an app replaces the JavaScript that it runs."""

    INFO: ClassVar = ScannerInfo(
        name="update-settings",
        emits=(Kind.MECHANISM,),
        reads=("axml", "aapt-proto", "plist", "arsc"),
        summary="Settings of CodePush and Expo, compiled, by which an app fetches the program that it runs.",
        references=(
            "docs.expo.dev/versions/latest/sdk/updates",
            "github.com/microsoft/react-native-code-push, docs/setup-android.md, docs/setup-ios.md",
        ),
        limitations=("Settings that code hands over when it starts the library are not seen.",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:  # noqa: ARG002
        """Yield at most one mechanism for each setting."""
        if all(data.find(mark) < 0 for mark in _MARKS):
            return
        try:
            found = _settings(artifact, data)
        except FormatError:
            return  # a scanner of the format itself tells of it
        if any(found[name].value.lower() in ("false", "0") for name in SWITCHES if name in found):
            return
        places = {name: found[name] for name in URLS if name in found and _is_url(found[name].value)}
        for name, setting in places.items():
            yield _sighting(artifact, name, setting.value, setting.offset, FROM_THERE)
        for name in KEYS:
            if name in found and found[name].value and not any(other.startswith("CodePush") for other in places):
                yield _sighting(artifact, name, "CodePush", found[name].offset, FROM_DEFAULT)


def _settings(artifact: Artifact, data: Reader) -> Mapping[str, _Setting]:
    """Return the settings of a leaf by name, those of interest and perhaps others."""
    if artifact.format == "arsc":
        texts = list(parse_arsc(data).texts_named(frozenset((*URLS, *KEYS))))
        return {name: _Setting(text, 0) for name, text in reversed(texts)}  # the first is of the default language
    if artifact.format == "plist":
        return _listed(parse_plist(data)) if data.startswith(b"bplist") else {}
    if artifact.name != "AndroidManifest.xml":
        return {}
    elements = parse_proto_xml(data) if artifact.format == "aapt-proto" else parse_axml(data).elements
    declared = (element for element in elements if element.name == "meta-data")
    return {element.get("name"): _Setting(element.get("value"), element.offset) for element in declared}


def _listed(top: Any) -> dict[str, _Setting]:
    if not isinstance(top, dict):
        return {}
    return {
        key: _Setting(str(value), 0)
        for key, value in top.items()
        if isinstance(value, str | bool) and key in (*URLS, *KEYS, *SWITCHES)
    }


def _is_url(value: str) -> bool:
    return value.lower().startswith(("https://", "http://")) and bool(_host(value))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _sighting(artifact: Artifact, key: str, target: str, offset: int, detail: str) -> Sighting:
    facts = {"detail": detail, "limb": ADMIN, "mechanism": NAME}
    if host := _host(target):
        facts["host"] = host
    return Sighting(
        Observable(Kind.MECHANISM, f"{NAME}:{target[:_LONGEST]}"),
        Location(artifact.path, offset),
        Context.CONFIG,
        Presence.CONFIGURED,
        excerpt=f"{key} = {target}"[:120] if host else key,
        key=key,
        attributes=tuple(sorted(facts.items())),
    )
