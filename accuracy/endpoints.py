"""Score the endpoint scan against labelled candidates, beside what a user would run instead.

    python -m accuracy.endpoints --sources DIR …                # the part that may be looked at, with errors by value
    python -m accuracy.endpoints --sources DIR … --part aside   # the figure to publish: counts alone

Rules and limits: accuracy/LABELLING-endpoints.md. Sources are found by hash below the folders; those missing are named
and their labels left out of every column. Outputs that carry no label do not count.
"""

import argparse
import ipaddress
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from accuracy.endpoint_peers import Found, fact, mobsf, strings_and_rg
from accuracy.endpoint_pool import EMAIL, HOST, IPV4, IPV6, KINDS, URL, Leaf, leaves, locate, place_of
from accuracy.scoring import RATED_FROM, Share, rows, table
from inspector.model.knowledge import Anchors
from inspector.model.observation import Kind, Observable
from inspector.scan import PLACERS, scan_leaf
from inspector.scan.base import Scanner, ScanNotes
from inspector.scan.certificates import Certificates
from inspector.scan.endpoint.endpoints import EndpointScanner
from inspector.scan.endpoint.fused import FusedEndpoints
from inspector.scan.endpoint.hidden import HiddenEndpoints
from inspector.scan.endpoint.packed import PackedEndpoints

FOLDER: Final = Path(__file__).with_name("endpoint_labels")
ASIDE_BELOW: Final = 0x55
PARTS: Final = ("tuning", "aside")


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled candidate of one source."""

    source: str
    kind: str
    value: str
    endpoint: bool

    @property
    def part(self) -> str:
        """`aside` for about a third, by hash."""
        digest = sha256("\t".join((self.source, self.kind, self.value)).encode()).digest()
        return "aside" if digest[0] < ASIDE_BELOW else "tuning"


class Ours:
    """The scanners that report endpoints, as the product runs them."""

    def __init__(self) -> None:
        self._scanners: tuple[Scanner, ...] = (
            EndpointScanner(PLACERS),
            HiddenEndpoints(PLACERS),
            PackedEndpoints(PLACERS),
            FusedEndpoints(PLACERS),
            Certificates(),
        )
        for scanner in self._scanners:
            scanner.prepare(Anchors())

    def __call__(self, leaf: Leaf) -> Found:
        """Return what is reported for a leaf, in the form of the labels."""
        found = scan_leaf(leaf.artifact, leaf.data, self._scanners, ScanNotes())
        return {key for sighting in found if (key := _key(sighting.observable))}


def _key(observable: Observable) -> tuple[str, str] | None:
    kind, value = observable.kind, observable.value
    if kind is Kind.HOSTNAME:
        return HOST, value
    if kind is Kind.EMAIL:
        return EMAIL, value
    if kind is Kind.URL:
        scheme, _, rest = value.partition("://")
        return URL, place_of(scheme.encode(), rest.encode())
    if kind is Kind.IP_ADDRESS:
        return (IPV6 if ipaddress.ip_address(value).version == 6 else IPV4), value
    return None


Tool = Callable[[Leaf], Found]
TOOLS: Final[dict[str, tuple[Callable[[], Tool], tuple[str, ...]]]] = {
    "inspector": (Ours, KINDS),
    "strings -n 6, rg": (lambda: strings_and_rg, (HOST,)),
    "MobSF's rules": (lambda: mobsf, (HOST, URL, EMAIL)),
    "FACT's rules": (lambda: fact, (HOST, URL, IPV4, IPV6)),
}
"""Name → (maker of the tool, kinds that it reports at all)."""


def read_labels(*, settled: bool = True) -> list[Label]:
    """Return all labels in the order of the file; settled ones carry what was decided later, and why.

    `adjudicated.tsv` holds it where two readers differed, `corrected.tsv` where a ruling shows others to be wrong.
    """
    later = ("adjudicated.tsv", "corrected.tsv") if settled else ()
    ruled = {tuple(line[:3]): line[3] for name in later for line in rows(FOLDER / name)}
    lines = [line[:4] for line in rows(FOLDER / "labels.tsv")][1:]
    return [
        Label(source, kind, value, ruled.get((source, kind, value), label) == "endpoint")
        for source, kind, value, label in lines
    ]


def read_sources() -> dict[str, tuple[str, int]]:
    """Return source → (SHA-256, size in bytes)."""
    return {line[0]: (line[5], int(line[4])) for line in list(rows(FOLDER / "sources.tsv"))[1:]}


def run(paths: dict[str, Path], tools: Sequence[str]) -> dict[str, dict[str, Found]]:
    """Return tool → source → what it reports in any leaf of the source."""
    made = {name: TOOLS[name][0]() for name in tools}
    reports: dict[str, dict[str, Found]] = {name: defaultdict(set) for name in tools}
    for source, path in paths.items():
        for leaf in leaves(path):
            for name, tool in made.items():
                reports[name][source] |= tool(leaf)
    return reports


def scores(labels: Iterable[Label], reported: dict[str, Found]) -> tuple[Share, Share]:
    """Return (recall, precision) of one tool over the labels given."""
    truths = hits = named = 0
    for label in labels:
        seen = (label.kind, label.value) in reported.get(label.source, ())
        truths += label.endpoint
        named += seen
        hits += label.endpoint and seen
    return Share(hits, truths), Share(hits, named)


def report(labels: list[Label], reports: dict[str, dict[str, Found]]) -> str:
    """Return the table: one line per kind and tool, and one per tool over all kinds that are labelled."""
    body = []
    for kind in (*KINDS, "all"):
        chosen = [label for label in labels if kind in (label.kind, "all")]
        for name, reported in reports.items():
            if kind != "all" and kind not in TOOLS[name][1]:
                body.append([kind, name, "reports none", "", ""])
                continue
            recall, precision = scores(chosen, reported)
            rated = "" if len(chosen) >= RATED_FROM else "not rated"
            body.append([kind, name, recall.text(), precision.text(), rated])
    return table(("kind", "tool", "recall", "precision", ""), body)


def errors(labels: Iterable[Label], reported: dict[str, Found]) -> Iterable[str]:
    """Yield one line for each endpoint that was missed and each text that was wrongly taken for one."""
    for label in labels:
        seen = (label.kind, label.value) in reported.get(label.source, ())
        if seen != label.endpoint:
            yield f"{'missed' if label.endpoint else 'false '} {label.source} {label.kind} {label.value}"


def main() -> None:
    """Print the table, and for the tuning part the product's errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", nargs="+", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, default="tuning")
    parser.add_argument("--ours-only", action="store_true")
    chosen = parser.parse_args()
    wanted = read_sources()
    found = locate(dict(wanted.values()), chosen.sources)
    paths = {source: found[digest] for source, (digest, _) in wanted.items() if digest in found}
    if missing := sorted(set(wanted) - set(paths)):
        print(f"missing, left out: {' '.join(missing)}", file=sys.stderr)
    labels = [label for label in read_labels() if label.part == chosen.part and label.source in paths]
    reports = run(paths, list(TOOLS)[:1] if chosen.ours_only else list(TOOLS))
    print(f"{len(labels)} candidates of {len(paths)} sources, {sum(label.endpoint for label in labels)} endpoints\n")
    print(report(labels, reports))
    if chosen.part == "tuning":
        print(*errors(labels, reports["inspector"]), sep="\n")


if __name__ == "__main__":
    main()
