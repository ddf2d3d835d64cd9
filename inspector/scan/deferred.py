"""Scanners and placers of formats that few artifacts hold: imported with the first leaf of such a format.

The formats are stated twice, here for the choice and in the class for its documentation; a test compares them.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib import import_module
from typing import Any

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Sighting
from inspector.scan.base import Place, Placer, Scanner, ScannerInfo, ScanNotes


class DeferredScanner(Scanner):
    """Stands for the scanner at `module:class`, which is made with `arguments` when it is first needed.

    With `name` it reads only files of this name, whatever else has their format.
    """

    def __init__(self, place: str, *formats: str, arguments: tuple[Any, ...] = (), name: str = "") -> None:
        self._place = place
        self._formats = formats
        self._name = name
        self._arguments = arguments
        self._anchors: Anchors | None = None

    @cached_property
    def inner(self) -> Scanner:
        """Return the scanner, imported and prepared."""
        scanner: Scanner = _class_at(self._place)(*self._arguments)
        if self._anchors is not None:
            scanner.prepare(self._anchors)
        return scanner

    @property
    def INFO(self) -> ScannerInfo:  # type: ignore[override]  # noqa: N802 - of an instance here
        """Return the documentation of the scanner."""
        return self.inner.INFO

    @property
    def reads(self) -> tuple[str, ...]:
        """Return the leaf formats, which need no import."""
        return self._formats

    def prepare(self, anchors: Anchors) -> None:
        """Keep what the scanner will compile, or compile it where it is imported already."""
        self._anchors = anchors
        if "inner" in vars(self):
            self.inner.prepare(anchors)

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield what the scanner yields."""
        if self._name and artifact.name != self._name:
            return iter(())
        return self.inner.scan(artifact, data, notes)


class DeferredPlacer(Placer):
    """Stands for the placer at `module:class`."""

    def __init__(self, place: str, *formats: str) -> None:
        self._place = place
        self.FORMATS = formats  # type: ignore[misc]  # differs by instance here

    @cached_property
    def inner(self) -> Placer:
        """Return the placer, imported."""
        placer: Placer = _class_at(self._place)()
        return placer

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit."""
        return self.inner.places(artifact, data, hits)


def _class_at(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
