"""How serious a finding is: limb, place and entity, presence, sensitivity and confidence, each with its reason.

The whole table, in steps on the ladder none < low < medium < high < critical:

    limb          remote administration: start at high · data transfer: start at medium
                  no limb (a component that sends nothing), or nothing of the PRC in it: none, and that is all
    sensitivity   category of high sensitivity: +1 · medium: 0 · low (pages, media, time, delivery): -1
                  service behind a network operator's address unknown: 0 · a mechanism seen that leads there: 0
                  data transfer, and only pages for readers are named (front page, manuals): -1 instead of all this
    who, where    vendor based in the PRC: 0, or -1 when every endpoint is known to be hosted elsewhere
                  vendor based elsewhere, endpoint in the PRC (a China region, a partner): -1
                  vendor unknown, endpoint or name of the PRC: 0
                  vendor unknown or elsewhere, only the operator of the line is of the PRC: -1
                  seat disputed and no endpoint in the PRC: 0, but never above medium
    presence      only a string in the bytes: -1 · configured, referenced, started: 0
    confidence    medium: -1 · low: never above low
    bounds        at least low, at most critical

The PRC stands for the People's Republic of China with Hong Kong and Macao, as the warning draws it.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from inspector.model.finding import Endpoint, Finding, Rating
from inspector.model.knowledge import PRC, Category, Confidence, Limb
from inspector.model.observation import Kind, Presence, Sighting

_LADDER: Final = list(Rating)
_SECOND_LEVEL: Final = frozenset({"com", "net", "org", "gov", "edu", "ac", "co"})
UNKNOWN_SERVICE: Final = "network-operator"
"""Category of an address whose service is not known: its sensitivity is unknown too."""
_READERS: Final = frozenset({"docs", "doc", "developer", "developers", "wiki", "forum", "bbs", "blog", "community"})
"""First labels of sites that people read; a device or app that means its cloud asks another name."""
_INTERFACE: Final = frozenset({"api", "apis", "rest", "rpc", "v1", "v2", "v3", "graphql", "gateway", "upload"})
"""Parts of a path that make an interface of a page."""
VENDOR_SITE: Final = "vendor-site"
"""Category of public pages, shop, manuals and downloads of a vendor."""


class Severity(NamedTuple):
    """A rating and the sentence behind every step to it."""

    rating: Rating
    reasons: tuple[str, ...]


def most_serious_first(graded: tuple[Finding, Severity]) -> tuple[int, int, str]:
    """Sort key of graded findings: rating, then presence, then the subject's id."""
    finding, level = graded
    return (-level.rating.rank, -finding.presence.rank, finding.subject.id)


class _Step(NamedTuple):
    change: int
    reason: str
    most: Rating = Rating.CRITICAL


def severity(finding: Finding, category: Category | None) -> Severity:
    """Return the severity of one finding; `reasons` follow the rows of the table."""
    if not finding.limbs:
        return Severity(Rating.NONE, ("Origin only: this component sends nothing by itself.",))
    if not concerns_prc(finding):
        return Severity(Rating.NONE, ("Neither the vendor, nor the hosting, nor the operator is of the PRC.",))
    steps = list(_steps(finding, category))
    rank = sum(step.change for step in steps)
    most = min(step.most.rank for step in steps)
    return Severity(_LADDER[max(Rating.LOW.rank, min(rank, most))], tuple(step.reason for step in steps))


def concerns_prc(finding: Finding) -> bool:
    """Tell whether the PRC has a say: by the vendor's seat (also a disputed one), the hosting or the operator."""
    return bool(PRC & set(finding.jurisdictions) or finding.vendor.disputed)


def only_disputed(finding: Finding) -> bool:
    """Tell whether nothing but a vendor's disputed ties leads to the PRC."""
    known = set(finding.jurisdictions) - {finding.vendor.domicile}
    return bool(finding.vendor.disputed) and not PRC & (known | {endpoint.hosting for endpoint in finding.endpoints})


def only_site(finding: Finding) -> bool:
    """Tell whether this is a vendor's public web site, and nothing was seen that takes code or orders from there."""
    return finding.subject.category == VENDOR_SITE and not finding.commanded_by


def _steps(finding: Finding, category: Category | None) -> Iterator[_Step]:
    if finding.commanded_by:
        seen = ", ".join(finding.commanded_by)
        yield _Step(Rating.HIGH.rank, f"Remote administration: a mechanism that leads there was seen ({seen}).")
    elif Limb.REMOTE_ADMINISTRATION in finding.limbs:
        yield _Step(Rating.HIGH.rank, "Remote administration: the subject can change or command the device or app.")
    elif only_site(finding):
        yield _Step(Rating.MEDIUM.rank, "Data transfer: a web site sees who opens it and what is asked for.")
    else:
        yield _Step(Rating.MEDIUM.rank, "Data transfer: the subject receives data from the device or app.")
    yield from _sensitivity(finding, category)
    yield _who_and_where(finding)
    yield from _presence(finding)
    if finding.asks_for:
        yield _Step(0, f"Its code asks the system for: {', '.join(finding.asks_for)}.")
    if finding.confidence is Confidence.MEDIUM:
        yield _Step(-1, "Medium confidence: several weak signs together (one step down).")
    elif finding.confidence is Confidence.LOW:
        yield _Step(0, "Low confidence: never above low.", Rating.LOW)


def _sensitivity(finding: Finding, category: Category | None) -> Iterator[_Step]:
    pages = _pages_for_readers(finding)
    if finding.commanded_by:
        return  # whatever else the subject is for
    if pages:
        named = ", ".join(pages[:3])
        yield _Step(-1, f"Only pages for readers are named ({named}), no interface of a service (one step down).")
    elif category is None:
        return
    elif category.id == UNKNOWN_SERVICE:
        yield _Step(0, "What service answers there is not known.")
    elif category.sensitivity == "high":
        yield _Step(1, f"{category.title}: sees data of high sensitivity (one step up).")
    elif category.sensitivity == "low":
        yield _Step(-1, f"{category.title}: sees data of low sensitivity (one step down).")


def _who_and_where(finding: Finding) -> _Step:
    vendor = finding.vendor
    places = {endpoint.hosting for endpoint in finding.endpoints}
    inside = sorted(places & PRC)
    how = placed(finding.endpoints)
    elsewhere = bool(places) and "" not in places and not inside
    if only_disputed(finding):
        text = f"The vendor's ties to the PRC are disputed: never above medium. {vendor.disputed}"
        return _Step(-1 if elsewhere else 0, text, Rating.MEDIUM)
    if vendor.domicile in PRC:
        if elsewhere:
            there = ", ".join(sorted(places))
            return _Step(
                -1, f"{vendor.name} is based in {vendor.domicile}; all endpoints are {how} {there} (one step down)."
            )
        where = f"endpoints {how} {', '.join(inside)}" if inside else "where its endpoints are is not known"
        return _Step(0, f"{vendor.name} is based in {vendor.domicile}; {where}.")
    if inside and vendor.domicile and not vendor.disputed:
        return _Step(
            -1, f"{vendor.name} is based in {vendor.domicile}, the endpoint is {how} {inside[0]} (one step down)."
        )
    if inside:
        return _Step(0, f"The endpoint is {how} {', '.join(inside)}.")
    return _elsewhere(finding, places)


def placed(endpoints: Iterable[Endpoint]) -> str:
    """Return the words that lead to a country: of an address only its registration is known, never where it stands."""
    kinds = {endpoint.kind == Kind.IP_ADDRESS for endpoint in endpoints if endpoint.hosting}
    if kinds == {True}:
        return "registered in"
    return "hosted or registered in" if True in kinds else "hosted in"


def _elsewhere(finding: Finding, places: set[str]) -> _Step:
    country = min(PRC & set(finding.jurisdictions))
    known = sorted(place for place in places if place)
    if known:
        there = f"{placed(finding.endpoints).capitalize()} {', '.join(known)}"
        return _Step(-1, f"{there} by an operator based in {country} (one step down).")
    return _Step(0, f"The name or its operator is registered in {country}; where it is hosted is not known.")


def _presence(finding: Finding) -> Iterator[_Step]:
    match finding.presence:
        case Presence.STRING:
            yield _Step(-1, "Only seen as a string; no use of it was found (one step down).")
        case Presence.CONFIGURED:
            yield _Step(0, "Configured, or packaged as a component.")
        case Presence.REFERENCED:
            yield _Step(0, "Used by code, or declared.")
        case Presence.STARTED:
            yield _Step(0, "Started at boot or at the start of the app.")


def _pages_for_readers(finding: Finding) -> list[str]:
    """Return the host names of a data-transfer finding that rests on pages for readers alone, sorted; else nothing.

    `www.example.com` in a reachability check or a bookmark, `docs.example.com` in a message, says that a page is
    fetched or pointed at, not that data of the device goes there. Findings with remote administration are left alone:
    device clouds do answer under such names.
    """
    if Limb.REMOTE_ADMINISTRATION in finding.limbs:
        return []
    exposing = [item.sighting for item in finding.evidence if item.sighting.context.exposing]
    hosts = [_page_host(sighting) for sighting in exposing]
    return sorted(set(hosts)) if all(hosts) else []


def _page_host(sighting: Sighting) -> str:
    """Return the host of a front page or of a page on a site for readers, or ""."""
    value = sighting.observable.value
    if sighting.observable.kind is Kind.HOSTNAME:
        labels = value.removeprefix("www.").split(".")
        front = len(labels) == 2 or (len(labels) == 3 and labels[1] in _SECOND_LEVEL)
        return value if front or labels[0] in _READERS else ""
    if sighting.observable.kind is Kind.URL:
        host = dict(sighting.attributes).get("host", "")
        path = value.partition("://")[2].partition("?")[0].lower().split("/")[1:]
        return host if host.partition(".")[0] in _READERS and not _INTERFACE.intersection(path) else ""
    return ""
