"""The scan stage as two functions: prepare all scanners once, and settle what only the whole artifact tells."""

from collections.abc import Callable, Iterable, Sequence

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Sighting
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.android_merge import raise_presence
from inspector.scan.base import ScanNotes
from inspector.scan.reach import raise_started

ScanLeaf = Callable[[Artifact, Reader, ScanNotes], list[Sighting]]


def prepare_scan(anchors: Anchors) -> ScanLeaf:
    """Compile all scanners for the knowledge and return the function that scans one leaf."""
    for scanner in SCANNERS:
        scanner.prepare(anchors)

    def scan(artifact: Artifact, data: Reader, notes: ScanNotes) -> list[Sighting]:
        return scan_leaf(artifact, data, SCANNERS, notes)

    return scan


def settle(
    sightings: Iterable[Sighting], facts: Sequence[tuple[str, str, str]], paths: Sequence[tuple[str, str, int]]
) -> list[Sighting]:
    """Return all sightings in their order, presence raised where the app or the boot of the device starts them."""
    return raise_started(raise_presence(sightings, facts), facts, paths)
