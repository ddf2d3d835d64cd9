"""Which kind of package a zip is, by the names in it: APK, sets of split APKs, app bundle, AAR, APEX, HAP, IPA, JAR.

Format: developer.android.com, "Application fundamentals", "AAR Anatomy", "Android App Bundle format";
source.android.com, "APEX file format"; the layouts of XAPK (APKPure), APKM (APKMirror) and APKS (bundletool) as met.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from inspector.formats.reader import Reader, Span
from inspector.formats.zip import central_headers, check_start, find_directory, local_header
from inspector.formats.zip_members import extent

MOST_NAMES: Final = 200_000
SET_MARKS: Final = frozenset({"manifest.json", "info.json", "toc.pb", "base.apk", "splits/base-master.apk"})
MANIFEST: Final = "AndroidManifest.xml"
_APP_LIST: Final = re.compile(r"^(?:[^/\\]*[/\\]){0,2}[^/\\]+\.app[/\\]Info\.plist$")
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
    if "apex_payload.img" in names:
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
    if names & SET_MARKS and _any((name for name in names if name.count("/") <= 1), ".apk"):
        return "app-set"
    if "META-INF/MANIFEST.MF" in names or "classes.dex" in names or _any(names, ".class"):
        return "jar"
    return ""


def _is_app_list(name: str) -> bool:
    """Tell the Info.plist of an app bundle, `Payload/` or not; some packers write backslashes or odd encodings."""
    return name.endswith("Info.plist") and _APP_LIST.search(name) is not None


def _any(names: Iterable[str], suffix: str) -> bool:
    return any(name.endswith(suffix) for name in names)
