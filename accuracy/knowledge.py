"""Score the knowledge base against labelled hosts and SDK identifiers.

    python -m accuracy.knowledge                                    # the open part, with misses by value
    python -m accuracy.knowledge --part aside --collection first    # the figure to publish: counts alone

Rules and limits: accuracy/LABELLING.md. The exit code is 1 for a vendor named wrongly or a control called Chinese.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from accuracy.scoring import RATED_FROM, Share, accepted_names, rows, table
from inspector.classify import AddressFacts, Hit, Index
from inspector.classify.generic import UNKNOWN_VENDOR, generic_hits
from inspector.knowledge import load_knowledge
from inspector.model.knowledge import PRC, Confidence, Vendor
from inspector.model.observation import Kind, Observable

FOLDER: Final = Path(__file__).with_name("knowledge")
GROUPS: Final = {
    "cameras": "Cameras and P2P",
    "iot": "IoT and smart home",
    "medical": "Medical and wearable",
    "vehicles": "Vehicles and mobility",
    "energy": "Energy",
    "network": "Routers, modems, chips",
    "phones": "Phone makers",
    "trackers": "Push, analytics, ads",
    "apps": "Maps, voice, IM, payment, social",
    "clouds": "Clouds, CDN, DNS",
    "packers": "Packers and certificate authorities",
}
COLLECTIONS: Final = {
    "first": "labels.tsv",
    "second": "second.tsv",
    "third": "third.tsv",
    "fourth": "fourth.tsv",
    "fifth": "fifth.tsv",
    "sixth": "sixth.tsv",
    "seventh": "seventh.tsv",
    "eighth": "eighth.tsv",
    "ninth": "ninth.tsv",
}
"""From the second to the eighth each left out every value of those before it: what is left is ever less common.
The ninth takes a source's values as they come; `--fresh` says how the new ones among them fare."""


RETIRED: Final = frozenset({"second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"})
"""Collections whose set-aside part was looked at: `--part all` lists its causes too."""


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled value; `part` is `open` or `aside`."""

    group: str
    kind: str
    value: str
    vendor: str
    part: str
    source: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What the knowledge base said of a label: found, missed, weak or unknown, and the vendors it named wrongly."""

    label: Label
    outcome: str
    wrong: tuple[str, ...] = ()


class Scorer:
    """The index, and whom its vendors are known as."""

    def __init__(self) -> None:
        self.index = Index(load_knowledge())
        self.names = accepted_names(FOLDER / "vendors.tsv")
        self._aliases = {key: self._known_as(key) for key in self.index.knowledge.vendors}
        every = frozenset[str]().union(*self._aliases.values())
        self.unknown = {key for key, (_, names) in self.names.items() if not names & every}

    def _known_as(self, vendor_id: str) -> frozenset[str]:
        vendor = self.index.knowledge.vendors[vendor_id]
        return frozenset(text.lower() for text in (vendor.id, vendor.name, vendor.group) if text)

    def judge(self, label: Label) -> Judged:
        """Compare the hits of a value with its label."""
        hits = [hit for hit in self._hits(label.kind, label.value) if hit.signature.vendor != UNKNOWN_VENDOR]
        right = [hit for hit in hits if self._is_right(hit, label.vendor)]
        wrong = tuple(sorted({hit.signature.vendor for hit in hits if hit not in right}))
        if any(hit.indicator.confidence is not Confidence.LOW for hit in right):
            return Judged(label, "found", wrong)
        if right:
            return Judged(label, "weak", wrong)
        return Judged(label, "unknown" if label.vendor in self.unknown else "missed", wrong)

    def prc(self, kind: str, value: str) -> list[Hit]:
        """Return the hits of a control that lead to the PRC, Hong Kong or Macao, by signature or by generic rule."""
        vendors = self.index.knowledge.vendors
        hits = self._hits(kind, value)
        return [h for h in hits if h.indicator.hosting in PRC or self._domicile(h, vendors) in PRC]

    def _domicile(self, hit: Hit, vendors: Mapping[str, Vendor]) -> str:
        vendor = vendors.get(hit.signature.vendor)
        return vendor.domicile if vendor else ""

    def _is_right(self, hit: Hit, vendor: str) -> bool:
        return bool(self._aliases.get(hit.signature.vendor, frozenset()) & self.names[vendor][1])

    def _hits(self, kind: str, value: str) -> list[Hit]:
        value = value.removesuffix(".framework")  # labels hold the folder's name, scanners hand over the framework's
        return self.index.find(kind, value) or generic_hits(Observable(Kind(kind), value), AddressFacts())


def labels(part: str, collection: str = "both", *, fresh: bool = False) -> list[Label]:
    """Return the labels of a part (`open`, `aside`, `all`) and a collection (`both`: the first and the second).

    `fresh` leaves out values that an earlier collection holds.
    """
    wanted = ("first", "second") if collection == "both" else (collection,)
    read = [label for key in wanted for label in _read(key)]
    earlier = list(COLLECTIONS)[: list(COLLECTIONS).index(wanted[0])] if fresh else []
    seen = {(label.kind, label.value) for key in earlier for label in _read(key)}
    return [label for label in read if part in (label.part, "all") and (label.kind, label.value) not in seen]


def _read(collection: str) -> list[Label]:
    return [Label(*row) for row in rows(FOLDER / COLLECTIONS[collection])]


def controls(part: str, collection: str = "both") -> list[tuple[str, str]]:
    """Return (kind, value) of the foreign controls; from the third collection on each has its own."""
    table_of = f"{collection}_controls.tsv" if collection not in ("first", "second", "both") else "controls.tsv"
    return [(kind, value) for kind, value, its_part, _ in rows(FOLDER / table_of) if part in (its_part, "all")]


def recall_table(judged: Iterable[Judged]) -> str:
    """Return one line for each group: recall over the scored labels, and what was not scored."""
    by_group: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_group[one.label.group].append(one)
    body = []
    for group, title in GROUPS.items():
        mine = by_group.get(group, [])
        scored = [one for one in mine if one.outcome != "unknown"]
        found = sum(one.outcome == "found" for one in scored)
        body.append(
            [
                title,
                Share(found, len(scored)).text(),
                str(sum(bool(one.wrong) for one in mine)),
                str(len(mine) - len(scored)),
                str(len({one.label.vendor for one in mine})),
            ]
        )
    return table(["Group", "Recall [95 %]", "Wrong vendor", "Of unknown vendors", "Vendors"], body)


def main() -> int:
    """Print the tables; return 1 for a wrong vendor or a control called Chinese."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=["open", "aside", "all"], default="open")
    parser.add_argument("--collection", choices=[*COLLECTIONS, "both"], default="both")
    parser.add_argument("--fresh", action="store_true", help="leave out values that an earlier collection holds")
    options = parser.parse_args()
    part = options.part
    scorer = Scorer()
    judged = [scorer.judge(label) for label in labels(part, options.collection, fresh=options.fresh)]
    listed = controls(part, options.collection)
    false = [(kind, value, hits) for kind, value in listed if (hits := scorer.prc(kind, value))]
    print(recall_table(judged))
    sizes: dict[str, int] = defaultdict(int)
    for label in labels("all", options.collection, fresh=options.fresh):
        sizes[label.group] += 1
    print("\nnot rated (fewer than 200 labels):", ", ".join(GROUPS[g] for g in GROUPS if sizes[g] < RATED_FROM))
    print(f"controls called Chinese: {Share(len(false), len(listed)).text()}")
    if part == "open" or (part == "all" and options.collection in RETIRED):
        _print_causes(judged, false)
    return 1 if false or any(one.wrong for one in judged) else 0


def _print_causes(judged: list[Judged], false: list[tuple[str, str, list[Hit]]]) -> None:
    for outcome in ("missed", "weak", "unknown"):
        for one in judged:
            if one.outcome == outcome:
                print(f"{outcome}\t{one.label.group}\t{one.label.kind}\t{one.label.value}\t{one.label.vendor}")
    for one in judged:
        if one.wrong:
            print(f"wrong\t{one.label.group}\t{one.label.kind}\t{one.label.value}\t{one.label.vendor}\t{one.wrong}")
    for kind, value, hits in false:
        print(f"control\t{kind}\t{value}\t{[hit.key for hit in hits]}")


if __name__ == "__main__":
    sys.exit(main())
