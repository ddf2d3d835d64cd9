"""Every example of every indicator is a test of its own; benign values match no vendor of the PRC."""

import pytest

from inspector.classify import Index
from inspector.knowledge import builtin_folder, load_knowledge
from inspector.lint import KIND_OF, benign_values, example_failures, lint
from inspector.model.knowledge import PRC

KNOWLEDGE = load_knowledge()
INDEX = Index(KNOWLEDGE)
INDICATORS = [(owner, one) for owner in KNOWLEDGE.signatures.values() for one in owner.indicators]


@pytest.mark.parametrize(("signature", "indicator"), INDICATORS, ids=lambda value: value.id)
def test_examples_behave(signature, indicator):
    assert list(example_failures(INDEX, signature, indicator)) == []


def test_the_linter_has_no_complaint():
    assert lint(KNOWLEDGE, None, lambda _: False) == []


def test_two_thousand_benign_values_match_nobody_of_the_prc():
    values = benign_values(builtin_folder() / "benign.txt")
    assert len(values) >= 2000
    accused = [
        (value, hit.key)
        for kind, value in values
        for hit in INDEX.find(KIND_OF[kind], value)
        if KNOWLEDGE.vendors[hit.signature.vendor].domicile in PRC or hit.indicator.hosting in PRC
    ]
    assert accused == []
