"""The life of a meeting: every state × act, what keeps it from opening, and a walk at random beside a shadow."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from election.errors import Refused
from election.meeting.lifecycle import MeetingAction as A
from election.meeting.lifecycle import MeetingState as S
from election.meeting.lifecycle import Opening, is_void, opening_obstacles, print_table, transition
from election.meeting.quorum import Quorum
from election.texts import sentence

CHAIR = 1
READY = Opening(
    expected=10,
    present=8,
    quorum=Quorum(4, 5),
    exclusions_consented=True,
    method_adopted=True,
    scrutineers_voted=True,
)
EXPECTED = {
    (S.PLANNED, A.OPEN): S.OPENED,
    (S.PLANNED, A.CALL_OFF): S.CALLED_OFF,
    (S.OPENED, A.CALL_OFF): S.CALLED_OFF,
    (S.OPENED, A.ISSUE_BALLOTS): S.OPENED,
    (S.OPENED, A.DECLARE_VOID): S.OPENED,
    (S.OPENED, A.CLOSE): S.CLOSED,
    (S.OPENED, A.RECORD_BALLOTS): S.BALLOTS_RECORDED,
    (S.BALLOTS_RECORDED, A.ISSUE_BALLOTS): S.BALLOTS_RECORDED,
    (S.BALLOTS_RECORDED, A.RECORD_BALLOTS): S.BALLOTS_RECORDED,
    (S.BALLOTS_RECORDED, A.DECLARE_VOID): S.BALLOTS_RECORDED,
    (S.BALLOTS_RECORDED, A.CLOSE): S.CLOSED,
    (S.CLOSED, A.RECORD_BALLOTS): S.CLOSED,
    (S.CLOSED, A.DECLARE_VOID): S.CLOSED,
}


def outcome(state: S, action: A, **given: Any) -> S | str:
    try:
        return transition(state, action, CHAIR, **given)
    except Refused as refusal:
        assert sentence(refusal.code, refusal.params).en
        return refusal.code


@pytest.mark.parametrize(("state", "action"), list(product(S, A)))
def test_every_act_leads_where_the_table_says(state, action):
    found = outcome(state, action, opening=READY, issued=8, returned=9, reason="人数不足", settled=1)
    assert found == EXPECTED.get((state, action), "meeting.not_now")


@pytest.mark.parametrize(
    ("opening", "code"),
    [
        (replace(READY, slates_frozen=False), "meeting.slate_not_frozen"),
        (replace(READY, exclusions_consented=False), "meeting.exclusions_open"),
        (replace(READY, expected=0, present=0), "meeting.nobody_expected"),
        (replace(READY, present=11), "meeting.present_over_expected"),
        (replace(READY, present=7), "meeting.no_quorum"),
        (replace(READY, method_adopted=False), "meeting.method_not_adopted"),
        (replace(READY, scrutineers_voted=False), "meeting.scrutineers_not_voted"),
    ],
)
def test_a_meeting_opens_only_when_everything_stands(opening, code):
    assert [obstacle.code for obstacle in opening_obstacles(opening)] == [code]
    assert outcome(S.PLANNED, A.OPEN, opening=opening) == code


def test_all_obstacles_are_listed_at_once():
    nothing = Opening(10, 7, Quorum(4, 5), False, False, False, False)
    assert len(opening_obstacles(nothing)) == 5
    assert opening_obstacles(READY) == ()


def test_a_meeting_of_one_elector_can_open():
    assert outcome(S.PLANNED, A.OPEN, opening=replace(READY, expected=1, present=1)) is S.OPENED


def test_the_quorum_is_tested_on_the_reduced_number():
    assert outcome(S.PLANNED, A.OPEN, opening=replace(READY, expected=11)) == "meeting.no_quorum"
    assert outcome(S.PLANNED, A.OPEN, opening=replace(READY, expected=11, quorum=Quorum(1, 2, True))) is S.OPENED


def test_opening_without_saying_what_stands_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match="opening"):
        transition(S.PLANNED, A.OPEN, CHAIR)


@pytest.mark.parametrize(("issued", "returned", "void"), [(8, 7, False), (8, 8, False), (8, 9, True), (0, 1, True)])
def test_a_contest_is_void_when_more_came_back_than_went_out(issued, returned, void):
    assert is_void(issued, returned) is void
    found = outcome(S.BALLOTS_RECORDED, A.DECLARE_VOID, issued=issued, returned=returned)
    assert found == (S.BALLOTS_RECORDED if void else "meeting.not_void")


@pytest.mark.parametrize("state", [S.OPENED, S.BALLOTS_RECORDED, S.CLOSED])
def test_a_vote_is_void_when_the_quorum_was_lost_whatever_came_back(state):
    assert outcome(state, A.DECLARE_VOID, issued=8, returned=0, quorum_lost=True) is state
    assert outcome(state, A.DECLARE_VOID, issued=8, returned=0) == "meeting.not_void"


def test_a_meeting_with_undecided_contests_stays_open():
    assert outcome(S.BALLOTS_RECORDED, A.CLOSE, blockers=["农民"], settled=1) == "meeting.blocked"
    assert outcome(S.OPENED, A.CLOSE, blockers=["农民"]) == "meeting.blocked"


def test_a_meeting_in_which_nothing_was_voted_on_is_called_off_and_not_closed():
    assert outcome(S.OPENED, A.CLOSE) == "meeting.nothing_voted"
    assert outcome(S.OPENED, A.CALL_OFF, reason="停电") is S.CALLED_OFF


def test_calling_off_needs_a_reason_and_that_no_ballot_is_out():
    for state in (S.PLANNED, S.OPENED):
        assert outcome(state, A.CALL_OFF) == "meeting.reason_missing"
    assert outcome(S.OPENED, A.CALL_OFF, reason="停电", ballots_out=True) == "meeting.ballots_out"


def test_a_meeting_without_electors_is_told_from_one_to_which_nobody_came():
    assert [one.code for one in opening_obstacles(replace(READY, expected=0, present=1))] == ["meeting.nobody_expected"]
    assert [one.code for one in opening_obstacles(replace(READY, expected=5, present=0))] == ["meeting.no_quorum"]


def test_only_the_closing_waits_for_undecided_contests():
    assert outcome(S.OPENED, A.RECORD_BALLOTS, blockers=["农民"]) is S.BALLOTS_RECORDED


def test_the_table_is_printed_for_the_docs():
    assert "已散会 `closed`" in print_table()


class Meeting(RuleBasedStateMachine):
    """The shadow is the list of acts done, and what stood when the meeting was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.state = S.PLANNED
        self.done: list[A] = []
        self.opened_with: Opening | None = None

    @rule(
        action=st.sampled_from(A),
        present=st.integers(6, 11),
        adopted=st.booleans(),
        returned=st.integers(7, 9),
        quorum_lost=st.booleans(),
        reason=st.sampled_from(["", "改期"]),
    )
    def act(self, action, present, adopted, returned, quorum_lost, reason):
        opening = replace(READY, present=present, method_adopted=adopted)
        out = A.ISSUE_BALLOTS in self.done or A.RECORD_BALLOTS in self.done
        settled = sum(done in (A.DECLARE_VOID, A.RECORD_BALLOTS) for done in self.done)
        try:
            after = transition(
                self.state,
                action,
                CHAIR,
                opening=opening,
                issued=8,
                returned=returned,
                quorum_lost=quorum_lost,
                reason=reason,
                settled=settled,
                ballots_out=out,
            )
        except Refused:
            return
        if action is A.OPEN:
            self.opened_with = opening
        if action is A.DECLARE_VOID:
            assert returned > 8 or quorum_lost
        if action is A.CALL_OFF:
            assert not out and reason
        if action is A.CLOSE:
            assert settled
        self.done.append(action)
        self.state = after

    @invariant()
    def the_acts_fit_the_state(self):
        assert (self.state is S.PLANNED) == (self.done == [])
        assert (self.opened_with is not None) == (self.done[:1] == [A.OPEN])
        if self.opened_with:
            assert self.opened_with.present * 5 >= self.opened_with.expected * 4
            assert self.opened_with.present <= self.opened_with.expected
            assert self.opened_with.method_adopted
        assert (self.state is S.CLOSED) == (A.CLOSE in self.done)
        if A.CLOSE in self.done:
            assert set(self.done[self.done.index(A.CLOSE) + 1 :]) <= {A.RECORD_BALLOTS, A.DECLARE_VOID}
        assert A.CALL_OFF not in self.done or set(self.done) <= {A.OPEN, A.DECLARE_VOID, A.CALL_OFF}
        assert (self.state is S.CALLED_OFF) == (self.done[-1:] == [A.CALL_OFF])


TestMeeting = Meeting.TestCase
