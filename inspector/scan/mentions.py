"""Which files in folders of documentation or tests the programs and settings name: those are used, whatever the folder.

The scanner notes facts leaf by leaf; `raise_mentioned` joins them with what lies in the files so named.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence, Sighting
from inspector.scan.base import AnchoredScanner, ScannerInfo, ScanNotes
from inspector.scan.places.surroundings import FOLDERS, SET_BY_PATH, is_only_by_path, whole_leaf_context
from inspector.scan.sweep import FIRST_FREE, Anchor, Window, ends

MOST: Final = 500
"""Files that one leaf may name."""
TRIED: Final = 20_000
"""Places of a leaf that are looked at."""
FACT: Final = "names"
_REACH: Final = 256
_PATH: Final = re.compile(rb"[\w.+@-]*(?:/[\w.+@-]+)+")
_FORMATS: Final = (
    "elf",
    "shell",
    "script",
    "javascript",
    "html",
    "config",
    "json",
    "xml",
    "luac",
    "pyc",
    "dex",
    "class",
)


class FolderMentions(AnchoredScanner):
    """Notes ("names", chain of the leaf, path) for every file in a folder of documentation that a leaf names."""

    INFO: ClassVar = ScannerInfo(
        name="folder-mentions",
        emits=(),
        reads=_FORMATS,
        summary="Files in folders of documentation and tests that programs and settings name, and so use.",
        limitations=("a path that a program puts together at run time is not seen",),
    )

    def anchors(self) -> tuple[Anchor, ...]:
        """Return the folders, as part of a path."""
        return tuple(Anchor(FIRST_FREE, rb"[/\x00\"' =]" + name.encode() + rb"/[a-z0-9_]") for name in FOLDERS)

    def judge(
        self, artifact: Artifact, data: Reader, notes: ScanNotes, windows: Iterable[Window]
    ) -> Iterator[Sighting]:
        """Yield nothing: the facts go to the notes. What is documentation itself names files for readers."""
        if whole_leaf_context(artifact) is None:
            named: dict[str, None] = {}
            for _, end in islice(ends(windows), TRIED):
                low = max(0, end - _REACH)
                text = data.read_upto(low, end - low + _REACH)
                path = next((m.group() for m in _PATH.finditer(text) if m.start() < end - low <= m.end()), b"")
                named[path.decode("latin-1")] = None
                if len(named) >= MOST:
                    break
            notes.facts.extend((FACT, artifact.path, path) for path in named if path)
        yield from ()


def raise_mentioned(sightings: Iterable[Sighting], facts: Sequence[tuple[str, str, str]]) -> list[Sighting]:
    """Return the sightings in their order; those in a file that others name are not documentation by its folder."""
    named = {path.strip("./") for kind, _, path in facts if kind == FACT}
    return (
        [_as_used(sighting) if _is_named(sighting, named) else sighting for sighting in sightings]
        if named
        else [*sightings]
    )


def _is_named(sighting: Sighting, named: set[str]) -> bool:
    if not is_only_by_path(sighting):
        return False
    # `/opt/app/docs/a.conf` is named as a whole or, from the program's own folder, as `docs/a.conf`.
    parts = sighting.location.path.rpartition("!")[2].strip("/").split("/")
    return any("/".join(parts[at:]) in named for at in range(len(parts) - 1))


def _as_used(sighting: Sighting) -> Sighting:
    if sighting.key == SET_BY_PATH:
        return replace(sighting, context=Context.CONFIG, presence=Presence.CONFIGURED, key="")
    return replace(sighting, context=Context.CODE, key="")
