"""How two readers' labels are compared."""

import pytest

from accuracy.agreement import Key, Pair, kappa, key_of, read_rulings, read_second
from accuracy.endpoints import FOLDER, read_labels
from accuracy.scoring import rows


def _pairs(*answers: tuple[bool, bool]) -> list[Pair]:
    return [Pair(Key("S", "hostname", str(index)), *answer) for index, answer in enumerate(answers)]


def test_kappa_takes_away_what_chance_gives() -> None:
    # Cohen's own arithmetic: 6 of 10 agree, each reader says yes to half, so chance alone gives 5 of 10.
    answers = [(True, True)] * 3 + [(False, False)] * 3 + [(True, False)] * 2 + [(False, True)] * 2
    assert kappa(_pairs(*answers)) == pytest.approx(0.2)


def test_kappa_of_readers_who_never_differ_is_one() -> None:
    assert kappa(_pairs((True, True), (True, True))) == 1.0


def test_the_second_reader_labelled_the_drawn_tenth_and_nothing_else() -> None:
    drawn = {key for label in read_labels(settled=False) if (key := key_of(label)).drawn}
    assert set(read_second()) == drawn


def test_only_disagreements_are_settled_and_all_of_them() -> None:
    second = read_second()
    first = {key_of(label): label.endpoint for label in read_labels(settled=False)}
    assert set(read_rulings()) == {key for key, answer in second.items() if first[key] != answer}


def test_settled_labels_carry_the_ruling() -> None:
    settled = {key_of(label): label.endpoint for label in read_labels()}
    assert all(settled[key] == ruling.endpoint for key, ruling in read_rulings().items())


def test_a_correction_changes_a_label_says_why_and_touches_no_ruling() -> None:
    first = {key_of(label): label.endpoint for label in read_labels(settled=False)}
    corrected = list(rows(FOLDER / "corrected.tsv"))[1:]
    assert corrected
    for source, kind, value, label, reason in corrected:
        key = Key(source, kind, value)
        assert first[key] != (label == "endpoint")
        assert len(reason) > 20
        assert key not in read_rulings()
