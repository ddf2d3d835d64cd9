"""Endpoints in the short texts that Swift code keeps in its instructions, where no search for text sees them."""

from collections.abc import Iterator
from typing import ClassVar, Final

from inspector.formats.program.macho import Macho
from inspector.formats.program.swift_small import SmallText, small_texts
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes
from inspector.scan.endpoint.candidates import examine_text

ARCHITECTURES: Final = ("arm64", "arm64e")
CODE: Final = "__text"
SWIFT: Final = "__swift5"
"""What the names of the sections of Swift begin with."""
DECODING: Final = "swift-small-text"


class SwiftTexts(Scanner):
    """Finds endpoints of up to 15 bytes in the code of Swift for A64."""

    INFO: ClassVar = ScannerInfo(
        name="swift-texts",
        emits=(Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS),
        reads=("macho",),
        summary="Endpoints of up to 15 bytes that Swift code for A64 builds in registers.",
        references=("Swift stdlib/public/core/StringObject.swift",),
        limitations=("A text of which one half is set elsewhere, as where two texts share it, is not seen.",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield endpoints in the order of the code; refused candidates are noted."""
        image = Macho(data)
        if image.architecture not in ARCHITECTURES or not any(s.name.startswith(SWIFT) for s in image.sections):
            return
        for section in image.named(CODE):
            for text in small_texts(data, section.offset, min(section.offset + section.size, data.size), b"."):
                if b"." in text.text:
                    yield from _endpoints(artifact, image, text, section.title, notes)


def _endpoints(artifact: Artifact, image: Macho, text: SmallText, title: str, notes: ScanNotes) -> Iterator[Sighting]:
    for hit in examine_text(text.text):
        if hit.reason:
            notes.refuse(hit.value, hit.reason, text.offset)
        elif (hit.start, hit.end) == (0, len(text.text)) or hit.kind is not Kind.HOSTNAME:
            yield Sighting(
                Observable(hit.kind, hit.value),
                Location(artifact.path, text.offset),
                Context.CODE,
                Presence.REFERENCED,
                text.text.decode("ascii"),
                decoding=DECODING,
                key=title,
                referenced_by=image.only_classes,
                attributes=tuple(sorted(hit.attributes)),
            )
