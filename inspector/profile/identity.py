"""What the artifact is and what it calls itself, from the formats met and the facts that scanners noted."""

from collections.abc import Iterable
from typing import Any, Final

_BY_FORMAT: Final = {
    "apk": "android-app",
    "app-set": "android-app",
    "aab": "android-app",
    "aar": "android-app",
    "ipa": "ios-app",
    "hap": "android-app",
}
_FIRMWARE: Final = frozenset(
    [
        "squashfs",
        "jffs2",
        "ubi",
        "ubifs",
        "yaffs2",
        "cramfs",
        "romfs",
        "ext",
        "fat",
        "exfat",
        "erofs",
        "f2fs",
        "uimage",
        "fit",
        "trx",
        "android-boot",
        "android-sparse",
        "super",
        "payload",
        "mbr",
        "gpt",
        "tp-link",
        "uefi-volume",
        "uefi-capsule",
        "kernel",
        "esp-image",
        "cpio",
    ]
)
_ARCHIVES: Final = frozenset(
    [
        "zip",
        "tar",
        "gzip",
        "xz",
        "bzip2",
        "zstd",
        "lzma",
        "lz4",
        "7z",
        "rar",
        "cab",
        "ar",
        "deb",
        "rpm",
        "jar",
        "lzip",
        "lzo",
        "brotli",
    ]
)
_BINARIES: Final = frozenset(["elf", "pe", "macho", "dex", "class", "fat-macho"])


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
        "debuggable",
        "test-only",
        "cleartext",
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
    ]
)
"""Facts of the scanners that describe the app itself."""


def artifact_kind(root_format: str, tree_formats: Iterable[str]) -> str:
    """Return the `artifact.kind` of the document: by the root's format, else by what was found inside."""
    if root_format in _BY_FORMAT:
        return _BY_FORMAT[root_format]
    inside = set(tree_formats)
    if root_format in _FIRMWARE or inside & _FIRMWARE:
        return "firmware"
    if root_format in _ARCHIVES:
        return "archive"
    if root_format in _BINARIES:
        return "binary"
    return "unknown"


def identity(facts: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """Return the `artifact.identity` section: facts `app:<key>` of the outermost app, lists where a key repeats."""
    described = [(kind.removeprefix("app:"), chain, value) for kind, chain, value in facts if kind in _IDENTITY]
    if not described:
        return {}
    # Of the parts of a set only the base names the package.
    named = [chain for key, chain, _ in described if key == "package"] or [chain for _, chain, _ in described]
    outermost = min((chain.count("!"), chain) for chain in named)[1]
    found: dict[str, Any] = {}
    for key, chain, value in sorted(described):
        if chain == outermost:
            found.setdefault(key.replace("-", "_"), []).append(value)
    return {key: values[0] if len(values) == 1 else sorted(set(values)) for key, values in sorted(found.items())}
