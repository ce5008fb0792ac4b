"""A branch's ballot as a contest: its kind and its places, who goes on, and how many it may have expected."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from election.contests.outcome import (
    CandidateCount,
    ContestInput,
    ContestKind,
    ContestRules,
    MajorityBase,
    Outcome,
    OutcomeStatus,
    Quorum,
    TieRule,
    WriteInRule,
    decide,
)
from election.nomination.branch.vote import (
    COUNTED,
    BallotTotals,
    Result,
    Vote,
    Votes,
    contest,
    expected_refusal,
    results,
    votes_needed,
)

RULES = MappingProxyType({"quorum_branch": ">1/2", "majority_base": "expected"})


@pytest.mark.parametrize(
    ("applicants", "places", "tie", "kind", "seats"),
    [
        (3, None, False, ContestKind.PRESELECTION, 3),  # without places all above the majority go on
        (3, 2, False, ContestKind.CONTESTED, 2),
        (2, 2, False, ContestKind.PRESELECTION, 2),  # each is approved or not
        (1, 2, False, ContestKind.PRESELECTION, 1),
        (2, 1, True, ContestKind.TIE_BALLOT, 1),
        (2, 2, True, ContestKind.TIE_BALLOT, 2),
    ],
)
def test_more_applicants_than_places_are_contested(
    applicants: int, places: int | None, tie: bool, kind: ContestKind, seats: int
) -> None:
    vote = Vote(tuple(range(applicants)), places, tie)
    assert (vote.kind, vote.seats) == (kind, seats)


def counted(*votes: tuple[int, int, int]) -> BallotTotals:
    return BallotTotals(20, 19, 18, 17, 16, 1, {place: Votes(*one) for place, one in enumerate(votes, 1)})


def test_the_contest_is_what_the_branch_counted_without_margin_or_write_ins() -> None:
    made = contest(Vote((2, 1), 1, False), counted((9, 4, 3), (12, 3, 1)), RULES)
    assert made == ContestInput(
        kind=ContestKind.CONTESTED,
        seats=1,
        expected=20,
        present=19,
        issued=18,
        returned=17,
        valid=16,
        spoiled=1,
        candidates=(CandidateCount("2", 12, 3, 1), CandidateCount("1", 9, 4, 3)),
        write_ins=(),
        rules=ContestRules(Quorum(1, 2, True), MajorityBase.EXPECTED, 0, WriteInRule.OFF, TieRule.BALLOT),
    )


def test_without_places_everybody_above_the_majority_goes_on_and_nobody_else() -> None:
    totals = counted((11, 5, 0), (10, 6, 0), (11, 0, 5))
    outcome = decide(contest(Vote((1, 2, 3), None, False), totals, RULES))
    assert results(outcome, (1, 2, 3)) == {1: Result.PASSED, 2: Result.FAILED, 3: Result.PASSED}
    assert votes_needed(outcome) == 11


def test_a_tie_across_the_last_place_is_told_from_a_failure() -> None:
    rules = {**RULES, "majority_base": "present"}
    totals = counted((10, 6, 0), (12, 4, 0), (10, 6, 0))
    outcome = decide(contest(Vote((1, 2, 3), 2, False), totals, rules))
    assert results(outcome, (3, 2, 1, 4)) == {3: Result.TIED, 2: Result.PASSED, 1: Result.TIED, 4: Result.FAILED}
    assert outcome.status in COUNTED


def test_in_a_tie_ballot_a_single_vote_is_enough() -> None:
    outcome = decide(contest(Vote((1, 2), 1, True), counted((2, 14, 0), (1, 15, 0)), RULES))
    assert (results(outcome, (1, 2)), votes_needed(outcome)) == ({1: Result.PASSED, 2: Result.FAILED}, 1)


def test_a_ballot_counts_when_it_was_valid_whoever_passed() -> None:
    assert set(COUNTED) == {OutcomeStatus.DECIDED, OutcomeStatus.SHORTFALL, OutcomeStatus.TIE}
    assert results(Outcome(OutcomeStatus.SHORTFALL, 11), (1,)) == {1: Result.FAILED}


@pytest.mark.parametrize(
    ("expected", "because", "code"),
    [
        (20, "", None),
        (20, " ", None),
        (20, "病重", "branch_ballot.nobody_excluded"),
        (19, "病重", None),
        (19, "", "branch_ballot.fewer_unexplained"),
        (19, " ", "branch_ballot.fewer_unexplained"),
        (21, "", "branch_ballot.expected_over_voters"),
        (21, "病重", "branch_ballot.expected_over_voters"),
    ],
)
def test_a_branch_expects_its_voters_and_fewer_only_for_a_reason(expected: int, because: str, code: str | None) -> None:
    refusal = expected_refusal(expected, 20, because)
    assert (refusal and refusal.code) == code
    if code == "branch_ballot.fewer_unexplained":
        assert refusal is not None and refusal.params["missing"] == 1
