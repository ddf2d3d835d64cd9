"""Which kind of package a zip is, by the names in it: APK, sets of split APKs, app bundle, AAR, APEX, HAP, IPA, JAR.

Format: developer.android.com, "Application fundamentals", "AAR Anatomy", "Android App Bundle format";
source.android.com, "APEX file format"; the layouts of XAPK (APKPure), APKM (APKMirror) and APKS (bundletool) as met.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from inspector.formats.archive.zip import central_headers, check_start, find_directory, local_header
from inspector.formats.archive.zip_members import extent
from inspector.formats.reader import Reader, Span

MOST_NAMES: Final = 200_000
SET_MARKS: Final = frozenset({"manifest.json", "info.json", "toc.pb", "base.apk", "splits/base-master.apk"})
MANIFEST: Final = "AndroidManifest.xml"
_APP_LIST: Final = re.compile(r"^(?:[^/\\]*[/\\]){0,2}[^/\\]+\.app[/\\]Info\.plist$")
SPLIT: Final = re.compile(r"(?:(?P<app>.+?)[._-])??(?:split_|split\.|(?:split_)?config\.)[\w.-]+\.apk", re.IGNORECASE)
"""Names of splits as devices and stores write them: `split_config.xhdpi.apk`, `com.example.config.cs.apk`."""
MODULE: Final = re.compile(r"(?P<module>[\w.]+)-(?P<what>[\w.]+)\.apk", re.IGNORECASE)
"""Names of bundletool: `base-master.apk`, `feature-arm64_v8a.apk`."""
BASES: Final = ("base.apk", "base-master.apk")
TEXT_MANIFEST_MARKS: Final = frozenset({"classes.jar", "R.txt"})


@lru_cache(maxsize=2)
def package_at(data: Reader, offset: int) -> tuple[str, Span]:
    """Return kind and extent of the package at `offset`; the kind is empty for any other zip.

    Raises as the zip reader does. Several extractors ask in turn, so the last answers are kept.
    """
    span = extent(data, offset)
    return package_kind(frozenset(_names(data, offset))), span


def _names(data: Reader, offset: int) -> Iterator[str]:
    first = check_start(data, offset)
    directory = find_directory(data, first)
    if directory is not None:
        for header in islice(central_headers(data, directory), MOST_NAMES):
            yield header.name.decode("utf-8", "replace")
        return
    # Without a directory only the first entry is known cheaply; an APK's is often its manifest.
    only = local_header(data, first)
    if only is not None:
        yield only.name.decode("utf-8", "replace")


def package_kind(names: frozenset[str]) -> str:
    """Return `apk`, `app-set`, `aab`, `aar`, `apex`, `ipa`, `hap`, `jar`, or an empty string."""
    if not names.isdisjoint(("apex_payload.img", "original_apex")):  # the second one is that of a compressed module
        return "apex"
    if "BundleConfig.pb" in names or "base/manifest/AndroidManifest.xml" in names:
        return "aab"
    if MANIFEST in names:
        return "aar" if names & TEXT_MANIFEST_MARKS and "classes.dex" not in names else "apk"
    if any(_is_app_list(name) for name in names):
        return "ipa"
    if names & {"module.json", "config.json"} and ("resources.index" in names or _any(names, ".abc")):
        return "hap"
    if "pack.info" in names and (_any(names, ".hap") or _any(names, ".hsp")):
        return "app-set"
    packages = [name for name in names if name.endswith(".apk") and name.count("/") <= 1]
    if packages and (names & SET_MARKS or app_sets(name.rpartition("/")[2] for name in packages)):
        return "app-set"
    if "META-INF/MANIFEST.MF" in names or "classes.dex" in names or _any(names, ".class"):
        return "jar"
    return ""


def app_sets(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return which of the files of one folder are one app, by their names: each set with its base first, then sorted.

    A split whose name begins with that of an app (`com.example.config.cs.apk`) belongs to it (`com.example.apk`); one
    without (`split_config.cs.apk`) to `base.apk`, or to the only package that is no split itself. Where that leaves
    doubts there is no set: only the manifests, which are not read here, know more.
    """
    packages = sorted(name for name in names if name.lower().endswith(".apk"))
    known = {name.lower(): name for name in packages}
    matches = {name: match for name in packages if (match := SPLIT.fullmatch(name))}
    others = [name for name in packages if name not in matches]
    masters = {match["module"] for name in others if (match := MODULE.fullmatch(name)) and match["what"] == "master"}
    found: dict[str, list[str]] = {}
    for name in others:
        module = MODULE.fullmatch(name)
        if BASES[1] in known and module and module["module"] in masters and name != known[BASES[1]]:
            found.setdefault(known[BASES[1]], []).append(name)
    for name, match in matches.items():
        base = known.get(f"{match['app']}.apk".lower(), "") if match["app"] else known.get(BASES[0], "")
        if not base and not match["app"] and len(others) == 1:
            base = others[0]
        if base and base not in matches:
            found.setdefault(base, []).append(name)
    return [(base, *sorted(parts)) for base, parts in sorted(found.items())]


def _is_app_list(name: str) -> bool:
    """Tell the Info.plist of an app bundle, `Payload/` or not; some packers write backslashes or odd encodings."""
    return name.endswith("Info.plist") and _APP_LIST.search(name) is not None


def _any(names: Iterable[str], suffix: str) -> bool:
    return any(name.endswith(suffix) for name in names)
