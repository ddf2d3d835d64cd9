"""What a reader is told to do, and how the answer is laid out: for pages, Markdown and the terminal."""

import re

import pytest

from inspector.report import Presentation, render
from inspector.report.answer import MOST_LISTED, actions, sentences, why
from inspector.report.endpoint_groups import grouped, named_alone
from inspector.report.exposing import exposing
from inspector.report.language import words


def endpoint(value, hosting="", operator="", kind="hostname"):
    return {"value": value, "kind": kind, "port": None, "hosting": hosting, "operator": operator}


def with_endpoints(document, count):
    first, *rest = document["findings"]
    names = [endpoint(f"host{n:04}.example.com") for n in range(count)]
    return document | {"findings": [first | {"endpoints": names}, *rest]}


def with_gaps(document, *reasons, status="inconclusive"):
    place = {"path": "a", "offset": 0}
    gaps = [
        {"location": place, "length": 10 * n, "reason": reason, "detail": "", "remedy": "", "entropy": None}
        for n, reason in enumerate(reasons)
    ]
    verdict = document["verdict"] | {"status": status, "rating": "none", "limbs": []}
    return document | {"findings": [], "verdict": verdict, "coverage": document["coverage"] | {"gaps": gaps}}


def test_endpoints_with_the_same_place_are_one_group_and_unknown_places_come_last():
    found = grouped([endpoint("a"), endpoint("b", "CN"), endpoint("c"), endpoint("d", "CN", "Aliyun")])
    assert [(group.hosting, group.operator, group.values) for group in found] == [
        ("CN", "", ["b"]),
        ("CN", "Aliyun", ["d"]),
        ("", "", ["a", "c"]),
    ]


def test_an_address_and_a_name_in_one_country_are_told_apart():
    assert len(grouped([endpoint("a", "CN"), endpoint("1.2.3.4", "CN", kind="ip-address")])) == 2


def test_the_endpoint_named_alone_is_that_of_the_strongest_evidence_and_one_in_the_prc_goes_before():
    seen = [{"observable": {"value": name}} for name in ("z", "b", "d")]
    assert named_alone({"endpoints": [endpoint("a"), endpoint("z")], "evidence": seen})["value"] == "z"
    inside = [endpoint("a", "CN"), endpoint("d", "CN"), endpoint("z")]
    assert named_alone({"endpoints": inside, "evidence": seen})["value"] == "d"
    assert named_alone({"endpoints": inside, "evidence": []})["value"] == "a"


def test_the_list_of_what_to_block_ends_with_a_full_stop(monitor):
    assert " and 1 more. " in render("markdown", with_endpoints(monitor, 6))
    assert re.search(r"1\. Block .*`[.] ", render("markdown", monitor))


def test_the_terminal_counts_one_part_as_one(monitor):
    files = monitor["coverage"]["files"]
    one = monitor | {"coverage": monitor["coverage"] | {"files": files | {"scanned": 1}}}
    assert " 1 part scanned, 0 not readable" in render("terminal", one)
    assert f" {files['scanned']} parts scanned" in render("terminal", monitor)


def test_the_terminal_says_once_that_the_hosting_is_unknown(monitor):
    text = render("terminal", with_endpoints(monitor, 5))
    assert text.count("hosting unknown") == 1


def test_a_step_says_how_many_values_it_leaves_out(monitor):
    step = actions(with_endpoints(monitor, 20), words("en"))[0]
    assert (step.key, len(step.shown), step.more) == ("block", 6, 15)
    text = render("html", with_endpoints(monitor, 20))
    assert "and 15 more" in text
    listed = re.search(r'<details class="copy">.*?<pre[^>]*>(.*?)</pre>', text, re.DOTALL)
    assert len(listed[1].split()) == 21


def test_a_long_list_to_copy_is_cut_and_says_so(monitor):
    step = actions(with_endpoints(monitor, MOST_LISTED + 100), words("en"))[0]
    assert (len(step.values), step.total) == (MOST_LISTED, MOST_LISTED + 101)
    assert f"The first {MOST_LISTED} of {MOST_LISTED + 101}" in render(
        "html", with_endpoints(monitor, MOST_LISTED + 100)
    )


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize(
    "reason",
    [
        "unknown-data",
        "failed",
        "malformed",
        "ambiguous",
        "encrypted",
        "unsupported",
        "tool-missing",
        "missing",
        "limit",
    ],
)
def test_every_reason_for_a_gap_says_what_helps(monitor, reason, language):
    step = actions(with_gaps(monitor, reason), words(language))[-1]
    assert step.key == "look"
    assert not step.points[0].endswith("–")


def test_remedies_are_said_once_for_each_reason_the_most_bytes_first(monitor):
    step = actions(with_gaps(monitor, "limit", "encrypted", "encrypted"), words("en"))[-1]
    assert [point.split(" (")[0] for point in step.points] == ["encrypted", "limit reached"]
    assert "2 parts, 30 B" in step.points[0]


def test_a_small_gap_is_told_where_nothing_was_found(monitor):
    document = with_gaps(monitor, "unknown-data", status="none-found")
    assert [step.key for step in actions(document, words("en"))] == ["keep", "look"]


def test_the_headline_comes_sentence_by_sentence_in_both_languages(monitor):
    headline = (
        "This Android app can send data to the PRC or entities based there: Example Co. Ltd. and Other. "
        "Names or code of others are in it, use of them was not seen: Third."
    )
    document = monitor | {"verdict": monitor["verdict"] | {"headline": headline}}
    assert [text for text, _ in sentences(document, words("en"))] == [
        headline[: headline.index(" Names")],
        headline[headline.index("Names") :],
    ]
    assert [language for _, language in sentences(document, words("cs"))] == ["cs", "cs"]


def test_what_the_reasons_say_of_findings_is_not_said_twice(monitor):
    reasons = [*monitor["verdict"]["reasons"], "Something else."]
    document = monitor | {"verdict": monitor["verdict"] | {"reasons": reasons}}
    told, otherwise = why(document, exposing(document))
    assert told == document["findings"]
    assert otherwise == ["Something else."]


def test_the_terminal_names_the_steps_and_the_command_in_the_answer(monitor):
    panel = render("terminal", monitor).split("╰")[0]
    assert "1. Block these 2 endpoints" in panel
    assert "inspector report PROFILE.json -f FORMAT: nftables (1) · questionnaire (2) · risk-register (3)" in panel


def test_the_page_of_a_clean_artifact_says_what_it_was_compared_with(monitor):
    document = with_gaps(monitor, status="none-found")
    assert "known services, SDKs and components" in render("html", document)
    assert "Porovnáno se známými" in render("html", document, Presentation(language="cs"))


def test_markdown_says_that_further_places_are_in_the_profile_only_where_they_are_not_shown(monitor):
    first, *rest = monitor["findings"]
    evidence = [first["evidence"][0]] * 14
    document = monitor | {"findings": [first | {"evidence": evidence, "evidence_total": 14}, *rest]}
    assert "4 more places" in render("markdown", document)


def test_endpoints_in_the_prc_come_first():
    found = grouped([endpoint("a"), endpoint("b", "US"), endpoint("c", "HK"), endpoint("d", "CN")])
    assert [group.hosting for group in found] == ["HK", "CN", "US", ""]
