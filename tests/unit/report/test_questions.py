import pytest

from inspector.errors import UsageError
from inspector.report import Presentation, render
from inspector.report.language import words
from inspector.report.questions import TOPICS, judged, load_answers, topics

ID = "F-5ce18aacdf85"


def written(tmp_path, text):
    path = tmp_path / "answers.toml"
    path.write_text(text)
    return path


def test_who_may_update_is_asked_only_where_something_can_be_commanded(monitor):
    asked = {f["subject"]["id"]: topics(f) for f in monitor["findings"]}
    assert asked["contec/update-share"] == TOPICS
    assert asked["contec/central-station-data"] == TOPICS[:-1]


@pytest.mark.parametrize("name", ["questionnaire", "questionnaire-html"])
def test_each_question_names_finding_place_and_offset(name, monitor):
    text = render(name, monitor)
    assert ID in text
    assert "squashfs!/opt/bin/monitor" in text
    assert "0xd8" in text


def test_a_plain_answer_keeps_its_status(monitor, tmp_path):
    answers = load_answers(written(tmp_path, f'[{ID}]\nstatus = "explained"\nby = "Novák"\nregion = "CN"\n'))
    answer = judged(monitor["findings"][0], answers)
    assert (answer.status, answer.against) == ("explained", ())


@pytest.mark.parametrize(
    ("said", "key"),
    [("used = false", "against.used"), ('region = "DE"', "against.region"), ('operator = "Acme"', "against.operator")],
)
def test_an_answer_against_the_evidence_is_marked_so(monitor, tmp_path, said, key):
    answers = load_answers(written(tmp_path, f'[{ID}]\nstatus = "explained"\n{said}\n'))
    answer = judged(monitor["findings"][0], answers)
    assert answer.status == "contradicted"
    assert [found for found, _ in answer.against] == [key]


@pytest.mark.parametrize(
    ("region", "contradicted"),
    [
        ("Germany", True),
        ("Německo", True),
        ("Frankfurt, Germany", True),
        ("EU", True),
        ("Evropská unie", True),
        ("USA", True),
        ("China", False),
        ("Čína", False),
        ("ČLR", False),
        ("Germany and China", False),
        ("our data centre", False),
    ],
)
def test_a_region_is_understood_by_the_name_of_its_country_and_never_guessed(monitor, region, contradicted):
    found = judged(monitor["findings"][0], {ID: {"region": region}}).against
    assert bool(found) is contradicted


def test_a_place_inside_the_union_does_not_contradict_it(monitor):
    finding = monitor["findings"][0]
    inside = finding | {"endpoints": [endpoint | {"hosting": "DE"} for endpoint in finding["endpoints"]]}
    assert judged(inside, {ID: {"region": "EU"}}).against == ()


def test_answers_stand_in_questionnaire_and_register(monitor, tmp_path):
    answers = load_answers(written(tmp_path, f"[{ID}]\nused = false\n"))
    how = Presentation(language="cs", answers=answers)
    for name in ("questionnaire", "questionnaire-html", "risk-register", "risk-register-csv"):
        assert "V rozporu s důkazy" in render(name, monitor, how)


@pytest.mark.parametrize(
    "text", ["x = 1", "[a]\nfoo = 1", '[a]\nstatus = "fine"', '[a]\nused = "no"', "[a", "\x00", "[a]\nused = 1"]
)
def test_wrong_answer_files_are_refused_with_the_file_name(tmp_path, text):
    with pytest.raises(UsageError, match=r"answers\.toml"):
        load_answers(written(tmp_path, text))


def test_a_risk_names_the_warning_the_measures_and_leaves_the_rest_open(monitor):
    text = render("risk-register", monitor)
    assert "3 September 2025" in text
    assert "Block at the edge of the network: 202.114.4.119." in text
    assert "| Owner | … |" in text


def test_the_register_tells_the_answer_and_what_speaks_against_it(monitor, tmp_path):
    answers = load_answers(written(tmp_path, f'[{ID}]\nstatus = "explained"\nby = "A. Novak"\nregion = "DE"\n'))
    text = render("risk-register", monitor, Presentation(answers=answers))
    assert "Contradicted by the evidence" in text
    assert "By: A. Novak" in text
    assert "hosted or registered in CN" in text


def test_an_accepted_answer_is_no_explanation(monitor, tmp_path):
    answers = load_answers(written(tmp_path, f'[{ID}]\nstatus = "accepted"\nregion = ["CN"]\n'))
    assert judged(monitor["findings"][0], answers).status == "accepted"
    assert judged(monitor["findings"][1], answers) is None


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize("name", ["questionnaire", "questionnaire-html"])
def test_what_could_not_be_read_is_asked_for_even_where_nothing_was_found(full, name, language):
    document = full | {"findings": [], "verdict": full["verdict"] | {"status": "inconclusive", "rating": "none"}}
    text = render(name, document, Presentation(language=language))
    assert "a!b+0x10" in text
    assert words(language)("question.unseen") in text
    assert words(language)("ask.nothing") not in text


def test_a_register_without_risks_does_not_call_the_artifact_clean(full):
    headline = "Nothing was found, but not everything could be seen: this firmware cannot be called free of exposure."
    verdict = full["verdict"] | {"status": "inconclusive", "rating": "none", "headline": headline}
    text = render("risk-register", full | {"findings": [], "verdict": verdict})
    assert "not everything could be seen" in text


def test_the_impact_agrees_in_gender_in_czech(monitor):
    assert "| Dopad (návrh) | kritický |" in render("risk-register", monitor, Presentation(language="cs"))
