"""The outcome of single contests: the rules of SPEC.md and the edge cases of RULES.md, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from election.contests.outcome import (
    ContestKind,
    FollowUp,
    MajorityBase,
    Outcome,
    OutcomeStatus,
    Quorum,
    TieRule,
    WriteInRule,
    candidates_needed,
    decide,
)
from election.findings import Severity
from tests.election.contests.making import RULES, contest


def codes(outcome: Outcome, severity: Severity = Severity.ERROR) -> list[str]:
    return [finding.code for finding in outcome.findings if finding.severity is severity]


def test_the_most_votes_above_the_majority_fill_the_seats():
    outcome = decide(contest([2, 9, 8], seats=2))
    assert (outcome.status, outcome.elected, outcome.follow_up) == (OutcomeStatus.DECIDED, ("c2", "c3"), None)
    assert (outcome.votes_needed, outcome.tied, outcome.tied_seats, outcome.shortfall) == (6, (), 0, 0)


@pytest.mark.parametrize(
    ("expected", "votes", "elected"), [(10, 5, False), (10, 6, True), (11, 5, False), (11, 6, True)]
)
def test_exactly_half_of_the_base_is_not_a_majority(expected, votes, elected):
    assert (decide(contest([votes], expected=expected)).elected == ("c1",)) is elected


def test_the_base_is_the_expected_electors_unless_the_rules_say_present():
    counted = contest([45], expected=100, present=80)
    assert decide(counted).votes_needed == 51
    assert decide(counted).status is OutcomeStatus.SHORTFALL
    by_present = decide(replace(counted, rules=replace(RULES, majority_base=MajorityBase.PRESENT)))
    assert (by_present.votes_needed, by_present.status) == (41, OutcomeStatus.DECIDED)


def test_spoiled_and_abstaining_ballots_never_lower_the_majority():
    assert decide(contest([(5, 0, 1)], spoiled=4)).status is OutcomeStatus.SHORTFALL


@pytest.mark.parametrize(
    ("quorum", "expected", "present", "holds"),
    [
        ("4/5", 10, 8, True),
        ("4/5", 10, 7, False),
        ("4/5", 11, 8, False),
        ("4/5", 11, 9, True),
        (">1/2", 10, 5, False),
        (">1/2", 10, 6, True),
        (">1/2", 11, 5, False),
        (">1/2", 11, 6, True),
    ],
)
def test_the_quorum_is_exact(quorum, expected, present, holds):
    rules = replace(RULES, quorum=Quorum.parse(quorum))
    outcome = decide(contest([present], expected=expected, present=present, rules=rules))
    assert (outcome.status is not OutcomeStatus.NO_QUORUM) is holds
    assert (
        Quorum.parse(quorum).needed(expected) <= present if holds else Quorum.parse(quorum).needed(expected) > present
    )


def test_without_a_quorum_the_election_is_rerun():
    outcome = decide(contest([7], present=7))
    assert (outcome.status, outcome.follow_up, outcome.elected) == (OutcomeStatus.NO_QUORUM, FollowUp.RERUN, ())
    assert codes(outcome) == ["contest.no_quorum"]


def test_what_a_reader_should_see_is_told_beside_every_outcome():
    for unlucky in (contest([7], present=7), contest([9], issued=9, returned=10), contest([(3, 3, 3)])):
        assert codes(decide(unlucky), Severity.WARNING) == ["contest.margin_thin"]


def test_more_returned_than_issued_is_void_and_rerun():
    outcome = decide(contest([9], issued=9, returned=10))
    assert (outcome.status, outcome.follow_up, outcome.elected) == (OutcomeStatus.VOID, FollowUp.RERUN, ())
    assert codes(outcome) == ["contest.void"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (contest([], expected=0), "contest.nobody_expected"),
        (contest([5], expected=10, present=11, issued=10), "contest.present_over_expected"),
        (contest([5], present=9, issued=10), "contest.issued_over_present"),
        (contest([9], spoiled=1, valid=8), "contest.returned_not_split"),
        (contest([9], valid=10, spoiled=1), "contest.returned_not_split"),
        (contest([(6, 3, 0)]), "contest.marks_not_valid"),
        (contest([(6, 3, 2)]), "contest.marks_not_valid"),
        (contest([6, 5]), "contest.votes_over_seats"),
        (contest([9], write_ins=[(2, True)]), "contest.write_ins_over_marks"),
        (contest([9], write_ins=[(1, True)], rules=replace(RULES, write_in=WriteInRule.OFF)), "contest.write_ins_off"),
    ],
)
def test_impossible_counts_are_rejected_and_elect_nobody(wrong, code):
    outcome = decide(wrong)
    assert (outcome.status, outcome.elected, outcome.tied, outcome.follow_up) == (OutcomeStatus.REJECTED, (), (), None)
    assert code in codes(outcome)


@pytest.mark.parametrize(
    "fine",
    [
        contest([(6, 2, 2)], seats=1),
        contest([5, 5], seats=1),
        contest([(8, 1, 1)], write_ins=[(1, True)]),
        contest([(8, 0, 2)], write_ins=[(2, True)], rules=replace(RULES, write_in=WriteInRule.AGAINST_OR_ABSTAIN)),
        contest([9], write_ins=[(0, True)], rules=replace(RULES, write_in=WriteInRule.OFF)),
    ],
)
def test_counts_at_the_bounds_are_accepted(fine):
    assert codes(decide(fine)) == []


def test_everything_wrong_is_said_at_once():
    outcome = decide(contest([(3, 3, 3), (9, 9, 9)], spoiled=1, write_ins=[(60, True)]))
    assert codes(outcome) == ["contest.marks_not_valid", "contest.votes_over_seats", "contest.write_ins_over_marks"]
    assert [finding.field for finding in outcome.findings[:3]] == ["candidates[1]", "candidates", "write_ins"]


def test_a_void_election_is_not_examined_further():
    assert decide(contest([(1, 1, 1)], issued=9, returned=10)).status is OutcomeStatus.VOID


def test_an_election_without_a_quorum_is_not_examined_further():
    assert decide(contest([5], present=7, issued=7, returned=8)).status is OutcomeStatus.NO_QUORUM


def test_a_tie_across_the_cut_elects_those_above_it_and_asks_for_a_ballot():
    outcome = decide(contest([7, 9, 7, 7], seats=3))
    assert (outcome.status, outcome.follow_up) == (OutcomeStatus.TIE, FollowUp.TIE_BALLOT)
    assert (outcome.elected, outcome.tied, outcome.tied_seats, outcome.shortfall) == (("c2",), ("c1", "c3", "c4"), 2, 0)


def test_the_rules_may_settle_a_tie_by_lot():
    lot = replace(RULES, tie_at_cut=TieRule.LOT)
    assert decide(contest([7, 7, 2], seats=2, rules=lot)).status is OutcomeStatus.DECIDED
    outcome = decide(contest([7, 7, 6, 6], seats=3, rules=lot))
    assert (outcome.status, outcome.follow_up, outcome.tied) == (OutcomeStatus.TIE, FollowUp.LOT, ("c3", "c4"))


def test_a_tie_at_or_below_the_majority_is_a_shortfall():
    outcome = decide(contest([5, 5], seats=1))
    assert (outcome.status, outcome.tied, outcome.shortfall) == (OutcomeStatus.SHORTFALL, (), 1)


def test_a_tie_inside_the_seats_is_no_tie():
    outcome = decide(contest([7, 9, 7, 6], seats=3))
    assert (outcome.status, outcome.elected) == (OutcomeStatus.DECIDED, ("c2", "c1", "c3"))


def test_too_few_above_the_majority_is_a_shortfall_and_fills_what_it_can():
    outcome = decide(contest([9, 5, 4], seats=3))
    assert (outcome.status, outcome.follow_up) == (OutcomeStatus.SHORTFALL, FollowUp.SUPPLEMENTARY)
    assert (outcome.elected, outcome.shortfall) == (("c1",), 2)


def test_a_valid_election_in_which_nobody_passes_is_a_shortfall_not_void():
    assert decide(contest([0, 0], seats=2)).status is OutcomeStatus.SHORTFALL


def test_in_a_tie_ballot_most_votes_win_without_a_majority():
    outcome = decide(contest([3, 2], kind=ContestKind.TIE_BALLOT))
    assert (outcome.status, outcome.votes_needed, outcome.elected) == (OutcomeStatus.DECIDED, None, ("c1",))


def test_a_new_tie_in_a_tie_ballot_is_a_tie():
    outcome = decide(contest([2, 2, 1], kind=ContestKind.TIE_BALLOT))
    assert (outcome.status, outcome.tied, outcome.tied_seats) == (OutcomeStatus.TIE, ("c1", "c2"), 1)


def test_a_tie_ballot_elects_nobody_without_a_vote():
    outcome = decide(contest([3, 0, 0], seats=2, kind=ContestKind.TIE_BALLOT))
    assert (outcome.status, outcome.elected, outcome.shortfall) == (OutcomeStatus.SHORTFALL, ("c1",), 1)
    assert outcome.follow_up is FollowUp.SUPPLEMENTARY


@pytest.mark.parametrize("kind", [kind for kind in ContestKind if kind is not ContestKind.TIE_BALLOT])
def test_every_other_kind_needs_the_majority(kind):
    assert decide(contest([5], kind=kind)).status is OutcomeStatus.SHORTFALL
    assert decide(contest([6], kind=kind)).status is OutcomeStatus.DECIDED


def test_an_eligible_write_in_above_the_majority_is_elected():
    outcome = decide(contest([3], write_ins=[(7, True)]))
    assert outcome.elected == ("w1",)
    assert codes(outcome, Severity.WARNING) == ["contest.margin_thin"]


def test_a_write_in_with_equal_votes_stands_after_the_candidates():
    outcome = decide(contest([6, 6], seats=3, expected=11, write_ins=[(6, True), (4, True)]))
    assert (outcome.status, outcome.elected) == (OutcomeStatus.DECIDED, ("c1", "c2", "w1"))


def test_an_ineligible_write_in_never_wins_and_is_named():
    outcome = decide(contest([2], write_ins=[(8, False)]))
    assert (outcome.status, outcome.elected, outcome.shortfall) == (OutcomeStatus.SHORTFALL, (), 1)
    assert "contest.write_in_ineligible" in codes(outcome, Severity.WARNING)


@pytest.mark.parametrize(
    ("kind", "votes", "warned"),
    [
        (ContestKind.CONTESTED, 5, False),
        (ContestKind.CONTESTED, 6, True),
        (ContestKind.TIE_BALLOT, 0, False),
        (ContestKind.TIE_BALLOT, 1, True),
    ],
)
def test_an_ineligible_write_in_is_named_only_where_it_would_have_won(kind, votes, warned):
    outcome = decide(contest([2], write_ins=[(votes, False)], kind=kind))
    assert ("contest.write_in_ineligible" in codes(outcome, Severity.WARNING)) is warned


@pytest.mark.parametrize(("votes", "warned"), [(10, False), (11, True)])
def test_a_write_in_with_more_votes_than_ballots_is_named(votes, warned):
    outcome = decide(contest([1, 1], seats=2, write_ins=[(votes, True)]))
    assert outcome.status is OutcomeStatus.SHORTFALL
    assert ("contest.write_in_over_valid" in codes(outcome, Severity.WARNING)) is warned


def test_an_ineligible_write_in_still_counts_in_the_sum_of_votes():
    assert decide(contest([6, 4], write_ins=[(1, False)])).status is OutcomeStatus.REJECTED


@pytest.mark.parametrize(
    ("kind", "warned"),
    [
        (ContestKind.CONTESTED, True),
        (ContestKind.SUPPLEMENTARY, True),
        (ContestKind.PRESELECTION, True),
        (ContestKind.UNCONTESTED, False),
        (ContestKind.TIE_BALLOT, False),
    ],
)
def test_a_thin_slate_is_a_warning_and_no_other_outcome(kind, warned):
    outcome = decide(contest([9], kind=kind))
    assert outcome.elected == ("c1",)
    assert ("contest.margin_thin" in codes(outcome, Severity.WARNING)) is warned
    assert "contest.margin_thin" not in codes(decide(contest([9, 1], kind=kind)), Severity.WARNING)


@pytest.mark.parametrize(
    ("seats", "margin", "needed"),
    [(0, 20, 0), (1, 0, 1), (1, 1, 2), (1, 20, 2), (4, 20, 5), (5, 20, 6), (6, 20, 8), (5, 40, 7), (204, 40, 286)],
)
def test_the_candidates_needed_are_rounded_up(seats, margin, needed):
    assert candidates_needed(seats, margin) == needed


def test_a_contest_without_candidates_is_a_shortfall():
    assert decide(contest([], seats=2)).shortfall == 2


def test_numbers_of_any_size_are_decided_exactly():
    half = 10**40
    assert decide(contest([half], expected=2 * half)).elected == ()
    assert decide(contest([half + 1], expected=2 * half)).elected == ("c1",)


@pytest.mark.parametrize(
    "text", ["", "4", "4/0", "5/4", "4/5 ", "-1/2", ">=1/2", "0.8", "４/５", "1/2/3", "0/0", ">0/0"]
)
def test_what_is_no_share_is_no_quorum(text):
    with pytest.raises(ValueError, match=r".*"):
        Quorum.parse(text)


@pytest.mark.parametrize("text", ["4/5", ">1/2", "0/1", "1/1"])
def test_a_quorum_is_written_as_it_was_read(text):
    assert str(Quorum.parse(text)) == text
