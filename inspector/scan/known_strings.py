"""Constants and bounded patterns that the knowledge asks for, in any leaf, also in UTF-16.

A constant that begins or ends in a letter stands for itself only: `PPCS_Listen` is not found in `PPCS_Listening`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import GBK, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import AnchoredScanner, Placer, ScannerInfo, ScanNotes
from inspector.scan.excerpts import excerpt_at
from inspector.scan.places.many import Places
from inspector.scan.sweep import FIRST_FREE, Anchor, Window, ends, escape

KEPT: Final = 32
"""Places kept for one constant in one leaf."""
_REGEX_REACH: Final = 512
_LETTER: Final = re.compile(rb"[A-Za-z]")
_WORD: Final = re.compile(rb"[A-Za-z0-9_]")


class KnownStrings(AnchoredScanner):
    """Finds the knowledge's constants and patterns."""

    FIXED: ClassVar = False
    INFO: ClassVar = ScannerInfo(
        name="known-strings",
        emits=(Kind.STRING,),
        reads=("*",),
        summary="Constants and patterns that signatures name.",
        limitations=("a pattern must match within 512 bytes",),
    )

    def __init__(self, placers: tuple[Placer, ...] = ()) -> None:
        self._places = Places(placers)
        self._wanted: list[tuple[bytes, str, Any]] = []
        """(bytes, decoding, compiled pattern or None) by anchor number."""
        self._anchors: tuple[Anchor, ...] = ()

    def prepare(self, anchors: Anchors) -> None:
        """Compile the constants, in UTF-8 and both orders of UTF-16, and the patterns."""
        self.__dict__.pop("_own_sweep", None)
        self._wanted = []
        for constant in anchors.strings:
            for decoding in ("", "utf-16le"):
                self._wanted.append((constant.encode(decoding or "utf-8"), decoding, None))
        patterns = [Anchor(FIRST_FREE + i, escape(entry[0])) for i, entry in enumerate(self._wanted)]
        for expression in anchors.regexes:
            patterns.append(Anchor(FIRST_FREE + len(self._wanted), expression.encode()))
            self._wanted.append((b"", "", re.compile(expression.encode())))
        self._anchors = tuple(patterns)

    def anchors(self) -> tuple[Anchor, ...]:
        """Return the knowledge's constants and patterns."""
        return self._anchors

    def judge(
        self,
        artifact: Artifact,
        data: Reader,
        notes: ScanNotes,  # noqa: ARG002
        windows: Iterable[Window],
    ) -> Iterator[Sighting]:
        """Yield sightings by offset; a constant that comes more than `KEPT` times is listed that often only."""
        counts: dict[str, int] = {}
        hits: list[tuple[int, int, str, str]] = []
        for kind, end in ends(windows):
            found = self._verified(data, self._wanted[kind - FIRST_FREE], end)
            if found and counts.get(found[2], 0) < KEPT:
                counts[found[2]] = counts.get(found[2], 0) + 1
                hits.append(found)
        hits = sorted(set(hits))
        for (start, end, value, decoding), place in zip(hits, self._places.of(artifact, data, hits), strict=True):
            excerpt, decoding = excerpt_at(data, start, end, decoding)
            yield Sighting(
                Observable(Kind.STRING, value),
                Location(artifact.path, start),
                context=place.context,
                presence=max(place.presence, Presence.STRING, key=lambda grade: grade.rank),
                excerpt=excerpt,
                decoding=decoding,
                key=place.key,
                referenced_by=place.referenced_by,
            )

    def _verified(self, data: Reader, wanted: tuple[bytes, str, Any], end: int) -> tuple[int, int, str, str] | None:
        constant, decoding, pattern = wanted
        if end > data.size:
            return None
        if pattern is not None:
            return _matched(data, pattern, end)
        start = end - len(constant)
        if start < 0 or data.read_at(start, len(constant)) != constant:
            return None
        step = 2 if decoding else 1
        text = constant.decode(decoding or "utf-8")
        before, after = data.read_upto(max(0, start - step), min(step, start)), data.read_upto(end, 1)
        if _LETTER.match(constant) and _LETTER.match(before):
            return None
        if _WORD.match(text[-1].encode()) and _WORD.match(after):
            return None
        return start, end, text, decoding


def _matched(data: Reader, pattern: Any, end: int) -> tuple[int, int, str, str] | None:
    """Return the longest match of a pattern that ends at `end`: the engine reports ends only."""
    low = max(0, end - _REGEX_REACH)
    text = data.read_upto(low, end - low)
    for match in pattern.finditer(text):
        if match.end() == len(text):
            return low + match.start(), end, *_decoded(match.group())
    return None


def _decoded(raw: bytes) -> tuple[str, str]:
    """Return the text of a match and how it was decoded, if not as UTF-8."""
    try:
        return raw.decode(), ""
    except UnicodeDecodeError:
        return raw.decode(GBK, "replace"), GBK
