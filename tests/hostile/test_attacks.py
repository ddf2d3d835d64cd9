"""Every attack of the shipped corpus is one test; `inspector selftest` replays the same ones for users."""

import os
from dataclasses import replace

import pytest

from inspector.isolate import sandbox
from inspector.isolate.memory import group_memory
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.selftest import ATTACKS
from inspector.selftest.mock import MockToolbox
from inspector.selftest.replay import replay

COMPLETE = sandbox.complete([n for n, w in sandbox.offered().items() if w == "yes" or w.startswith("ABI")])


@pytest.fixture(scope="module")
def mocks():
    knowledge = load_knowledge()
    return MockToolbox(knowledge, AddressTables(knowledge))


@pytest.mark.parametrize(
    "attack",
    [pytest.param(a, marks=pytest.mark.attack if a.slow or a.id in ("A14-nest", "L-magics") else ()) for a in ATTACKS],
    ids=[attack.id for attack in ATTACKS],
)
def test_it_holds(attack, mocks):
    if attack.id.startswith("M-"):  # a run of all tests grows large, and what a fork inherits from it counts
        memory = attack.limits.memory + group_memory(os.getpgid(0))
        attack = replace(attack, limits=attack.limits._replace(memory=memory))
    (verdict,) = replay([attack], mocks, require_sandbox=COMPLETE)
    assert verdict.complaints == ()


def test_every_attack_has_a_name_of_its_own():
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)


def test_a_profile_that_does_not_hold_is_told():
    from inspector.selftest.attack import adds_up, finds, names_what_it_missed

    document = {
        "artifact": {"size": 10_000},
        "coverage": {"partition": {"opaque": 9_999}, "score": 0.5, "gaps": []},
        "observables": {"hostnames": []},
    }
    assert "9999 of 10000" in adds_up(document)
    assert "no gap" in names_what_it_missed(document)
    assert "a1.tuyacn.com" in finds("a1.tuyacn.com")(document)
