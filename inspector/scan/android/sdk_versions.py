"""The version an SDK states of itself: `BuildConfig.VERSION_NAME` and constants like it.

A fact for the merge, with the app as subject: `app:sdk-version` with `package class version`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

FIELDS: Final = (
    *("SDK_VERSION", "SDK_VERSION_NAME", "SDK_VERSION_STR", "SDK_VERSION_STRING", "SDK_VER", "SDKVERSION"),
    *("SDK_NAME_VERSION", "LIBRARY_VERSION", "LIB_VERSION", "VERSION_NAME", "VERSION", "sdkVersion"),
)
"""Names of constants, the surest first."""
MOST: Final = 500
_VERSION: Final = re.compile(r"[vV]?(\d{1,8}(?:\.\d{1,8}){1,4}(?:[._+-][0-9A-Za-z]{1,16}){0,4})")

Constant = tuple[str, str, str]
"""Dotted class, field, text that it starts with."""


def stated_versions(constants: Iterable[Constant]) -> Iterator[tuple[str, str, str]]:
    """Yield (package, class and field, version), the surest field of each class alone; at most `MOST`."""
    found: dict[str, tuple[int, str, str]] = {}
    for owner, field, text in constants:
        match = _VERSION.fullmatch(text)
        if match and field in FIELDS:
            found[owner] = min(found.get(owner, (len(FIELDS), "", "")), (FIELDS.index(field), field, match.group(1)))
    for owner, (_, field, version) in sorted(found.items())[:MOST]:
        yield owner.rpartition(".")[0], f"{owner}.{field}", version


def version_facts(constants: Iterable[Constant], app: str) -> Iterator[tuple[str, str, str]]:
    """Yield the facts for the merge."""
    for package, place, version in stated_versions(constants):
        yield "app:sdk-version", app, f"{package} {place} {version}"


def nearest(name: str, versions: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Return (class and field, version) of a package or, of those under it, of the highest; None without one."""
    inside = [package for package in versions if package == name or package.startswith(f"{name}.")]
    return versions[min(inside, key=lambda package: (package.count("."), package))] if inside else None
