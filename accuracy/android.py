"""Score what the inspector says of real Android apps and libraries: SDKs inside, endpoints' owners, controls.

    python -m accuracy.android                 # the part that may be looked at, with every miss and false finding
    python -m accuracy.android --part aside    # the figure to publish: counts alone
    python -m accuracy.android --part second   # the collection that was frozen before its first score
    python -m accuracy.android --artifact app-yosemite

Artifacts are fetched by package name into a cache (tools/fetch.py) and never run. Rules: accuracy/LABELLING.md.
The exit code is 1 for a control with a Chinese finding, 2 when an artifact could not be had.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from accuracy.scoring import SDK_PARTS, Share, accepted_names, rows, table
from inspector.harvest import Options, Toolbox
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.model.knowledge import PRC
from inspector.session import Session, inspect_files
from tools.fetch import FetchError, fetch, sources

FOLDER: Final = Path(__file__).with_name("android")
NAMES: Final = Path(__file__).with_name("knowledge") / "vendors.tsv"
CODE: Final = frozenset({"sdk", "component", "packer"})
"""Kinds of subject that claim code inside; services and clouds claim hosts only."""
SECTIONS: Final = ("sdks", "components")
PLACES: Final = frozenset({"hostname", "url", "ip-address"})
"""Kinds of evidence that show a service, not code."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """A labelled SDK: vendor key, product, and the packages that its classes have."""

    vendor: str
    product: str
    packages: tuple[str, ...]


@dataclass(slots=True)
class Truth:
    """What is labelled of one artifact."""

    name: str
    part: str
    role: str
    others: frozenset[str]
    sdks: list[Sdk] = field(default_factory=list)
    endpoints: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """Sums over artifacts, and what went wrong."""

    inside: int = 0
    found: int = 0
    said: int = 0
    right: int = 0
    coded: int = 0
    coded_right: int = 0
    endpoints: int = 0
    seen: int = 0
    owned: int = 0
    controls: int = 0
    chinese: int = 0
    troubles: list[str] = field(default_factory=list)


def truths(part: str) -> dict[str, Truth]:
    """Return the labels of a part (`open`, `aside`, `second`, `third`) or of `all`, by artifact."""
    read: dict[str, Truth] = {}
    for name, its_part, role, vendor, product, packages, others in rows(FOLDER / "labels.tsv"):
        truth = read.setdefault(name, Truth(name, its_part, role, frozenset(others.split(",")) - {"-"}))
        if vendor != "-":
            truth.sdks.append(Sdk(vendor, product, tuple(packages.split(","))))
    for name, _, host, owners in rows(FOLDER / "endpoints.tsv"):
        read[name].endpoints[host] = tuple(owners.split(","))
    return {name: truth for name, truth in read.items() if part in (truth.part, "all")}


def under(value: str, packages: Iterable[str]) -> bool:
    """Tell whether a dotted name is a package or lies under it."""
    return any(value == package or value.startswith(f"{package}.") for package in packages)


def meets(value: str, packages: Iterable[str]) -> bool:
    """Tell whether a name is, lies under or holds one of the packages: profiles give the prefix a signature states."""
    return under(value, packages) or any(under(package, (value,)) for package in packages)


class Judge:
    """Compares profiles with labels."""

    def __init__(self) -> None:
        self.names = accepted_names(NAMES)
        self.foreign = {key: frozenset(names.lower().split("|")) for key, names in rows(FOLDER / "foreign.tsv")}
        self.counts = Counts()

    def add(self, truth: Truth, profile: dict[str, Any]) -> None:
        """Judge one profile."""
        self._recall(truth, profile)
        self._precision(truth, profile)
        self._endpoints(truth, profile)
        if truth.role == "control":
            self._control(truth, profile)

    def _recall(self, truth: Truth, profile: dict[str, Any]) -> None:
        for sdk in truth.sdks:
            self.counts.inside += 1
            if any(self._shows(finding, sdk, profile) for finding in profile["findings"]):
                self.counts.found += 1
            else:
                self._trouble("missed", truth, f"{sdk.vendor} {sdk.product}")

    def _shows(self, finding: dict[str, Any], sdk: Sdk, profile: dict[str, Any]) -> bool:
        vendor = finding["vendor"]
        if not _called(vendor) & self.names[sdk.vendor][1]:
            return False
        evidence = [one["observable"] for one in finding["evidence"]]
        if any(o["kind"] != "hostname" and meets(o["value"], sdk.packages) for o in evidence):
            return True
        seen = [o for section in SECTIONS for o in profile["observables"][section] if o["vendor"] == vendor["id"]]
        return any(meets(o["value"], sdk.packages) for o in seen)

    def _precision(self, truth: Truth, profile: dict[str, Any]) -> None:
        inside = frozenset[str]().union(*(self.names[sdk.vendor][1] for sdk in truth.sdks))
        inside |= frozenset[str]().union(*(self._other(key) for key in truth.others))
        for finding in profile["findings"]:
            if finding["subject"]["kind"] not in CODE:
                continue
            right = bool(_called(finding["vendor"]) & inside)
            coded = any(one["observable"]["kind"] not in PLACES for one in finding["evidence"])
            self.counts.said += 1
            self.counts.right += right
            self.counts.coded += coded
            self.counts.coded_right += right and coded
            if not right:
                first = [one["observable"]["value"] for one in finding["evidence"][:3]]
                self._trouble("false", truth, f"{finding['subject']['id']} by {first}")

    def _other(self, key: str) -> frozenset[str]:
        return self.foreign[key] if key in self.foreign else self.names[key][1]

    def _endpoints(self, truth: Truth, profile: dict[str, Any]) -> None:
        hosts = {one["value"]: one for one in profile["observables"]["hostnames"]}
        for host, packages in truth.endpoints.items():
            self.counts.endpoints += 1
            if host not in hosts:
                self._trouble("unseen", truth, f"{host} of {packages}")
                continue
            self.counts.seen += 1
            named = _owner(hosts[host])
            if under(named, packages):
                self.counts.owned += 1
            else:
                self._trouble("owner", truth, f"{host}: {named or 'nobody'} instead of {packages}")

    def _control(self, truth: Truth, profile: dict[str, Any]) -> None:
        self.counts.controls += 1
        chinese = [f["subject"]["id"] for f in profile["findings"] if set(f["jurisdictions"]) & PRC]
        if chinese:
            self.counts.chinese += 1
            self._trouble("control", truth, f"{chinese}")

    def _trouble(self, kind: str, truth: Truth, text: str) -> None:
        self.counts.troubles.append(f"{kind}\t{truth.name}\t{text}")


def _called(vendor: dict[str, Any]) -> frozenset[str]:
    return frozenset(vendor[key].lower() for key in ("id", "name", "group") if vendor[key])


def _owner(observed: dict[str, Any]) -> str:
    """Return the class that the profile names beside a host: the first reference, else the class file it lies in."""
    if observed["referenced_by"]:
        return str(observed["referenced_by"][0])
    path = str(observed["sightings"][0]["path"])
    inner = path.rpartition("!")[2]
    return inner.removesuffix(".class").replace("/", ".") if inner.endswith(".class") else ""


def profiles(wanted: dict[str, Truth]) -> Iterator[tuple[Truth, dict[str, Any]]]:
    """Yield each artifact's labels and profile. Raises `FetchError`."""
    paths = {fetch(source): wanted[source.name] for source in sources("app-") if source.name in wanted}
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
    roles: dict[str, list[str]] = defaultdict(list)
    try:
        for truth, profile in profiles(wanted):
            judge.add(truth, profile)
            roles[truth.role].append(truth.name.removeprefix("app-"))
    except FetchError as error:
        print(f"cannot be measured: {error}", file=sys.stderr)
        return 2
    print(_report(judge.counts, roles))
    if chosen.part not in ("aside", "all") or chosen.artifact:
        print("\n".join(["", *sorted(judge.counts.troubles)]))
    return 1 if judge.counts.chinese else 0


def _report(counts: Counts, roles: dict[str, list[str]]) -> str:
    body = [
        ["SDK recall", Share(counts.found, counts.inside).text()],
        ["SDK precision, all findings of kind SDK", Share(counts.right, counts.said).text()],
        ["SDK precision, with evidence of code", Share(counts.coded_right, counts.coded).text()],
        ["Endpoints seen", Share(counts.seen, counts.endpoints).text()],
        ["Endpoints attributed, of those seen", Share(counts.owned, counts.seen).text()],
        ["Controls with a Chinese finding", Share(counts.chinese, counts.controls).text()],
    ]
    sizes = ", ".join(f"{len(names)} {role}" for role, names in sorted(roles.items()))
    return f"{table(['Measure', 'Share [95 %]'], body)}\n\nartifacts: {sizes}\ncontrols: " + ", ".join(
        sorted(roles.get("control", []))
    )


if __name__ == "__main__":
    sys.exit(main())
