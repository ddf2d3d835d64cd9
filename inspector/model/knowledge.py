"""Signatures as values: vendors, subjects, indicators, references."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final, NamedTuple

PRC: Final = frozenset({"CN", "HK", "MO"})
"""The People's Republic of China with its Special Administrative Regions, as the warning draws it; ISO 3166 codes."""


class Confidence(StrEnum):
    """How much one indicator proves: HIGH alone, MEDIUM with a second kind, LOW as context only."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return 0 (low) to 2 (high)."""
        return _CONFIDENCE_ORDER.index(self)


_CONFIDENCE_ORDER = list(Confidence)


class Limb(StrEnum):
    """The two limbs of the warning of 3 September 2025."""

    DATA_TRANSFER = "data-transfer"
    REMOTE_ADMINISTRATION = "remote-administration"


class Reference(NamedTuple):
    """Where a fact was read: an artifact, a dataset or a document."""

    id: str
    kind: str
    title: str
    """Artifact or dataset name, or document title."""
    locator: str = ""
    """URL, commit or hash."""
    read: str = ""
    """Date of reading, ISO 8601, for documents."""


class Vendor(NamedTuple):
    """Who stands behind a subject; `domicile` is the seat of the legal entity and its controlling group."""

    id: str
    name: str
    group: str
    domicile: str
    legal_entity: str = ""
    names: tuple[str, ...] = ()
    since: str = ""
    disputed: str = ""
    summary: str = ""
    references: tuple[Reference, ...] = ()


class Indicator(NamedTuple):
    """One pattern list of a signature."""

    id: str
    kind: str
    patterns: tuple[str, ...]
    confidence: Confidence
    references: tuple[str, ...]
    match: tuple[str, ...]
    no_match: tuple[str, ...]
    hosting: str = ""
    operator: str = ""
    note: str = ""


class Signature(NamedTuple):
    """A subject (cloud, SDK, service, component …) of a vendor with its indicators."""

    id: str
    name: str
    kind: str
    category: str
    limbs: tuple[Limb, ...]
    vendor: str
    summary: str
    indicators: tuple[Indicator, ...]
    references: tuple[Reference, ...] = ()
    caveats: tuple[str, ...] = ()
    origin: str = "built-in"
    """`built-in`, or the pack it came from (`imported: exodus`)."""


class Category(NamedTuple):
    """A closed-list category with the sensitivity (low, medium, high) of the data such a service sees."""

    id: str
    title: str
    sensitivity: str
    summary: str


class Knowledge(NamedTuple):
    """Everything the classifier knows; `sha256` covers the signatures that it was made of."""

    vendors: Mapping[str, Vendor]
    signatures: Mapping[str, Signature]
    categories: Mapping[str, Category]
    patterns: "PatternTable"
    sha256: str
    date: str = ""
    yara: tuple[tuple[str, str], ...] = ()
    """(namespace, text) of the user's YARA rules; their subjects are among the signatures."""


PatternTable = Mapping[str, Mapping[str, Sequence[int]]]
"""Kind of indicator → pattern → where it stands: the number of a signature (in the order of `Knowledge.signatures`)
and of an indicator in it, again and again, in that order."""


class Anchors(NamedTuple):
    """What scanners need of the knowledge: literals and patterns to look for. Values only, no owners."""

    strings: tuple[str, ...] = ()
    """Exact constants (kind `string`), sorted."""
    regexes: tuple[str, ...] = ()
    """Bounded patterns (kind `regex`), sorted."""
    packages: frozenset[str] = frozenset()
    """Java package prefixes worth a sighting of their own."""
    yara: tuple[tuple[str, str], ...] = ()
    """(namespace, text) of the user's YARA rules."""
    hosts: AbstractSet[str] = frozenset()
    """Host names whose owner is known; each stands for what is below it too."""
    classes: frozenset[str] = frozenset()
    """Objective-C class names worth a sighting of their own; prefixes end in `*`."""
    sha256: str = ""
    """Hash of the knowledge they were built from: the key of the compiled-database cache."""
