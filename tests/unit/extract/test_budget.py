"""What decoded bytes cost."""

import os

import pytest

from inspector.errors import LimitReached
from inspector.extract.budget import FILL, RATIO_FROM, Budget, Limits
from inspector.formats.reader import BufferReader, MappedReader, Piece

NOISE = os.urandom(FILL)


def cost_of(reader) -> int:
    budget = Budget(Limits(), 1 << 30)
    before = budget.allowance()
    budget.spend(reader)
    return before - budget.allowance()


@pytest.mark.parametrize(
    ("raw", "cost"),
    [
        (NOISE, FILL),
        (NOISE + bytes(FILL * 16) + NOISE, 3 * FILL),
        (b"\xff" * FILL * 16, FILL),
        (bytes(FILL - 1), FILL - 1),  # below one step
        (b"\x01" * FILL * 16, 16 * FILL),  # no fill byte
        (bytes(FILL - 1) + b"x", FILL),
    ],
)
def test_runs_of_fill_bytes_cost_little(raw, cost):
    assert cost_of(BufferReader(raw)) == cost


def test_holes_cost_nothing():
    assert cost_of(MappedReader([Piece(1 << 30), Piece(FILL, BufferReader(NOISE))])) == FILL


def test_one_member_may_pass_the_ratio_and_then_it_is_used_up():
    budget = Budget(Limits(), 1000)
    budget.spend(BufferReader(b"\1" * (RATIO_FROM - 1)))
    assert budget.allowance() == RATIO_FROM
    budget.spend(BufferReader(b"\1\1"))
    with pytest.raises(LimitReached) as reached:
        budget.allowance()
    assert reached.value.limit == "ratio"


def test_nothing_passes_the_limit_of_all_decoded_bytes():
    budget = Budget(Limits(unpacked=5000), 1000)
    budget.spend(BufferReader(b"\1" * 4000))
    assert budget.allowance() == 1000
