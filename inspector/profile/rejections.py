"""What `--show-rejected` lists: the texts that looked like endpoints and were refused, by reason."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

LISTED_PER_REASON: Final = 2_000
"""Texts listed for one reason: class names, of which there may be very many, must not crowd out the others."""
COUNTED_PER_REASON: Final = 50_000
"""Different texts told apart for one reason; the counter of all refusals goes on."""
LONGEST_VALUE: Final = 300

Refused = tuple[str, str, str, int]
"""(text, reason, path, offset)."""


class Refusals:
    """What was refused, as it comes in: no more is kept than is listed, whatever the order."""

    def __init__(self, refused: Iterable[Refused] = ()) -> None:
        self._places: dict[str, dict[str, tuple[str, int]]] = {}
        """Reason → text → first place, of the texts that come first in the order of the list."""
        self._met: dict[str, set[int]] = {}
        """Reason → hashes of its texts."""
        self.add(refused)

    def add(self, refused: Iterable[Refused]) -> None:
        """Take further refusals."""
        for value, reason, path, offset in refused:
            self._take(reason, value[:LONGEST_VALUE], (path, offset))

    def merge(self, other: "Refusals") -> None:
        """Take what another one has kept; it must come from a fork of this process, for the sake of the hashes."""
        for reason, places in other._places.items():
            for shown, place in places.items():
                self._take(reason, shown, place)
        for reason, met in other._met.items():
            own = self._met[reason]
            own |= met
            if len(own) > COUNTED_PER_REASON:
                self._met[reason] = set(sorted(own)[:COUNTED_PER_REASON])

    def _take(self, reason: str, shown: str, place: tuple[str, int]) -> None:
        places, met = self._places.setdefault(reason, {}), self._met.setdefault(reason, set())
        if len(met) < COUNTED_PER_REASON:
            met.add(hash(shown))
        known = places.get(shown)
        if known is None or place < known:
            places[shown] = place
        if len(places) > 2 * LISTED_PER_REASON:
            self._places[reason] = dict(_listed(places))

    def document(self, meanings: Mapping[str, str]) -> dict[str, Any]:
        """Return the `rejections` section: by reason and text, each text at the first of its places."""
        return {
            "reasons": [
                # Reasons of a format's own, such as "machine code", are words that need no other.
                {"reason": reason, "meaning": meanings.get(reason, ""), "different": len(met)}
                for reason, met in sorted(self._met.items())
            ],
            "listed": [
                {"value": value, "reason": reason, "location": {"path": path, "offset": offset}}
                for reason, places in sorted(self._places.items())
                for value, (path, offset) in _listed(places)
            ],
        }


def _listed(places: Mapping[str, tuple[str, int]]) -> list[tuple[str, tuple[str, int]]]:
    return sorted(places.items())[:LISTED_PER_REASON]
