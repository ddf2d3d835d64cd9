"""Ask the placer of a leaf's format for the places of many hits."""

from collections.abc import Sequence

from inspector.errors import FormatError
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.scan.base import Place, Placer
from inspector.scan.places.binary import PlainPlacer


class Places:
    """Placers by the format they read."""

    def __init__(self, placers: Sequence[Placer]) -> None:
        self._placers = {leaf_format: placer for placer in placers for leaf_format in placer.FORMATS}
        self._otherwise = PlainPlacer()
        """Of formats that none names: what lies in a certificate does so in any."""

    def of(self, artifact: Artifact, data: Reader, hits: Sequence[tuple[int, int, *tuple[object, ...]]]) -> list[Place]:
        """Return one place for each hit, whose first two items are its half-open range."""
        if not hits:
            return []
        placer = self._placers.get(artifact.format, self._otherwise)
        try:
            return placer.places(artifact, data, [(hit[0], hit[1]) for hit in hits])
        except FormatError:
            # Broken tables must not hide what stands in the bytes; the format's own scanner reports the damage.
            return [Place()] * len(hits)
