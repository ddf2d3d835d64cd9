"""The public document: `inspector/profile/1`. Additive changes only; the JSON Schema is generated from here.

The scan writes the document from its own values (`profile.document`); this model is what reports, diffs and other
tools read it back with, since a profile on disk is untrusted input. A test holds the two together.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = "inspector/profile/1"

Rating = Literal["none", "low", "medium", "high", "critical"]
Status = Literal["exposed", "none-found", "inconclusive", "failed"]
Limb = Literal["data-transfer", "remote-administration"]
Presence = Literal["string", "configured", "referenced", "started"]
ArtifactKind = Literal["firmware", "android-app", "ios-app", "archive", "binary", "unknown"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Tool(_Part):
    """A program and its version."""

    name: str
    version: str


class IpData(_Part):
    """Age and origin of the address tables."""

    date: str = ""
    source: str = ""


class KnowledgeState(_Part):
    """Which knowledge the profile was made with."""

    version: str
    sha256: str
    date: str = ""
    signatures: int
    vendors: int
    psl_date: str = ""
    ip_data: IpData = IpData()


class ArtifactPart(_Part):
    """One file of a set (split APKs, an OBB beside an app)."""

    name: str
    sha256: str
    size: int
    format: str = ""


class ArtifactInfo(_Part):
    """What was inspected."""

    name: str
    sha256: str
    size: int
    kind: ArtifactKind
    format: str
    identity: dict[str, Any] = Field(default_factory=dict)
    parts: tuple[ArtifactPart, ...] = ()
    tampering: tuple[str, ...] = ()


class Verdict(_Part):
    """The answer."""

    status: Status
    rating: Rating
    limbs: tuple[Limb, ...] = ()
    headline: str
    reasons: tuple[str, ...] = ()


class Subject(_Part):
    """What was found: a cloud, an SDK, a service, a component."""

    id: str
    name: str
    kind: str = ""
    category: str
    summary: str = ""


class VendorInfo(_Part):
    """Who stands behind it; `domicile` is the seat of the legal entity and its controlling group."""

    id: str
    name: str
    group: str = ""
    domicile: str = ""
    legal_entity: str = ""
    disputed: str = ""


class Endpoint(_Part):
    """A host name or address; `hosting` and `operator` are empty where unknown."""

    value: str
    kind: str
    port: int | None = None
    hosting: str = ""
    operator: str = ""


class ObservableRef(_Part):
    """Kind and normalised value."""

    kind: str
    value: str


class Place(_Part):
    """Chain of members and byte offset in the last of them."""

    path: str
    offset: int


class Evidence(_Part):
    """An indicator met at a place."""

    observable: ObservableRef
    indicator: str
    pattern: str = ""
    location: Place
    decoding: str = ""
    key: str = ""
    referenced_by: tuple[str, ...] = ()
    context: str
    presence: Presence = "string"
    excerpt: str = ""
    confidence: str = ""


class ReferenceInfo(_Part):
    """Where a fact of the knowledge was read."""

    kind: str
    title: str
    locator: str = ""
    read: str = ""


class Finding(_Part):
    """One subject of one vendor; `id` stays the same across versions of the artifact and of the product."""

    id: str
    subject: Subject
    vendor: VendorInfo
    limbs: tuple[Limb, ...]
    presence: Presence
    confidence: Literal["low", "medium", "high"]
    severity: Rating
    reasons: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    evidence_total: int = 0
    references: tuple[ReferenceInfo, ...] = ()


class Hint(_Part):
    """Signs of a subject that are too weak for a finding."""

    subject: Subject
    vendor: VendorInfo
    presence: Presence
    evidence: tuple[Evidence, ...] = ()
    evidence_total: int = 0
    reason: str = ""


class VendorGroup(_Part):
    """All findings of one vendor; `rating` is that of the most serious one."""

    id: str
    name: str
    group: str = ""
    domicile: str = ""
    disputed: str = ""
    rating: Rating
    limbs: tuple[Limb, ...] = ()
    presence: Presence
    findings: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    evidence_total: int = 0


class FindingRef(_Part):
    """A finding by its id, with the severity it has in this part."""

    id: str
    severity: Rating


class App(_Part):
    """An app inside the artifact, judged by its own bytes."""

    path: str
    format: str
    sha256: str
    size: int
    score: float
    identity: dict[str, Any] = Field(default_factory=dict)
    verdict: Verdict
    findings: tuple[FindingRef, ...] = ()


class Observed(_Part):
    """One observable with where it was seen; `sightings_total` counts also those not listed."""

    value: str
    context: str = ""
    presence: Presence = "string"
    sightings: tuple[Place, ...] = ()
    sightings_total: int = 0
    excerpt: str = ""
    decoding: str = ""
    key: str = ""
    referenced_by: tuple[str, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)
    vendor: str = ""
    jurisdiction: str = ""


class Observables(_Part):
    """Everything seen, owned or not."""

    hostnames: tuple[Observed, ...] = ()
    urls: tuple[Observed, ...] = ()
    ip_addresses: tuple[Observed, ...] = ()
    emails: tuple[Observed, ...] = ()
    certificates: tuple[Observed, ...] = ()
    private_keys: tuple[Observed, ...] = ()
    sdks: tuple[Observed, ...] = ()
    components: tuple[Observed, ...] = ()
    mechanisms: tuple[Observed, ...] = ()
    permissions: tuple[Observed, ...] = ()
    packers: tuple[Observed, ...] = ()


class Partition(_Part):
    """Bytes of the artifact itself by what they turned out to be; sums to its size."""

    structure: int = 0
    member: int = 0
    media: int = 0
    scanned: int = 0
    padding: int = 0
    opaque: int = 0


class Files(_Part):
    """Members met over the whole tree."""

    total: int = 0
    scanned: int = 0
    failed: int = 0


class Gap(_Part):
    """A range that was not inspected."""

    location: Place
    length: int
    reason: str
    detail: str = ""
    remedy: str = ""
    entropy: float | None = None


class Span(_Part):
    """A run of the root's own bytes, for the picture of the ledger."""

    start: int
    end: int
    kind: str
    weight: float


class Coverage(_Part):
    """What was seen, and what was not."""

    score: float
    partition: Partition
    files: Files = Files()
    gaps: tuple[Gap, ...] = ()
    limits: dict[str, int] = Field(default_factory=dict)
    limits_hit: tuple[str, ...] = ()
    map: tuple[Span, ...] = ()


class TreeNode(_Part):
    """A container or carved part."""

    path: str
    format: str
    sha256: str
    size: int
    score: float


class ExposureProfile(_Part):
    """The whole result of one inspection."""

    schema_: Literal["inspector/profile/1"] = Field(alias="schema")
    deterministic: bool
    tool: Tool
    options: dict[str, Any] = Field(default_factory=dict)
    external_tools: tuple[Tool, ...] = ()
    knowledge: KnowledgeState
    artifact: ArtifactInfo
    verdict: Verdict
    vendors: tuple[VendorGroup, ...] = ()
    findings: tuple[Finding, ...] = ()
    hints: tuple[Hint, ...] = ()
    apps: tuple[App, ...] = ()
    observables: Observables = Observables()
    rejected: dict[str, int] = Field(default_factory=dict)
    coverage: Coverage
    tree: tuple[TreeNode, ...] = ()
