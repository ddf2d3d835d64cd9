"""Findings: a subject and its vendor, met by evidence."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from inspector.model.knowledge import PRC, Confidence, Limb, Signature, Vendor
from inspector.model.observation import Presence, Sighting


class Rating(StrEnum):
    """Severity of a finding and rating of a profile, weakest first."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 (none) to 4 (critical)."""
        return _RATING_ORDER.index(self)


_RATING_ORDER = list(Rating)


class Evidence(NamedTuple):
    """An indicator met by a sighting."""

    sighting: Sighting
    indicator: str
    """`<signature id>:<indicator id>`."""
    confidence: Confidence
    pattern: str = ""
    """The pattern of the indicator that was met."""


class Endpoint(NamedTuple):
    """A place on the network: host name or address, where it is hosted and who operates it, each or unknown ("")."""

    value: str
    kind: str
    port: int | None = None
    hosting: str = ""
    operator: str = ""


def foremost(places: Sequence[tuple[str, str]], evidence: Iterable[str]) -> int:
    """Return the index of the endpoint to name alone; `places` are (value, hosting) of each, at least one.

    Those in the PRC go first, then the one that the strongest evidence names: the grade of the finding is its grade.
    `evidence` are the values of the sightings, strongest first.
    """
    chosen = [number for number, (_, hosting) in enumerate(places) if hosting in PRC] or list(range(len(places)))
    first = {places[number][0]: number for number in reversed(chosen)}
    return next((first[value] for value in evidence if value in first), chosen[0])


class Finding(NamedTuple):
    """One subject of one vendor in one artifact."""

    id: str
    subject: Signature
    kind: str
    """The signature's kind, or `service` for an SDK of which no code was seen: it is not said to be inside."""
    vendor: Vendor
    limbs: tuple[Limb, ...]
    presence: Presence
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    endpoints: tuple[Endpoint, ...]
    jurisdictions: tuple[str, ...]
    """Every country with a say: vendor's domicile, hosting, operator's seat; sorted, no duplicates."""
    caveats: tuple[str, ...] = ()
    seen: int = 0
    """Sightings that met an indicator, with those that are not kept as evidence."""
    asks_for: tuple[str, ...] = ()
    """Kinds of data about people and devices that the subject's own code asks the system for; sorted."""
    commanded_by: tuple[str, ...] = ()
    """Mechanisms that lead to a host of it and alone make it touch remote administration; sorted."""


class Hint(NamedTuple):
    """Signs of a subject that are too weak for a finding: one kind of medium or low indicators."""

    subject: Signature
    vendor: Vendor
    presence: Presence
    evidence: tuple[Evidence, ...]
    seen: int
