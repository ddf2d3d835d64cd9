"""Which files of a device run at boot: pure, over the facts of all leaves and the paths of all members.

A root is a file system. Within it the walk begins at what an init system reads by itself and follows the programs named
there, through symbolic links, and on through the scripts among them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from posixpath import basename, dirname, join, normpath
from typing import Final

from inspector.model.observation import Context, Kind, Presence, Sighting
from inspector.scan.device.boot import is_starter
from inspector.scan.places.surroundings import is_only_by_path

SEARCHED: Final = (
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/home/app",
    "/opt/bin",
)
"""Folders in which a program without a path is looked for, in this order."""
_DISABLED: Final = re.compile(r"/(?:init\.d/(?:README|skeleton)|rc[0-9S]\.d/K[^/]*)$")
_RAISED: Final = frozenset(
    (
        Kind.HOSTNAME,
        Kind.URL,
        Kind.IP_ADDRESS,
        Kind.EMAIL,
        Kind.STRING,
        Kind.MECHANISM,
        Kind.NATIVE_LIBRARY,
        Kind.CERTIFICATE,
    )
)


def started_paths(
    facts: Iterable[tuple[str, str, str]], members: Iterable[tuple[str, str, int]]
) -> frozenset[tuple[str, str]]:
    """Return (root, inner path) of every file that runs at boot.

    `facts` are ("starts", chain of a leaf, program), `members` (root, inner path, mode), with `name -> target` and
    mode -1 for a symbolic link. A leaf's chain is its root, `!`, and its inner path.
    """
    starts: dict[str, list[str]] = defaultdict(list)
    for kind, chain, program in facts:
        if kind == "starts":
            starts[chain].append(program)
    roots: dict[str, _Root] = {}
    for root, inner, mode in members:
        roots.setdefault(root, _Root()).add(inner, link=mode == -1)
    return frozenset((name, path) for name, root in sorted(roots.items()) for path in root.reach(name, starts))


class _Root:
    """The files and links of one file system."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._links: dict[str, str] = {}

    def add(self, inner: str, *, link: bool) -> None:
        """Take in one member; `inner` is `name -> target` for a link."""
        if link:
            name, _, target = inner.partition(" -> ")
            self._links[_absolute(name)] = target
        else:
            self._files.add(_absolute(inner))

    def reach(self, root: str, starts: dict[str, list[str]]) -> set[str]:
        """Return the files that run, from what the init system reads on."""
        pending = [
            path for path in sorted(self._files | set(self._links)) if is_starter(path) and not _DISABLED.search(path)
        ]
        reached: set[str] = set()
        while pending:
            path = self._resolved(pending.pop())
            if path is None or path in reached:
                continue
            reached.add(path)
            for program in starts.get(f"{root}!{path}", ()) or starts.get(f"{root}!{path.lstrip('/')}", ()):
                pending += self._candidates(program, path)
        return reached

    def _candidates(self, program: str, script: str) -> list[str]:
        if program.startswith("/"):
            # What runs from a mount point or a writable folder is looked for by its name beside the script.
            return [program, join(dirname(script), basename(program))]
        name = program.removeprefix("./")
        return [join(dirname(script), name)] if program != name else [join(folder, name) for folder in SEARCHED]

    def _resolved(self, path: str) -> str | None:
        """Follow links, at most eight; None where the file is not in this root."""
        for _ in range(8):
            if path in self._files:
                return path
            target = self._links.get(path)
            if target is None:
                return self._through_folders(path)
            path = _absolute(normpath(join(dirname(path), target)))
        return None

    def _through_folders(self, path: str) -> str | None:
        folder = dirname(path)
        while folder not in ("/", ""):
            if folder in self._links:
                moved = normpath(join(dirname(folder), self._links[folder])) + path[len(folder) :]
                return _absolute(moved) if _absolute(moved) in self._files else None
            folder = dirname(folder)
        return None


def _absolute(path: str) -> str:
    return "/" + path.strip("/")


def raise_started(
    sightings: Iterable[Sighting], facts: Sequence[tuple[str, str, str]], members: Sequence[tuple[str, str, int]]
) -> list[Sighting]:
    """Return the sightings in their order, with presence `started` where they lie in a file that runs at boot.

    What runs is no documentation, wherever it lies.
    """
    started = started_paths(facts, members)
    # A container may name its members with a leading slash or without.
    chains = {f"{root}!{name}" for root, path in started for name in (path, path[1:])}
    return [
        _as_started(sighting) if sighting.observable.kind in _RAISED and sighting.location.path in chains else sighting
        for sighting in sightings
    ]


def _as_started(sighting: Sighting) -> Sighting:
    if is_only_by_path(sighting):
        sighting = replace(sighting, context=Context.CODE, key="")
    return replace(sighting, presence=Presence.STARTED)
