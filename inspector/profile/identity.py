"""What the artifact is and what it calls itself, from the formats met and the facts that scanners noted."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_APPS: Final = {
    "apk": "android-app",
    "app-set": "android-app",
    "aab": "android-app",
    "aar": "android-app",
    "apex": "android-app",
    "hap": "harmony-app",
    "ipa": "ios-app",
}
_BINARIES: Final = frozenset({"elf", "pe", "macho", "dex", "class", "fat-macho", "odex", "vdex"})
_PARTITIONED: Final = frozenset(
    {"android-sparse", "boot", "vendor-boot", "super", "payload", "dtbo", "cpio", "mbr", "gpt"}
)
"""Formats on the shelves of archives and apps that only devices are made of."""


_IDENTITY: Final = frozenset(
    f"app:{key}"
    for key in [
        "package",
        "version-name",
        "version-code",
        "min-sdk",
        "target-sdk",
        "label",
        "icon",
        "application",
        "split",
        "backup",
        "backup-agent",
        "backup-rules",
        "debuggable",
        "test-only",
        "cleartext",
        "network-security",
        "network-security-config",
        "shared-user",
        "exported",
        "deep-link",
        "query",
        "signing",
        "signer",
        "signing-key",
        "signing-block",
        "rotated-from",
        "architecture",
        "associated-domain",
        "ats-exception",
        "background-mode",
        "entitlement",
        "framework",
        "min-os",
        "provisioned-devices",
        "provisioning",
        "signing-identity",
        "team",
        "tracking-domain",
    ]
)
"""Facts of the scanners that describe the app itself."""


def artifact_kind(
    root_format: str,
    tree_formats: Iterable[str],
    shelves: Mapping[str, str],
    facts: Iterable[tuple[str, str, str]] = (),
) -> str:
    """Return the `artifact.kind` of the document: by the root's format, else by what was found inside.

    `shelves` names the shelf (`firmware`, `filesystem`, `archive` …) of every format. An archive is an app where it
    holds the one bundle of an iOS app in no package of its own (`facts`) or no packages but those of HarmonyOS, and so
    is an app with other bytes in front.
    """
    facts, inside = list(facts), set(tree_formats)
    if inside & _APPS.keys() - {"app-set"} == {"hap"} and root_format in ("app-set", "zip"):
        return _APPS["hap"]  # what a store gets: a zip of the packages of one app
    if root_format in _APPS:
        return _APPS[root_format]
    if root_format in ("data", "dex") and (carved := _carved_app(facts)):
        return carved
    if root_format in _BINARIES:
        return "binary"

    def of_a_device(name: str) -> bool:
        return shelves.get(name) in ("firmware", "filesystem") or name in _PARTITIONED

    if of_a_device(root_format) or any(of_a_device(name) for name in inside):
        return "firmware"
    if shelves.get(root_format) in ("archive", "mobile"):
        bundles = {folder for key, chain, folder in facts if key == "app:bundle" and not chain.endswith("!ipa")}
        return "ios-app" if len(bundles) == 1 else "archive"
    return "unknown"


def _carved_app(facts: Iterable[tuple[str, str, str]]) -> str:
    """Return the kind of the one app that stands in the artifact itself behind other bytes, or nothing."""
    chains = {chain for key, chain, _ in facts if key == "app:package" and chain.count("!") == 1}
    kinds = {_APPS.get(chain.rpartition("!")[2].partition("@")[0], "") for chain in chains}
    return kinds.pop() if len(chains) == 1 else ""


def identity(facts: Iterable[tuple[str, str, str]], kind: str = "android-app") -> dict[str, Any]:
    """Return the `artifact.identity` section: facts `app:<key>` of the outermost app, lists where values differ.

    Empty for firmware, which is none of the apps in it, and for anything else that is no app and holds several.
    """
    if kind == "firmware":
        return {}
    described = [(key.removeprefix("app:"), chain, value) for key, chain, value in facts if key in _IDENTITY]
    if not described:
        return {}
    # Of the parts of a set only the base names the package.
    named = [chain for key, chain, _ in described if key == "package"] or [chain for _, chain, _ in described]
    depth, outermost = min((chain.count("!"), chain) for chain in named)
    if not kind.endswith("-app") and sum(chain.count("!") == depth for chain in set(named)) > 1:
        return {}
    found: dict[str, set[str]] = {}
    for key, chain, value in sorted(described):
        if chain == outermost:
            found.setdefault(key.replace("-", "_"), set()).add(value)
    return {key: sorted(values) if len(values) > 1 else min(values) for key, values in sorted(found.items())}
