"""Policies: reading, deciding, waivers, and the shipped examples."""

from datetime import date
from pathlib import Path

import pytest

from inspector.errors import KnowledgeError, UsageError
from inspector.model.decision import Outcome
from inspector.profile.policy import apply_policy, load_policy, load_waivers, parse_policy, shipped_policies

TODAY = date(2026, 11, 23)
PLACE = Path("p.toml")


def entry(name="one", severity="high", **facts):
    return {
        "id": f"F-{name}",
        "subject": {"id": f"acme/{name}", "name": name, "kind": facts.pop("kind", "sdk"), "category": "push"},
        "vendor": {"id": "acme", "name": "Acme", "group": "Acme Group", "domicile": "CN", "disputed": ""},
        "limbs": ["data-transfer"],
        "presence": "referenced",
        "confidence": "high",
        "severity": severity,
        "endpoints": [{"value": "a.example.org", "hosting": "DE"}],
        "jurisdictions": ["CN", "DE"],
        **facts,
    }


def profile(*findings, score=1.0, status="exposed", packers=()):
    return {
        "artifact": {"sha256": "ab" * 32, "kind": "android-app"},
        "verdict": {"status": status, "reasons": ["It broke."], "headline": ""},
        "findings": list(findings),
        "observables": {"packers": [{"value": name} for name in packers]},
        "coverage": {"score": score, "gaps": [], "limits_hit": [], "partition": {"scanned": 100}},
    }


def policy(when="", decide="deny", default="allow", more=""):
    text = f'default = "{default}"\n[[rule]]\nid = "r"\ndecide = "{decide}"\nwhen = {{{when}}}\n{more}'
    return parse_policy(text.encode(), "p", PLACE)


@pytest.mark.parametrize(
    ("when", "met"),
    [
        ("", True),
        ('vendor = ["acme"]', True),
        ('vendor = ["Acme Group"]', True),
        ('vendor = ["other"]', False),
        ('subject = ["acme/*"]', True),
        ('subject = ["*/two"]', False),
        ('kind = ["sdk", "cloud"]', True),
        ('category = ["rtc"]', False),
        ('limb = ["remote-administration"]', False),
        ('domicile = ["CN", "HK", "MO"]', True),
        ('hosting = ["DE"]', True),
        ('hosting = ["CN"]', False),
        ('jurisdiction = ["CN"]', True),
        ('artifact = ["android-app"]', True),
        ('artifact = ["firmware"]', False),
        ('finding = ["F-one"]', True),
        ('severity = "high"', True),
        ('severity = "critical"', False),
        ('presence = "configured"', True),
        ('presence = "started"', False),
        ('confidence = "medium"', True),
        ("disputed = false", True),
        ("disputed = true", False),
        ('vendor = ["acme"], presence = "started"', False),
    ],
)
def test_a_rule_decides_where_all_its_conditions_hold(when, met):
    outcome = apply_policy(policy(when), profile(entry()), TODAY).outcome
    assert outcome is (Outcome.DENY if met else Outcome.ALLOW)


def test_the_first_rule_that_fits_decides():
    more = '[[rule]]\nid = "later"\ndecide = "deny"\n'
    decision = apply_policy(policy('vendor = ["acme"]', decide="review", more=more), profile(entry()), TODAY)
    assert [(r.outcome, r.rule) for r in decision.rulings] == [(Outcome.REVIEW, "r")]


def test_the_strictest_ruling_is_the_outcome_and_stands_first():
    found = profile(entry("mild", "low"), entry("grave"))
    decision = apply_policy(policy('severity = "high"', default="review"), found, TODAY)
    assert decision.outcome is Outcome.DENY
    assert [r.finding for r in decision.rulings] == ["F-grave", "F-mild"]


def test_origin_only_is_ruled_on_only_where_a_rule_names_it():
    packer = entry("shell", "none", kind="packer")
    assert apply_policy(policy(""), profile(packer), TODAY).rulings == ()
    assert apply_policy(policy('kind = ["packer"]'), profile(packer), TODAY).outcome is Outcome.DENY


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (profile(score=0.96), Outcome.ALLOW),
        (profile(score=0.94), Outcome.REVIEW),
        (profile(packers=["Bangcle"]), Outcome.REVIEW),
        (profile(status="failed"), Outcome.DENY),
    ],
)
def test_what_was_not_seen_is_ruled_on(document, outcome):
    assert apply_policy(policy(), document, TODAY).outcome is outcome


def test_coverage_demands_are_the_policys_own():
    strict = policy(more='[coverage]\nscore = 0.99\nincomplete = "deny"\n')
    assert apply_policy(strict, profile(score=0.98), TODAY).outcome is Outcome.DENY
    assert apply_policy(strict, profile(score=0.99), TODAY).outcome is Outcome.ALLOW


WAIVER = '[[waiver]]\nfinding = "F-one"\nreason = "Isolated network"\napprover = "CISO"\nexpires = 2026-11-23\n'


def test_a_waiver_counts_through_its_last_day():
    waived = apply_policy(policy(more=WAIVER), profile(entry()), TODAY)
    assert waived.outcome is Outcome.ALLOW
    assert (waived.rulings[0].waived_from, waived.rulings[0].waiver.approver) == ("deny", "CISO")


def test_an_expired_waiver_counts_no_more_and_is_listed():
    late = apply_policy(policy(more=WAIVER), profile(entry()), date(2026, 11, 24))
    assert late.outcome is Outcome.DENY
    assert [w.finding for w in late.expired] == ["F-one"]


def test_a_waiver_covers_its_finding_alone():
    decision = apply_policy(policy(more=WAIVER), profile(entry(), entry("two")), TODAY)
    assert {r.finding: r.outcome for r in decision.rulings} == {"F-two": Outcome.DENY, "F-one": Outcome.ALLOW}


def test_a_waiver_for_another_artifact_does_not_count():
    other = policy(more=WAIVER + f'artifact = "{"cd" * 6}"\n')
    assert apply_policy(other, profile(entry()), TODAY).outcome is Outcome.DENY
    mine = policy(more=WAIVER + f'artifact = "{"ab" * 6}"\n')
    assert apply_policy(mine, profile(entry()), TODAY).outcome is Outcome.ALLOW


def test_a_waiver_without_its_finding_is_listed():
    assert [w.finding for w in apply_policy(policy(more=WAIVER), profile(), TODAY).unused] == ["F-one"]


def test_waivers_may_stand_in_a_file_of_their_own(tmp_path):
    path = tmp_path / "w.toml"
    path.write_text(WAIVER)
    assert apply_policy(policy(), profile(entry()), TODAY, load_waivers(path)).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("default = = 1", "p.toml:1: "),
        ('default = "forbid"', "allow, review or deny"),
        ("colour = 1", "does not know colour"),
        ('[[rule]]\ndecide = "deny"\nwhen = {color = ["x"]}', "does not know color"),
        ('[[rule]]\ndecide = "deny"\nwhen = {vendor = "acme"}', "list of texts"),
        ('[[rule]]\ndecide = "deny"\nwhen = {severity = "huge"}', "one of none, low"),
        ('[[rule]]\nid = "a"', "decide of a"),
        ('[[rule]]\nid = "a"\ndecide = "deny"\n[[rule]]\nid = "a"\ndecide = "deny"', "stand twice: a"),
        ("[coverage]\nscore = -1", "number from 0"),
        ('[[waiver]]\nfinding = "F-1"\nreason = "x"\napprover = " "\nexpires = 2027-01-01', "needs approver"),
        ('[[waiver]]\nfinding = "F-1"\nreason = "x"\napprover = "y"\nexpires = "soon"', "has to be a date"),
        ("rule = 3", "rule"),
        ("a = " + "[" * 5000, "recursion"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_reason(text, complaint):
    with pytest.raises(KnowledgeError, match=complaint):
        parse_policy(text.encode(), "p", PLACE)


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_reads_and_says_what_it_is_for(name):
    shipped = load_policy(name)
    assert shipped.title
    assert shipped.summary
    assert all(rule.reason for rule in shipped.rules)
    assert shipped.waivers == ()


def test_all_four_policies_are_shipped():
    assert shipped_policies() == ["app-store", "hospital", "nukib-strict", "report-only"]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("nukib-strict", "deny"), ("hospital", "review"), ("app-store", "deny"), ("report-only", "review")],
)
def test_what_shipped_policies_say_to_a_chinese_sdk_in_use(name, outcome):
    assert apply_policy(load_policy(name), profile(entry()), TODAY).outcome == outcome


def test_a_missing_policy_is_a_usage_error_that_names_the_shipped_ones():
    with pytest.raises(UsageError, match="nukib-strict"):
        load_policy("no-such")
