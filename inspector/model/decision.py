"""What a policy says about a profile: made when reporting, shown beside the profile, never stored in it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What a policy decides, mildest first."""

    ALLOW = "allow"
    REVIEW = "review"
    DENY = "deny"

    @property
    def rank(self) -> int:
        """Return 0 (allow) to 2 (deny)."""
        return _OUTCOME_ORDER.index(self)


_OUTCOME_ORDER = list(Outcome)


@dataclass(frozen=True, slots=True)
class Waiver:
    """An approved exception for one finding; `expires` is the last day on which it counts, ISO 8601."""

    finding: str
    reason: str
    approver: str
    expires: str
    artifact: str = ""
    """SHA-256 (or a prefix of at least 12 digits) of the only artifact it is for; empty: any."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policy says about one finding, or (with `finding` empty) about status and coverage."""

    finding: str
    subject: str
    vendor: str
    severity: str
    outcome: Outcome
    rule: str
    """Id of the rule that decided, or `default`."""
    reason: str
    waiver: Waiver | None = None
    """The waiver that turned this ruling into `allow`."""
    waived_from: str = ""
    """What the outcome would be without the waiver."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer of one policy to one profile; `outcome` is the strictest ruling."""

    policy: str
    title: str
    as_of: str
    """The day for which waivers were judged, ISO 8601."""
    outcome: Outcome
    rulings: tuple[Ruling, ...]
    """Strictest first, then in the order of the profile's findings."""
    expired: tuple[Waiver, ...] = ()
    """Waivers for findings of this profile that no longer count."""
    unused: tuple[Waiver, ...] = ()
    """Waivers for findings that this profile does not have."""

    def as_document(self) -> dict[str, Any]:
        """Return plain dictionaries, for JSON and templates."""
        return {"schema": "inspector/decision/1", **asdict(self)}
