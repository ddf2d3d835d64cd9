"""One native library, packaged for several processors: told once, with the processors it is there for.

What only the build for one processor holds stays as it is: twins are compared by what was seen in them, not by name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from inspector.model.observation import Observable, Sighting
from inspector.scan.android.merge import app_set

PROCESSORS: Final = ("arm64-v8a", "armeabi-v7a", "armeabi", "x86_64", "x86", "riscv64", "mips64", "mips")
"""In the order in which one of them speaks for the others: that of the devices in use."""
_LIBRARY: Final = re.compile(rf"!(?:[^!]*/)?(?:lib|jni)/({'|'.join(PROCESSORS)})/([^/!]+\.so.*)", re.DOTALL)

_Key = tuple[Observable, str, str]


def merge_twins(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return the sightings in their order, those in builds of one library for further processors left out.

    The build with the strongest presence is kept; its sightings carry all `processors` as an attribute.
    """
    listed = list(sightings)
    keys = [_key(sighting) for sighting in listed]
    builds: dict[_Key, dict[str, int]] = defaultdict(dict)
    for sighting, found in zip(listed, keys, strict=True):
        if found:
            key, processor = found
            builds[key][processor] = max(builds[key].get(processor, 0), sighting.presence.rank)
    kept = []
    for sighting, found in zip(listed, keys, strict=True):
        if found and len(builds[found[0]]) > 1:
            ranks = builds[found[0]]
            if found[1] != min(ranks, key=lambda name: (-ranks[name], PROCESSORS.index(name))):
                continue
            names = " ".join(sorted(ranks, key=PROCESSORS.index))
            sighting = replace(sighting, attributes=(*sighting.attributes, ("processors", names)))
        kept.append(sighting)
    return kept


def _key(sighting: Sighting) -> tuple[_Key, str] | None:
    """Return what is the same in all builds (observable, app, place in the library), and the processor."""
    path = sighting.location.path
    match = _LIBRARY.search(path)
    if match is None:
        return None
    return (sighting.observable, app_set(path[: match.start()]), match.group(2)), match.group(1)
