"""What holds for every contest, whatever the counts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from election.contests.outcome import (
    CandidateCount,
    ContestInput,
    ContestKind,
    MajorityBase,
    OutcomeStatus,
    Quorum,
    TieRule,
    WriteInCount,
    WriteInRule,
    decide,
)
from tests.election.contests.making import RULES

COUNTED = (OutcomeStatus.TIE, OutcomeStatus.SHORTFALL, OutcomeStatus.DECIDED)


@st.composite
def contests(draw: st.DrawFn) -> ContestInput:
    """Any contest, most of them consistent, votes few enough for ties to be common."""
    expected = draw(st.integers(1, 30))
    present = draw(st.integers(max(0, expected - 4), expected + draw(st.sampled_from([0, 0, 0, 1]))))
    issued = draw(st.integers(max(0, present - 1), present + draw(st.sampled_from([0, 0, 0, 1]))))
    returned = draw(st.integers(max(0, issued - 1), issued + draw(st.sampled_from([0, 0, 0, 1]))))
    spoiled = draw(st.integers(0, min(1, returned)))
    valid = returned - spoiled + draw(st.sampled_from([0, 0, 0, 0, 1]))
    high = st.integers(min(valid, valid * 3 // 5), valid)
    candidates = []
    for place in range(draw(st.integers(0, 6))):
        for_ = draw(st.one_of(high, st.integers(0, valid)))
        against = draw(st.integers(0, valid - for_))
        candidates.append(CandidateCount(f"c{place}", for_, against, valid - for_ - against))
    write_ins = [
        WriteInCount(f"w{place}", draw(st.integers(0, 8)), draw(st.booleans()))
        for place in range(draw(st.sampled_from([0, 0, 1, 2])))
    ]
    return ContestInput(
        draw(st.sampled_from(ContestKind)),
        draw(st.integers(1, 5)),
        expected,
        present,
        issued,
        returned,
        valid,
        spoiled,
        tuple(candidates),
        tuple(write_ins),
        replace(
            RULES,
            quorum=Quorum.parse(draw(st.sampled_from(["4/5", ">1/2"]))),
            majority_base=draw(st.sampled_from(MajorityBase)),
            write_in=draw(st.sampled_from(WriteInRule)),
            tie_at_cut=draw(st.sampled_from(TieRule)),
        ),
    )


def votes_of(one: ContestInput) -> dict[str, int]:
    votes = {each.id: each.for_ for each in one.candidates}
    return votes | {each.id: each.for_ for each in one.write_ins}


@given(contests())
def test_nobody_is_elected_or_tied_at_or_below_the_majority(one):
    outcome, votes = decide(one), votes_of(one)
    base = one.expected if one.rules.majority_base is MajorityBase.EXPECTED else one.present
    least = Fraction(0) if one.kind is ContestKind.TIE_BALLOT else Fraction(base, 2)
    assert all(votes[name] > least for name in outcome.elected + outcome.tied)


@given(contests())
def test_never_more_than_the_seats_are_elected_and_every_seat_is_accounted_for(one):
    outcome = decide(one)
    if outcome.status in COUNTED:
        assert len(outcome.elected) + outcome.tied_seats + outcome.shortfall == one.seats
        assert len(outcome.tied) > outcome.tied_seats or not outcome.tied
    else:
        assert (outcome.elected, outcome.tied, outcome.tied_seats, outcome.shortfall) == ((), (), 0, 0)
        assert any(finding.severity == "error" for finding in outcome.findings)


@given(contests())
def test_nobody_with_fewer_votes_is_preferred(one):
    outcome, votes = decide(one), votes_of(one)
    if outcome.status not in COUNTED:
        return
    eligible = {each.id for each in one.candidates} | {each.id for each in one.write_ins if each.eligible}
    left = eligible - set(outcome.elected) - set(outcome.tied)
    ranked = [votes[name] for name in outcome.elected]
    assert ranked == sorted(ranked, reverse=True)
    for name in outcome.elected:
        assert all(votes[name] > votes[other] for other in (left | set(outcome.tied)) if outcome.status != "shortfall")
    assert len({votes[name] for name in outcome.tied}) <= 1


@given(contests(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_changes_only_the_order_among_equals(one, random):
    shuffled = list(one.candidates)
    random.shuffle(shuffled)
    before, after = decide(one), decide(replace(one, candidates=tuple(shuffled)))
    assert set(before.elected) == set(after.elected)
    assert set(before.tied) == set(after.tied)
    assert (before.status, before.shortfall, before.tied_seats, before.follow_up) == (
        after.status,
        after.shortfall,
        after.tied_seats,
        after.follow_up,
    )
    votes = votes_of(one)
    assert [votes[name] for name in before.elected] == [votes[name] for name in after.elected]
    given_order = [each.id for each in shuffled] + [each.id for each in one.write_ins]
    assert list(after.elected) == sorted(after.elected, key=lambda name: (-votes[name], given_order.index(name)))
    assert list(after.tied) == sorted(after.tied, key=given_order.index)


@given(contests())
def test_an_ineligible_write_in_is_never_elected(one):
    outcome = decide(one)
    assert not {each.id for each in one.write_ins if not each.eligible} & set(outcome.elected + outcome.tied)


@given(contests(), st.integers(0, 100))
def test_the_margin_never_changes_the_outcome(one, margin):
    before = decide(one)
    after = decide(replace(one, rules=replace(one.rules, margin=margin)))
    assert replace(before, findings=()) == replace(after, findings=())


@given(contests(), contests())
def test_a_contest_does_not_depend_on_another_one(one, other):
    alone = decide(one)
    decide(other)
    assert decide(one) == alone


@given(contests())
def test_the_status_and_the_follow_up_fit(one):
    outcome = decide(one)
    expected: dict[OutcomeStatus, set[str | None]] = {
        OutcomeStatus.REJECTED: {None},
        OutcomeStatus.NO_QUORUM: {"rerun"},
        OutcomeStatus.VOID: {"rerun"},
        OutcomeStatus.TIE: {"tie_ballot" if one.rules.tie_at_cut is TieRule.BALLOT else "lot"},
        OutcomeStatus.SHORTFALL: {"supplementary"},
        OutcomeStatus.DECIDED: {None},
    }
    assert (outcome.follow_up and outcome.follow_up.value) in expected[outcome.status]
