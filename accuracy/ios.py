"""Score what the inspector says of real iOS SDKs and an app: which SDKs are inside, and whose controls it accuses.

    python -m accuracy.ios                 # the part that may be looked at, with every miss and false finding
    python -m accuracy.ios --part aside    # the figure to publish: counts alone
    python -m accuracy.ios --part second   # the collection that was frozen before its first score
    python -m accuracy.ios --artifact ios-getui

Artifacts are fetched by package name into a cache (tools/fetch.py) and never run. Rules: accuracy/LABELLING.md.
The exit code is 1 for a control with a Chinese finding, 2 when an artifact could not be had.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from accuracy.android import CODE, NAMES, PLACES
from accuracy.scoring import SDK_PARTS, Share, accepted_names, rows, table
from inspector.harvest import Options, Toolbox
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.model.knowledge import PRC
from inspector.session import Session, inspect_files
from tools.fetch import FetchError, fetch, sources

FOLDER: Final = Path(__file__).with_name("ios")
Vendors = dict[str, tuple[str, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Sdk:
    """A labelled SDK: vendor key, product, and the classes and frameworks that are its own."""

    vendor: str
    product: str
    marks: tuple[str, ...]

    def owns(self, value: str) -> bool:
        """Tell whether a class, framework or constant is one of the marks or begins like one that ends in `*`."""
        return any(value.startswith(mark[:-1]) if mark.endswith("*") else value == mark for mark in self.marks)


@dataclass(slots=True)
class Truth:
    """What is labelled of one artifact."""

    name: str
    part: str
    role: str
    others: frozenset[str]
    sdks: list[Sdk] = field(default_factory=list)


@dataclass(slots=True)
class Counts:
    """Sums over artifacts, and what went wrong."""

    inside: Counter[bool] = field(default_factory=Counter)
    """Labelled SDKs, by whether their vendor is of the PRC."""
    found: Counter[bool] = field(default_factory=Counter)
    said: int = 0
    right: int = 0
    coded: int = 0
    coded_right: int = 0
    controls: int = 0
    chinese: int = 0
    troubles: list[str] = field(default_factory=list)


def truths(part: str) -> dict[str, Truth]:
    """Return the labels of a part (`open`, `aside`, `second`, `third`) or of `all`, by artifact."""
    read: dict[str, Truth] = {}
    for name, its_part, role, vendor, product, marks, others in rows(FOLDER / "labels.tsv"):
        truth = read.setdefault(name, Truth(name, its_part, role, frozenset(others.split(",")) - {"-"}))
        if vendor != "-":
            truth.sdks.append(Sdk(vendor, product, tuple(marks.split(","))))
    return {name: truth for name, truth in read.items() if part in (truth.part, "all")}


def vendors() -> Vendors:
    """Return vendor key → (domicile, accepted names); the domicile is empty for those not of the PRC."""
    foreign = {key: ("", frozenset(names.lower().split("|"))) for key, names in rows(FOLDER / "foreign.tsv")}
    return {**accepted_names(NAMES), **foreign}


class Judge:
    """Compares profiles with labels."""

    def __init__(self) -> None:
        self.vendors = vendors()
        self.counts = Counts()

    def add(self, truth: Truth, profile: dict[str, Any]) -> None:
        """Judge one profile."""
        findings = profile["findings"]
        for sdk in truth.sdks:
            home = self.vendors[sdk.vendor][0] in PRC
            self.counts.inside[home] += 1
            if any(self._shows(finding, sdk) for finding in findings):
                self.counts.found[home] += 1
            else:
                self._trouble("missed", truth, f"{sdk.vendor} {sdk.product}")
        self._precision(truth, findings)
        if truth.role == "control":
            self._control(truth, findings)

    def _shows(self, finding: dict[str, Any], sdk: Sdk) -> bool:
        evidence = [one["observable"] for one in finding["evidence"]]
        named = any(o["kind"] not in PLACES and sdk.owns(o["value"]) for o in evidence)
        return named and self._is(finding, (sdk.vendor,))

    def _is(self, finding: dict[str, Any], keys: Iterable[str]) -> bool:
        vendor = finding["vendor"]
        called = {vendor[key].lower() for key in ("id", "name", "group") if vendor[key]}
        return any(called & self.vendors[key][1] for key in keys)

    def _precision(self, truth: Truth, findings: list[dict[str, Any]]) -> None:
        inside = {*truth.others, *(sdk.vendor for sdk in truth.sdks)}
        for finding in findings:
            if finding["subject"]["kind"] not in CODE:
                continue
            right = self._is(finding, inside)
            coded = any(one["observable"]["kind"] not in PLACES for one in finding["evidence"])
            self.counts.said += 1
            self.counts.right += right
            self.counts.coded += coded
            self.counts.coded_right += right and coded
            if not right:
                first = [one["observable"]["value"] for one in finding["evidence"][:3]]
                self._trouble("false", truth, f"{finding['subject']['id']} by {first}")

    def _control(self, truth: Truth, findings: list[dict[str, Any]]) -> None:
        self.counts.controls += 1
        chinese = [one["subject"]["id"] for one in findings if set(one["jurisdictions"]) & PRC]
        if chinese:
            self.counts.chinese += 1
            self._trouble("control", truth, f"{chinese}")

    def _trouble(self, kind: str, truth: Truth, text: str) -> None:
        self.counts.troubles.append(f"{kind}\t{truth.name}\t{text}")


def profiles(wanted: dict[str, Truth]) -> Iterator[tuple[Truth, dict[str, Any]]]:
    """Yield each artifact's labels and profile. Raises `FetchError`."""
    paths = {fetch(source): wanted[source.name] for source in sources() if source.name in wanted}
    knowledge = load_knowledge()
    session = Session(Toolbox(knowledge, AddressTables(knowledge)), Options(), many=True)
    listed = list(paths)
    for inspection in inspect_files(listed, session, 2):
        truth = paths[listed[inspection.number]]
        if inspection.document is None:
            raise FetchError(f"{truth.name}: {inspection.error}")
        yield truth, inspection.document


def main() -> int:
    """Print the tables; see the module's docstring for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=[*SDK_PARTS, "all"], default="open")
    parser.add_argument("--artifact", default="", help="Only this one.")
    chosen = parser.parse_args()
    wanted = truths("all" if chosen.artifact else chosen.part)
    if chosen.artifact:
        wanted = {chosen.artifact: wanted[chosen.artifact]}
    judge = Judge()
    roles: Counter[str] = Counter()
    try:
        for truth, profile in profiles(wanted):
            judge.add(truth, profile)
            roles[truth.role] += 1
    except FetchError as error:
        print(f"cannot be measured: {error}", file=sys.stderr)
        return 2
    print(_report(judge.counts))
    print("\nartifacts: " + ", ".join(f"{number} {role}" for role, number in sorted(roles.items())))
    if chosen.part not in ("aside", "all") or chosen.artifact:
        print("\n".join(["", *sorted(judge.counts.troubles)]))
    return 1 if judge.counts.chinese else 0


def _report(counts: Counts) -> str:
    body = [
        ["SDK recall", Share(counts.found.total(), counts.inside.total()).text()],
        ["SDK recall, vendors of the PRC", Share(counts.found[True], counts.inside[True]).text()],
        ["SDK recall, other vendors", Share(counts.found[False], counts.inside[False]).text()],
        ["SDK precision, all findings of kind SDK", Share(counts.right, counts.said).text()],
        ["SDK precision, with evidence of code", Share(counts.coded_right, counts.coded).text()],
        ["Controls with a Chinese finding", Share(counts.chinese, counts.controls).text()],
    ]
    return table(["Measure", "Share [95 %]"], body)


if __name__ == "__main__":
    sys.exit(main())
