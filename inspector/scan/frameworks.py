"""Which framework an app is written with, by the files it leaves, and what of it no reader here decodes."""

import re
from collections.abc import Iterator
from typing import Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

MOST_PACKAGES: Final = 2_000
_DECODED: Final = (
    ("react-native-hermes", r"!hermes(?:@0x[0-9a-f]+)?!v(\d+)/strings$"),
    ("flutter", r"!dart-snapshot(?:@0x[0-9a-f]+)?!strings()$"),
    ("alipay-mini-program", r"\.amr!.*!(?:.*/)?index(?:\.worker)?\.js()$"),
    ("unity-il2cpp", r"!il2cpp-metadata!v(\d+)/literals$"),
    ("uni-app", r"\.wgt!zip!app-(?:service|config)\.js()$"),
    ("unity", r"!unityfs(?:@0x[0-9a-f]+)?![^!]+()$"),
    ("wechat-mini-program", r"!wxapkg!(?:(?:.*/)?app-service\.js|content)()$"),
    ("python-for-android", r"/libpybundle\.so!.*\.pyc?()$"),
    ("python-for-android", r"!assets/private\.(?:tar|mp3)!.*main\.pyc?()$"),
    ("xamarin", r"!(?:assembly-store(?:@0x[0-9a-f]+)?![^!]*|xalz!assembly)\.dll()$"),
)
"""Framework → the end of a chain of members, with the version of its format as the group."""
_PATHS: Final = (
    ("uni-app", r"/apps/__UNI__\w+/www/(?:app-service|app-config)\.js$"),
    ("dcloud-5plus", r"/apps/[^/]+/www/manifest\.json$"),
    ("capacitor", r"(?:^|/)capacitor\.config\.json$"),
    ("ionic", r"/(?:www|public)/(?:[\w./-]*/)?ionic(?:\.[\w.-]+)?\.js$"),
    ("cordova", r"/www/cordova\.js$|/xml/config\.xml$"),
    ("react-native", r"/(?:index\.(?:android|ios)\.bundle|main\.jsbundle)$"),
    ("flutter", r"/(?:libflutter\.so|libapp\.so|Flutter\.framework/Flutter)$"),
    ("unity-mono", r"/bin/Data/Managed/Assembly-CSharp[\w-]*\.dll$"),
    ("unity", r"/(?:libunity\.so|UnityFramework\.framework/UnityFramework|globalgamemanagers)$"),
    ("cocos2d-x", r"/libcocos(?:2d)?(?:js|lua|cpp)?\.so$"),
    ("weex", r"/libweex(?:core|jsc|jss|jsb)\w*\.so$"),
    ("xamarin", r"/(?:libmonodroid|libxamarin-app|libmonosgen-2\.0)\.so$"),
    ("python-for-android", r"/(?:libpybundle\.so|private\.(?:tar|mp3))$|/libpython3\.\d+m?\.so$"),
    ("kotlin-js", r"/kotlin(?:-kotlin-stdlib[\w-]*)?\.m?js$"),
    ("qt", r"/lib(?:Qt[56]Core|Qt[56]Core_[\w-]+)\.so$"),
    ("harmonyos-arkts", r"/ets/modules\.abc$"),
)
_GAPS: Final = (
    (re.compile(r"/global-metadata\.dat$"), b"\xaf\x1b\xb1\xfa", "IL2CPP metadata is encrypted or of an unknown kind"),
    (
        re.compile(r"/(?:apps/[^/]+/www/.*\.js|app-confusion\.js)$"),
        b"",
        "uni-app script: encrypted by the native confusion of DCloud",
    ),
    (
        re.compile(r"\.jsc$|/assets/.*\.luac?$"),
        b"",
        "Cocos2d-x script: compiled, or encrypted with XXTEA and no key found",
    ),
)
_ANY_DECODED: Final = re.compile("|".join(end for _, end in _DECODED))
_ANY_PATH: Final = re.compile("|".join(path for _, path in _PATHS))
_DART_PACKAGE: Final = re.compile(rb"package:([a-z][a-z0-9_]{1,60})/")
_DART_SNAPSHOT: Final = re.compile(rb"\xf5\xf5\xdc\xdc.{16}([0-9a-f]{32})", re.DOTALL)


class Frameworks(Scanner):
    """Names frameworks as components `framework:<name>`, and Dart packages as `dart-package:<name>`."""

    INFO = ScannerInfo(
        name="frameworks",
        emits=(Kind.COMPONENT,),
        reads=("*",),
        summary="React Native, Flutter, Unity, Xamarin, Cordova, Capacitor, uni-app, Weex, Cocos2d-x, Qt and others.",
        references=("the layout of packages as the build tools of each framework write them",),
        limitations=(
            "Cocos2d-x scripts whose key is not found, encrypted IL2CPP metadata and scripts of uni-app are gaps.",
        ),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield the framework a file belongs to, then the Dart packages compiled into it, by name."""
        inside = artifact.inner if artifact.inner.startswith("/") else f"/{artifact.inner}"
        decoded, named = _named(artifact.path, inside)
        for name, version in dict.fromkeys(decoded or named):
            yield _sighting(artifact, f"framework:{name}", 0, (("version", version),) if version else ())
        for path, magic, detail in _GAPS if artifact.format == "data" else ():
            if path.search(inside) and not (magic and data.startswith(magic)):
                notes.gaps.append((0, data.size, "encrypted", detail))
        if artifact.format in ("elf", "macho") and artifact.name in ("libapp.so", "App"):
            yield from _dart(artifact, data)


def _named(chain: str, inside: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return frameworks with the version of their format by the chain, and frameworks by the path; mostly none."""
    decoded: list[tuple[str, str]] = []
    if _ANY_DECODED.search(chain):
        decoded = [(name, match.group(1)) for name, end in _DECODED if (match := re.search(end, chain))]
    return decoded, [(name, "") for name, path in _PATHS if re.search(path, inside)] if _ANY_PATH.search(inside) else []


def _dart(artifact: Artifact, data: Reader) -> Iterator[Sighting]:
    found: dict[str, int] = {}
    snapshots: dict[str, int] = {}
    for offset, view in data.windows(256):
        for match in _DART_SNAPSHOT.finditer(view):
            snapshots.setdefault(match.group(1).decode("ascii"), offset + match.start())
        for match in _DART_PACKAGE.finditer(view):
            if len(found) < MOST_PACKAGES:
                found.setdefault(match.group(1).decode("ascii"), offset + match.start())
    for version, at in sorted(snapshots.items())[:1]:
        yield _sighting(artifact, "framework:flutter", at, (("version", version),))
    for name, at in sorted(found.items()):
        yield _sighting(artifact, f"dart-package:{name}", at, ())


def _sighting(artifact: Artifact, value: str, offset: int, attributes: tuple[tuple[str, str], ...]) -> Sighting:
    return Sighting(
        Observable(Kind.COMPONENT, value),
        Location(artifact.path, offset),
        Context.CODE,
        Presence.CONFIGURED,
        artifact.inner[:120],
        attributes=attributes,
    )
