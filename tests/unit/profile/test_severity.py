"""Every row of the severity table, and its bounds."""

from dataclasses import replace

import pytest

from inspector.model.finding import Rating
from inspector.model.knowledge import Confidence
from inspector.model.observation import Context, Kind, Presence
from inspector.profile.severity import severity
from tests.unit.profile.made import ADMIN, DATA, category, endpoint, finding, sighted

ROWS = {
    "data transfer starts at medium": (finding(), "medium", Rating.MEDIUM),
    "remote administration starts at high": (finding(limbs=(ADMIN,)), "medium", Rating.HIGH),
    "both limbs count as remote administration": (finding(limbs=(ADMIN, DATA)), "medium", Rating.HIGH),
    "a mechanism that leads there is remote administration, whatever else the subject is for": (
        finding(limbs=(ADMIN, DATA))._replace(commanded_by=("fetch-and-execute",)),
        "low",
        Rating.HIGH,
    ),
    "no limb is origin only": (finding(limbs=()), "high", Rating.NONE),
    "nothing of the PRC is no exposure": (finding(domicile="US"), "high", Rating.NONE),
    "high sensitivity is one step up": (finding(), "high", Rating.HIGH),
    "low sensitivity is one step down": (finding(), "low", Rating.LOW),
    "critical is the top": (finding(limbs=(ADMIN,)), "high", Rating.CRITICAL),
    "Hong Kong counts": (finding(domicile="HK"), "medium", Rating.MEDIUM),
    "Macao counts": (finding(domicile="MO"), "medium", Rating.MEDIUM),
    "hosted elsewhere is one step down": (finding(endpoints=[endpoint(hosting="DE")]), "medium", Rating.LOW),
    "one unknown place is no elsewhere": (
        finding(endpoints=[endpoint(hosting="DE"), endpoint("b.example.org")]),
        "medium",
        Rating.MEDIUM,
    ),
    "one place in the PRC is no elsewhere": (
        finding(endpoints=[endpoint(hosting="DE"), endpoint("b.example.org", "CN")]),
        "medium",
        Rating.MEDIUM,
    ),
    "a China region of a foreign vendor is one step down": (
        finding(domicile="US", endpoints=[endpoint(hosting="CN")]),
        "high",
        Rating.MEDIUM,
    ),
    "an unknown vendor in the PRC is no step": (
        finding(vendor="unknown", domicile="", endpoints=[endpoint(hosting="CN")]),
        "medium",
        Rating.MEDIUM,
    ),
    "only the operator is of the PRC": (
        finding(vendor="unknown", domicile="", endpoints=[endpoint(hosting="DE")], operator_country="CN"),
        "medium",
        Rating.LOW,
    ),
    "only the zone of a name is of the PRC": (
        finding(vendor="unknown", domicile="", endpoints=[endpoint()], operator_country="CN"),
        "medium",
        Rating.MEDIUM,
    ),
    "a string is one step down": (finding(presence=Presence.STRING), "high", Rating.MEDIUM),
    "configured is no step": (finding(presence=Presence.CONFIGURED), "medium", Rating.MEDIUM),
    "started is no step": (finding(presence=Presence.STARTED), "medium", Rating.MEDIUM),
    "medium confidence is one step down": (finding(confidence=Confidence.MEDIUM), "high", Rating.MEDIUM),
    "low confidence is never above low": (
        finding(limbs=(ADMIN,), confidence=Confidence.LOW),
        "high",
        Rating.LOW,
    ),
    "low is the bottom": (finding(presence=Presence.STRING, confidence=Confidence.MEDIUM), "low", Rating.LOW),
}


@pytest.mark.parametrize(("found", "sensitivity", "expected"), ROWS.values(), ids=ROWS)
def test_a_row_of_the_table(found, sensitivity, expected):
    assert severity(found, category(sensitivity)).rating is expected


@pytest.mark.parametrize("limbs", [(ADMIN,), (DATA,)])
@pytest.mark.parametrize("sensitivity", ["low", "medium", "high"])
@pytest.mark.parametrize("domicile", ["US", "CN"])
def test_a_disputed_seat_shows_and_is_never_above_medium(limbs, sensitivity, domicile):
    found = finding(limbs=limbs, domicile=domicile, disputed="Founded in Shenzhen, now of California.")
    level = severity(found, category(sensitivity))
    assert Rating.LOW.rank <= level.rating.rank <= Rating.MEDIUM.rank
    assert any("Founded in Shenzhen" in reason for reason in level.reasons)


def test_a_place_in_the_prc_needs_no_seat():
    found = finding(limbs=(ADMIN,), domicile="US", disputed="Contested.", endpoints=[endpoint(hosting="CN")])
    assert severity(found, category("high")).rating is Rating.CRITICAL


@pytest.mark.parametrize("host", ["www.example.com", "example.com", "www.example.com.cn", "example.com.cn"])
def test_a_front_page_of_a_sensitive_service_is_low(host):
    level = severity(finding(seen_at=[sighted(host)]), category("high", "messaging"))
    assert level.rating is Rating.LOW
    assert host in " ".join(level.reasons)


def url(value, host):
    return replace(sighted(value, Kind.URL), attributes=(("host", host),))


@pytest.mark.parametrize(
    "seen",
    [
        [sighted("developer.example.com")],
        [sighted("docs.example.com"), sighted("www.example.com")],
        [url("https://developer.example.com/consumer/guide?id=1", "developer.example.com"), sighted("example.com")],
    ],
)
def test_pages_that_people_read_are_no_interface(seen):
    assert severity(finding(seen_at=seen), category("high", "phone-os")).rating is Rating.LOW


@pytest.mark.parametrize(
    "seen",
    [
        [sighted("api.example.com")],
        [sighted("docs.example.com"), sighted("log.example.com")],
        [url("https://developer.example.com/api/token", "developer.example.com")],
        [url("https://api.example.com/docs", "api.example.com")],
        [url("https://www.example.com/report", "www.example.com")],
        [sighted("www.example.com"), sighted("log.example.com")],
        [sighted("www.example.com"), sighted("com.example.sdk", Kind.JAVA_PACKAGE)],
    ],
)
def test_an_interface_or_code_is_more_than_a_front_page(seen):
    assert severity(finding(seen_at=seen), category("high", "messaging")).rating is Rating.HIGH


def test_documentation_does_not_make_an_interface_of_a_front_page():
    seen = [sighted("www.example.com"), sighted("api.example.com", context=Context.DOCUMENTATION)]
    assert severity(finding(seen_at=seen), category("high")).rating is Rating.LOW


def test_a_device_cloud_may_answer_under_its_front_page():
    assert severity(finding(limbs=(ADMIN,), seen_at=[sighted("www.example.com")]), category()).rating is Rating.HIGH


def test_an_unknown_service_is_not_called_insensitive():
    level = severity(finding(), category("low", "network-operator"))
    assert level.rating is Rating.MEDIUM
    assert "What service answers there is not known." in level.reasons


def test_every_step_has_a_sentence():
    found = finding(limbs=(ADMIN,), presence=Presence.STRING, confidence=Confidence.MEDIUM)
    reasons = severity(found, category("high")).reasons
    assert len(reasons) == 5
    assert all(reason.endswith((".", ")")) for reason in reasons)


def test_what_code_asks_for_is_told_and_changes_nothing():
    plain = severity(finding(), category("medium"))
    asking = severity(finding()._replace(asks_for=("clipboard", "location")), category("medium"))
    assert asking.rating is plain.rating
    assert set(asking.reasons) - set(plain.reasons) == {"Its code asks the system for: clipboard, location."}
