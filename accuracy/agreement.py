"""Label a tenth of the endpoint candidates a second time, and say how far two readers agree.

    python -m accuracy.agreement --show --sources DIR …   # the tenth with its surroundings, without any label
    python -m accuracy.agreement                          # agreement and Cohen's kappa per kind, and each disagreement

The tenth is drawn by hash, so anybody draws the same. `second.tsv` holds the second reader's labels as they were made,
`adjudicated.tsv` what was settled where the two differ, with the rule that settles it; `labels.tsv` stays as the first
reader left it. Rules: accuracy/LABELLING-endpoints.md.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from accuracy.endpoint_pool import KINDS, Spot, leaves, locate, spots
from accuracy.endpoints import FOLDER, Label, read_labels, read_sources
from accuracy.scoring import Share, rows, table

SALT: Final = "second"
ONE_IN: Final = 10
PLACES: Final = 4
AROUND: Final = 70


class Key(NamedTuple):
    """What one candidate is known by."""

    source: str
    kind: str
    value: str

    @property
    def drawn(self) -> bool:
        """Whether a hash puts the candidate into the tenth that is read twice."""
        digest = sha256("\t".join((SALT, *self)).encode()).digest()
        return int.from_bytes(digest[:4], "big") % ONE_IN == 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readers' answers to one candidate: is it an endpoint?"""

    key: Key
    first: bool
    second: bool


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was settled for a candidate over which the readers differ, and the rule that says so."""

    key: Key
    endpoint: bool
    rule: str


def key_of(label: Label) -> Key:
    """Return the key of a label."""
    return Key(label.source, label.kind, label.value)


def read_second() -> dict[Key, bool]:
    """Return the second reader's answers."""
    lines = list(rows(FOLDER / "second.tsv"))[1:]
    return {Key(source, kind, value): label == "endpoint" for source, kind, value, label, _ in lines}


def read_rulings() -> dict[Key, Ruling]:
    """Return what was settled, by candidate."""
    lines = list(rows(FOLDER / "adjudicated.tsv"))[1:]
    found = [Ruling(Key(source, kind, value), label == "endpoint", rule) for source, kind, value, label, rule in lines]
    return {ruling.key: ruling for ruling in found}


def pairs(first: Iterable[Label], second: dict[Key, bool]) -> list[Pair]:
    """Return the candidates that both readers labelled, in the order of the first."""
    return [Pair(key, label.endpoint, second[key]) for label in first if (key := key_of(label)) in second]


def kappa(both: Sequence[Pair]) -> float:
    """Return Cohen's kappa, the agreement beyond what these readers reach by chance; 1 where they never differ."""
    if all(pair.first == pair.second for pair in both):
        return 1.0
    size = len(both)
    first, second = sum(pair.first for pair in both) / size, sum(pair.second for pair in both) / size
    by_chance = first * second + (1 - first) * (1 - second)
    return (sum(pair.first == pair.second for pair in both) / size - by_chance) / (1 - by_chance)


def report(both: Sequence[Pair]) -> str:
    """Return one line per kind: agreement with its interval, kappa, and how often each reader said endpoint."""
    body = []
    for kind in (*KINDS, "all"):
        mine = [pair for pair in both if kind in (pair.key.kind, "all")]
        if mine:
            agreed = Share(sum(pair.first == pair.second for pair in mine), len(mine))
            said = f"{sum(pair.first for pair in mine)} / {sum(pair.second for pair in mine)}"
            body.append([kind, agreed.text(), f"{kappa(mine):.3f}", said])
    return table(("kind", "agreement [95 %]", "kappa", "endpoints, first / second reader"), body)


def shown(keys: Iterable[Key], folders: list[Path]) -> Iterator[str]:
    """Yield each candidate with some of its places, or why it has none."""
    wanted = read_sources()
    found = locate(dict(wanted.values()), folders)
    by_source: dict[str, list[Key]] = {}
    for key in keys:
        by_source.setdefault(key.source, []).append(key)
    for source, mine in by_source.items():
        path = found.get(wanted[source][0])
        places = _places(path, mine) if path else {}
        for key in mine:
            yield "\t".join(key)
            for place in places.get(key, ["(the source is not here)" if path is None else "(no place found)"]):
                yield f"    {place}"


def _places(path: Path, keys: Sequence[Key]) -> dict[Key, list[str]]:
    """Return up to `PLACES` different surroundings of each candidate in a source."""
    by_value = {(key.kind, key.value): key for key in keys}
    found: dict[Key, list[str]] = {}
    for leaf in leaves(path):
        for spot in spots(leaf):
            key = by_value.get((spot.kind, spot.value))
            if key is not None and len(places := found.setdefault(key, [])) < PLACES:
                place = f"{leaf.artifact.path.rpartition('!')[2]}: {_around(spot)}"
                if place not in places:
                    places.append(place)
    return found


def _around(spot: Spot) -> str:
    before = spot.text[max(0, spot.start - AROUND) : spot.start]
    parts = (before, spot.text[spot.start : spot.end], spot.text[spot.end : spot.end + AROUND])
    left, middle, right = ("".join(chr(b) if 32 <= b < 127 else "·" for b in part) for part in parts)
    return f"{left}⟦{middle}⟧{right}"


def main() -> int:
    """Print the tenth, or the agreement; return 1 for a disagreement that nobody settled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--sources", nargs="+", type=Path, default=[])
    chosen = parser.parse_args()
    first = read_labels(settled=False)
    if chosen.show:
        for line in shown([key for label in first if (key := key_of(label)).drawn], chosen.sources):
            print(line, flush=True)
        return 0
    both, rulings = pairs(first, read_second()), read_rulings()
    print(report(both))
    differing = [pair for pair in both if pair.first != pair.second]
    for pair in differing:
        ruling = rulings.get(pair.key)
        end = f"{'endpoint' if ruling.endpoint else 'not'}: {ruling.rule}" if ruling else "not settled"
        print("\t".join((*pair.key, "first" if pair.first else "second", "said endpoint", end)))
    return 1 if any(pair.key not in rulings for pair in differing) else 0


if __name__ == "__main__":
    sys.exit(main())
