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
from inspector.scan.device.fetched_script import BEFORE
from inspector.scan.device.mechanism_rules import RULES as LINE_RULES
from inspector.scan.device.mechanism_rules import Rule, compiled
from inspector.scan.device.tunnel_rules import TUNNEL_RULES
from inspector.scan.excerpts import excerpt_at
from inspector.scan.places.many import Places
from inspector.scan.sweep import FIRST_FREE, Anchor, Window, ends, escape

RULES: Final = (*LINE_RULES, *TUNNEL_RULES)
LINE: Final = 600
"""Bytes of a line or string that are looked at around an anchor."""
KEPT: Final = 8
"""Places kept for one mechanism in one leaf."""
ABOVE: Final = 4000
"""Bytes above a line in which the head of its section is looked for."""
_TRIES: Final = 3
MOST: Final = 5_000
"""Distinct mechanisms kept for one leaf."""
_ENDS: Final = re.compile(rb"[\x00\n\r]")
_CONTINUED: Final = re.compile(rb"\\\r?\n")


class Mechanisms(AnchoredScanner):
    """Finds remote mounts, fetched code, shells, tunnels, TR-069, updates, P2P stacks, MQTT topics."""

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
        around = _Around(data)
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
                    hits += self._judged(rule, line, around, start, seen, notes)
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
        self, rule: Rule, line: bytes, around: "_Around", start: int, seen: dict[str, int], notes: ScanNotes
    ) -> Iterator[Any]:
        above = around.above(start) if rule.holds else b""
        behind = around.behind(start + len(line)) if rule.holds or rule.goes_on else b""
        for first, match, target in _spread(rule, line, behind) if rule.goes_on else _targets(rule, line):
            if not around.allows(rule, start, start + len(line)):
                return
            if rule.holds and not rule.holds(above + line + behind, len(above) + first, len(above) + match.end()):
                continue
            value = f"{rule.name}:{target}"
            if value not in seen and len(seen) >= MOST:
                notes.rejected["truncated"] += 1
                continue
            seen[value] = seen.get(value, 0) + 1
            if seen[value] <= KEPT:
                yield start + first, start + match.end(), value, rule.attributes(match)


class _Around:
    """The text above and below the lines of one leaf."""

    def __init__(self, data: Reader) -> None:
        self._data = data
        self._met: dict[tuple[bytes, int], bool] = {}

    def above(self, start: int) -> bytes:
        low = max(0, start - BEFORE)
        return self._data.read_upto(low, start - low)

    def behind(self, line_to: int) -> bytes:
        return self._data.read_upto(line_to, REACH)

    def allows(self, rule: Rule, start: int, line_to: int) -> bool:
        """Tell whether what the rule asks of the lines above and below the one at `[start, line_to)` is true."""
        if rule.among and not self._among(rule.among, start // ABOVE):
            return False
        if rule.within is None:
            return True
        low = max(0, start - ABOVE)
        return rule.within(self._data.read_upto(low, start - low).lower(), self.behind(line_to).lower())

    def _among(self, expression: bytes, block: int) -> bool:
        # Asked once for each block, so that many lines cost what few do.
        known = self._met.get((expression, block))
        if known is None:
            text = self._data.read_upto(max(0, block - 1) * ABOVE, 3 * ABOVE)
            known = self._met[expression, block] = compiled(expression).search(text) is not None
        return known


class _Group(NamedTuple):
    """The rules of one anchor, each with a negative number that no anchor has."""

    rules: list[tuple[int, Rule]]
    words: tuple[bytes, ...]
    """One of these must stand in the line for any of the rules; none where a rule needs no word."""


def _group(rules: list[tuple[int, Rule]], leaf_format: str) -> _Group:
    speaking = [
        (number, rule)
        for number, rule in rules
        if leaf_format not in rule.never_in and (not rule.only_in or leaf_format in rule.only_in)
    ]
    every = all(rule.needs for _, rule in speaking)
    return _Group(speaking, tuple({word: None for _, rule in speaking for word in rule.needs}) if every else ())


def _spread(rule: Rule, line: bytes, behind: bytes) -> Iterator[tuple[int, Any, str]]:
    """Yield where a match begins on the line, the part of it that goes on behind that, and its target."""
    follows = compiled(rule.goes_on)
    for head in rule.pattern.finditer(line):
        if (match := follows.match(line + behind, head.end())) and (target := rule.target(match)):
            yield head.start(), match, target


def _targets(rule: Rule, line: bytes) -> Iterator[tuple[int, Any, str]]:
    """Yield matches with where they begin and their target; a word that took the host's place is blanked."""
    for _ in range(_TRIES):
        blanked = line
        for match in rule.pattern.finditer(line):
            if target := rule.target(match):
                yield match.start(), match, target
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
