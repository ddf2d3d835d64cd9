"""The scan stage as two functions: prepare all scanners once, and settle what only the whole artifact tells."""

from collections.abc import Callable, Iterable, Sequence

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Sighting
from inspector.scan import Swept, make_scanners, scan_leaf
from inspector.scan.android.merge import raise_presence
from inspector.scan.android.native_twins import merge_twins
from inspector.scan.apple.start import raise_loaded
from inspector.scan.base import AnchoredScanner, Scanner, ScanNotes
from inspector.scan.device.reach import raise_started
from inspector.scan.mentions import raise_mentioned
from inspector.scan.sweep import JointSweep

ScanLeaf = Callable[[Artifact, Reader, ScanNotes], list[Sighting]]


def prepare_scan(anchors: Anchors) -> ScanLeaf:
    """Compile all scanners for the knowledge and return the function that scans one leaf."""
    scanners = make_scanners()
    for scanner in scanners:
        scanner.prepare(anchors)
    readers = _Readers(scanners)
    fixed, known = _Joint(scanners, fixed=True), _Joint(scanners, fixed=False)

    def scan(artifact: Artifact, data: Reader, notes: ScanNotes) -> list[Sighting]:
        searched = _searched(data) if artifact.format == "axml" else data
        swept = {**fixed(searched), **known(searched)}
        return scan_leaf(artifact, data, readers[artifact.format], notes, swept)

    return scan


def _searched(data: Reader) -> Reader:
    from inspector.formats.mobile.axml import without_namespaces

    return without_namespaces(data)


class _Joint:
    """The anchors of all scanners that share one database."""

    def __init__(self, scanners: Sequence[Scanner], *, fixed: bool) -> None:
        self._owners = [s for s in scanners if isinstance(s, AnchoredScanner) and fixed is s.FIXED]
        self._sweep = JointSweep([owner.anchors() for owner in self._owners])

    def __call__(self, data: Reader) -> Swept:
        return {self._owners[number]: windows for number, windows in self._sweep.windows(data).items()}


class _Readers(dict[str, tuple[Scanner, ...]]):
    """The scanners that read a leaf format, in their order; asked for by every leaf."""

    def __init__(self, scanners: Sequence[Scanner]) -> None:
        super().__init__()
        self._scanners = scanners

    def __missing__(self, leaf_format: str) -> tuple[Scanner, ...]:
        found = tuple(s for s in self._scanners if "*" in s.reads or leaf_format in s.reads)
        self[leaf_format] = found
        return found


def settle(
    sightings: Iterable[Sighting], facts: Sequence[tuple[str, str, str]], paths: Sequence[tuple[str, str, int]]
) -> list[Sighting]:
    """Return the sightings in their order, presence raised where the app or the boot of the device starts them.

    What others start or name is no documentation for lying in a folder of it.

    Those in a native library that an app brings for several processors come once.
    """
    present = raise_loaded(raise_presence(merge_twins(sightings), facts), facts)
    return raise_mentioned(raise_started(present, facts, paths), facts)
