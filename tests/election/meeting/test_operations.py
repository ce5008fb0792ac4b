"""A unit's meeting: planned, its people, opened, its ballots, closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from election.congress.lifecycle import Phase
from election.congress.models import Congress, RuleValue
from election.count.models import CountForm
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, MeetingRound, Office, Venue, VenueBallots
from election.meeting.operations import call_off_meeting, change_plan, close_meeting, plan_meeting
from election.meeting.operations_attendance import add_exclusion, add_listed_exclusions, remove_exclusion, set_present
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.operations_officers import appoint_officer, dismiss_officer
from election.meeting.operations_opening import OPENING_RULES, open_meeting
from election.meeting.queries import voters_named
from election.meeting.queries_naming import possible_officers
from election.meeting.queries_page import meeting_page
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application, Candidate, Slate, Source
from election.nomination.slates.operations import supersede_slate
from election.people.act import CHINA
from election.people.actor import Role
from election.people.models import Person
from election.people.operations import declare_relatives, grant_role
from election.roster.absences.operations import record_absence
from election.roster.absences.queries import absence_token
from election.roster.models import AbsenceKind, ExclusionReason, Member, Suspension
from election.store.audit import verify
from election.store.models import AuditEvent
from tests.support.county import ROOT
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, planned

YES = {"method_adopted": True, "scrutineers_voted": True}


def person(evening: Evening, desk: str) -> int:
    return evening.county.people[desk].person_id or 0


def venue_of(evening: Evening, unit: str = "u1") -> int:
    with evening.county.reading() as session:
        return session.scalars(select(Venue.id).where(Venue.meeting_id == evening.meetings[unit])).one()


def state(evening: Evening, unit: str = "u1") -> Meeting:
    with evening.county.reading() as session:
        row = session.get_one(Meeting, evening.meetings[unit])
        session.expunge(row)
        return row


def rounds(evening: Evening, unit: str = "u1") -> list[int]:
    return [round_id for (code, _, _), round_id in evening.rounds.items() if code == unit]


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}$")


# Planning


def test_a_planned_meeting_has_one_venue_one_group_and_a_numbered_form(evening: Evening) -> None:
    planned(evening)
    with evening.county.reading() as session:
        page = meeting_page(session, evening.meetings["u1"])
        forms = session.execute(select(CountForm.number, CountForm.version, CountForm.state)).all()
        assert [venue.form_numbers for venue in page.venues] == [("01-1-1",)]
        assert [tuple(form) for form in forms] == [("01-1-1", 1, "empty")]
        assert page.meeting.state is MeetingState.PLANNED


def test_a_unit_has_one_meeting_at_a_time(evening: Evening) -> None:
    planned(evening)
    with refused("meeting.planned_already"), evening.county.acting("u1") as act:
        plan_meeting(act, evening.county.units["u1"], "镇政府礼堂", act.now)


def test_a_meeting_that_was_called_off_makes_room_for_another(evening: Evening) -> None:
    planned(evening)
    with refused("meeting.reason_missing"), evening.county.acting("u1") as act:
        call_off_meeting(act, evening.meetings["u1"], " ")
    with evening.county.acting("u1") as act:
        call_off_meeting(act, evening.meetings["u1"], "暴雨")
    planned(evening)
    assert state(evening).number == 2
    with evening.county.reading() as session:
        numbers = session.scalars(select(CountForm.number).order_by(CountForm.id)).all()
    assert numbers == ["01-1-1", "01.2-1-1"]


@pytest.mark.parametrize(("place", "has_time", "code"), [(" ", True, "place"), ("礼堂", False, "time")])
def test_a_meeting_needs_place_and_time(evening: Evening, place: str, has_time: bool, code: str) -> None:
    with refused(f"meeting.{code}_missing"), evening.county.acting("u1") as act:
        plan_meeting(act, evening.county.units["u1"], place, act.now if has_time else None)


def test_only_the_units_own_clerk_plans_its_meeting(evening: Evening) -> None:
    for desk in ("u2", "office", SCRUTINEERS[0]):
        with pytest.raises(Forbidden), evening.county.acting(desk) as act:
            plan_meeting(act, evening.county.units["u1"], "礼堂", act.now)
    with pytest.raises(NotFound), evening.county.acting("u1") as act:
        plan_meeting(act, 999, "礼堂", act.now)


def test_place_and_time_may_change_until_it_opens(evening: Evening) -> None:
    planned(evening)
    with evening.county.acting("u1") as act:
        change_plan(act, evening.meetings["u1"], "中心小学", act.now)
    with evening.county.reading() as session:
        assert meeting_page(session, evening.meetings["u1"]).venues[0].name == "中心小学"


# Exclusions and attendance


def test_a_consented_exclusion_reduces_the_expected_number(evening: Evening) -> None:
    planned(evening)
    away = evening.county.members("u1-b1")[-1]
    with evening.county.acting("u1") as act:
        add_exclusion(act, evening.meetings["u1"], away, ExclusionReason.FRAIL)
    with refused("meeting.exclusions_open"), evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], present=28, **YES)
    with evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], present=28, exclusions_consented=True, **YES)
    assert state(evening).expected == 29


def test_an_exclusion_names_a_voter_of_the_unit_once(evening: Evening) -> None:
    planned(evening)
    own, foreign = evening.county.members("u1-b1")[-1], evening.county.members("u2-b1")[-1]
    with refused("meeting.not_a_voter"), evening.county.acting("u1") as act:
        add_exclusion(act, evening.meetings["u1"], foreign, ExclusionReason.ILL)
    with evening.county.acting("u1") as act:
        exclusion = add_exclusion(act, evening.meetings["u1"], own, ExclusionReason.ILL).id
    with refused("meeting.excluded_already"), evening.county.acting("u1") as act:
        add_exclusion(act, evening.meetings["u1"], own, ExclusionReason.ABROAD)
    with evening.county.acting("u1") as act:
        remove_exclusion(act, exclusion)
    with evening.county.reading() as session:
        page = meeting_page(session, evening.meetings["u1"])
        assert (page.exclusions, page.expected, page.voters) == ((), 30, 30)


def test_who_is_away_for_a_listed_reason_is_proposed_at_one_click(evening: Evening) -> None:
    planned(evening)
    county = evening.county
    ill, frail, expected, suspended = county.members("u1-b1")[:4]
    reasons = {
        ill: ExclusionReason.ILL,
        frail: ExclusionReason.FRAIL,
        expected: None,
        suspended: ExclusionReason.ABROAD,
    }
    for member_id, reason in reasons.items():
        with county.acting("u1") as act:
            record_absence(
                act,
                county.congress_id,
                member_id,
                AbsenceKind.UNFIT,
                reason,
                "",
                None,
                None,
                "",
                seen=absence_token(None),
            )
    with county.database.writing() as session:
        session.get_one(Member, suspended).suspension = Suspension.DETAINED
    with county.acting("u1") as act:
        add_exclusion(act, evening.meetings["u1"], ill, ExclusionReason.ILL)
    with county.acting("u1") as act:
        assert add_listed_exclusions(act, evening.meetings["u1"]) == 1
    with county.reading() as session:
        page = meeting_page(session, evening.meetings["u1"])
    assert {one.member_id for one in page.exclusions} == {ill, frail} and page.expected == 27
    with refused("meeting.none_listed"), county.acting("u1") as act:
        add_listed_exclusions(act, evening.meetings["u1"])
    with pytest.raises(Forbidden), county.acting("office") as act:
        add_listed_exclusions(act, evening.meetings["u1"])


def test_nobody_is_excluded_once_the_meeting_has_opened(meeting: Evening) -> None:
    with refused("meeting.opened_already"), meeting.county.acting("u1") as act:
        add_exclusion(act, meeting.meetings["u1"], meeting.county.members("u1-b1")[0], ExclusionReason.ILL)


def test_late_arrivals_change_the_present_number_only(meeting: Evening) -> None:
    with meeting.county.acting("u1") as act:
        set_present(act, venue_of(meeting), 29)
    with meeting.county.reading() as session:
        page = meeting_page(session, meeting.meetings["u1"])
    assert (page.present, page.expected, page.meter.holds, page.meter.needed) == (29, 30, True, 24)


@pytest.mark.parametrize(("present", "code"), [(27, "present_only_rises"), (31, "present_over_expected")])
def test_after_the_opening_the_present_number_rises_up_to_the_expected(
    meeting: Evening, present: int, code: str
) -> None:
    with refused(f"meeting.{code}"), meeting.county.acting("u1") as act:
        set_present(act, venue_of(meeting), present)


# Officers


def test_a_candidate_is_neither_scrutineer_nor_teller(evening: Evening) -> None:
    planned(evening)
    candidate = evening.county.person_of(evening.members_standing("u1", "farmer")[0]).id
    for office in Office:
        with refused("meeting.officer_is_candidate"), evening.county.acting("u1") as act:
            appoint_officer(act, evening.meetings["u1"], candidate, office)


def test_a_candidates_declared_relative_neither_watches_nor_counts(evening: Evening) -> None:
    planned(evening)
    candidate = evening.county.person_of(evening.members_standing("u1", "farmer")[0]).id
    with evening.county.acting(ROOT) as act:
        one, other = act.session.get_one(Person, candidate), act.session.get_one(Person, person(evening, TELLERS[0]))
        declare_relatives(act, one, other, "兄弟")
    with evening.county.reading() as session:
        officers = {one.person_id: one.id for one in meeting_page(session, evening.meetings["u1"]).tellers}
    with evening.county.acting("u1") as act:
        dismiss_officer(act, officers[person(evening, TELLERS[0])])
    also_a_scrutineer(evening, TELLERS[0])
    for office in Office:
        with refused("meeting.officer_is_relative"), evening.county.acting("u1") as act:
            appoint_officer(act, evening.meetings["u1"], person(evening, TELLERS[0]), office)


def also_a_scrutineer(evening: Evening, desk: str) -> None:
    with evening.county.acting(ROOT) as act:
        one = act.session.get_one(Person, person(evening, desk))
        grant_role(act, one, Role.SCRUTINEER, congress_id=evening.county.congress_id)


def test_a_person_holds_one_office(evening: Evening) -> None:
    planned(evening)
    with refused("meeting.officer_already"), evening.county.acting("u1") as act:
        also = evening.county.members("u1-b1")[-1]
        member = evening.county.person_of(also).id
        appoint_officer(act, evening.meetings["u1"], member, Office.SCRUTINEER)
        appoint_officer(act, evening.meetings["u1"], member, Office.TELLER)


def test_the_last_scrutineer_of_a_meeting_that_has_begun_stays(meeting: Evening) -> None:
    with meeting.county.reading() as session:
        first, second = (one.id for one in meeting_page(session, meeting.meetings["u1"]).scrutineers)
    with meeting.county.acting("u1") as act:
        dismiss_officer(act, first, "身体不适")
    with refused("meeting.last_scrutineer"), meeting.county.acting("u1") as act:
        dismiss_officer(act, second, "身体不适")


def test_a_dismissal_after_the_opening_says_why(meeting: Evening) -> None:
    with meeting.county.reading() as session:
        first = meeting_page(session, meeting.meetings["u1"]).scrutineers[0].id
    with refused("meeting.dismissal_reason_missing"), meeting.county.acting("u1") as act:
        dismiss_officer(act, first, " ")
    with meeting.county.acting("u1") as act:
        dismiss_officer(act, first, "身体不适")
    with meeting.county.reading() as session:
        said = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "officer.dismissed")).all()
    assert [one["reason"] for one in said] == ["身体不适"]


def test_a_scrutineer_named_after_the_opening_needs_the_meetings_recorded_vote(meeting: Evening) -> None:
    member = meeting.county.person_of(meeting.county.members("u1-b1")[-1]).id
    with refused("meeting.officer_not_voted"), meeting.county.acting("u1") as act:
        appoint_officer(act, meeting.meetings["u1"], member, Office.SCRUTINEER)
    with meeting.county.acting("u1") as act:
        appoint_officer(act, meeting.meetings["u1"], member, Office.SCRUTINEER, voted=True)
    with meeting.county.reading() as session:
        said = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "officer.appointed").order_by(AuditEvent.id.desc())
        ).first()
    assert said is not None and (said["person"], said["voted"]) == (member, True)


def test_a_teller_named_after_the_opening_needs_no_vote(meeting: Evening) -> None:
    member = meeting.county.person_of(meeting.county.members("u1-b1")[-1]).id
    with meeting.county.acting("u1") as act:
        assert appoint_officer(act, meeting.meetings["u1"], member, Office.TELLER).office is Office.TELLER


def test_someone_of_elsewhere_is_not_named_and_remains_unknown(evening: Evening) -> None:
    planned(evening, scrutineer=False)
    stranger = evening.county.person_of(evening.county.members("u2-b1")[5])
    for office, person_id in ((Office.SCRUTINEER, stranger.id), (Office.TELLER, stranger.id), (Office.TELLER, 99999)):
        with pytest.raises(Refused, match=r"^meeting\.no_such_person$") as refusal, evening.county.acting("u1") as act:
            appoint_officer(act, evening.meetings["u1"], person_id, office)
        assert refusal.value.params == {}
    # A scrutineer's role alone makes nobody a teller of a unit to which they do not belong.
    with refused("meeting.no_such_person"), evening.county.acting("u1") as act:
        appoint_officer(act, evening.meetings["u1"], person(evening, SCRUTINEERS[0]), Office.TELLER)


def test_those_offered_for_an_office_hold_its_role_or_belong_to_the_unit(evening: Evening) -> None:
    meeting = planned(evening, scrutineer=False)
    standing = {*evening.members_standing("u1", "farmer"), *evening.members_standing("u1", "other")}
    others = {evening.county.person_of(one).id for one in evening.county.members("u1-b1") if one not in standing}
    with evening.county.reading() as session:
        branch = session.get_one(Member, evening.county.members("u1-b1")[0]).branch.name
        offered = {
            (office, asked): [one.id for one in people]
            for asked in ("", branch, "%")
            for office, people in possible_officers(session, meeting, asked).items()
        }
    holders = {person(evening, desk) for desk in SCRUTINEERS}
    assert set(offered[Office.SCRUTINEER, ""]) == holders and offered[Office.TELLER, ""] == []  # all are named already
    assert set(offered[Office.TELLER, branch]) == others == set(offered[Office.SCRUTINEER, branch][:-2])
    assert set(offered[Office.SCRUTINEER, branch][-2:]) == holders == set(offered[Office.SCRUTINEER, "%"])


def test_voters_are_found_by_part_of_their_name(evening: Evening) -> None:
    name = evening.county.person_of(evening.county.members("u1-b1")[3]).name
    with evening.county.reading() as session:
        found = voters_named(session, evening.county.units["u1"], name[:2])
        assert evening.county.members("u1-b1")[3] in [one.id for one in found]
        assert voters_named(session, evening.county.units["u1"], "%") == []


# Opening


def test_opening_freezes_the_expected_number_the_slates_and_the_rules_of_the_vote(meeting: Evening) -> None:
    row = state(meeting)
    with meeting.county.reading() as session:
        held = session.scalars(select(MeetingRound)).all()
        frozen = session.scalars(select(RuleValue.name).where(RuleValue.frozen_by == "meeting.opened")).all()
        assert sorted(frozen) == sorted(OPENING_RULES)
        assert {one.round_id for one in held} == set(rounds(meeting))
        assert verify(session) == []
    assert (row.state, row.expected, row.opened_by_id) == (MeetingState.OPENED, 30, person(meeting, "u1"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"present": 23}, "no_quorum"),
        ({"present": 31}, "present_over_expected"),
        ({"present": None}, "present_missing"),
        ({"method_adopted": False}, "method_not_adopted"),
        ({"scrutineers_voted": False}, "scrutineers_not_voted"),
    ],
)
def test_a_meeting_opens_only_when_everything_stands(evening: Evening, changes: dict[str, Any], code: str) -> None:
    planned(evening)
    with refused(f"meeting.{code}"), evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], **({"present": 24} | YES | changes))
    assert state(evening).state is MeetingState.PLANNED


def test_nobody_is_voted_on_who_has_lost_the_vote_since_the_slate_was_frozen(evening: Evening) -> None:
    planned(evening)
    with evening.county.acting("office") as act:
        member_id = act.session.scalars(
            select(Candidate.member_id).join(Slate).where(Slate.round_id == evening.round_of("u1", "farmer"))
        ).first()
        member = act.session.get_one(Member, member_id)
        act.session.add(
            Application(
                congress_id=evening.county.congress_id,
                member_id=member.id,
                branch_id=member.branch_id,
                unit_id=evening.county.units["u1"],
                category_id=evening.county.categories["farmer"],
                source=Source.SELF,
                state=ApplicationState.PROPOSED,
                submitted_at=act.now,
            )
        )
        member.suspension = Suspension.DETAINED
        act.record("voting_right.set", member, congress_id=evening.county.congress_id)
    with refused("meeting.slate_outdated"), evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], present=24, **YES)
    assert state(evening).state is MeetingState.PLANNED


def test_the_slates_of_an_open_meeting_are_in_use_and_no_longer_superseded(evening: Evening) -> None:
    planned(evening)
    with evening.county.reading() as session:
        slate_id = session.scalars(select(Slate.id).where(Slate.round_id == rounds(evening)[0])).one()
        assert session.scalars(select(Slate.in_use_at)).all() == [None] * 4
    with evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], present=24, **YES)
    with evening.county.acting(ROOT) as act:
        act.session.get_one(Congress, evening.county.congress_id).phase = Phase.NOMINATION
    with refused("slate.in_use"), evening.county.acting("office") as act:
        supersede_slate(act, slate_id, "候选人去世")
    with evening.county.reading() as session:
        used = session.scalars(select(Slate.round_id).where(Slate.in_use_at.is_not(None))).all()
    assert set(used) == set(rounds(evening))


@pytest.mark.parametrize("year", [1, 1900, 9999])
def test_a_meeting_is_planned_in_a_year_that_anyone_could_mean(evening: Evening, year: int) -> None:
    moment = datetime(year, 1, 1, tzinfo=CHINA)
    with refused("meeting.time_implausible"), evening.county.acting("u1") as act:
        plan_meeting(act, evening.county.units["u1"], "礼堂", moment)
    planned(evening)
    with refused("meeting.time_implausible"), evening.county.acting("u1") as act:
        change_plan(act, evening.meetings["u1"], "礼堂", moment)


def test_exactly_four_fifths_present_is_a_quorum(evening: Evening) -> None:
    planned(evening)
    with evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], present=24, **YES)
    assert state(evening).state is MeetingState.OPENED


def test_a_meeting_without_scrutineers_does_not_open(evening: Evening) -> None:
    planned(evening, scrutineer=False)
    with refused("meeting.no_scrutineer"), evening.county.acting("u1") as act:
        open_meeting(act, evening.meetings["u1"], present=28, **YES)


def test_a_meeting_opens_once(meeting: Evening) -> None:
    with refused("meeting.begun_already"), meeting.county.acting("u1") as act:
        open_meeting(act, meeting.meetings["u1"], present=28, **YES)


# Ballots


def test_the_scrutineers_record_every_round_at_once(meeting: Evening) -> None:
    first, second = rounds(meeting)
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], {first: (28, 28), second: (28, 27)})
    with meeting.county.reading() as session:
        page = meeting_page(session, meeting.meetings["u1"])
    assert [(one.issued, one.returned) for one in page.rounds] == [(28, 28), (28, 27)]
    assert page.meeting.state is MeetingState.BALLOTS_RECORDED


def test_a_ballot_record_is_refused_at_each_of_its_places(meeting: Evening) -> None:
    first, second = rounds(meeting)
    with pytest.raises(Invalid) as refusal, meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], {first: (29, 28), 999: (1, 1)})
    assert [(one.code, one.field) for one in refusal.value.refusals] == [
        ("meeting.ballots_missing", f"ballots.{second}.issued"),
        ("meeting.no_such_round", "ballots.999.issued"),
        ("meeting.issued_over_present", f"ballots.{first}.issued"),
    ]
    assert state(meeting).state is MeetingState.OPENED


def test_ballots_are_recorded_by_a_scrutineer_who_does_not_stand(meeting: Evening) -> None:
    ballots = dict.fromkeys(rounds(meeting), (28, 28))
    for desk in ("u1", TELLERS[0], "office"):
        with pytest.raises(Forbidden), meeting.county.acting(desk) as act:
            record_ballots(act, meeting.meetings["u1"], ballots)
    candidate = meeting.county.person_of(meeting.members_standing("u1", "farmer")[0]).id
    with meeting.county.acting(ROOT) as act:
        one = act.session.get_one(Person, candidate)
        declare_relatives(act, one, act.session.get_one(Person, person(meeting, SCRUTINEERS[1])), "夫妻")
    with pytest.raises(Forbidden, match="relatives_election"), meeting.county.acting(SCRUTINEERS[1]) as act:
        record_ballots(act, meeting.meetings["u1"], ballots)


def test_more_returned_than_issued_is_recorded_and_then_declared_void(meeting: Evening) -> None:
    first, second = rounds(meeting)
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], {first: (28, 29), second: (28, 28)})
    with refused("meeting.not_void"), meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, second)
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, first)
    with meeting.county.reading() as session:
        page = meeting_page(session, meeting.meetings["u1"])
        assert [one.void for one in page.rounds] == [True, False]
        recorded = session.scalars(select(AuditEvent).where(AuditEvent.action == "round.voided")).one()
        assert recorded.details == {"issued": 28, "returned": 29}
    with refused("contest.void_already"), meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, first)


def test_a_meeting_with_an_open_contest_is_not_closed(meeting: Evening) -> None:
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, meeting.meetings["u1"], dict.fromkeys(rounds(meeting), (28, 29)))
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, rounds(meeting)[0])
    with pytest.raises(Refused, match=r"meeting\.blocked") as refusal, meeting.county.acting("u1") as act:
        close_meeting(act, meeting.meetings["u1"])
    assert refusal.value.params["count"] == 1
    with meeting.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, rounds(meeting)[1])
    with meeting.county.acting("u1") as act:
        close_meeting(act, meeting.meetings["u1"])
    assert state(meeting).state is MeetingState.CLOSED


def test_the_database_itself_refuses_an_open_meeting_without_its_number(evening: Evening) -> None:
    planned(evening)
    with pytest.raises(IntegrityError), evening.county.acting("u1") as act:
        act.session.get_one(Meeting, evening.meetings["u1"]).state = MeetingState.OPENED


def test_the_database_itself_keeps_one_meeting_of_a_unit_alive(evening: Evening) -> None:
    planned(evening)
    with pytest.raises(IntegrityError), evening.county.acting("u1") as act:
        unit = evening.county.units["u1"]
        act.session.add(
            Meeting(congress_id=evening.county.congress_id, unit_id=unit, number=2, state=MeetingState.PLANNED)
        )


def test_the_database_itself_refuses_ballots_of_a_round_that_the_meeting_does_not_vote_on(meeting: Evening) -> None:
    with pytest.raises(IntegrityError), meeting.county.acting("u1") as act:
        act.session.add(
            VenueBallots(
                venue_id=venue_of(meeting),
                meeting_id=meeting.meetings["u1"],
                round_id=rounds(meeting, "u2")[0],
                issued=1,
                returned=1,
            )
        )
        act.session.flush()
