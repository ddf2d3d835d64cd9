"""Find containers at any offset: one pass for all magics, every hit measured, overlaps settled by validation."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from inspector.errors import FormatError, NotThisFormat
from inspector.extract.announced import Announced
from inspector.extract.base import Extractor, Magic
from inspector.formats.reader import Reader, Span

HEAD: Final = 4096
"""First bytes in which nearly all magics stand."""
MOST_MEASURED: Final = 20_000
"""Magic hits measured in one node, plus one for so many bytes; a hostile file of nothing but magics ends here."""
MEASURED_EVERY: Final = 1 << 13
MOST_HITS: Final = 500_000
"""Magic hits looked at in one node; those inside an archive already found cost next to nothing."""
MOST_FAILURES: Final = 200
"""Damaged finds kept for one node."""


class Find(NamedTuple):
    """A container with a validated extent."""

    extractor: Extractor
    span: Span


class Damage(NamedTuple):
    """A certain but unreadable container: its magic and header hold, its extent does not."""

    extractor: Extractor
    offset: int
    problem: FormatError


class Carved(NamedTuple):
    """All finds of one node in order, disjoint; `truncated` when there were too many magic hits to measure."""

    finds: tuple[Find, ...]
    damages: tuple[Damage, ...] = ()
    truncated: bool = False


Load = Callable[[Sequence[tuple[int, bytes]]], Any]
"""Compiles (number, pattern) pairs to a hyperscan database, or gives None where there is no hyperscan."""


class Finder(Protocol):
    """Finds all occurrences of many literals in a buffer."""

    def hits(self, view: memoryview) -> list[tuple[int, int]]:
        """Return (index of the literal, start) of every occurrence."""


class Carver:
    """Carving with a fixed set of extractors, each imported when its magic is met; built once per process."""

    def __init__(self, extractors: Iterable[Extractor | Announced], load: Load | None = None) -> None:
        self._load = load
        self._all = [e if isinstance(e, Announced) else Announced.of(e) for e in extractors]
        # A magic that several formats share (all kinds of zip) is looked for once.
        sharing: dict[Magic, list[Announced]] = {}
        for announced in sorted(self._all, key=lambda one: one.name):
            for magic in announced.magics:
                if magic.carve and magic.pattern:
                    sharing.setdefault(magic, []).append(announced)
        self._carvable: list[tuple[Magic, list[Announced]]] = list(sharing.items())
        self._finder: Finder | None = None
        self._scattered = [announced for announced in self._all if announced.scattered]
        self._named = [(ending, rank) for rank, announced in enumerate(self._all) for ending in announced.endings]
        # Every leaf is asked for every magic: by offset and first byte that is a few look-ups instead of hundreds.
        self._always: set[int] = set()
        """Ranks of formats without a magic, whose `measure` is cheap and strict."""
        starts: dict[int, dict[int, list[tuple[int, bytes]]]] = {}
        for rank, announced in enumerate(self._all):
            for magic in announced.magics:
                if not magic.pattern:
                    self._always.add(rank)
                    continue
                by_byte = starts.setdefault(magic.offset, {})
                by_byte.setdefault(magic.pattern[0], []).append((rank, magic.pattern))
        self._near = [(offset, by_byte) for offset, by_byte in sorted(starts.items()) if offset < HEAD]
        self._far = [(offset, by_byte) for offset, by_byte in sorted(starts.items()) if offset >= HEAD]

    def import_all(self) -> None:
        """Import every extractor now: what many processes will need is better loaded before they fork."""
        for announced in self._all:
            _ = announced.extractor

    def warm(self) -> Finder:
        """Load the fastest search for all magics that this machine has; compiled once for each set of them."""
        if self._finder is None:
            magics = [magic for magic, _ in self._carvable]
            patterns = [(number, _escaped(magic.pattern) + magic.rest) for number, magic in enumerate(magics)]
            database = self._load(patterns) if self._load else None
            self._finder = _SearchFinder(magics) if database is None else _HyperscanFinder(magics, database)
        return self._finder

    def scattered(self, data: Reader, region: Span) -> list[Find]:
        """Return containers inside `region` whose magic is too short for `carve`; for what nothing else explains."""
        finds = [
            Find(announced.extractor, span)
            for announced in self._scattered
            for span in announced.extractor.scattered(data, region)
        ]
        return _disjoint([find for find in finds if region.start <= find.span.start < find.span.end <= region.end])

    def identify(self, data: Reader, name: str = "") -> tuple[Find | None, Damage | None]:
        """Return the container that starts at offset 0, the one with the largest extent, or its damage.

        The name of the file announces formats without a magic.
        """
        best: Find | None = None
        damage: Damage | None = None
        for extractor in self._announced(data, name):
            try:
                span = extractor.measure(data, 0)
            except NotThisFormat:
                continue
            except FormatError as error:
                damage = damage or Damage(extractor, 0, error.bare())
                continue
            if _sound(span, 0, data) and (best is None or len(span) > len(best.span)):
                best = Find(extractor, span)
        return best, damage

    def _announced(self, data: Reader, name: str) -> list[Extractor]:
        """Return the extractors of which a magic stands where it belongs, in their registered order."""
        found = self._always | {rank for ending, rank in self._named if name.endswith(ending)}
        head = data.read_upto(0, HEAD)
        for offset, by_byte in self._near:
            if offset >= len(head):
                break
            if (code := head[offset]) in by_byte:
                found.update(rank for rank, pattern in by_byte[code] if data.startswith(pattern, offset))
        for offset, by_byte in self._far:
            if offset >= data.size:
                break
            there = by_byte.get(data.read_at(offset, 1)[0], ())
            found.update(rank for rank, pattern in there if data.startswith(pattern, offset))
        return [self._all[rank].extractor for rank in sorted(found)]

    def carve(self, data: Reader, region: Span) -> Carved:
        """Return every container inside `region`; offsets are those of `data`."""
        part = data.slice(region.start, region.end)
        # Measured at its place in `data`: some formats are leaves at the first byte of a file, containers behind it.
        whole = data.slice(0, region.end)
        candidates, truncated = self._candidates(part)
        finds: list[Find] = []
        damages: list[Damage] = []
        reached: dict[bytes, Span] = {}
        measured, most = 0, MOST_MEASURED + part.size // MEASURED_EVERY
        for offset, index in candidates:
            magic, formats = self._carvable[index]
            around = reached.get(magic.pattern)
            if around is not None and around.start < offset < around.end:
                continue  # one of the many records of an archive that is already found, or one inside it
            measured += len(formats)
            if measured > most:
                truncated = True
                break
            for announced in formats:
                extractor = announced.extractor
                try:
                    span = extractor.measure(whole, region.start + offset)
                except NotThisFormat:
                    continue
                except FormatError as error:
                    if len(damages) < MOST_FAILURES:
                        damages.append(Damage(extractor, region.start + offset, error.bare()))
                    continue
                if _sound(span, region.start + offset, whole):
                    finds.append(Find(extractor, span))
                    reached[magic.pattern] = Span(offset, span.end - region.start)
        moved = tuple(_disjoint(finds))
        outside = tuple(d for d in damages if not any(f.span.start <= d.offset < f.span.end for f in moved))
        return Carved(moved, outside, truncated)

    def _candidates(self, part: Reader) -> tuple[list[tuple[int, int]], bool]:
        """Return (start of a container, index of its magic) in order, and whether some were left out."""
        finder = self.warm()
        found: set[tuple[int, int]] = set()
        for base, view in part.windows(overlap=64):
            for index, start in finder.hits(view):
                offset = base + start - self._carvable[index][0].offset
                if offset >= 0:
                    found.add((offset, index))
            if len(found) > MOST_HITS:
                break
        return sorted(found)[:MOST_HITS], len(found) > MOST_HITS


def _sound(span: Span, offset: int, data: Reader) -> bool:
    """Tell whether an extent starts where it was measured, holds something and ends inside the data."""
    return span.start == offset and offset < span.end <= data.size


def _disjoint(finds: Sequence[Find]) -> list[Find]:
    """Keep, of overlapping finds, the longer one; of equals the earlier. Order of arrival plays no part."""
    kept: list[Find] = []
    for find in sorted(finds, key=lambda f: (f.span.start, -len(f.span), f.extractor.INFO.name)):
        if not len(find.span):
            continue
        while kept and kept[-1].span.end > find.span.start and len(kept[-1].span) < len(find.span):
            kept.pop()
        if not kept or kept[-1].span.end <= find.span.start:
            kept.append(find)
    return kept


class _HyperscanFinder:
    """One pass over the buffer for all literals."""

    def __init__(self, magics: Sequence[Magic], database: Any) -> None:
        self._lengths = [len(magic.pattern) + magic.rest_size for magic in magics]
        self._database = database

    def hits(self, view: memoryview) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        lengths = self._lengths

        def on_match(index: int, _start: int, end: int, _flags: int, _context: object) -> bool | None:
            found.append((index, end - lengths[index]))
            return True if len(found) > MOST_HITS else None

        try:
            self._database.scan(view, match_event_handler=on_match)
        except Exception as error:
            if len(found) <= MOST_HITS:
                raise FormatError(f"carving failed: {error}") from error
        return found


class _SearchFinder:
    """The same with one search for each literal: slower, needs nothing."""

    def __init__(self, magics: Sequence[Magic]) -> None:
        self._literals = [magic.pattern for magic in magics]

    def hits(self, view: memoryview) -> list[tuple[int, int]]:
        data = bytes(view)
        found: list[tuple[int, int]] = []
        for index, literal in enumerate(self._literals):
            at = data.find(literal)
            while at >= 0 and len(found) <= MOST_HITS:
                found.append((index, at))
                at = data.find(literal, at + 1)
        return found


def _escaped(literal: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in literal)
