"""Match sightings against the index and gather what belongs to one subject into a finding.

The confidence rule, whole: one HIGH indicator is enough alone. MEDIUM indicators count when at least two indicator
kinds (a package and a library, a component and a host …) speak for the same subject; the finding is then medium. What
an app calls itself and its classes under that very name are one sign, not two.
LOW indicators only add to a finding that stands without them. What falls short of this is a hint. Documentation,
certificates and test data never make a finding; they are listed as evidence of one that stands. A name that a binary
only imports (an undefined symbol) tells what it was written against, not what it holds, and a range of addresses names
no machine: both count one step lower, HIGH as MEDIUM and MEDIUM as LOW.

An SDK is said to be inside (kind `sdk`) where code of it was seen. Where only its servers, a manifest or imported names
speak for it, it is a `service`; a manifest's word stands where no classes could be read, or a packer hides them.

A name whose owner is only hinted at is still a name in its zone: where no finding of the owner stands, the rule for the
zone speaks (`generic`), so that half a knowledge never tells less than none. Home pages of makers are left out of this.

What a subject can do is in its signature. Where a means of remote control leads to a host of it (a script that runs
what it fetches there, a directory mounted from there), the finding touches remote administration too, whatever its
kind: a maker's web site that serves code commands the device. The mechanism is evidence, but no sign of who it is.

What an app calls itself is a kind of its own. A class under a vendor's prefix may be a copy, a stub or a hobby's; an
app that bears the vendor's name is taken for the vendor's, with a caveat that the certificate is the proof. Texts,
intents and queries that name another app are neither.
"""

import hashlib
import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from inspector.classify.addresses import AddressBook, is_example, is_public
from inspector.classify.generic import UNKNOWN_VENDOR, generic_hits
from inspector.classify.index import Hit, Index
from inspector.model.address import AddressFacts
from inspector.model.finding import Endpoint, Evidence, Finding, Hint
from inspector.model.knowledge import PRC, Confidence, Limb, Signature, Vendor
from inspector.model.observation import Kind, Observable, Presence, Sighting

MOST_EVIDENCE: Final = 200
"""Evidence kept for one finding, strongest first; the count of all is not lost."""

SENSITIVE: Final = "sensitive-api:"
NO_DATA: Final = frozenset({"code-loading"})
"""Sensitive interfaces that give no data about anybody."""
SERVERS: Final = frozenset({Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS, Kind.EMAIL})
"""Kinds of observable that tell whom code talks to, not what code it is."""
SERVERS_ONLY: Final = (
    "Only servers of this SDK are named; none of its own code was recognised here, other code may use them."
)
DECLARED: Final = SERVERS | {Kind.APP_ID, Kind.ANDROID_COMPONENT, Kind.ANDROID_METADATA}
"""Kinds of observable that a manifest and the names of servers give; none of them is code."""
DECLARED_ONLY: Final = (
    "The manifest declares this SDK; none of its code was seen in this artifact: "
    "it may be in another part, packed, or left out."
)
IMPORTED_ONLY: Final = (
    "Other code uses classes of this SDK; none of its own code was seen in this artifact: "
    "it may be in the program that this library is built into."
)
NAME_CHOSEN: Final = (
    "The app calls itself so, and anyone can choose a name: the certificate that signed it tells who built it."
)
COMMANDING: Final = frozenset(
    {
        *("nfs-mount", "cifs-mount", "tftp-fetch", "ftp-fetch", "rsync-fetch", "scp-fetch", "fetch-and-execute"),
        *("reverse-shell", "reverse-tunnel", "vpn-tunnel", "tr069-acs"),
    }
)
"""Mechanisms by which a host commands or changes the device. A URL that speaks of updates, or a password beside an
endpoint, does not show it."""
WEAKER: Final = {
    Confidence.HIGH: Confidence.MEDIUM,
    Confidence.MEDIUM: Confidence.LOW,
    Confidence.LOW: Confidence.LOW,
}
"""What an indicator is worth where its name is only imported."""


@dataclass(frozen=True, slots=True)
class Classified:
    """Findings in a fixed order, and who stands behind each observable that has an owner."""

    findings: tuple[Finding, ...]
    owners: dict[Observable, tuple[str, str]] = field(default_factory=dict)
    """Observable → (vendor id, jurisdiction)."""
    addresses: dict[str, AddressFacts] = field(default_factory=dict)
    hints: tuple[Hint, ...] = ()


def classify(
    sightings: Iterable[Sighting],
    index: Index,
    addresses: AddressBook,
    counts: Mapping[Observable, int] | None = None,
) -> Classified:
    """Return the findings of one artifact. The order of sightings plays no part.

    `counts` says how often an observable was seen where not every sighting was kept.
    """
    by_observable: dict[Observable, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_observable[sighting.observable].append(sighting)
    gathered: dict[str, _Gathered] = {}
    owners: dict[Observable, tuple[str, str]] = {}
    facts: dict[str, AddressFacts] = {}
    asked: dict[str, set[str]] = defaultdict(set)
    named: dict[Observable, list[Hit]] = {}

    def gather(observable: Observable, hits: Iterable[Hit]) -> None:
        seen = max((counts or {}).get(observable, 0), len(by_observable[observable]))
        for hit in hits:
            item = gathered.setdefault(hit.signature.id, _Gathered(hit.signature))
            item.add(hit, by_observable[observable], facts.get(observable.value), seen)

    for observable in sorted(by_observable):
        known = _facts(observable, addresses)
        if known is not None:
            facts[observable.value] = known
        hits = _hits(observable, index, known)
        if observable.kind is Kind.MECHANISM and observable.value.startswith(SENSITIVE):
            for hit in _callers(by_observable[observable], index):
                asked[hit.signature.id].add(observable.value.removeprefix(SENSITIVE))
        if hits:
            owners[observable] = _owner(hits, index, known)
            named[observable] = hits
            gather(observable, hits)
    for observable in _unclaimed(named, gathered):
        gather(observable, generic_hits(observable, None))
    _command(gathered, by_observable, named)
    ordered = [gathered[key] for key in sorted(gathered)]
    readable = _readable(by_observable, ordered)
    findings = [
        made._replace(asks_for=tuple(sorted(asked[item.signature.id] - NO_DATA)))
        for item in ordered
        if (made := item.finding(_vendor(item.signature, index), readable=readable))
    ]
    hints = [weak for item in ordered if (weak := item.hint(_vendor(item.signature, index)))]
    return Classified(tuple(findings), owners, facts, tuple(hints))


def _command(
    gathered: Mapping[str, "_Gathered"],
    by_observable: Mapping[Observable, Sequence[Sighting]],
    named: Mapping[Observable, Sequence[Hit]],
) -> None:
    """Hand each means of remote control to the subjects whose host it leads to."""
    for target, mechanisms in _commanding(by_observable).items():
        hits = {hit.signature.id: hit for hit in [*generic_hits(target, None), *named.get(target, ())]}
        for key in hits.keys() & gathered.keys():
            gathered[key].command(hits[key], mechanisms)


def _commanding(by_observable: Mapping[Observable, Sequence[Sighting]]) -> dict[Observable, list[Sighting]]:
    """Return the observed hosts that means of remote control lead to, with the sightings of these."""
    found: dict[Observable, list[Sighting]] = defaultdict(list)
    for observable, sightings in by_observable.items():
        if observable.kind is not Kind.MECHANISM or observable.value.partition(":")[0] not in COMMANDING:
            continue
        for sighting in sightings:
            if not sighting.context.exposing:
                continue
            host = dict(sighting.attributes).get("host", "").strip("[]").lower()
            for kind in (Kind.IP_ADDRESS, Kind.HOSTNAME):
                if (target := Observable(kind, host)) in by_observable:
                    found[target].append(sighting)
    return found


def _unclaimed(named: Mapping[Observable, Sequence[Hit]], gathered: Mapping[str, "_Gathered"]) -> list[Observable]:
    """Return the host names that an indicator met, though no finding of its subject stands."""
    standing = {key for key, item in gathered.items() if item.confidence() is not None}
    return [
        observable
        for observable, hits in named.items()
        if observable.kind is Kind.HOSTNAME
        and not any(hit.signature.id in standing or _is_generic_or_page(hit.signature) for hit in hits)
    ]


def _is_generic_or_page(signature: Signature) -> bool:
    return signature.vendor == UNKNOWN_VENDOR or signature.category == "vendor-site"


def _callers(sightings: Sequence[Sighting], index: Index) -> Iterable[Hit]:
    """Yield whose code uses an interface of the system, by the packages that call it."""
    exposing = [sighting for sighting in sightings if sighting.context.exposing]
    packages = {value for sighting in exposing for key, value in sighting.attributes if key == "package"}
    for package in sorted(packages):
        yield from index.find(Kind.JAVA_PACKAGE, package)


def finding_id(signature: Signature, limbs: Sequence[Limb]) -> str:
    """Return the stable id: a hash of subject, vendor, kind and limbs, and of nothing that a version changes."""
    text = "\0".join([signature.id, signature.vendor, signature.kind, *sorted(limbs)])
    return "F-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def _readable(by_observable: Mapping[Observable, Sequence[Sighting]], gathered: Iterable["_Gathered"]) -> bool:
    """Tell whether Java classes were read and no packer keeps some of them from view."""
    return any(
        observable.kind is Kind.JAVA_PACKAGE and any(sighting.context.exposing for sighting in sightings)
        for observable, sightings in by_observable.items()
    ) and not any(item.signature.kind == "packer" and item.confidence() for item in gathered)


def _facts(observable: Observable, addresses: AddressBook) -> AddressFacts | None:
    if observable.kind is not Kind.IP_ADDRESS or not is_public(observable.value):
        return None
    return addresses.facts(observable.value)


def _hits(observable: Observable, index: Index, known: AddressFacts | None) -> list[Hit]:
    if observable.kind is Kind.IP_ADDRESS and known is None:
        return []
    if known is not None and is_example(observable.value):
        return index.find(observable.kind, observable.value, 0)  # who happens to own it is not who is meant
    hits = index.find(observable.kind, observable.value, known.asn if known else 0)
    return hits or generic_hits(observable, known)


def _vendor(signature: Signature, index: Index) -> Vendor:
    known = index.knowledge.vendors.get(signature.vendor)
    return known or Vendor(signature.vendor, "Unknown operator", "", "")


def _owner(hits: Sequence[Hit], index: Index, known: AddressFacts | None) -> tuple[str, str]:
    first = hits[0]
    vendor = index.knowledge.vendors.get(first.signature.vendor)
    place = first.indicator.hosting or _country(first) or (known.registered if known else "")
    return first.signature.vendor, place or (vendor.domicile if vendor else "")


def _country(hit: Hit) -> str:
    """Return the country that a generic rule stands for, or nothing."""
    return hit.indicator.patterns[0] if hit.indicator.kind == "country" else ""


class _Gathered:
    """Everything seen of one subject."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.evidence: list[Evidence] = []
        self.signs: dict[Confidence, set[tuple[str, str]]] = defaultdict(set)
        """Kind and pattern of each indicator that was met where it exposes."""
        self.endpoints: dict[tuple[str, int | None], Endpoint] = {}
        self.countries: set[str] = set()
        self.counts: dict[Observable, int] = {}
        self.commands: list[Evidence] = []
        """Means of remote control that lead to a host of this subject, unless its signature tells of one."""

    def add(self, hit: Hit, sightings: Sequence[Sighting], known: AddressFacts | None, seen: int) -> None:
        indicator = hit.indicator
        self.counts[sightings[0].observable] = seen
        for sighting in sightings:
            weaker = sighting.imported or _is_range(sighting)
            weight = WEAKER[indicator.confidence] if weaker else indicator.confidence
            self.evidence.append(Evidence(sighting, hit.key, weight, hit.pattern))
            if not sighting.context.exposing:
                continue
            self.signs[weight].add((indicator.kind, hit.pattern))
            if sighting.observable.kind in (Kind.HOSTNAME, Kind.IP_ADDRESS):
                self._endpoint(hit, sighting, known)

    def _endpoint(self, hit: Hit, sighting: Sighting, known: AddressFacts | None) -> None:
        port = next((int(value) for key, value in sighting.attributes if key == "port" and value.isdigit()), None)
        hosting = hit.indicator.hosting or (known.registered if known else "")
        operator = hit.indicator.operator or (known.operator if known else "")
        observable = sighting.observable
        self.endpoints[observable.value, port] = Endpoint(observable.value, observable.kind, port, hosting, operator)
        self.countries |= {hosting, _country(hit)} | ({known.operator_country} if known else set())

    def command(self, hit: Hit, sightings: Sequence[Sighting]) -> None:
        """Take means of remote control that lead to a host of this subject, unless its signature tells of one."""
        if Limb.REMOTE_ADMINISTRATION not in self.signature.limbs:
            self.commands += [Evidence(one, hit.key, hit.indicator.confidence, hit.pattern) for one in sightings]

    def confidence(self) -> Confidence | None:
        if self.signs[Confidence.HIGH]:
            return Confidence.HIGH
        medium = self.signs[Confidence.MEDIUM]
        both = medium | self.signs[Confidence.LOW]
        if any(kind != other and pattern != name for kind, pattern in medium for other, name in both):
            return Confidence.MEDIUM
        return None

    def finding(self, vendor: Vendor, *, readable: bool) -> Finding | None:
        """Return the finding, if the signs are enough; `readable` says that the artifact's classes were seen."""
        confidence = self.confidence()
        if confidence is None:
            return None
        countries = self.countries | {vendor.domicile}
        commands = self.commands if PRC & countries or vendor.disputed else []
        limbs = tuple(sorted({*self.signature.limbs, *((Limb.REMOTE_ADMINISTRATION,) if commands else ())}))
        return Finding(
            id=finding_id(self.signature, limbs),
            subject=self.signature,
            kind=self._kind(readable=readable),
            vendor=vendor,
            limbs=limbs,
            presence=self.presence(),
            confidence=confidence,
            evidence=_ranked([*self.evidence, *commands]),
            endpoints=tuple(self.endpoints[key] for key in sorted(self.endpoints, key=lambda k: (k[0], k[1] or 0))),
            jurisdictions=tuple(sorted(country for country in countries if country)),
            caveats=self.caveats(),
            seen=sum(self.counts.values()) + len(commands),
            commanded_by=tuple(sorted({one.sighting.observable.value.partition(":")[0] for one in commands})),
        )

    def _kind(self, *, readable: bool) -> str:
        """Return the signature's kind, or `service` for an SDK that is spoken of and not seen."""
        unseen = self.shown_by(DECLARED) if readable else self.shown_by(SERVERS)
        return "service" if unseen else self.signature.kind

    def caveats(self) -> tuple[str, ...]:
        """Return the signature's caveats; for an app known by its name or an SDK without code, one of that too."""
        own = self.signature.caveats
        kinds = {e.sighting.observable.kind for e in self.evidence if e.sighting.context.exposing}
        if Kind.APP_ID in kinds:
            own = (NAME_CHOSEN, *own)
        if not self.shown_by(DECLARED):
            return own
        if not kinds <= DECLARED:
            return (IMPORTED_ONLY, *own)
        return (SERVERS_ONLY if kinds <= SERVERS else DECLARED_ONLY, *own)

    def shown_by(self, kinds: frozenset[Kind]) -> bool:
        """Tell whether this is an SDK that nothing but observables of these kinds and imported names show."""
        return self.signature.kind == "sdk" and all(
            e.sighting.observable.kind in kinds or e.sighting.imported
            for e in self.evidence
            if e.sighting.context.exposing
        )

    def hint(self, vendor: Vendor) -> Hint | None:
        if not self.signature.limbs or self.confidence() is not None or not any(self.signs.values()):
            return None
        return Hint(self.signature, vendor, self.presence(), _ranked(self.evidence), sum(self.counts.values()))

    def presence(self) -> Presence:
        exposing = [e.sighting.presence for e in self.evidence if e.sighting.context.exposing]
        return max(exposing, key=lambda p: p.rank, default=Presence.STRING)


def _is_range(sighting: Sighting) -> bool:
    """Tell whether addresses of a network are meant (`36.128.0.0/10` in a rule or a table), not one machine."""
    prefix = next((value for key, value in sighting.attributes if key == "prefix"), "")
    if not prefix:
        return False
    network = ipaddress.ip_interface(f"{sighting.observable.value}/{prefix}").network
    return network.num_addresses > 1 and str(network.network_address) == sighting.observable.value


def _ranked(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the strongest evidence first, a new observable before the next sighting of one already shown."""
    met: dict[tuple[bool, Observable, str], int] = defaultdict(int)
    keyed = []
    for item in sorted(evidence, key=_strength):
        sighting = item.sighting
        group = (sighting.context.exposing, sighting.observable, item.indicator)
        keyed.append(((not sighting.context.exposing, met[group], *_strength(item)), item))
        met[group] += 1
    return tuple(item for _, item in sorted(keyed, key=lambda pair: pair[0])[:MOST_EVIDENCE])


def _strength(evidence: Evidence) -> tuple[bool, int, int, tuple[str, str, int, str]]:
    """Sort key: exposing contexts first, then presence, then confidence, then place."""
    sighting = evidence.sighting
    return (not sighting.context.exposing, -sighting.presence.rank, -evidence.confidence.rank, sighting.sort_key())
