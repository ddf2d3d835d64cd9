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
ArtifactKind = Literal["firmware", "android-app", "ios-app", "harmony-app", "archive", "binary", "unknown"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)


class Tool(_Part):
    """A program and its version."""

    name: str
    """Name of the program."""
    version: str
    """Its version, as it tells it."""


class IpData(_Part):
    """Age and origin of the address tables."""

    date: str = ""
    """Day of the newest table, ISO 8601."""
    source: str = ""
    """Packages the tables were built from."""


class KnowledgeState(_Part):
    """Which knowledge the profile was made with."""

    version: str
    """Version of the product the knowledge came with."""
    sha256: str
    """Over all signatures, packs of the user included."""
    date: str = ""
    """Latest day on which a reference of it was read, ISO 8601."""
    signatures: int
    """Number of subjects."""
    vendors: int
    """Number of vendors."""
    psl_date: str = ""
    """Day of the public suffix list."""
    ip_data: IpData = IpData()
    """The address tables."""


class ArtifactFile(_Part):
    """One of the files that an artifact was cut into (`fw.7z.001` and what follows it)."""

    name: str
    """File name, without folders."""
    sha256: str
    """Of the file."""
    size: int
    """Bytes."""


class ArtifactPart(_Part):
    """One package of a set that is one artifact: base, split or what lies beside them."""

    name: str
    """File name inside the set."""
    sha256: str
    """Of the part."""
    size: int
    """Bytes."""
    format: str = ""
    """What it was read as."""
    split: str = ""
    """Name of the split that it says it is; empty for the base."""
    version_code: str = ""
    """Of its own manifest."""
    signer: str = ""
    """SHA-256 of its signing certificate."""


class ArtifactInfo(_Part):
    """What was inspected."""

    name: str
    """File name without folders; text of the artifact, never a path to open."""
    sha256: str
    """Of the whole file."""
    size: int
    """Bytes."""
    kind: ArtifactKind
    """What it is to whoever puts it into service."""
    format: str
    """Outermost container or leaf format."""
    identity: dict[str, Any] = Field(default_factory=dict)
    """What the artifact says it is: package, version, signer, product, as far as known."""
    files: tuple[ArtifactFile, ...] = ()
    """Files that were read as one, in order; the hash above is that of all of them end to end. Empty for one file."""
    parts: tuple[ArtifactPart, ...] = ()
    """Packages of a set that is judged as one app, in the order of the walk."""
    tampering: tuple[str, ...] = ()
    """Signs of manipulation, each as `path: what`: names that climb out, headers that contradict each other."""


class Verdict(_Part):
    """The answer."""

    status: Status
    """`none-found` is claimed only where everything was seen; else `inconclusive`."""
    rating: Rating
    """Severity of the most serious finding."""
    limbs: tuple[Limb, ...] = ()
    """Limbs of the warning that any finding triggers."""
    headline: str
    """The answer in one sentence."""
    reasons: tuple[str, ...] = ()
    """Whole sentences, most important first; shortfalls of coverage last."""


class Subject(_Part):
    """What was found: a cloud, an SDK, a service, a component."""

    id: str
    """`vendor/name` of the signature."""
    name: str
    """For people."""
    kind: str = ""
    """cloud, sdk, service, component, certificate-authority, address-block or packer."""
    category: str
    """One of the closed list of categories."""
    summary: str = ""
    """What it is, in one sentence."""


class VendorInfo(_Part):
    """Who stands behind it; `domicile` is the seat of the legal entity and its controlling group."""

    id: str
    """Name of its folder of signatures."""
    name: str
    """For people."""
    group: str = ""
    """Controlling group, where it differs."""
    domicile: str = ""
    """ISO 3166 country of the seat; empty where unknown."""
    legal_entity: str = ""
    """Full name of the company."""
    disputed: str = ""
    """Why the ties to the PRC are contested; empty where they are not."""


class Endpoint(_Part):
    """A host name or address; `hosting` and `operator` are empty where unknown."""

    value: str
    """Host name or address."""
    kind: str
    """hostname or ip-address."""
    port: int | None = None
    """Where one is named."""
    hosting: str = ""
    """ISO 3166 country of the service, or of registration for an address; empty where unknown."""
    operator: str = ""
    """Who announces the address; empty where unknown."""


class ObservableRef(_Part):
    """Kind and normalised value."""

    kind: str
    """hostname, ip-address, java-package, native-library …"""
    value: str
    """Normalised."""


class Place(_Part):
    """Chain of members and byte offset in the last of them."""

    path: str
    """Chain of members, `artifact!container!member`."""
    offset: int
    """Bytes from the start of the last member of the chain."""


class Evidence(_Part):
    """An indicator met at a place."""

    observable: ObservableRef
    """What was seen."""
    indicator: str
    """`vendor/subject:indicator` of the signature that met it."""
    pattern: str = ""
    """The pattern of that indicator."""
    location: Place
    """Where."""
    decoding: str = ""
    """How the bytes were decoded to read it; empty for plain text."""
    key: str = ""
    """Configuration key or section it stands under."""
    referenced_by: tuple[str, ...] = ()
    """Methods, files or boot steps that use it."""
    context: str
    """code, config, documentation, certificate or test-data."""
    presence: Presence = "string"
    """How far towards use it was followed."""
    excerpt: str = ""
    """The text around it; text of the artifact."""
    confidence: str = ""
    """Of the indicator."""


class ReferenceInfo(_Part):
    """Where a fact of the knowledge was read."""

    kind: str
    """artifact, dataset or document."""
    title: str
    """For people."""
    locator: str = ""
    """Where to find it."""
    read: str = ""
    """Day on which it was read, ISO 8601."""


class Finding(_Part):
    """One subject of one vendor; `id` stays the same across versions of the artifact and of the product."""

    id: str
    """Hash of subject, vendor, kind and limbs: no offset, path or version."""
    subject: Subject
    """What it is."""
    vendor: VendorInfo
    """Who stands behind it."""
    limbs: tuple[Limb, ...]
    """Limbs of the warning that the subject, or a mechanism that leads to it, touches; empty for origin only."""
    presence: Presence
    """Strongest over all evidence: string, configured, referenced, started."""
    confidence: Literal["low", "medium", "high"]
    """After all evidence is weighed."""
    severity: Rating
    """`none` for what does not concern the PRC or sends nothing."""
    reasons: tuple[str, ...] = ()
    """One sentence for each step to the severity."""
    caveats: tuple[str, ...] = ()
    """What a fair report must add."""
    endpoints: tuple[Endpoint, ...] = ()
    """Hosts and addresses of this subject that were seen."""
    jurisdictions: tuple[str, ...] = ()
    """Countries of vendor, hosting and operator that play a part."""
    evidence: tuple[Evidence, ...] = ()
    """Strongest first; may be cut."""
    evidence_total: int = 0
    """How many there are before the cut."""
    references: tuple[ReferenceInfo, ...] = ()
    """Where the facts about the subject were read."""


class Hint(_Part):
    """Signs of a subject that are too weak for a finding."""

    subject: Subject
    """What it may be."""
    vendor: VendorInfo
    """Who stands behind it."""
    presence: Presence
    """Strongest over its evidence."""
    evidence: tuple[Evidence, ...] = ()
    """Strongest first."""
    evidence_total: int = 0
    """How many there are before the cut."""
    reason: str = ""
    """Why it is no finding."""


class VendorGroup(_Part):
    """All findings of one vendor; `rating` is that of the most serious one."""

    id: str
    """Name of the vendor's folder of signatures."""
    name: str
    """For people."""
    group: str = ""
    """Controlling group, where it differs."""
    domicile: str = ""
    """ISO 3166 country of the seat."""
    disputed: str = ""
    """Why the ties to the PRC are contested."""
    rating: Rating
    """Of its most serious finding; vendors stand in this order."""
    limbs: tuple[Limb, ...] = ()
    """Over its findings that count."""
    presence: Presence
    """Strongest over its findings."""
    findings: tuple[str, ...] = ()
    """Ids of its findings."""
    subjects: tuple[str, ...] = ()
    """Names of its subjects."""
    endpoints: tuple[str, ...] = ()
    """All its hosts and addresses, each once."""
    evidence_total: int = 0
    """Over all its findings."""


class FindingRef(_Part):
    """A finding by its id, with the severity it has in this part."""

    id: str
    """As in `findings`."""
    severity: Rating
    """By the evidence inside this app alone."""


class App(_Part):
    """An app inside the artifact, judged by its own bytes."""

    path: str
    """Chain of members that leads to it."""
    format: str
    """apk, ipa, hap …"""
    sha256: str
    """Of the app's file."""
    size: int
    """Bytes."""
    score: float
    """Share of its bytes that were seen, 0 to 1."""
    identity: dict[str, Any] = Field(default_factory=dict)
    """Package, version, signer, as the app states them."""
    verdict: Verdict
    """By its own sightings and gaps."""
    findings: tuple[FindingRef, ...] = ()
    """Most serious first."""


class Observed(_Part):
    """One observable with where it was seen; `sightings_total` counts also those not listed."""

    value: str
    """Normalised."""
    context: str = ""
    """code, config, documentation, certificate or test-data."""
    presence: Presence = "string"
    """How far towards use it was followed."""
    sightings: tuple[Place, ...] = ()
    """Places, in order; may be cut."""
    sightings_total: int = 0
    """How many there are before the cut."""
    excerpt: str = ""
    """The text around the first of them."""
    decoding: str = ""
    """How the bytes were decoded to read it."""
    key: str = ""
    """Configuration key or section it stands under."""
    referenced_by: tuple[str, ...] = ()
    """What uses it."""
    attributes: dict[str, str] = Field(default_factory=dict)
    """Further facts by name: scheme, port, subject of a certificate."""
    vendor: str = ""
    """Id of the vendor it belongs to; empty where nobody is known."""
    jurisdiction: str = ""
    """Country of its hosting or vendor; empty where unknown."""


class Observables(_Part):
    """Everything seen, owned or not."""

    hostnames: tuple[Observed, ...] = ()
    """Names below a public suffix."""
    urls: tuple[Observed, ...] = ()
    """With credentials masked."""
    ip_addresses: tuple[Observed, ...] = ()
    """Versions 4 and 6."""
    emails: tuple[Observed, ...] = ()
    """Addresses of people and services."""
    certificates: tuple[Observed, ...] = ()
    """By SHA-256."""
    private_keys: tuple[Observed, ...] = ()
    """By fingerprint; the key itself is never in the profile."""
    sdks: tuple[Observed, ...] = ()
    """Packages and libraries of known subjects."""
    components: tuple[Observed, ...] = ()
    """Native libraries, frameworks, declared components."""
    mechanisms: tuple[Observed, ...] = ()
    """Means of remote control, update and transfer that were observed."""
    permissions: tuple[Observed, ...] = ()
    """That an app asks for."""
    packers: tuple[Observed, ...] = ()
    """Programs that hide the code of an app."""


class Partition(_Part):
    """Bytes of the artifact itself by what they turned out to be; sums to its size."""

    structure: int = 0
    """Headers and tables of containers."""
    member: int = 0
    """Stored bytes of members that were read."""
    media: int = 0
    """Pictures, sound and fonts whose structure parses."""
    scanned: int = 0
    """Searched as they are."""
    padding: int = 0
    """One value repeated."""
    opaque: int = 0
    """Not seen: encrypted, unknown or damaged."""


class Files(_Part):
    """Members met over the whole tree."""

    total: int = 0
    """All."""
    scanned: int = 0
    """Searched to the end."""
    failed: int = 0
    """Content not opened, whatever the reason of its gap: mostly encrypted or damaged; seldom a fault of a reader."""


class Gap(_Part):
    """A range that was not inspected."""

    location: Place
    """Where it begins."""
    length: int
    """Bytes; 0 where only a place is known."""
    reason: str
    """unknown-data, malformed, ambiguous, encrypted, packed, missing, unsupported, limit, tool-missing or failed."""
    detail: str = ""
    """What was met."""
    remedy: str = ""
    """What would help; empty where nothing is known."""
    entropy: float | None = None
    """Bits per byte, where measured."""


class Span(_Part):
    """A run of the root's own bytes, for the picture of the ledger."""

    start: int
    """First byte."""
    end: int
    """Byte behind the last."""
    kind: str
    """As in the partition."""
    weight: float
    """Share of it that was seen, 0 to 1."""


class Coverage(_Part):
    """What was seen, and what was not."""

    score: float
    """Share of the artifact's bytes that were seen, 0 to 1, members weighed by their own score."""
    partition: Partition
    """Bytes by kind."""
    files: Files = Files()
    """Members by what became of them."""
    gaps: tuple[Gap, ...] = ()
    """By path and offset."""
    limits: dict[str, int] = Field(default_factory=dict)
    """The limits that were set."""
    limits_hit: tuple[str, ...] = ()
    """Names of those that were reached."""
    map: tuple[Span, ...] = ()
    """The root's bytes in order, for a picture."""


class TreeNode(_Part):
    """A container or carved part."""

    path: str
    """Chain of members."""
    format: str
    """What it was read as."""
    sha256: str
    """Of its bytes."""
    size: int
    """Bytes."""
    score: float
    """Share that was seen, 0 to 1."""


class RejectedText(_Part):
    """A text that looked like an endpoint and was refused."""

    value: str
    """The text, at most 300 characters of it."""
    reason: str
    """One of those in `reasons`."""
    location: Place
    """The first place of it, by path and offset."""


class RejectionReason(_Part):
    """Why texts were refused."""

    reason: str
    """Its short name."""
    meaning: str = ""
    """What it says of a text; empty where the name says it all."""
    different: int
    """Different texts refused for it in the places that were kept; no more than 50,000 are told apart."""


class Rejections(_Part):
    """The refused texts themselves; empty without `--show-rejected`."""

    reasons: tuple[RejectionReason, ...] = ()
    """By name."""
    listed: tuple[RejectedText, ...] = ()
    """By reason and value, at most 2,000 for one reason."""


class ExposureProfile(_Part):
    """The whole result of one inspection."""

    schema_: Literal["inspector/profile/1"] = Field(alias="schema")
    """Name and version of this document's form."""
    deterministic: bool
    """False where time or memory, not the artifact, decided where a limit cut."""
    tool: Tool
    """What made the profile."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Those that change what is in it."""
    external_tools: tuple[Tool, ...] = ()
    """Extractors that were called, with versions."""
    knowledge: KnowledgeState
    """What was known."""
    artifact: ArtifactInfo
    """What was inspected."""
    verdict: Verdict
    """The answer; policies and waivers are applied when reporting and never stored here."""
    vendors: tuple[VendorGroup, ...] = ()
    """Findings of one vendor together."""
    findings: tuple[Finding, ...] = ()
    """Most serious first."""
    hints: tuple[Hint, ...] = ()
    """Signs too weak for a finding."""
    apps: tuple[App, ...] = ()
    """Apps inside a firmware image or archive, each with a verdict of its own."""
    observables: Observables = Observables()
    """Everything seen, owned or not."""
    rejected: dict[str, int] = Field(default_factory=dict)
    """Reason → how many candidates were refused for it."""
    rejections: Rejections = Rejections()
    """The refused texts, where `--show-rejected` asked for them."""
    coverage: Coverage
    """What was seen and what was not."""
    tree: tuple[TreeNode, ...] = ()
    """Containers and carved parts, in the order of the walk."""
