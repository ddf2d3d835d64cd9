"""Mechanisms: lines and constants by which a device is administered, or hands data over, from elsewhere.

A line of a script, a setting, or a command that a program passes to a shell. The observable's value is
`kind:target`; attributes carry the detail, the host where there is one, and the limb it speaks for.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final, NamedTuple

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind, Location, Observable, Sighting
from inspector.scan.base import AnchoredScanner, Placer, ScannerInfo, ScanNotes
from inspector.scan.device.fetched_code import REACH
from inspector.scan.device.mechanism_rules import RULES, Rule
from inspector.scan.excerpts import excerpt_at
from inspector.scan.places.many import Places
from inspector.scan.sweep import FIRST_FREE, Anchor, Window, ends, escape

LINE: Final = 600
"""Bytes of a line or string that are looked at around an anchor."""
KEPT: Final = 8
"""Places kept for one mechanism in one leaf."""
_TRIES: Final = 3
MOST: Final = 5_000
"""Distinct mechanisms kept for one leaf."""
_ENDS: Final = re.compile(rb"[\x00\n\r]")
_CONTINUED: Final = re.compile(rb"\\\r?\n")


class Mechanisms(AnchoredScanner):
    """Finds remote mounts, fetched code, shell daemons, reverse shells, TR-069, updates, P2P stacks, MQTT topics."""

    INFO: ClassVar = ScannerInfo(
        name="mechanisms",
        emits=(Kind.MECHANISM,),
        reads=("*",),
        summary="Means of remote control and transfer, by the lines and constants that set them up.",
        limitations=("commands that a program builds from pieces at run time are not seen",),
    )

    def __init__(self, placers: tuple[Placer, ...] = ()) -> None:
        self._places = Places(placers)
        self._literals = sorted({anchor for rule in RULES for anchor in rule.anchors})
        self._for_format: dict[str, list[_Group]] = {}

    def anchors(self) -> tuple[Anchor, ...]:
        """Return the literals of all rules."""
        return tuple(Anchor(FIRST_FREE + i, escape(literal)) for i, literal in enumerate(self._literals))

    def judge(
        self, artifact: Artifact, data: Reader, notes: ScanNotes, windows: Iterable[Window]
    ) -> Iterator[Sighting]:
        """Yield sightings by offset."""
        seen: dict[str, int] = {}
        groups = self._groups(artifact.format)
        # Anchors and rules that are done with on this line: each judges it once, however often it stands there.
        judged: set[int] = set()
        start, line, lowered, line_to = 0, b"", b"", -1
        hits: list[tuple[int, int, str, tuple[tuple[str, str], ...]]] = []
        for kind, end in ends(windows):
            rules, words = groups[kind - FIRST_FREE]
            if not rules or (kind in judged and end <= line_to):
                continue
            if end > line_to:
                start, line = _line_at(data, end)
                line_to, lowered = start + len(line), line.lower()
                judged.clear()
            judged.add(kind)
            if words and not any(map(lowered.__contains__, words)):
                continue
            for number, rule in rules:
                if number in judged:
                    continue
                judged.add(number)
                if not rule.needs or any(map(lowered.__contains__, rule.needs)):
                    behind = data.read_upto(line_to, REACH) if rule.holds else b""
                    hits += self._judged(rule, line, behind, start, seen, notes)
        hits = sorted(set(hits))
        for (start, stop, value, attributes), place in zip(hits, self._places.of(artifact, data, hits), strict=True):
            excerpt, decoding = excerpt_at(data, start, stop)
            yield Sighting(
                Observable(Kind.MECHANISM, value),
                Location(artifact.path, start),
                place.context,
                place.presence,
                excerpt=excerpt,
                decoding=decoding,
                key=place.key,
                referenced_by=place.referenced_by,
                attributes=attributes,
            )

    def _groups(self, leaf_format: str) -> "list[_Group]":
        """Return the rules of each anchor that speak of leaves of this format."""
        known = self._for_format.get(leaf_format)
        if known is None:
            known = self._for_format[leaf_format] = [
                _group([(-n, rule) for n, rule in enumerate(RULES, 1) if anchor in rule.anchors], leaf_format)
                for anchor in self._literals
            ]
        return known

    def _judged(
        self, rule: Rule, line: bytes, behind: bytes, start: int, seen: dict[str, int], notes: ScanNotes
    ) -> Iterator[Any]:
        for match, target in _targets(rule, line):
            if rule.holds and not rule.holds(line + behind, *match.span()):
                continue
            value = f"{rule.name}:{target}"
            if value not in seen and len(seen) >= MOST:
                notes.rejected["truncated"] += 1
                continue
            seen[value] = seen.get(value, 0) + 1
            if seen[value] <= KEPT:
                yield start + match.start(), start + match.end(), value, rule.attributes(match)


class _Group(NamedTuple):
    """The rules of one anchor, each with a negative number that no anchor has."""

    rules: list[tuple[int, Rule]]
    words: tuple[bytes, ...]
    """One of these must stand in the line for any of the rules; none where a rule needs no word."""


def _group(rules: list[tuple[int, Rule]], leaf_format: str) -> _Group:
    speaking = [(number, rule) for number, rule in rules if leaf_format not in rule.never_in]
    every = all(rule.needs for _, rule in speaking)
    return _Group(speaking, tuple({word: None for _, rule in speaking for word in rule.needs}) if every else ())


def _targets(rule: Rule, line: bytes) -> Iterator[tuple[Any, str]]:
    """Yield matches with a target; a word that took the host's place is blanked for another try."""
    for _ in range(_TRIES):
        blanked = line
        for match in rule.pattern.finditer(line):
            if target := rule.target(match):
                yield match, target
            elif rule.endpoint:
                first, last = match.span("host")
                blanked = blanked[:first] + b"," * (last - first) + blanked[last:]
        if blanked == line:
            return
        line = blanked


def _line_at(data: Reader, end: int) -> tuple[int, bytes]:
    """Return the offset and bytes of the line or string around `end`, joined over backslash-newlines."""
    low = max(0, end - LINE)
    piece = data.read_upto(low, 2 * LINE)
    continued = b"\\\n" in piece or b"\\\r\n" in piece
    joined = _CONTINUED.sub(lambda m: b" " * len(m.group()), piece) if continued else piece
    inside = min(end - low, len(joined))
    before = max(0, inside - 1)
    start = 1 + max(joined.rfind(b"\0", 0, before), joined.rfind(b"\n", 0, before), joined.rfind(b"\r", 0, before))
    stop = _ENDS.search(joined, inside)
    return low + start, joined[start : stop.start() if stop else len(joined)]
