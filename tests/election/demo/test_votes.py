"""The demo's voters: whatever they are drawn to do, their counts add up and end as asked."""

from __future__ import annotations

from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from election.demo.names import person_name
from election.demo.votes import Ballots, Ending, ballots, branch_counts, can_tie, contest
from election.strokes import stroke_order

seeds = st.integers(0, 10**6).map(Random)


@given(seeds, st.integers(1, 900))
def test_ballots_add_up(random: Random, present: int) -> None:
    made = ballots(random, present)
    assert made == Ballots(present, made.returned, made.valid, made.spoiled)
    assert made.valid + made.spoiled == made.returned <= present
    assert made.valid > 0


@given(seeds, st.integers(1, 9), st.integers(1, 9), st.integers(10, 900), st.sampled_from(Ending))
def test_counts_pass_every_check_and_end_as_asked(
    random: Random, seats: int, spare: int, expected: int, ending: Ending
) -> None:
    standing = seats + spare
    made = ballots(random, expected - random.randrange(0, expected // 20 + 1))
    assume(ending is not Ending.TIE or can_tie(seats, standing, expected, made.valid))
    counts = contest(random, seats, standing, expected, made.valid, ending)
    for one in counts:
        assert min(one.votes_for, one.against, one.abstain) >= 0
        assert one.votes_for + one.against + one.abstain == made.valid
    votes = sorted((one.votes_for for one in counts), reverse=True)
    above = [each for each in votes if each * 2 > expected]
    if ending is Ending.TIE:
        assert votes[seats - 1] == votes[seats] and votes[seats] * 2 > expected
    elif ending is Ending.SHORTFALL:
        assert len(above) < seats
    assert sum(votes) <= made.valid * seats


@given(seeds, st.integers(3, 40), st.booleans())
def test_a_branch_ballot_passes_whom_it_is_to_pass(random: Random, expected: int, passes: bool) -> None:
    valid = expected - random.randrange(0, expected // 10 + 1)
    counts = branch_counts(random, expected, valid, passes)
    assert counts.votes_for + counts.against + counts.abstain == valid
    assert min(counts.votes_for, counts.against, counts.abstain) >= 0
    assert (counts.votes_for * 2 > expected) == passes


@given(seeds, st.booleans())
def test_names_have_two_to_four_characters_that_the_stroke_table_knows(random: Random, female: bool) -> None:
    name = person_name(random, female)
    assert 2 <= len(name) <= 4
    assert stroke_order([name]) == [name]
