"""Endpoints in strings that stand end to end in programs of Go and Rust, each read by itself."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Kind, Sighting
from inspector.scan.base import Placer, Scanner, ScannerInfo, ScanNotes
from inspector.scan.places.fused import fused_texts
from inspector.scan.places.many import Places


class FusedEndpoints(Scanner):
    """Finds endpoints in strings without terminators; the sweep leaves to it what lies in one of known borders."""

    INFO: ClassVar = ScannerInfo(
        name="fused-endpoints",
        emits=(Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS, Kind.EMAIL),
        reads=("elf",),
        summary="Endpoints in the strings of Go and Rust programs, cut where the program points at them.",
        references=("Go src/runtime/string.go", "Go src/cmd/link/internal/ld/data.go"),
        limitations=(
            "constants above 32 MB are read as they stand",
            "ELF for x86, x86-64, ARM, AArch64 and MIPS; elsewhere such strings are read as they stand, end to end",
            "a string that the code points at in an unusual way stays joined to the one before it",
        ),
    )

    def __init__(self, placers: Sequence[Placer] = ()) -> None:
        self._places = Places(placers)
        self._known: AbstractSet[str] = frozenset()

    def prepare(self, anchors: Anchors) -> None:
        """Take the host names whose owner is known."""
        self._known = anchors.hosts

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield sightings by offset; refused candidates are noted."""
        if texts := fused_texts(data):
            from inspector.scan.endpoint.packed import endpoints_in
            from inspector.scan.places.packed import Packed

            packed = (Packed(text.start, text.end, "", "utf-8") for text in texts)
            yield from endpoints_in(packed, self._places, artifact, data, notes, self._known)
