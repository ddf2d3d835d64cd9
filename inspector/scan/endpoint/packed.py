"""Endpoints in texts that stand end to end without a mark between them: the values of a database's rows, constants.

What stands beside such a text is no part of it, so each is judged by itself; the sweep of the whole leaf leaves to
this scanner what lies in a text whose borders are known.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Kind, Location, Observable, Sighting
from inspector.scan.base import Placer, Scanner, ScannerInfo, ScanNotes
from inspector.scan.endpoint.candidates import Candidate, examine_text
from inspector.scan.places.many import Places
from inspector.scan.places.packed import Packed, PackedPlacer, packed_texts

_MARK: Final = re.compile(rb"[^\s.]\.[^\s.]|://|:[0-9A-Fa-f]{0,4}:")
"""What every endpoint has, and few other texts: a dot inside a word, a scheme, two colons."""
MOST: Final = 100_000
"""Endpoints of one leaf, repetitions included; then a gap says so."""


class PackedEndpoints(Scanner):
    """Finds endpoints in the values of databases and the constants of bytecode, each by itself."""

    INFO: ClassVar = ScannerInfo(
        name="packed-endpoints",
        emits=(Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS, Kind.EMAIL),
        reads=PackedPlacer.FORMATS,
        summary=(
            "Endpoints in rows of SQLite databases, with table and column, in constants of Python and LuaJIT, in "
            "objects of Unity."
        ),
        references=("sqlite.org/fileformat2.html", "CPython Python/marshal.c", "LuaJIT src/lj_bcdump.h", "AssetRipper"),
        limitations=("what a long row keeps on overflow pages is found without its table and column",),
    )

    def __init__(self, placers: Sequence[Placer] = ()) -> None:
        self._places = Places(placers)
        self._known: AbstractSet[str] = frozenset()

    def prepare(self, anchors: Anchors) -> None:
        """Take the host names whose owner is known."""
        self._known = anchors.hosts

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield sightings by offset; refused candidates are noted."""
        yield from endpoints_in(packed_texts(artifact, data), self._places, artifact, data, notes, self._known)


def endpoints_in(
    texts: Iterable[Packed], places: Places, artifact: Artifact, data: Reader, notes: ScanNotes, known: AbstractSet[str]
) -> Iterator[Sighting]:
    """Yield what stands in texts of known borders, by offset; refused candidates are noted."""
    found: list[tuple[int, int, Candidate, str, str]] = []
    for text in texts:
        if len(found) >= MOST:
            detail = f"truncated: over {MOST} endpoints, those from here on are left out"
            notes.gaps.append((text.start, data.size - text.start, "limit", detail))
            break
        found.extend(_endpoints(data, text, notes, known))
    found.sort(key=lambda hit: hit[:2])
    for (start, _, hit, decoding, value), place in zip(found, places.of(artifact, data, found), strict=True):
        yield Sighting(
            Observable(hit.kind, hit.value),
            Location(artifact.path, start),
            context=place.context,
            presence=place.presence,
            excerpt=value,
            decoding=decoding,
            key=place.key,
            attributes=tuple(sorted(hit.attributes)),
        )


def _endpoints(
    data: Reader, text: Packed, notes: ScanNotes, known: AbstractSet[str]
) -> Iterator[tuple[int, int, Candidate, str, str]]:
    """Yield (start, end, candidate, decoding, value) for what one text holds."""
    raw = data.read_at(text.start, text.end - text.start)
    width = 2 if text.encoding.startswith("utf-16") else 1
    # One character of two bytes is one of one byte: that keeps offsets, and no endpoint is written in others.
    plain = raw.decode(text.encoding, "replace").encode("ascii", "replace") if width == 2 else raw
    if not _MARK.search(plain):
        return
    for hit in examine_text(plain, known=known):
        start = text.start + hit.start * width
        if hit.reason:
            notes.refuse(hit.value, hit.reason, start)
        else:
            decoding = text.encoding.replace("16-", "16") if width == 2 else ""
            shown = plain[max(0, hit.start - 40) : hit.end + 40].decode("utf-8", "replace")[:120]
            yield start, text.start + hit.end * width, hit, decoding, shown
