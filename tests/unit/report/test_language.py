import itertools
import re
import string
from collections import Counter

import pytest

from inspector.classify.engine import DECLARED_ONLY, IMPORTED_ONLY, NAME_CHOSEN, SERVERS_ONLY
from inspector.extract.parts import REMEDY
from inspector.knowledge import load_knowledge
from inspector.model.finding import Rating
from inspector.model.observation import Presence
from inspector.profile.diff import difference
from inspector.profile.rollup import rollup
from inspector.profile.severity import severity
from inspector.profile.verdict import decide
from inspector.report.language import words
from inspector.report.page.tables import PRESENCES
from inspector.scan.device.mechanism_rules import RULES
from tests.unit.profile.made import ADMIN, DATA, category, coverage, finding


def entries(language):
    return words(language)._entries


def bare(keys):
    return {re.sub(r"\.(one|few|many)$", "", key) for key in keys}


def test_both_languages_say_the_same_things():
    assert bare(entries("en")) == bare(entries("cs"))


@pytest.mark.parametrize("key", sorted(entries("en")))
def test_a_translation_has_the_same_places_to_fill_in(key):
    czech = entries("cs")
    if key in czech:
        assert set(re.findall(r"\{\w+\}", czech[key])) == set(re.findall(r"\{\w+\}", entries("en")[key]))


def test_every_closed_word_of_the_profile_has_a_translation():
    for group, values in {"rating": [*Rating], "presence": PRESENCES, "limb": ["data-transfer"]}.items():
        assert all(words("cs").has(f"{group}.{value}") for value in values)


def test_the_sentences_of_a_profile_come_out_in_czech(monitor):
    czech = words("cs")
    said = [monitor["verdict"]["headline"], *monitor["verdict"]["reasons"]]
    said += [reason for finding in monitor["findings"] for reason in finding["reasons"]]
    assert [sentence for sentence in said if czech.sentence(sentence)[1] != "cs"] == []
    reasons = " ".join(czech.sentence(reason)[0] for reason in monitor["verdict"]["reasons"])
    assert "202.114.4.119 (registrace CN), provozovatel CERNET" in reasons


FOUND = {
    "admin": finding(vendor="admin", limbs=(ADMIN,)),
    "data": finding(vendor="data", limbs=(DATA,)),
    "both": finding(vendor="both", limbs=(ADMIN, DATA)),
    "named": finding(vendor="named", limbs=(ADMIN,), presence=Presence.STRING),
    "torn": finding(vendor="torn", limbs=(DATA,), domicile="US", disputed="Contested."),
    "site": finding(vendor="site", limbs=(DATA,), category_name="vendor-site"),
    "code": finding(vendor="code", limbs=(ADMIN, DATA))._replace(commanded_by=("fetch-and-execute",)),
}
COMBINATIONS = [names for size in range(1, 8) for names in itertools.combinations(FOUND, size)]


def test_every_category_has_a_word_in_both_languages():
    known = set(load_knowledge().categories)
    for language in ("en", "cs"):
        assert {key.removeprefix("category.") for key in entries(language) if key.startswith("category.")} == known


@pytest.mark.parametrize("names", COMBINATIONS, ids="-".join)
def test_every_headline_comes_out_in_czech(names):
    graded = [(FOUND[name], severity(FOUND[name], category("medium"))) for name in names]
    verdict = decide("firmware", graded, coverage())
    told = [words("cs").sentence(sentence) for sentence in (verdict.headline, *verdict.reasons)]
    assert [text for text, language in told if language != "cs"] == []
    assert not re.search(r"\b(can|also|This|use of|sites)\b", told[0][0])


def test_the_notes_of_comparison_and_roll_up_come_out_in_czech(full):
    other = full | {"knowledge": full["knowledge"] | {"sha256": "0" * 64}, "options": {"depth": "1"}}
    other["artifact"] = full["artifact"] | {"kind": "unknown", "format": "json"}
    notes = [*difference(full, other)["notes"], *rollup([full, other])["notes"]]
    assert len(notes) == 9
    assert [note for note in notes if words("cs").sentence(note)[1] != "cs"] == []


def test_what_the_product_says_of_many_subjects_comes_out_in_czech():
    czech = words("cs")
    own = [SERVERS_ONLY, DECLARED_ONLY, IMPORTED_ONLY, NAME_CHOSEN, REMEDY, "Host names under .cn"]
    own += [rule.detail for rule in RULES if "peer-to-peer" not in rule.detail]
    knowledge = load_knowledge()
    shared = Counter(caveat for one in knowledge.signatures.values() for caveat in one.caveats)
    own += [f"Public pages, shop, manuals and downloads of {name}." for name in ("Comexe", "A (B), Ltd.")]
    assert [sentence for sentence in own if czech.sentence(sentence)[1] != "cs"] == []
    assert sum(n for caveat, n in shared.items() if czech.sentence(caveat)[1] == "cs") > 0.8 * shared.total()
    unknown = "Host names under .cn (an unknown operator), medium: data transfer; string; a.cn."
    assert czech.sentence(unknown)[0].startswith("Doménová jména pod .cn (neznámý provozovatel), střední")


def test_a_sentence_nobody_translated_stays_english_and_says_so():
    assert words("cs").sentence("Something else.") == ("Something else.", "en")


def test_values_put_into_a_sentence_are_not_read_as_places_to_fill_in():
    assert words("en")("hosted_in", place="{place}{x}") == "hosted in {place}{x}"


@pytest.mark.parametrize(("number", "form"), [(1, "1 mezera"), (3, "3 mezery"), (5, "5 mezer"), (22, "22 mezer")])
def test_czech_counts_in_three_forms(number, form):
    assert words("cs").count("coverage.gaps", number) == form


def test_less_than_everything_never_reads_as_everything():
    assert words("en").percent(0.99999) == "99.9%"
    assert words("en").percent(0.99857) == "99.8%"  # as the headline has it
    assert words("cs").percent(1.0) == "100 %"


def test_long_hostile_sentences_are_not_matched():
    assert words("cs").sentence("This a " + "a " * 5000)[1] == "en"


def test_words_are_printable():
    allowed = set(string.printable) - set("\t\n\r\x0b\x0c")
    assert all(c in allowed or c.isprintable() or c == "\u202f" for text in entries("cs").values() for c in text)
