"""Places in leaves whose texts stand end to end, each with a length of its own: values of databases, constants."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import ClassVar, Final, NamedTuple

from inspector.errors import FormatError
from inspector.formats.data.sqlite import Database
from inspector.formats.mobile import unity_assets
from inspector.formats.program import luajit, marshalled
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Presence
from inspector.scan.base import Place, Placer
from inspector.scan.places.binary import BytecodePlacer, PlainPlacer

LONGEST: Final = 4096
"""Longer texts hold their borders themselves: the sweep of the whole leaf reads them."""
MOST: Final = 250_000
"""Texts of one leaf; those behind are found by the sweep, without a key."""


class Packed(NamedTuple):
    """One text: its half-open range in the leaf, what holds it, and its encoding, of one or two bytes a character."""

    start: int
    end: int
    key: str
    encoding: str


def packed_texts(artifact: Artifact, data: Reader) -> list[Packed]:
    """Return the texts of a leaf by offset, none that overlap; empty where the leaf cannot be read."""
    source = _SOURCES.get(artifact.format)
    if source is None:
        return []
    try:
        found = sorted(islice(source(data), MOST))
    except FormatError:
        return []
    apart: list[Packed] = []
    for text in found:
        if text.end - text.start <= LONGEST and (not apart or text.start >= apart[-1].end):
            apart.append(text)
    return apart


def _values(data: Reader) -> Iterator[Packed]:
    database = Database(data)
    for value in database.values():
        key = f"{value.table}.{value.column}" if value.column else value.table
        yield Packed(value.start, value.end, key, database.encoding)


def _constants(data: Reader) -> Iterator[Packed]:
    for text in marshalled.texts(data):
        yield Packed(text.start, text.end, "", "utf-8")


def _lua(data: Reader) -> Iterator[Packed]:
    for text in luajit.texts(data):
        yield Packed(text.start, text.end, "", "utf-8")


def _unity(data: Reader) -> Iterator[Packed]:
    for text in unity_assets.texts(data):
        yield Packed(text.start, text.end, "", "utf-8")


_SOURCES: Final[dict[str, Callable[[Reader], Iterator[Packed]]]] = {
    "luac": _lua,
    "pyc": _constants,
    "sqlite": _values,
    "unity-assets": _unity,
}
_OTHERWISE: Final[dict[str, Placer]] = {
    "luac": BytecodePlacer(),
    "pyc": BytecodePlacer(),
    "sqlite": PlainPlacer(),
    "unity-assets": PlainPlacer(),
}


class PackedPlacer(Placer):
    """Names what holds a text of known borders; all else of the leaf is placed as in bytecode or plain data."""

    FORMATS: ClassVar = tuple(_SOURCES)

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; `bounded` where any of it stands in a text of known borders."""
        spans = list(hits)
        texts = packed_texts(artifact, data)
        starts = [text.start for text in texts]
        places = _OTHERWISE[artifact.format].places(artifact, data, spans)
        found = []
        for (_, end), place, (start, _) in zip(spans, places, spans, strict=True):
            text = texts[index] if (index := bisect_right(starts, end - 1) - 1) >= 0 else None
            if text and start < text.end:
                place = place._replace(bounded=True)
                if text.key:
                    place = place._replace(presence=Presence.CONFIGURED, key=text.key)
            found.append(place)
        return found
