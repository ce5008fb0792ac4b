"""A meeting that cannot go on: the quorum turns out to be missing or is lost, and no wrong number is needed to get out of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.contests.models import Round, RoundKind
from election.contests.operations import NO_QUORUM
from election.count.operations_follow_up import agree, propose_round, propose_strike
from election.count.queries_follow_up import contest_states
from election.errors import Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, MeetingRound, Venue, VenueBallots
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.meeting.operations import call_off_meeting, close_meeting, plan_meeting
from election.meeting.operations_attendance import set_present, sign_in
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.operations_opening import open_meeting
from election.meeting.operations_venues import add_venue
from election.meeting.queries import current_ballot, slates_in_force
from election.nomination.models import Slate
from election.store.audit import verify
from election.store.models import AuditEvent
from tests.support.evening import SCRUTINEERS, Evening, opened, planned

CHIEF, OTHER = SCRUTINEERS
FELL = "原先误录"


def refused(code: str):
    return pytest.raises(Refused, match=rf"^{code}$")


def rounds(evening: Evening) -> list[int]:
    return [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]


def venues(evening: Evening) -> list[int]:
    with evening.county.reading() as session:
        found = select(Venue.id).where(Venue.meeting_id == evening.meetings["u1"]).order_by(Venue.number)
        return list(session.scalars(found))


def state(evening: Evening) -> MeetingState:
    with evening.county.reading() as session:
        return session.get_one(Meeting, evening.meetings["u1"]).state


def found_to_be(evening: Evening, present: int, venue: int = 0, **more: int) -> None:
    with evening.county.acting("u1") as act:
        set_present(act, venues(evening)[venue], present, reason=FELL, **more)


def issue(evening: Evening, number: int, venue: int = 0, *, back: int | None = None, who: str = CHIEF) -> None:
    with evening.county.acting(who) as act:
        record_ballots(
            act,
            evening.meetings["u1"],
            dict.fromkeys(rounds(evening), (number, back)),
            venue_id=venues(evening)[venue],
            ballot=1,
        )


def call_off(evening: Evening, reason: str = "不足法定人数") -> None:
    with evening.county.acting("u1") as act:
        call_off_meeting(act, evening.meetings["u1"], reason)


def close(evening: Evening) -> None:
    with evening.county.acting("u1") as act:
        close_meeting(act, evening.meetings["u1"])


def void(evening: Evening, round_id: int, who: str = CHIEF) -> None:
    with evening.county.acting(who) as act:
        declare_void(act, round_id)


def in_two_halls(evening: Evening, *present: int) -> None:
    planned(evening)
    with evening.county.acting("u1") as act:
        add_venue(act, evening.meetings["u1"], "第二会场")
    with evening.county.acting("u1") as act:
        for venue, number in zip(venues(evening), present, strict=True):
            set_present(act, venue, number)
    with evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)


# A number below the quorum is recorded as it is


def test_a_present_number_below_the_quorum_is_recorded_with_its_reason_and_keeps_ballots_from_going_out(
    meeting: Evening,
) -> None:
    with refused("meeting.present_only_rises"), meeting.county.acting("u1") as act:
        set_present(act, venues(meeting)[0], 18)
    found_to_be(meeting, 18)
    with refused("meeting.no_quorum_now"):
        issue(meeting, 18)
    found_to_be(meeting, 24)  # they have come after all
    issue(meeting, 24)


def test_who_signed_in_and_left_again_before_the_vote_is_not_present_at_it(evening: Evening) -> None:
    planned(evening)
    members = evening.county.members("u1-b1")[:26]
    for one in members:
        with evening.county.acting("u1") as act:
            sign_in(act, venues(evening)[0], one)
    with refused("meeting.present_below_signed_in"), evening.county.acting("u1") as act:
        set_present(act, venues(evening)[0], 20)
    with evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    found_to_be(evening, 20)
    with refused("meeting.no_quorum_now"):
        issue(evening, 20)


# A meeting that breaks off before anybody was handed a ballot


def test_an_opened_meeting_without_the_quorum_is_called_off_and_another_one_takes_its_rounds(meeting: Evening) -> None:
    first = meeting.meetings["u1"]
    found_to_be(meeting, 18)
    with refused("meeting.reason_missing"):
        call_off(meeting, " ")
    call_off(meeting)
    with meeting.county.reading() as session:
        row = session.get_one(Meeting, first)
        assert (row.state, row.expected, row.opened_at is not None) == (MeetingState.CALLED_OFF, 30, True)
        assert session.scalars(select(MeetingRound)).all() == []
        assert session.scalars(select(Slate.in_use_at)).all() == [None] * 4
        recorded = session.scalars(select(AuditEvent).where(AuditEvent.action == "meeting.called_off")).one()
        assert recorded.details["left"] == rounds(meeting)
    opened(meeting)
    issue(meeting, 28, back=28)
    with meeting.county.reading() as session:
        held = session.scalars(select(MeetingRound)).all()
        assert {one.meeting_id for one in held} == {meeting.meetings["u1"]} != {first}
        assert {one.round_id for one in held} == set(rounds(meeting))
        assert verify(session) == []


def test_a_meeting_with_ballots_out_is_not_called_off_nor_one_that_is_over(meeting: Evening) -> None:
    with refused("meeting.nothing_voted"):
        close(meeting)
    issue(meeting, 28)
    with refused("meeting.ballots_out"):
        call_off(meeting)
    with refused("meeting.blocked"):
        close(meeting)
    issue(meeting, 28, back=28)
    with refused("meeting.not_now"):
        call_off(meeting)


def test_who_was_struck_in_a_meeting_that_is_called_off_stays_off_the_slate_and_on_record(meeting: Evening) -> None:
    farmers = meeting.round_of("u1", "farmer")
    gone, asked = meeting.members_standing("u1", "farmer")[:2]
    with meeting.county.acting("u1") as act:
        strike = propose_strike(act, farmers, gone, "突发疾病去世").id
    with meeting.county.acting(CHIEF) as act:
        agree(act, strike)
    with meeting.county.acting("u1") as act:
        waiting = propose_strike(act, farmers, asked, "本人退出").id
    call_off(meeting, "停电")
    opened(meeting)
    with meeting.county.reading() as session:
        assert session.get_one(FollowUp, strike).agreed_at is not None
        dropped = session.get_one(FollowUp, waiting)
        assert (dropped.dropped_because, dropped.agreed_at) == ("停电", None)
        slate = session.scalars(select(MeetingRound).where(MeetingRound.round_id == farmers)).one().slate
        assert gone not in {one.member_id for one in slate.candidates} and slate.version == 2


def test_no_ballot_goes_out_while_a_strike_waits_for_agreement(meeting: Evening) -> None:
    farmers = meeting.round_of("u1", "farmer")
    with meeting.county.acting("u1") as act:
        strike = propose_strike(act, farmers, meeting.members_standing("u1", "farmer")[0], "突发疾病去世").id
    with refused("meeting.strike_waits"):
        issue(meeting, 28)
    with meeting.county.acting(CHIEF) as act:
        agree(act, strike)
    issue(meeting, 28)


# A vote during which the quorum was lost


def test_a_vote_of_which_one_hall_has_its_ballots_and_the_other_lost_the_quorum_is_declared_void(
    evening: Evening,
) -> None:
    in_two_halls(evening, 16, 12)
    issue(evening, 16)
    with refused("meeting.ballots_incomplete"):
        void(evening, rounds(evening)[0])
    found_to_be(evening, 4, venue=1)
    with refused("meeting.no_quorum_now"):
        issue(evening, 4, venue=1)
    with refused("meeting.ballots_out"):
        call_off(evening)
    void(evening, rounds(evening)[0], OTHER)
    with evening.county.reading() as session:
        assert {session.get_one(Round, one).void_reason for one in rounds(evening)} == {NO_QUORUM}
        voided = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.voided")).all()
        assert [one.details["because"] for one in voided] == [NO_QUORUM] * 2
        due = [one.due for one in contest_states(session, evening.county.congress_id, evening.county.units["u1"])]
        assert [one.kind for one in due if one] == [RoundKind.RERUN] * 2
    close(evening)
    assert state(evening) is MeetingState.CLOSED


def test_the_rerun_of_what_lost_the_quorum_is_held_in_the_same_meeting_once_all_are_back(evening: Evening) -> None:
    in_two_halls(evening, 16, 12)
    issue(evening, 16)
    found_to_be(evening, 4, venue=1)
    void(evening, rounds(evening)[0])
    with evening.county.reading() as session:
        states = contest_states(session, evening.county.congress_id, evening.county.units["u1"])
        contests = [one.result.contest.id for one in states]
    again = []
    for contest in contests:
        with evening.county.acting("u1") as act:
            row = propose_round(act, contest, FollowUpKind.RERUN).id
        with evening.county.acting(CHIEF) as act:
            again.append(agree(act, row).next_round_id or 0)
    found_to_be(evening, 12, venue=1, ballot=2)
    for place, number in ((0, 16), (1, 12)):
        with evening.county.acting(CHIEF) as act:
            record_ballots(
                act,
                evening.meetings["u1"],
                dict.fromkeys(again, (number, number)),
                venue_id=venues(evening)[place],
                ballot=2,
            )
    assert state(evening) is MeetingState.BALLOTS_RECORDED


def test_a_vote_with_the_quorum_is_not_declared_void_for_want_of_it(meeting: Evening) -> None:
    issue(meeting, 28, back=28)
    with refused("meeting.not_void"):
        void(meeting, rounds(meeting)[0])


def test_a_vote_found_to_have_been_held_without_the_quorum_is_void_though_all_ballots_are_back(
    meeting: Evening,
) -> None:
    issue_to = {"knowingly": True}
    with meeting.county.acting(CHIEF) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds(meeting), (18, 18)), **issue_to)
    found_to_be(meeting, 18)
    void(meeting, rounds(meeting)[1])
    close(meeting)
    assert state(meeting) is MeetingState.CLOSED


# What nobody was handed a ballot of goes to another meeting


@pytest.fixture
def two_votes(meeting: Evening) -> tuple[Evening, int]:
    """The first vote is void; the rerun of one contest waits for its ballots."""
    issue(meeting, 28, back=29)
    for one in rounds(meeting):
        void(meeting, one)
    with meeting.county.reading() as session:
        states = contest_states(session, meeting.county.congress_id, meeting.county.units["u1"])
        contest = states[0].result.contest.id
    with meeting.county.acting("u1") as act:
        row = propose_round(act, contest, FollowUpKind.RERUN).id
    with meeting.county.acting(CHIEF) as act:
        return meeting, agree(act, row).next_round_id or 0


def test_a_later_vote_that_was_never_issued_keeps_no_meeting_open_and_goes_to_the_next(
    two_votes: tuple[Evening, int],
) -> None:
    evening, again = two_votes
    first = evening.meetings["u1"]
    close(evening)
    with evening.county.reading() as session:
        assert [row.id for row, _ in slates_in_force(session, evening.county.units["u1"])] == [again]
        assert current_ballot(session, first) == 1
    opened(evening)
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], {again: (28, 28)})
    with evening.county.reading() as session:
        assert session.scalars(select(VenueBallots.meeting_id).where(VenueBallots.round_id == again)).all() != [first]
        follow_up = session.scalars(select(FollowUp).where(FollowUp.next_round_id == again)).one()
        assert follow_up.dropped_at is None


def test_a_later_vote_whose_ballots_are_out_keeps_the_meeting_open(two_votes: tuple[Evening, int]) -> None:
    evening, again = two_votes
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], {again: (28, None)}, ballot=2)
    with refused("meeting.blocked"):
        close(evening)


def test_another_meeting_is_planned_only_after_the_one_that_broke_off_is_called_off(meeting: Evening) -> None:
    with refused("meeting.planned_already"), meeting.county.acting("u1") as act:
        plan_meeting(act, meeting.county.units["u1"], "礼堂", act.now)
    call_off(meeting)
    planned(meeting)
    assert state(meeting) is MeetingState.PLANNED
