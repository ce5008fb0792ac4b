"""What follows after a vote: proposed by the chair, agreed by a scrutineer, voted, counted, until every seat is settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from election.congress.queries import congress_by_id
from election.contests.models import Round, RoundKind
from election.count.entry import EntryState
from election.count.models import CountForm, Result
from election.count.operations import finalise
from election.count.operations_follow_up import Vacancy, agree, drop, propose_round, propose_strike, propose_vacancy
from election.count.operations_scrutiny import confirm, withdraw_confirmation
from election.count.queries_follow_up import ContestState, contest_states
from election.errors import Refused
from election.meeting.models import CountingGroup, MeetingRound, Venue
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.meeting.operations import close_meeting, plan_meeting
from election.meeting.operations_attendance import set_present, sign_in
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.queries import candidate_persons, current_ballot, stands_in, voters_of_unit
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.people.models import Person
from election.people.operations import declare_relatives
from election.quotas.models import AssignedLeader
from election.results.queries import standing
from election.roster.models import Member, Suspension
from tests.election.count.test_outcomes import leaders
from tests.support.county import ROOT
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, balloted, evening_from, nominated, opened
from tests.support.stores import Stores

CHIEF, OTHER = SCRUTINEERS
# 28 present of 30 expected: 16 votes are needed. Farmers have two seats and three candidates, others one of two.
TIE = {"农民": [24, 16, 16], "其他基层": [20, 8]}
SHORT = {"农民": [25, 12, 10], "其他基层": [20, 8]}
FARMERS = "农民"


def state_of(evening: Evening, category: str = FARMERS) -> ContestState:
    with evening.county.reading() as session:
        found = contest_states(session, evening.county.congress_id, evening.county.units["u1"])
        session.expunge_all()
    return next(one for one in found if one.result.contest.category.name == category)


def contest_id(evening: Evening, category: str = FARMERS) -> int:
    return state_of(evening, category).result.contest.id


def follow(evening: Evening, kind: FollowUpKind, *, members: list[int] | None = None, reason: str = "") -> FollowUp:
    with evening.county.acting("u1") as act:
        found = propose_round(act, contest_id(evening), kind, members, reason).id
    with evening.county.acting(CHIEF) as act:
        return agree(act, found)


def ballots(evening: Evening, ballot: int, number: int = 28) -> None:
    with evening.county.reading() as session:
        rounds = session.scalars(
            select(MeetingRound.round_id)
            .join(Round, Round.id == MeetingRound.round_id)
            .where(
                MeetingRound.meeting_id == evening.meetings["u1"],
                MeetingRound.ballot == ballot,
                Round.void_at.is_(None),
            )
        ).all()
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (number, number)), ballot=ballot)


def test_a_tie_is_voted_on_again_by_the_tied_alone_the_same_evening(counting: Evening) -> None:
    counting.count("u1", TIE)
    due = state_of(counting).due
    assert due is not None and (due.kind, due.seats, len(due.candidates)) == (RoundKind.TIE_BALLOT, 1, 2)
    row = follow(counting, FollowUpKind.TIE_BALLOT)
    with counting.county.reading() as session:
        slate = session.scalars(select(Slate).where(Slate.round_id == row.next_round_id)).one()
        assert (slate.state, len(slate.hash), slate.content and slate.content["round"]) == (SlateState.FROZEN, 64, 2)
        assert slate.submitted_by_id != slate.frozen_by_id
    # Its paper has a number of its own and waits for its own ballots.
    form = counting.form("u1", 2)
    assert (form.number, form.state) == ("01-1-1-2", EntryState.EMPTY)
    with pytest.raises(Refused, match=r"count\.ballots_not_recorded"):
        counting.enter(TELLERS[2], "u1", counting.contents("u1", {FARMERS: [0, 0]}, ballot=2), 2)
    ballots(counting, 2)
    counting.count("u1", {FARMERS: [9, 19]}, by=TELLERS[2:], ballot=2)
    with counting.county.reading() as session:
        lines = standing(session, congress_by_id(session, counting.county.congress_id)).contests
    names = next(one for one in lines if one.unit == "u1" and one.category == "farmer").names
    assert {line.position for line in names} == {None}, "places on two ballots do not compare"
    farmers = state_of(counting)
    assert [one.outcome.status for one in farmers.result.rounds if one.outcome] == ["tie", "decided"]
    assert (farmers.result.elected, farmers.settled, farmers.due) == (2, True, None)


def test_who_was_elected_before_the_tie_stays_elected_and_the_votes_of_other_contests_stay(counting: Evening) -> None:
    counting.count("u1", TIE)
    before = state_of(counting, "其他基层").result.rounds
    follow(counting, FollowUpKind.TIE_BALLOT)
    ballots(counting, 2)
    counting.count("u1", {FARMERS: [10, 18]}, ballot=2)
    after = state_of(counting, "其他基层").result.rounds
    assert [one.outcome and one.outcome.id for one in before] == [one.outcome and one.outcome.id for one in after]
    won = [line for one in state_of(counting).result.rounds for line in one.lines if line.result is Result.ELECTED]
    assert [line.votes_for for line in won] == [24, 18]


def test_a_shortfall_takes_the_unsuccessful_by_votes_with_the_margin_again(counting: Evening) -> None:
    counting.count("u1", SHORT)
    due = state_of(counting).due
    assert due is not None and (due.kind, due.seats, due.needed) == (RoundKind.SUPPLEMENTARY, 1, 2)
    follow(counting, FollowUpKind.SUPPLEMENTARY)
    ballots(counting, 2)
    counting.count("u1", {FARMERS: [17, 3]}, ballot=2)
    assert state_of(counting).settled


def test_the_tied_and_the_unsuccessful_of_one_evening_are_voted_on_together(counting: Evening) -> None:
    counting.count("u1", {"农民": [24, 16, 16], "其他基层": [14, 14]})
    rows = []
    for category, kind in (("农民", FollowUpKind.TIE_BALLOT), ("其他基层", FollowUpKind.SUPPLEMENTARY)):
        with counting.county.acting("u1") as act:
            rows.append(propose_round(act, contest_id(counting, category), kind).id)
    for row in rows:
        with counting.county.acting(CHIEF) as act:
            agree(act, row)
    assert [section.category for section in counting.sheet("u1", 2).sections] == ["农民", "其他基层"]


def test_nobody_agrees_to_the_own_proposal(counting: Evening) -> None:
    counting.count("u1", TIE)
    with counting.county.acting("u1") as act:
        row = propose_round(act, contest_id(counting), FollowUpKind.TIE_BALLOT).id
    for who in ("u1", TELLERS[0]):
        with pytest.raises(Refused), counting.county.acting(who) as act:
            agree(act, row)


@pytest.mark.parametrize(
    ("kind", "members", "code"),
    [
        (FollowUpKind.SUPPLEMENTARY, None, "follow_up.other_kind"),
        (FollowUpKind.TIE_BALLOT, [], "follow_up.nobody"),
        (FollowUpKind.TIE_BALLOT, [999], "follow_up.not_eligible"),
    ],
)
def test_only_what_is_due_is_proposed(
    counting: Evening, kind: FollowUpKind, members: list[int] | None, code: str
) -> None:
    counting.count("u1", TIE)
    with pytest.raises(Refused, match=code.replace(".", r"\.")), counting.county.acting("u1") as act:
        propose_round(act, contest_id(counting), kind, members)


def test_a_thin_slate_needs_a_reason(counting: Evening) -> None:
    counting.count("u1", SHORT)
    due = state_of(counting).due
    assert due is not None
    with pytest.raises(Refused, match=r"follow_up\.thin"), counting.county.acting("u1") as act:
        propose_round(act, contest_id(counting), FollowUpKind.SUPPLEMENTARY, due.candidates[:1])
    follow(counting, FollowUpKind.SUPPLEMENTARY, members=list(due.candidates[:1]), reason="其余候选人书面退出")


def test_seats_stay_vacant_only_by_more_than_half_of_the_electors(counting: Evening) -> None:
    counting.count("u1", SHORT)
    with pytest.raises(Refused, match=r"follow_up\.consent_short"), counting.county.acting("u1") as act:
        propose_vacancy(act, contest_id(counting), Vacancy(15), "票数接近")
    with counting.county.acting("u1") as act:
        row = propose_vacancy(act, contest_id(counting), Vacancy(16), "票数接近").id
    assert not state_of(counting).settled
    with counting.county.acting(CHIEF) as act:
        agree(act, row)
    farmers = state_of(counting)
    assert (farmers.vacant, farmers.settled, farmers.due) == (1, True, None)
    with pytest.raises(Refused, match=r"follow_up\.own_agreement"), counting.county.acting(CHIEF) as act:
        drop(act, row, "误录")
    with counting.county.acting(OTHER) as act:
        drop(act, row, "误录")
    assert state_of(counting).due is not None


@pytest.mark.parametrize(
    ("document", "day", "code"),
    [
        ("", 0, "follow_up.document_missing"),
        ("仁和决〔2031〕3号", None, "follow_up.day_missing"),
        ("仁和决〔2031〕3号", -1, "follow_up.day_wrong"),
        ("仁和决〔2031〕3号", 2, "follow_up.day_wrong"),
        ("仁和决〔2031〕3号", 1, None),
    ],
)
def test_after_the_meeting_a_consent_stands_on_a_paper_of_a_day_since_then(
    counting: Evening, document: str, day: int | None, code: str | None
) -> None:
    counting.count("u1", SHORT)
    with counting.county.acting("u1") as act:
        close_meeting(act, counting.meetings["u1"])
    meeting, tomorrow = counting.county.now.date(), counting.county.now + timedelta(days=1)
    vacancy = Vacancy(16, document, None if day is None else meeting + timedelta(days=day))
    counting.county.now = tomorrow
    contest = contest_id(counting)
    if code is None:
        with counting.county.acting("u1") as act:
            assert propose_vacancy(act, contest, vacancy, "票数接近").decided_on == vacancy.decided_on
        return
    with pytest.raises(Refused, match=code.replace(".", r"\.")), counting.county.acting("u1") as act:
        propose_vacancy(act, contest, vacancy, "票数接近")


def test_a_void_round_is_run_again_with_the_same_names(counting: Evening) -> None:
    farmers = counting.round_of("u1", "farmer")
    others = counting.round_of("u1", "other")
    with counting.county.acting(CHIEF) as act:
        record_ballots(act, counting.meetings["u1"], {farmers: (28, 29), others: (28, 28)})
        declare_void(act, farmers)
    row = follow(counting, FollowUpKind.RERUN)
    with counting.county.reading() as session:
        names = [
            session.scalars(
                select(Candidate.name).join(Slate).where(Slate.round_id == one).order_by(Candidate.position)
            ).all()
            for one in (farmers, row.next_round_id)
        ]
    assert sorted(names[0]) == sorted(names[1])
    counting.count("u1", {"其他基层": [20, 8]})
    ballots(counting, 2)
    counting.count("u1", {FARMERS: [25, 20, 3]}, ballot=2)
    assert state_of(counting).settled


def test_the_rerun_of_a_void_round_keeps_no_form_from_being_corrected(counting: Evening) -> None:
    """It follows from the ballots that came back, from no figure of the form."""
    farmers, others = counting.round_of("u1", "farmer"), counting.round_of("u1", "other")
    with counting.county.acting(CHIEF) as act:
        record_ballots(act, counting.meetings["u1"], {farmers: (28, 29), others: (28, 28)})
        declare_void(act, farmers)
    counting.count("u1", {"其他基层": [20, 8]})
    follow(counting, FollowUpKind.RERUN)
    form = counting.form_id("u1")
    for who, reason in ((CHIEF, "看错一行"), (OTHER, "")):
        with counting.county.acting(who) as act:
            withdraw_confirmation(act, form, reason)
    counting.count("u1", {"其他基层": [21, 7]})
    assert state_of(counting, "其他基层").settled


def test_a_later_vote_has_its_own_attendance_and_needs_no_figure_of_the_first(counting: Evening) -> None:
    counting.count("u1", TIE)
    follow(counting, FollowUpKind.TIE_BALLOT)
    with counting.county.reading() as session:
        venue = session.get_one(MeetingRound, 1).meeting.venues[0].id
    with counting.county.acting("u1") as act:
        set_present(act, venue, 26)
    ballots(counting, 2, 26)
    assert counting.sheet("u1", 2).present == 26
    assert counting.sheet("u1").present == 28
    counting.count("u1", {FARMERS: [9, 17]}, ballot=2)
    assert state_of(counting).settled


def test_after_the_meeting_the_round_waits_for_a_later_one(counting: Evening) -> None:
    counting.count("u1", SHORT)
    with counting.county.acting("u1") as act:
        close_meeting(act, counting.meetings["u1"])
    row = follow(counting, FollowUpKind.SUPPLEMENTARY)
    with counting.county.reading() as session:
        assert session.scalar(select(MeetingRound.id).where(MeetingRound.round_id == row.next_round_id)) is None
    with counting.county.acting("u1") as act:
        later = plan_meeting(act, counting.county.units["u1"], "镇政府礼堂", counting.county.now)
    assert later.number == 2


def test_a_vote_that_was_cast_is_annulled_by_nobody(counting: Evening) -> None:
    counting.count("u1", TIE)
    row = follow(counting, FollowUpKind.TIE_BALLOT)
    ballots(counting, 2)
    with pytest.raises(Refused, match=r"follow_up\.ballots_issued"), counting.county.acting(OTHER) as act:
        drop(act, row.id, "结果不如意")


def test_who_may_stand_no_longer_is_not_agreed_to(counting: Evening) -> None:
    counting.count("u1", TIE)
    due = state_of(counting).due
    assert due is not None
    with counting.county.acting("u1") as act:
        row = propose_round(act, contest_id(counting), FollowUpKind.TIE_BALLOT).id
    with counting.county.acting(ROOT) as act:
        act.session.get_one(Member, due.candidates[0]).category = "other"
        act.record("member.changed", "member", congress_id=counting.county.congress_id)
    with pytest.raises(Refused, match=r"follow_up\.not_eligible"), counting.county.acting(CHIEF) as act:
        agree(act, row)


def test_a_void_tie_ballot_is_decided_as_a_tie_ballot_again(counting: Evening) -> None:
    counting.count("u1", TIE)
    row = follow(counting, FollowUpKind.TIE_BALLOT)
    with counting.county.acting(CHIEF) as act:
        record_ballots(act, counting.meetings["u1"], {row.next_round_id or 0: (28, 29)})
        declare_void(act, row.next_round_id or 0)
    follow(counting, FollowUpKind.TIE_BALLOT)
    ballots(counting, 3)
    counting.count("u1", {FARMERS: [13, 15]}, ballot=3)
    farmers = state_of(counting)
    assert (farmers.result.elected, farmers.settled) == (2, True)


def test_who_was_struck_or_lost_the_vote_is_on_no_later_slate(voting: Evening) -> None:
    farmers = voting.round_of("u1", "farmer")
    dead, suspended, last = voting.members_standing("u1", "farmer")
    with voting.county.acting("u1") as act:
        row = propose_strike(act, farmers, dead, "会前去世").id
    with voting.county.acting(CHIEF) as act:
        agree(act, row)
    ballots(voting, 1)
    voting.count("u1", {FARMERS: [10, 9], "其他基层": [20, 8]})
    with voting.county.acting(ROOT) as act:
        act.session.get_one(Member, suspended).suspension = Suspension.DETAINED
        act.record("member.changed", "member", congress_id=voting.county.congress_id)
    due = state_of(voting).due
    assert due is not None and due.may_stand == (last,)


def test_no_scrutineer_confirms_or_agrees_to_an_election_of_themselves(counting: Evening) -> None:
    """Written in by those present: nobody could know of it before the ballots were read."""
    person = counting.county.people[CHIEF].person_id or 0
    with counting.county.acting(ROOT) as act:
        standing = set(act.session.scalars(select(Candidate.member_id)))
        member = act.session.scalars(
            select(Member)
            .where(Member.branch_id == counting.county.branches["u1-b1"], Member.category == "farmer")
            .where(Member.id.not_in(standing))
        ).first()
        assert member is not None
        member.person_id = person
        name = act.session.get_one(Person, person).name = "周经办"
        act.record("member.changed", "member", congress_id=counting.county.congress_id)
    contents = counting.contents("u1", {"农民": [24, 16, 0], "其他基层": [20, 8]})
    farmers = str(counting.round_of("u1", "farmer"))
    contents["sections"][farmers]["write_ins"] = [{"name": name, "for": 16}]
    for who in TELLERS[:2]:
        counting.enter(who, "u1", contents)
    with pytest.raises(Refused, match=r"meeting\.own_election"), counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u1"))
    with counting.county.acting(OTHER) as act:
        confirm(act, counting.form_id("u1"))
    with counting.county.acting("u1") as act:
        row = propose_round(act, contest_id(counting), FollowUpKind.TIE_BALLOT).id
    with pytest.raises(Refused, match=r"meeting\.own_election"), counting.county.acting(CHIEF) as act:
        agree(act, row)
    with counting.county.acting(OTHER) as act:
        agree(act, row)


def test_no_teller_enters_votes_written_in_for_themselves(counting: Evening) -> None:
    person = counting.county.people[TELLERS[0]].person_id or 0
    standing = counting.members_standing("u1", "farmer")
    with counting.county.acting(ROOT) as act:
        member = act.session.scalars(
            select(Member).where(
                Member.id.in_(counting.county.members("u1-b1")), Member.category == "farmer", Member.id.not_in(standing)
            )
        ).first()
        assert member is not None
        member.person_id = person
        name = act.session.get_one(Person, person).name = "周经办"
        act.record("member.changed", "member", congress_id=counting.county.congress_id)
    contents = counting.contents("u1", {"农民": [24, 10, 5], "其他基层": [20, 8]})
    farmers = str(counting.round_of("u1", "farmer"))
    # Votes that would elect them are entered by somebody else; a ballot or two with an officer's name stops no count.
    contents["sections"][farmers]["write_ins"] = [{"name": name, "for": 16}]
    with pytest.raises(Refused, match=r"meeting\.own_election"):
        counting.enter(TELLERS[0], "u1", contents)
    contents["sections"][farmers]["write_ins"] = [{"name": name, "for": 2}]
    with counting.county.acting(TELLERS[0]) as act:
        finalise(act, counting.form_id("u1"), contents, counting.ticks("u1", contents))
    assert counting.form("u1").state is EntryState.FIRST_FINALISED


def test_who_signs_in_late_is_present_at_the_vote_that_is_on(counting: Evening) -> None:
    counting.count("u1", TIE)
    follow(counting, FollowUpKind.TIE_BALLOT)
    with counting.county.reading() as session:
        venue = session.get_one(MeetingRound, 1).meeting.venues[0].id
        late = session.scalars(voters_of_unit(counting.county.units["u1"])).first()
    with counting.county.acting("u1") as act:
        sign_in(act, venue, late or 0)
    assert (counting.sheet("u1").present, counting.sheet("u1", 2).present) == (28, 29)


def test_no_more_consent_to_a_vacancy_than_are_there(counting: Evening) -> None:
    counting.count("u1", SHORT)
    with pytest.raises(Refused, match=r"follow_up\.consent_over_present"), counting.county.acting("u1") as act:
        propose_vacancy(act, contest_id(counting), Vacancy(29), "票数接近")


def test_a_later_vote_without_the_quorum_is_not_begun(counting: Evening) -> None:
    counting.count("u1", TIE)
    follow(counting, FollowUpKind.TIE_BALLOT)
    with counting.county.reading() as session:
        venue = session.get_one(MeetingRound, 1).meeting.venues[0].id
    with counting.county.acting("u1") as act:
        set_present(act, venue, 23)
    with pytest.raises(Refused, match=r"meeting\.no_quorum_now"):
        ballots(counting, 2, 23)


def test_what_was_counted_at_a_later_vote_stays_whatever_becomes_of_the_number_before(counting: Evening) -> None:
    farmers, others = counting.round_of("u1", "farmer"), counting.round_of("u1", "other")
    with counting.county.acting(CHIEF) as act:
        record_ballots(act, counting.meetings["u1"], {farmers: (27, 28), others: (25, 25)}, knowingly=True)
        declare_void(act, farmers)
    follow(counting, FollowUpKind.RERUN)
    ballots(counting, 2)
    with counting.county.reading() as session:
        venue = session.get_one(MeetingRound, 1).meeting.venues[0].id
    with counting.county.acting("u1") as act:
        set_present(act, venue, 27, ballot=1, reason="重复点名")
    assert (counting.sheet("u1").present, counting.sheet("u1", 2).present) == (27, 28)


@pytest.fixture
def voting(stores: Stores) -> Iterator[Evening]:
    """The first unit's meeting is open and no ballot was handed out yet."""

    def make(database: object) -> Evening:
        made = nominated(database)  # type: ignore[arg-type]
        opened(made)
        return made

    made = evening_from(stores, "voting", make)
    yield made
    made.county.database.close()


def test_a_candidate_who_dies_after_the_opening_leaves_the_slate_before_the_ballots_go_out(voting: Evening) -> None:
    farmers = voting.round_of("u1", "farmer")
    gone = voting.members_standing("u1", "farmer")[0]
    with voting.county.acting("u1") as act:
        row = propose_strike(act, farmers, gone, "会前突发疾病去世").id
    with voting.county.acting(CHIEF) as act:
        agree(act, row)
    sheet = voting.sheet("u1")
    assert [len(section.candidates) for section in sheet.sections] == [2, 2]
    with voting.county.reading() as session:
        versions = session.scalars(select(Slate).where(Slate.round_id == farmers).order_by(Slate.version)).all()
        assert [one.state for one in versions] == [SlateState.SUPERSEDED, SlateState.FROZEN]
        assert versions[-1].in_use_at is not None


def test_once_ballots_are_out_the_slate_stays(voting: Evening) -> None:
    farmers, others = voting.round_of("u1", "farmer"), voting.round_of("u1", "other")
    with voting.county.acting(CHIEF) as act:
        record_ballots(act, voting.meetings["u1"], {farmers: (28, None), others: (28, None)})
    gone = voting.members_standing("u1", "farmer")[0]
    with pytest.raises(Refused, match=r"follow_up\.ballots_issued"), voting.county.acting("u1") as act:
        propose_strike(act, farmers, gone, "去世")


def test_another_leader_assigned_to_the_unit_may_take_the_seat_that_the_first_did_not_win(stores: Stores) -> None:
    """Assigned seats know no margin, not in a supplementary election either."""
    evening = evening_from(stores, "leaders and farmers", leaders)
    balloted(evening)
    contents = evening.contents("u1", {})
    for part in contents["sections"].values():
        for marks in part["candidates"].values():
            marks |= {"for": 4, "against": 24}
    for who in TELLERS[:2]:
        evening.enter(who, "u1", contents)
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"))
    with evening.county.acting(ROOT) as act:
        other = evening.county.members("u1-b1")[-3]
        act.session.add(
            AssignedLeader(congress_id=evening.county.congress_id, member_id=other, unit_id=evening.county.units["u1"])
        )
        act.record("leader.assigned", "assigned_leader", congress_id=evening.county.congress_id)
    unit, person = evening.county.units["u1"], evening.county.person_of(other).id
    for held in (False, True):
        with evening.county.acting("u1") as act:
            row = propose_round(
                act, contest_id(evening, "领导干部"), FollowUpKind.SUPPLEMENTARY, [other], "另行安排"
            ).id
        with evening.county.acting(CHIEF) as act:
            agree(act, row)
        if not held:
            with evening.county.acting(OTHER) as act:
                drop(act, row, "改日再投")
        with evening.county.reading() as session:  # whoever stood only where nobody votes stands nowhere
            assert stands_in(session, unit, person) is (person in candidate_persons(session, unit)) is held
    ballots(evening, 2)
    contents = evening.contents("u1", {"领导干部": [20]}, ballot=2)
    for who in TELLERS[:2]:
        evening.enter(who, "u1", contents, 2)
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1", 2))
    leader = state_of(evening, "领导干部")
    last = leader.result.rounds[-1].outcome
    assert (leader.settled, leader.result.elected) == (True, 1)
    assert last is not None and last.outcome["findings"] == []
    evening.county.database.close()


def test_the_database_itself_keeps_the_rounds_of_a_contest_in_order(counting: Evening) -> None:
    """Whatever is written past the operations: seats, rounds and persons that do not fit are refused."""
    counting.count("u1", SHORT)
    farmers, others = counting.round_of("u1", "farmer"), counting.round_of("u1", "other")
    with counting.county.acting("u1") as act:
        vacancy = propose_vacancy(act, contest_id(counting), Vacancy(16), "票数接近").id
    with counting.county.acting(CHIEF) as act:
        agree(act, vacancy)
    chief = counting.county.people[CHIEF].person_id or 0
    copied = (
        "INSERT INTO follow_up (meeting_id, round_id, kind, seats, members, reason, document, proposed_by_id, "
        "proposed_at, dropped_because"
    )
    of = f"FROM follow_up WHERE id = {vacancy}"
    for statement, said in (
        (f"UPDATE follow_up SET seats = 2 WHERE id = {vacancy}", "no more seats are left vacant|is never changed"),
        (
            f"{copied}, consented, expected) SELECT meeting_id, round_id, kind, 1, members, reason, document, "
            f"proposed_by_id, proposed_at, '', consented, expected {of}",
            "vacant|one_open|one_standing|UNIQUE",
        ),
        (
            f"UPDATE follow_up SET dropped_at = agreed_at, dropped_because = 'x', dropped_by_id = {chief} "
            f"WHERE id = {vacancy}",
            "dropped_by_a_third_person",
        ),
        (f"UPDATE follow_up SET dropped_at = agreed_at, dropped_because = 'x' WHERE id = {vacancy}", "dropping_whole"),
        (
            f"{copied}, agreed_by_id, agreed_at, next_round_id) SELECT meeting_id, {others}, 'supplementary', 1, "
            f"members, reason, document, proposed_by_id, proposed_at, '', agreed_by_id, agreed_at, {farmers} {of}",
            "a later round of the same contest",
        ),
    ):
        with pytest.raises(DBAPIError, match=said), counting.county.database.writing() as session:
            session.execute(text(statement))
    with counting.county.acting(OTHER) as act:
        drop(act, vacancy, "误录")
    row = follow(counting, FollowUpKind.SUPPLEMENTARY)
    for statement, said in (
        (
            "INSERT INTO round (contest_id, number, kind, seats) SELECT contest_id, 9, kind, 1 FROM round "
            f"WHERE id = {row.next_round_id}",
            "one round at a time",
        ),
        (f"UPDATE round_outcome SET superseded_at = decided_at WHERE round_id = {farmers}", "is taken back first"),
    ):
        with pytest.raises(DBAPIError, match=said), counting.county.database.writing() as session:
            session.execute(text(statement))


def test_a_relative_of_the_chair_may_stand_again_but_none_of_who_agrees(counting: Evening) -> None:
    counting.count("u1", TIE)
    tied = counting.members_standing("u1", "farmer")[1:]
    with counting.county.acting(ROOT) as act:
        for who, member in zip(("u1", CHIEF), tied, strict=True):
            person = act.session.get_one(Person, counting.county.people[who].person_id)
            declare_relatives(act, person, act.session.get_one(Member, member).person, "兄弟")
    with counting.county.acting("u1") as act:
        row = propose_round(act, contest_id(counting), FollowUpKind.TIE_BALLOT).id
    with pytest.raises(Refused, match=r"meeting\.relatives_election"), counting.county.acting(CHIEF) as act:
        agree(act, row)
    with counting.county.acting(OTHER) as act:
        agree(act, row)
    with counting.county.acting(ROOT) as act:
        act.session.get_one(Member, tied[0]).person_id = counting.county.people["u1"].person_id or 0
        act.record("member.changed", "member", congress_id=counting.county.congress_id)
    again = state_of(counting).last_round_id
    with counting.county.acting(OTHER) as act:
        record_ballots(act, counting.meetings["u1"], {again: (28, 29)})
        declare_void(act, again)
    with pytest.raises(Refused, match=r"meeting\.own_election"), counting.county.acting("u1") as act:
        propose_round(act, contest_id(counting), FollowUpKind.TIE_BALLOT)


def test_what_is_agreed_late_joins_the_meeting_that_is_in_session_as_its_next_vote(counting: Evening) -> None:
    """The first meeting left two contests open; the second meets for one of them when the other is agreed to."""
    county, first = counting.county, counting.meetings["u1"]
    counting.count("u1", {"农民": [24, 16, 16], "其他基层": [14, 14]})
    with county.acting("u1") as act:
        close_meeting(act, first)
        tie = propose_round(act, contest_id(counting), FollowUpKind.TIE_BALLOT).id
    with county.acting(CHIEF) as act:
        agree(act, tie)
    second = opened(counting)
    with county.acting("u1") as act:
        late = propose_round(act, contest_id(counting, "其他基层"), FollowUpKind.SUPPLEMENTARY).id
    with county.acting(CHIEF) as act:
        joined = agree(act, late).next_round_id
    with county.reading() as session:
        held = session.scalars(select(MeetingRound).where(MeetingRound.meeting_id == second.id))
        votes = {one.round_id: one.ballot for one in held}
        groups = session.scalars(
            select(CountForm.number).join(CountingGroup).join(Venue).where(Venue.meeting_id == second.id)
        ).all()
    assert votes[joined or 0] == 2 and sorted(votes.values()) == [1, 2]
    assert sorted(groups) == ["01.2-1-1", "01.2-1-1-2"]
    with county.acting(OTHER) as act:
        drop(act, late, "改为缺额")
        assert current_ballot(act.session, second.id) == 1
    assert state_of(counting, "其他基层").due is not None
