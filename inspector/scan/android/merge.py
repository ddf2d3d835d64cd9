"""What only the whole app tells: a manifest's entry points and the code in its other files, brought together."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from inspector.model.observation import Kind, Presence, Sighting
from inspector.scan.android.sdk_versions import nearest

SET_MARK: Final = "!app-set"
TABLE_END: Final = "!resources.arsc"
RAISED: Final = frozenset({Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS, Kind.STRING, Kind.MECHANISM, Kind.EMAIL})
"""Observables that are in use as far as the methods that load them are."""

_BESIDE: Final = re.compile(r"(?P<folder>.*?/)(?:oat/[^/!]+/)?(?P<name>[^/!]+)\.(?:vdex|odex)!", re.DOTALL)

Facts = Iterable[tuple[str, str, str]]


@dataclass(slots=True)
class _App:
    """What one app, with all its splits, starts and calls."""

    started: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=dict)
    parents: dict[str, set[str]] = field(default_factory=dict)
    """Class → what it extends; several where files of the app disagree."""
    users: dict[str, set[str]] = field(default_factory=dict)
    loads: dict[str, set[str]] = field(default_factory=dict)
    versions: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Package → (class and field, version) that its code states."""
    stated: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """Answers of `nearest`, asked for every sighting of a package."""
    packages: frozenset[str] = frozenset()
    """The packages the started classes lie in, with every prefix of theirs."""

    def close(self) -> None:
        """Add what the started classes inherit, and what all these call, two levels deep."""
        waiting = [*self.started]
        while waiting:
            above = self.parents.get(waiting.pop(), set()) - self.started
            self.started |= above
            waiting += above
        level = set(self.started)
        for _ in range(2):
            level = {callee for caller in level for callee in self.calls.get(caller, ())} - self.started
            self.started |= level
        self.packages = frozenset(prefix for name in self.started for prefix in _prefixes(name))


def raise_presence(sightings: Iterable[Sighting], facts: Facts) -> list[Sighting]:
    """Return the sightings in their order, raised to `started` or `referenced` where the whole app says so.

    A constant is started when a class that loads it runs at the start of its app or is called from there; a known
    package when such a class lies in it. A package is referenced when another DEX of the app calls into it, a text
    of the resources when code loads it.
    """
    apps = _apps(facts)
    keys = sorted(apps)
    return [_raised(sighting, _app_of(sighting, apps, keys)) for sighting in sightings]


def _apps(facts: Facts) -> dict[str, _App]:
    apps: dict[str, _App] = {}
    for kind, chain, value in facts:
        if kind not in ("app:start", "app:calls", "app:extends", "app:uses", "app:loads", "app:sdk-version"):
            continue
        app = apps.setdefault(app_set(chain), _App())
        first, _, second = value.partition(" ")
        if kind == "app:start":
            app.started.add(value)
        elif kind == "app:calls":
            app.calls.setdefault(first, set()).add(second)
        elif kind == "app:extends":
            app.parents.setdefault(first, set()).add(second)
        elif kind == "app:sdk-version":
            place, _, version = second.partition(" ")
            app.versions[first] = min(app.versions.get(first, (place, version)), (place, version))
        elif kind == "app:loads":
            app.loads.setdefault(first, set()).add(second)
        else:
            app.users.setdefault(first, set()).add(second)
    for app in apps.values():
        app.close()
    return apps


def app_of_code(path: str) -> str:
    """Return the chain of the app whose code a path lies in, where that stands beside its package; else nothing.

    On a device the code of `A/A.apk` may be in `A/oat/arm64/A.vdex` or `A/oat/arm64/A.odex`, before Android 5 in
    `A.odex`.
    """
    if ".vdex!" not in path and ".odex!" not in path:
        return ""
    match = _BESIDE.match(path)
    return f"{match['folder']}{match['name']}.apk!apk" if match else ""


def app_set(chain: str) -> str:
    """Return the chain up to the app set, whose parts are one app; all of it where there is none."""
    head, mark, _ = chain.partition(SET_MARK)
    return head + mark


def _app_of(sighting: Sighting, apps: Mapping[str, _App], keys: list[str]) -> _App | None:
    path = app_of_code(sighting.location.path) or sighting.location.path
    # An app's chain is a prefix of the paths in it; of nested ones the longest comes last in order.
    for key in reversed(keys[: bisect_right(keys, path)]):
        if path.startswith(key):
            return apps[key]
    return None


def _raised(sighting: Sighting, app: _App | None) -> Sighting:
    if app is not None and sighting.observable.kind is Kind.JAVA_PACKAGE:
        return _raised_package(_versioned(sighting, app), app)
    if app is None or sighting.presence is Presence.STARTED:
        return sighting
    if sighting.key in app.loads and sighting.location.path.endswith(TABLE_END):
        known = tuple(sorted(app.loads[sighting.key])[:8])
        sighting = replace(sighting, presence=Presence.REFERENCED, referenced_by=known)
    if sighting.observable.kind in RAISED and any(_class_of(user) in app.started for user in sighting.referenced_by):
        return replace(sighting, presence=Presence.STARTED)
    return sighting


def _raised_package(sighting: Sighting, app: _App) -> Sighting:
    if sighting.presence is Presence.STARTED:
        return sighting
    name = sighting.observable.value
    users = app.users.get(name)
    if users:
        known = tuple(sorted({*users, *sighting.referenced_by})[:8])
        sighting = replace(sighting, presence=Presence.REFERENCED, referenced_by=known)
    return replace(sighting, presence=Presence.STARTED) if name in app.packages else sighting


def _versioned(sighting: Sighting, app: _App) -> Sighting:
    name = sighting.observable.value
    if name not in app.stated:
        app.stated[name] = nearest(name, app.versions)
    stated = app.stated[name]
    if stated is None:
        return sighting
    place, version = stated
    return replace(sighting, attributes=(*sighting.attributes, ("version", version), ("version-from", place)))


def _class_of(member: str) -> str:
    return member.rpartition(".")[0]


def _prefixes(name: str) -> Iterable[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
