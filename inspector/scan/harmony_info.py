"""What a HarmonyOS package declares of itself: `module.json` of the stage model, `config.json` of the older one.

Facts, each `(kind, app, value)`: `app:package`, `app:version-name`, `app:version-code`, `app:label`, `app:min-os`,
`app:deep-link`, `app:query`, `app:background-mode`, `app:cleartext`.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from inspector.errors import Malformed
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.apple.bundles import owner
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes
from inspector.scan.meaning import Meaning, attributes_of
from inspector.scan.settings_values import LONGEST, dictionaries, dictionary, texts

LARGEST: Final = 1 << 22
STAGE, OLDER, NETWORK = "module.json", "config.json", "network_config.json"
PREFIX: Final = "ohos.permission."
PERMISSIONS: Final[dict[str, Meaning]] = {
    "ACCELEROMETER": ("low", "motion of the device"),
    "ACCESS_BLUETOOTH": ("medium", "finds and connects to Bluetooth devices"),
    "ACTIVITY_MOTION": ("high", "physical activity"),
    "APPROXIMATELY_LOCATION": ("medium", "approximate location"),
    "APP_TRACKING_CONSENT": ("high", "advertising identifier"),
    "CAMERA": ("high", "takes pictures and video"),
    "DISTRIBUTED_DATASYNC": ("high", "exchanges data with the user's other devices"),
    "GET_INSTALLED_BUNDLE_LIST": ("high", "list of installed apps"),
    "GET_NETWORK_INFO": ("low", "state of the network"),
    "GET_WIFI_INFO": ("medium", "Wi-Fi in use"),
    "INSTALL_BUNDLE": ("high", "installs apps"),
    "INTERNET": ("low", "network access"),
    "KEEP_BACKGROUND_RUNNING": ("medium", "keeps running in the background"),
    "LOCATION": ("high", "precise location"),
    "LOCATION_IN_BACKGROUND": ("high", "location while the app is not in use"),
    "MEDIA_LOCATION": ("high", "places in pictures"),
    "MICROPHONE": ("high", "records sound"),
    "READ_CALENDAR": ("high", "calendar entries"),
    "READ_CONTACTS": ("high", "contacts"),
    "READ_HEALTH_DATA": ("high", "health data"),
    "READ_IMAGEVIDEO": ("high", "pictures and video"),
    "READ_MEDIA": ("high", "media of the user"),
    "READ_MESSAGES": ("high", "messages"),
    "READ_PASTEBOARD": ("high", "clipboard"),
    "SYSTEM_FLOAT_WINDOW": ("medium", "draws over other apps"),
    "WRITE_CONTACTS": ("high", "changes contacts"),
    "WRITE_IMAGEVIDEO": ("medium", "changes pictures and video"),
}
"""Permission → (sensitivity, meaning), in our own words and grading."""


class HarmonyInfo(Scanner):
    """Reads identity, permissions, deep links and background modes of a HarmonyOS package."""

    INFO = ScannerInfo(
        name="harmony-info",
        emits=(Kind.APP_ID, Kind.PERMISSION),
        reads=("json",),
        summary="Identity, permissions, deep links and background modes of HarmonyOS packages.",
        references=("gitee.com/openharmony/docs, module.json5 and config.json",),
        limitations=("Labels that stand in resources.index are not resolved.",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield the name of the app, then permissions in the order of the file."""
        _, mark, inside = artifact.path.rpartition("!hap!")
        if not mark or (inside not in (STAGE, OLDER) and artifact.name != NETWORK):
            return
        found = _parsed(data)
        if artifact.name == NETWORK:
            rules = dictionary(dictionary(found.get("network-security-config")).get("base-config"))
            if rules.get("cleartextTrafficPermitted") is True:
                notes.facts.append(("app:cleartext", owner(artifact), "true"))
            return
        app, module = dictionary(found.get("app")), dictionary(found.get("module"))
        if isinstance(name := app.get("bundleName"), str) and name:
            yield _itself(artifact, data, name[:LONGEST])
        facts = [*_identity(app), *_device(dictionary(found.get("deviceConfig")))]
        for ability in _abilities(module):
            facts += _declared(ability)
        notes.facts += [(kind, owner(artifact), value[:LONGEST]) for kind, value in dict.fromkeys(facts) if value]
        for entry in (*dictionaries(module.get("requestPermissions")), *dictionaries(module.get("reqPermissions"))):
            name = entry.get("name")
            if isinstance(name, str) and name:
                yield _permission(artifact, name[:LONGEST], entry.get("reason"))


def _itself(artifact: Artifact, data: Reader, name: str) -> Sighting:
    place = Location(artifact.path, max(0, data.find(name.encode("utf-8", "surrogatepass"), 0)))
    observable = Observable(Kind.APP_ID, name)
    return Sighting(observable, place, Context.CONFIG, Presence.REFERENCED, name[:120], key="bundleName")


def _parsed(data: Reader) -> dict[str, Any]:
    if data.size > LARGEST:
        raise Malformed(f"settings of {data.size} bytes")
    try:
        found = json.loads(bytes(data.all()))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"settings that are no JSON: {str(error)[:80]}") from error
    return dictionary(found)


def _identity(app: dict[str, Any]) -> Iterator[tuple[str, str]]:
    version, levels = dictionary(app.get("version")), dictionary(app.get("apiVersion"))
    yield "app:package", str(app.get("bundleName") or "")
    yield "app:version-name", str(app.get("versionName") or version.get("name") or "")
    yield "app:version-code", str(app.get("versionCode") or version.get("code") or "")
    yield "app:min-os", str(app.get("minAPIVersion") or levels.get("compatible") or "")
    label = app.get("label")
    yield "app:label", label if isinstance(label, str) and not label.startswith("$") else ""


def _device(devices: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for device in devices.values():
        if dictionary(dictionary(device).get("network")).get("cleartextTraffic") is True:
            yield "app:cleartext", "true"


def _abilities(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in ("abilities", "extensionAbilities"):
        yield from dictionaries(module.get(kind))
    yield {"query": module.get("querySchemes")}


def _declared(ability: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for mode in texts(ability.get("backgroundModes")):
        yield "app:background-mode", mode
    for scheme in texts(ability.get("query")):
        yield "app:query", f"scheme {scheme}"
    for skill in dictionaries(ability.get("skills")):
        for uri in dictionaries(skill.get("uris")):
            scheme, host, path = (str(uri.get(part) or "") for part in ("scheme", "host", "path"))
            if scheme:
                yield "app:deep-link", f"{scheme}://{host}/{path.lstrip('/')}".rstrip("/") if host else f"{scheme}:"


def _permission(artifact: Artifact, name: str, reason: object) -> Sighting:
    said = [("said", reason[:LONGEST])] if isinstance(reason, str) and reason and not reason.startswith("$") else []
    return Sighting(
        Observable(Kind.PERMISSION, name),
        Location(artifact.path),
        Context.CONFIG,
        Presence.CONFIGURED,
        name[:120],
        key="requestPermissions",
        attributes=tuple(sorted((*attributes_of(PERMISSIONS.get(name.removeprefix(PREFIX))), *said))),
    )
