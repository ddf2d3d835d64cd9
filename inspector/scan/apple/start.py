"""What runs at the start of an iOS app, as far as tables tell: classes with a `load` method in what the app loads.

Pure, over the facts of all leaves. The dynamic linker maps the app's program and the libraries it names, and the
Objective-C runtime calls `load` of every class listed for it, before the app's own code runs.
Limits: what an application delegate calls is not known without disassembly, so an SDK that waits for its call stays
`configured` or `referenced`; libraries that the app opens later by name are not followed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from inspector.model.observation import Kind, Presence, Sighting
from inspector.scan.apple.bundles import framework_of

_NESTED: Final = (".appex/", ".xctest/", "/Watch/")


def raise_loaded(sightings: Iterable[Sighting], facts: Iterable[tuple[str, str, str]]) -> list[Sighting]:
    """Return the sightings in their order; classes that run when the app is loaded are `started`."""
    apps = {app: _reached(edges) for app, edges in _edges(facts).items()}
    return [
        replace(sighting, presence=Presence.STARTED) if _starts(sighting, apps) else sighting for sighting in sightings
    ]


def _edges(facts: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kind, app, value in facts:
        if kind == "app:loads":
            loader, _, library = value.partition(" -> ")
            found[app][loader].add(library)
    return found


def _reached(edges: Mapping[str, set[str]]) -> frozenset[str]:
    """Return the libraries that are mapped with the program; the empty name stands for the program itself."""
    reached, pending = set[str](), [""]
    while pending:
        library = pending.pop()
        if library not in reached:
            reached.add(library)
            pending += sorted(edges.get(library, ()))
    return frozenset(reached)


def _starts(sighting: Sighting, apps: Mapping[str, frozenset[str]]) -> bool:
    if sighting.observable.kind is not Kind.OBJC_CLASS or "load" not in dict(sighting.attributes):
        return False
    path = sighting.location.path
    app = max((chain for chain in apps if path.startswith(f"{chain}!")), key=len, default="")
    if not app or any(mark in path[len(app) :] for mark in _NESTED):
        return False
    return framework_of(path) in apps[app]
