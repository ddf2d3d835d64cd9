"""Property lists that describe an app: Info.plist, privacy manifests, provisioning profiles.

Facts, each `(kind, app, value)`, from the app's own Info.plist: `app:package`, `app:version-name`, `app:version-code`,
`app:label`, `app:min-os`, `app:cleartext`, `app:ats-exception`, `app:deep-link`, `app:query`, `app:background-mode`,
`app:bundle` (its folder); from its privacy manifests `app:tracking-domain`; from its profile `app:team`,
`app:provisioning`, `app:provisioned-devices`.
"""

from collections.abc import Iterator
from typing import Any, Final

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.data.plist import parse_plist
from inspector.formats.reader import BufferReader, Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.apple.bundles import file_path, is_main_bundle, owner
from inspector.scan.apple.meanings import BACKGROUND, DATA_TYPE_PREFIX, DATA_TYPES, USAGE
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes
from inspector.scan.meaning import Meaning, attributes_of
from inspector.scan.settings_values import LONGEST, MOST, dictionaries, texts

INFO_FACTS: Final = {
    "CFBundleIdentifier": "app:package",
    "CFBundleShortVersionString": "app:version-name",
    "CFBundleVersion": "app:version-code",
    "MinimumOSVersion": "app:min-os",
}
SOME_USES: Final = {
    "NSAllowsArbitraryLoadsInWebContent": "web views",
    "NSAllowsArbitraryLoadsForMedia": "media",
    "NSAllowsLocalNetworking": "local network",
}
"""Keys that open transport security for one use, and the use."""
FORWARD_SECRECY: Final = "RequiresForwardSecrecy"
STRICTER: Final = (FORWARD_SECRECY, "RequiresCertificateTransparency")
"""Ends of the keys that make a domain safer."""
OLD_TLS: Final = ("TLSv1.0", "TLSv1.1")
PROFILES: Final = (".mobileprovision", ".provisionprofile")


class IosInfo(Scanner):
    """Reads what an app bundle declares: identity, permissions, transport security, collected data, signing team."""

    INFO = ScannerInfo(
        name="ios-info",
        emits=(Kind.APP_ID, Kind.PERMISSION, Kind.IOS_FRAMEWORK),
        reads=("plist", "xml", "text", "provisioning", "data"),
        summary="Identity, permissions, background modes, transport exceptions, privacy manifest of iOS apps.",
        references=("developer.apple.com, Information Property List", "developer.apple.com, Privacy manifest files"),
        limitations=("Localised labels are not resolved.", "Signatures of provisioning profiles are not verified."),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield permissions in the order of the list."""
        path = file_path(artifact)
        name = path.replace("\\", "/").rpartition("/")[2]
        if name.endswith(PROFILES):
            _profile(artifact, data, notes)
        elif name in ("Info.plist", "PrivacyInfo.xcprivacy"):
            found = _dictionary(data, required=is_main_bundle(path) and name[0] == "I")
            yield from _privacy(artifact, found, notes) if name[0] == "P" else _info(artifact, path, found, notes)


def _dictionary(data: Reader, *, required: bool) -> dict[str, Any]:
    """Return the top of a property list; `required` where an app that lacks it has not been seen."""
    try:
        found = parse_plist(data)
        if not isinstance(found, dict):
            raise NotThisFormat("property list without a dictionary")
    except NotThisFormat as error:
        if required:
            raise Malformed(str(error)) from error
        raise
    return found


def _info(artifact: Artifact, path: str, found: dict[str, Any], notes: ScanNotes) -> Iterator[Sighting]:
    if is_main_bundle(path):
        notes.facts += [(kind, owner(artifact), value[:LONGEST]) for kind, value in _identity(found) if value]
        notes.facts.append(("app:bundle", owner(artifact), path.replace("\\", "/").rpartition("/")[0]))
        if identifier := str(found.get("CFBundleIdentifier") or "")[:LONGEST]:
            yield _sighting(artifact, Kind.APP_ID, identifier, "CFBundleIdentifier", ())
    if ".framework/" in path and isinstance(found.get("CFBundleExecutable"), str):
        name = found["CFBundleExecutable"][:LONGEST]
        version = str(found.get("CFBundleShortVersionString") or "")[:LONGEST]
        identifier = str(found.get("CFBundleIdentifier") or "")[:LONGEST]
        facts = tuple(pair for pair in (("bundle", identifier), ("version", version)) if pair[1])
        yield _sighting(artifact, Kind.IOS_FRAMEWORK, name, "CFBundleExecutable", facts)
    for key, value in list(found.items())[:MOST]:
        if key.endswith(("UsageDescription", "UsageDescriptionDictionary")):
            said = (("said", value[:LONGEST]),) if isinstance(value, str) and value else ()
            yield _permission(artifact, key, key, USAGE.get(key), said)
    for mode in texts(found.get("UIBackgroundModes")):
        yield _permission(artifact, f"background-mode:{mode}", "UIBackgroundModes", BACKGROUND.get(mode))


def _identity(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, kind in INFO_FACTS.items():
        yield kind, str(found.get(key) or "")
    yield "app:label", str(found.get("CFBundleDisplayName") or found.get("CFBundleName") or "")
    for mode in texts(found.get("UIBackgroundModes")):
        yield "app:background-mode", mode
    for scheme in texts(found.get("LSApplicationQueriesSchemes")):
        yield "app:query", f"scheme {scheme}"
    for entry in dictionaries(found.get("CFBundleURLTypes")):
        for scheme in texts(entry.get("CFBundleURLSchemes")):
            yield "app:deep-link", f"{scheme}:"
    yield from _transport(found.get("NSAppTransportSecurity"))


def _transport(security: object) -> Iterator[tuple[str, str]]:
    """Yield what the app excepts from transport security: plain HTTP for all hosts, for some uses, for named hosts."""
    if not isinstance(security, dict):
        return
    if security.get("NSAllowsArbitraryLoads") is True:
        yield "app:cleartext", "true"
    for key, use in SOME_USES.items():
        if security.get(key) is True:
            yield "app:ats-exception", f"({use}) {key}"
    domains = security.get("NSExceptionDomains")
    for domain, rules in list(domains.items())[:MOST] if isinstance(domains, dict) else ():
        yield "app:ats-exception", " ".join((domain, *_relaxed(rules)))


def _relaxed(rules: object) -> Iterator[str]:
    """Yield the rules that make a domain less safe than the default, and the range they hold for."""
    for key, value in sorted(rules.items()) if isinstance(rules, dict) else ():
        if value is True and not key.endswith(STRICTER):
            yield key
        elif (value is False and key.endswith(FORWARD_SECRECY)) or (isinstance(value, str) and value in OLD_TLS):
            yield f"{key}={value or 'false'}"


def _privacy(artifact: Artifact, found: dict[str, Any], notes: ScanNotes) -> Iterator[Sighting]:
    domains = texts(found.get("NSPrivacyTrackingDomains"))
    notes.facts += [("app:tracking-domain", owner(artifact), domain[:LONGEST]) for domain in domains]
    for entry in dictionaries(found.get("NSPrivacyCollectedDataTypes")):
        name = entry.get(DATA_TYPE_PREFIX)
        if not isinstance(name, str) or not name:
            continue
        short = name.removeprefix(DATA_TYPE_PREFIX)
        purposes = ", ".join(
            purpose.removeprefix("NSPrivacyCollectedDataTypePurpose")
            for purpose in texts(entry.get("NSPrivacyCollectedDataTypePurposes"))
        )
        facts = [("purposes", purposes[:LONGEST])] if purposes else []
        facts += [(key, "true") for key in ("Linked", "Tracking") if entry.get(DATA_TYPE_PREFIX + key) is True]
        meaning = DATA_TYPES.get(short)
        yield _permission(artifact, f"collects:{short}", "NSPrivacyCollectedDataTypes", meaning, tuple(facts))


def _profile(artifact: Artifact, data: Reader, notes: ScanNotes) -> None:
    start, end = data.find(b"<?xml"), data.find(b"</plist>")
    if not 0 <= start < end:
        return
    try:
        found = parse_plist(BufferReader(data.read_at(start, end + 8 - start)))
    except FormatError:
        return
    if not isinstance(found, dict):
        return
    team, teams = str(found.get("TeamName") or ""), texts(found.get("TeamIdentifier"))
    notes.facts += [("app:team", owner(artifact), f"{one} {team}".strip()[:LONGEST]) for one in teams[:4]]
    notes.facts.append(("app:provisioning", owner(artifact), _distribution(found)))
    if devices := found.get("ProvisionedDevices"):
        notes.facts.append(("app:provisioned-devices", owner(artifact), str(len(devices))))


def _distribution(found: dict[str, Any]) -> str:
    rights = found.get("Entitlements")
    if isinstance(rights, dict) and rights.get("get-task-allow") is True:
        return "development"
    if found.get("ProvisionsAllDevices") is True:
        return "enterprise: installs on any device without the App Store"
    return "ad hoc" if isinstance(found.get("ProvisionedDevices"), list) else "App Store"


def _permission(
    artifact: Artifact, value: str, key: str, meaning: Meaning | None, more: tuple[tuple[str, str], ...] = ()
) -> Sighting:
    return _sighting(artifact, Kind.PERMISSION, value, key, (*attributes_of(meaning), *more))


def _sighting(
    artifact: Artifact, kind: Kind, value: str, key: str, attributes: tuple[tuple[str, str], ...]
) -> Sighting:
    return Sighting(
        Observable(kind, value),
        Location(artifact.path),
        Context.CONFIG,
        Presence.CONFIGURED,
        value[:120],
        key=key,
        attributes=tuple(sorted(attributes)),
    )
