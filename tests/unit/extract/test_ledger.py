from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from inspector.extract.ledger import Claim, partition, score, totals
from inspector.extract.statistics import Look, looks
from inspector.formats.reader import BufferReader, Span
from inspector.model.ledger import LedgerSpan, SpanKind

edges = st.integers(-50, 300)
spans = st.builds(lambda a, b: Span(min(a, b), max(a, b)), edges, edges)
claims = st.lists(
    st.builds(Claim, spans, st.sampled_from(SpanKind), st.sampled_from([0.0, 0.25, 0.5, 1.0])), max_size=40
)


@given(st.integers(0, 250), claims)
def test_claims_and_remainder_cover_every_byte_exactly_once(size, made):
    spans, free = partition(size, made)
    pieces = sorted([(s.start, s.end) for s in spans] + [(f.start, f.end) for f in free])
    assert sum(end - start for start, end in pieces) == size
    at = 0
    for start, end in pieces:
        assert start == at
        assert end > start
        at = end
    assert at == size


@given(st.integers(1, 250), claims, st.randoms())
def test_the_order_of_claims_plays_no_part(size, made, random):
    shuffled = list(made)
    random.shuffle(shuffled)
    first, second = partition(size, made), partition(size, shuffled)
    assert [(s.start, s.end, s.kind, s.weight) for s in first[0]] == [
        (s.start, s.end, s.kind, s.weight) for s in second[0]
    ]
    assert first[1] == second[1]


@given(st.integers(1, 250), claims)
def test_a_claim_of_opaque_bytes_never_raises_the_score(size, made):
    def whole(all_claims):
        spans, free = partition(size, all_claims)
        return score([*spans, *(LedgerSpan(f.start, f.end, SpanKind.SCANNED) for f in free)])

    everything = Claim(Span(0, size), SpanKind.OPAQUE, 0.0)
    assert whole([*made, everything]) <= whole(made) + 1e-9


def test_a_block_that_several_members_share_is_one_span_of_their_mean():
    made = [Claim(Span(0, 10), SpanKind.MEMBER, 1.0), Claim(Span(0, 10), SpanKind.MEMBER, 0.0)]
    spans, free = partition(10, made)
    assert [(s.start, s.end, s.weight) for s in spans] == [(0, 10, 0.5)]
    assert free == []


def test_totals_name_every_kind():
    assert set(totals([])) == set(SpanKind)


def test_many_members_on_one_block_stay_linear():
    made = [Claim(Span(0, 1_000 + n), SpanKind.MEMBER, 1.0) for n in range(100_000)]
    spans, _ = partition(200_000, made)
    assert sum(len(s) for s in spans) == 100_999


def test_claims_on_the_same_bytes_give_the_same_spans_in_any_order():
    made = [
        Claim(Span(0, 1), SpanKind.STRUCTURE),
        Claim(Span(0, 2), SpanKind.MEMBER, 0.0, "content"),
        Claim(Span(0, 2), SpanKind.STRUCTURE),
    ]
    assert len({tuple(partition(2, order)[0]) for order in permutations(made)}) == 1


def test_filling_before_erased_flash_is_padding_all_the_same():
    code = b"code " * 20_000
    data = BufferReader(code + bytes(1214) + b"\xff" * 70_000 + b"more " * 500)
    filled = Span(len(code), len(code) + 71_214)
    assert list(looks(data, filled)) == [(filled, Look.PADDING)]
    runs = list(looks(data, Span(0, data.size)))
    assert (runs[0][0].start, runs[-1][0].end) == (0, data.size)
    assert all(before.end == after.start for (before, _), (after, _) in pairwise(runs))
    assert sum(len(run) for run, kind in runs if kind is Look.PADDING) > 1 << 12
