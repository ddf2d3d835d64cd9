"""How serious a finding is: limb, place and entity, presence, sensitivity and confidence, each with its reason.

The whole table:

    start            remote-administration: high · data-transfer: medium · no limb, or nothing of the PRC: none
    sensitivity      the category sees high-sensitivity data: one step up
    place            vendor of the PRC, but every endpoint is known to be hosted elsewhere: one step down
    presence         only a string in the bytes: one step down · started at boot or app start: no change
    confidence       medium: one step down · low: never above low
    bounds           a finding with a limb and the PRC in it is at least low, at most critical
"""

from dataclasses import dataclass
from typing import Final

from inspector.model.finding import Finding, Rating
from inspector.model.knowledge import Category, Confidence, Limb
from inspector.model.observation import Presence

PRC: Final = frozenset({"CN", "HK", "MO"})
_LADDER: Final = list(Rating)


@dataclass(frozen=True, slots=True)
class Severity:
    """A rating and the sentence behind every step to it."""

    rating: Rating
    reasons: tuple[str, ...]


def severity(finding: Finding, category: Category | None) -> Severity:
    """Return the severity of one finding."""
    if not finding.limbs:
        return Severity(Rating.NONE, ("Origin only: this component sends nothing by itself.",))
    if not PRC & set(finding.jurisdictions):
        return Severity(Rating.NONE, ("Neither the vendor, nor the hosting, nor the operator is of the PRC.",))
    reasons = []
    if Limb.REMOTE_ADMINISTRATION in finding.limbs:
        step = Rating.HIGH.rank
        reasons.append("Remote administration: the subject can change or command the device or app.")
    else:
        step = Rating.MEDIUM.rank
        reasons.append("Data transfer: the subject receives data from the device or app.")
    for change, reason in _changes(finding, category):
        step += change
        reasons.append(reason)
    if finding.confidence is Confidence.LOW and step > Rating.LOW.rank:
        step = Rating.LOW.rank
        reasons.append("Low confidence: never above low.")
    return Severity(_LADDER[max(Rating.LOW.rank, min(step, Rating.CRITICAL.rank))], tuple(reasons))


def _changes(finding: Finding, category: Category | None) -> list[tuple[int, str]]:
    changes = []
    if category is not None and category.sensitivity == "high":
        changes.append((1, f"{category.title}: sees data of high sensitivity (one step up)."))
    places = {endpoint.hosting for endpoint in finding.endpoints}
    if finding.vendor.domicile in PRC and places and "" not in places and not places & PRC:
        changes.append(
            (-1, f"All known endpoints are hosted outside the PRC ({', '.join(sorted(places))}): one step down.")
        )
    if finding.presence is Presence.STRING:
        changes.append((-1, "Only seen as a string; no use of it was found (one step down)."))
    elif finding.presence is Presence.STARTED:
        changes.append((0, "Started at boot or at the start of the app."))
    if finding.confidence is Confidence.MEDIUM:
        changes.append((-1, "Medium confidence: several weak signs together (one step down)."))
    return changes
