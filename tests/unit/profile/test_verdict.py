"""The conditions of `none-found`, each on its own, and what headlines say."""

import pytest

from inspector.model.finding import Rating
from inspector.model.observation import Presence
from inspector.profile.severity import severity
from inspector.profile.verdict import TOLD_FINDINGS, Status, Thresholds, decide, failed
from tests.unit.profile.made import ADMIN, DATA, category, coverage, endpoint, finding, gap, sighted

LIMIT = 64 << 10


def graded(*findings, sensitivity="medium"):
    return [(item, severity(item, category(sensitivity))) for item in findings]


@pytest.mark.parametrize(
    "section",
    [
        coverage(),
        coverage(score=0.95),
        coverage(gaps=[gap("unknown-data", LIMIT)]),
        coverage(gaps=[gap("not-this-format")]),
    ],
)
def test_none_found_where_every_condition_holds(section):
    verdict = decide("firmware", [], section)
    assert (verdict.status, verdict.rating) == (Status.NONE_FOUND, Rating.NONE)


@pytest.mark.parametrize(
    ("section", "packers"),
    [
        (coverage(score=0.9499), ()),
        (coverage(gaps=[gap("unknown-data", LIMIT + 1)]), ()),
        (coverage(limits_hit=["members"]), ()),
        (coverage(size=0), ()),
        (coverage(), ("Bangcle",)),
        *(
            (coverage(gaps=[gap(why)]), ())
            for why in ("failed", "malformed", "ambiguous", "encrypted", "unsupported", "tool-missing")
        ),
    ],
)
def test_each_shortfall_alone_makes_it_inconclusive(section, packers):
    verdict = decide("firmware", [], section, packers)
    assert verdict.status is Status.INCONCLUSIVE
    assert len(verdict.reasons) == 1


def test_bytes_that_are_not_explained_are_those_of_the_large_parts():
    gaps = [gap("unknown-data", LIMIT + 1), gap("unknown-data", LIMIT + 2), gap("unknown-data", LIMIT)]
    assert decide("firmware", [], coverage(gaps=gaps)).reasons == (
        f"{2 * LIMIT + 3:,} bytes in 2 parts over 65,536 bytes look compressed or encrypted and are not explained.",
    )


def test_thresholds_move_the_border():
    section = coverage(score=0.9, gaps=[gap("unknown-data", LIMIT + 1)])
    assert decide("firmware", [], section, (), Thresholds(0.9, LIMIT + 1)).status is Status.NONE_FOUND
    assert decide("firmware", [], coverage(), (), Thresholds(1.1)).status is Status.INCONCLUSIVE


def test_almost_all_is_not_rounded_to_all():
    verdict = decide("firmware", [], coverage(score=0.99999))
    assert verdict.reasons == ("99.9% of the bytes were seen.",)
    assert verdict.headline.startswith("99.9% of this firmware was read; nothing")
    assert decide("firmware", [], coverage()).headline.startswith("This firmware was read completely; nothing")


def test_a_finding_of_origin_only_is_no_exposure():
    assert decide("android-app", graded(finding(limbs=())), coverage()).status is Status.NONE_FOUND


def test_a_shortfall_is_told_beside_a_finding():
    verdict = decide("firmware", graded(finding()), coverage(score=0.5))
    assert verdict.status is Status.EXPOSED
    assert "Only 50.0%" in verdict.reasons[-1]


def test_a_failure_claims_nothing():
    verdict = failed("A reader crashed.")
    assert (verdict.status, verdict.rating, verdict.reasons) == (Status.FAILED, Rating.NONE, ("A reader crashed.",))


def test_the_headline_names_limbs_and_vendors():
    found = graded(finding(limbs=(ADMIN,), vendor="acme"), finding(vendor="bolt", subject="bolt/log"))
    verdict = decide("android-app", found, coverage())
    assert verdict.headline == (
        "This Android app can be administered from the PRC or entities based there: Acme. "
        "It can also send data to: Bolt."
    )
    assert verdict.limbs == (DATA, ADMIN)


def test_each_vendor_has_its_own_limbs_in_the_headline():
    found = graded(
        finding(limbs=(ADMIN, DATA), vendor="acme"),
        finding(limbs=(ADMIN,), vendor="cord", subject="cord/ota"),
        finding(vendor="bolt", subject="bolt/log"),
        finding(vendor="echo", subject="echo/log"),
    )
    assert decide("firmware", found, coverage()).headline == (
        "This firmware can be administered from and can send data to the PRC or entities based there: Acme. "
        "It can also be administered by: Cord. It can also send data to: Bolt and Echo."
    )


def test_limbs_of_one_vendor_come_from_all_its_findings():
    found = graded(finding(limbs=(ADMIN,), subject="acme/ota"), finding(subject="acme/log"))
    assert decide("firmware", found, coverage()).headline == (
        "This firmware can be administered from and can send data to the PRC or entities based there: Acme."
    )


def test_a_string_beside_a_use_is_told_apart():
    found = graded(finding(), finding(limbs=(ADMIN,), vendor="bolt", subject="bolt/x", presence=Presence.STRING))
    assert decide("firmware", found, coverage()).headline == (
        "This firmware can send data to the PRC or entities based there: Acme. "
        "Names or code of others are in it, use of them was not seen: Bolt."
    )


def test_what_is_used_stands_before_what_is_only_named():
    found = graded(
        finding(limbs=(ADMIN,), vendor="aster", subject="aster/x", presence=Presence.STRING),
        finding(vendor="bolt", subject="bolt/log"),
    )
    assert found[0][1].rating is found[1][1].rating
    assert decide("firmware", found, coverage()).reasons[0].startswith("Bolt")


def test_a_reason_names_the_endpoint_that_its_grade_speaks_of():
    hosts = ("a.example.org", "z.example.org")
    seen = (sighted(hosts[1]), sighted(hosts[0], presence=Presence.STRING))
    found = graded(finding(endpoints=tuple(map(endpoint, hosts)), seen_at=seen))
    assert decide("firmware", found, coverage()).reasons[0].endswith("referenced; z.example.org.")


def test_a_reason_names_an_endpoint_inside_before_all_others():
    seen = (sighted("z.example.org"), sighted("b.example.cn", presence=Presence.STRING))
    inside = [endpoint(name, "CN") for name in ("a.example.cn", "b.example.cn")]
    found = graded(finding(endpoints=(*inside, endpoint("z.example.org")), seen_at=seen))
    assert decide("firmware", found, coverage()).reasons[0].endswith("referenced; b.example.cn hosted in CN.")


def test_low_findings_stay_out_of_a_headline_of_medium_ones():
    found = graded(finding()) + graded(finding(vendor="faint", subject="faint/page"), sensitivity="low")
    assert "Faint" not in decide("firmware", found, coverage()).headline


def test_a_vendor_far_below_is_not_in_the_headline():
    low = finding(vendor="faint", subject="faint/page", presence=Presence.STRING)
    verdict = decide("firmware", graded(finding(limbs=(ADMIN,)), low), coverage())
    assert "Faint" not in verdict.headline
    assert "send data" not in verdict.headline
    assert verdict.limbs == (DATA, ADMIN)


def test_many_vendors_are_counted():
    found = graded(*(finding(vendor=f"v{number}", subject=f"v{number}/x") for number in range(7)))
    assert decide("firmware", found, coverage()).headline.endswith(": V0, V1, V2, V3 and 3 more.")


def test_one_finding_that_is_not_told_is_one():
    found = graded(*(finding(vendor=f"v{number}", subject=f"v{number}/x") for number in range(TOLD_FINDINGS + 1)))
    assert decide("firmware", found, coverage()).reasons[-1].startswith("1 more finding, ")


def test_an_unknown_operator_is_spoken_of_in_lower_case():
    found = finding(vendor="unknown", domicile="", endpoints=[endpoint("198.51.100.7", "CN")])
    assert decide("firmware", graded(found), coverage()).headline == (
        "This firmware can send data to the PRC or entities based there: an unknown operator."
    )


def test_a_string_is_not_called_an_ability():
    verdict = decide("firmware", graded(finding(presence=Presence.STRING)), coverage())
    assert verdict.headline == (
        "This firmware holds names or code of the PRC or entities based there; use of them was not seen: Acme."
    )


def test_a_disputed_vendor_is_named_as_disputed():
    disputed = finding(limbs=(ADMIN,), vendor="torn", subject="torn/x", domicile="US", disputed="Contested.")
    alone = decide("firmware", graded(disputed), coverage())
    assert alone.status is Status.EXPOSED
    assert alone.headline == "This firmware can be administered by a vendor whose ties to the PRC are disputed: Torn."
    both = decide("firmware", graded(disputed, finding()), coverage())
    assert both.headline == (
        "This firmware can send data to the PRC or entities based there: Acme. Ties to the PRC are disputed: Torn."
    )


def test_a_vendor_based_elsewhere_is_named_with_what_leads_to_the_prc():
    mixed = [
        finding(presence=Presence.STRING, vendor="one", subject="one/cloud"),
        finding(
            limbs=(ADMIN,),
            presence=Presence.STRING,
            domicile="TW",
            vendor="two",
            subject="two/cloud",
            endpoints=(endpoint(hosting="US"), endpoint("x.example.org", hosting="CN")),
        ),
    ]
    headline = decide("firmware", graded(*mixed, sensitivity="high"), coverage()).headline
    assert headline.endswith("use of them was not seen: One and Two (TW, endpoint hosted in CN).")


PLACE = "the PRC or entities based there"
SITE = {"category_name": "vendor-site", "presence": Presence.REFERENCED}


@pytest.mark.parametrize(
    ("others", "headline"),
    [
        (
            [],
            "This firmware names web sites of the PRC or entities based there, nothing else of theirs was found: Acme.",
        ),
        (
            [finding(vendor="bolt", subject="bolt/x")],
            f"This firmware can send data to {PLACE}: Bolt. Web sites of others are named as well: Acme.",
        ),
        (
            [finding(vendor="acme", subject="acme/x")],
            "This firmware can send data to the PRC or entities based there: Acme.",
        ),
    ],
    ids=["alone", "beside another vendor's service", "beside its own service"],
)
def test_who_is_met_by_a_web_site_alone_is_not_said_to_receive_data(others, headline):
    site = finding(vendor="acme", subject="acme/web-site", **SITE)
    assert decide("firmware", graded(site, *others), coverage()).headline == headline


def test_a_web_site_that_code_is_fetched_from_is_a_means_of_administration():
    site = finding(limbs=(DATA, ADMIN), **SITE)._replace(commanded_by=("fetch-and-execute",))
    assert decide("firmware", graded(site), coverage()).headline.startswith("This firmware can be administered from")


def test_a_disputed_vendor_with_a_web_site_alone_is_named_so():
    site = finding(domicile="US", disputed="It is contested.", **SITE)
    assert decide("firmware", graded(site), coverage()).headline == (
        "This firmware names web sites of a vendor whose ties to the PRC are disputed, nothing else of theirs was "
        "found: Acme."
    )
