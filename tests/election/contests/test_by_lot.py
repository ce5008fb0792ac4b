"""A tie that the lot decides: only the tied, never more than the seats, and the same whoever draws it again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.contests.by_lot import contest_by_lot, decide_by_lot
from election.contests.follow_up import PastRound, Standing, next_round
from election.contests.models import RoundKind
from election.contests.outcome import FollowUp, OutcomeStatus
from election.lot import recorded_from_halves

NAMES = st.lists(st.sampled_from(["丁一", "王二", "李三"]), min_size=1, max_size=6)


@given(NAMES, st.integers(1, 7), st.text("0123456789abcdef", min_size=1, max_size=8))
def test_only_the_tied_are_elected_and_never_more_than_the_seats(names: list[str], seats: int, half: str) -> None:
    tied = [f"c{number}" for number in range(1, len(names) + 1)]
    drawn = recorded_from_halves(names, half, "3 1 4")
    outcome = decide_by_lot(contest_by_lot(seats, tied, drawn))
    assert len(set(outcome.elected)) == len(outcome.elected) == min(seats, len(tied)) and set(outcome.elected) <= {
        *tied
    }
    assert outcome.elected == tuple(f"c{one['number']}" for one in drawn["order"])[:seats]
    assert outcome.shortfall == seats - len(outcome.elected)
    short = outcome.shortfall > 0
    assert (outcome.status, outcome.follow_up) == (
        (OutcomeStatus.SHORTFALL, FollowUp.SUPPLEMENTARY) if short else (OutcomeStatus.DECIDED, None)
    )
    assert (outcome.tied, outcome.tied_seats, outcome.votes_needed) == ((), 0, None)


def test_an_order_that_its_seed_does_not_give_decides_nothing() -> None:
    drawn = recorded_from_halves(["丁一", "王二"], "ab", "3 1 4")
    turned = {**drawn, "order": drawn["order"][::-1]}
    for wrong in (
        contest_by_lot(1, ["c1", "c2"], turned),
        contest_by_lot(1, ["c1", "c2", "c3"], drawn),
        contest_by_lot(1, ["c1", "c1"], drawn),
        contest_by_lot(0, ["c1", "c2"], drawn),
    ):
        with pytest.raises(ValueError, match="no lot"):
            decide_by_lot(wrong)


def test_what_a_lot_decides_from_is_kept_whole_and_named_by_its_format() -> None:
    drawn = recorded_from_halves(["丁一", "王二"], "ab", "3 1 4")
    kept = contest_by_lot(1, ("c4", "c2"), drawn)
    assert kept == {"format": "contest-by-lot/1", "seats": 1, "tied": ["c4", "c2"], "lot": drawn}


TIE = PastRound(
    RoundKind.ORDINARY,
    2,
    tuple(Standing(member, votes) for member, votes in enumerate((80, 60, 60, 40), 1)),
    status=OutcomeStatus.TIE,
    elected=(1,),
    tied=(2, 3),
    by_lot=True,
)


def test_what_is_due_after_a_tie_is_the_lot_where_the_rules_that_decided_it_say_so() -> None:
    due = next_round(2, [TIE], margin=40)
    assert due is not None and (due.kind, due.seats, due.candidates) == (RoundKind.LOT, 1, (2, 3))
    voted = next_round(2, [replace(TIE, by_lot=False)], margin=40)
    assert voted is not None and voted.kind is RoundKind.TIE_BALLOT
    drawn = PastRound(RoundKind.LOT, 1, (Standing(3, 60), Standing(2, 60)), status=OutcomeStatus.DECIDED, elected=(3,))
    assert next_round(2, [TIE, drawn], margin=40) is None


def test_where_one_of_the_tied_can_be_elected_no_more_the_votes_of_the_ballot_rank_who_stands_for_what_is_left() -> (
    None
):
    """A lot has no votes of its own: who was drawn last has no worse place in the election that follows."""
    wide = replace(TIE, seats=3, tied=(2, 3, 4))
    drawn = PastRound(RoundKind.LOT, 2, (Standing(3, 0),), status=OutcomeStatus.SHORTFALL, elected=(3,))
    due = next_round(3, [wide, drawn], margin=0, gone=frozenset({2}))
    assert due is not None and (due.kind, due.seats, due.candidates) == (RoundKind.SUPPLEMENTARY, 1, (4,))
