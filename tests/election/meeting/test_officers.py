"""Who watches and who counts, beyond the naming itself: after the closing, and between the offices."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.congress.models import Congress, Unit
from election.count.queries_report import report_facts
from election.errors import Forbidden, Refused
from election.meeting.models import MeetingOfficer, Office
from election.meeting.operations import close_meeting
from election.meeting.operations_attendance import add_exclusion
from election.meeting.operations_officers import appoint_officer, dismiss_officer
from election.meeting.queries_officers import named_by_office
from election.meeting.queries_page import meeting_page
from election.people.actor import Role
from election.people.models import Person
from election.people.operations import grant_role
from election.roster.models import ExclusionReason
from election.store.models import AuditEvent
from tests.support.county import ROOT
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, balloted, planned

CHIEF, OTHER = SCRUTINEERS


def refused(code: str):
    return pytest.raises(Refused, match=rf"^{code}$")


def person(evening: Evening, desk: str) -> int:
    return evening.county.people[desk].person_id or 0


def officer(evening: Evening, desk: str) -> int:
    with evening.county.reading() as session:
        wanted = select(MeetingOfficer.id).where(MeetingOfficer.person_id == person(evening, desk))
        return session.scalars(wanted).one()


def named(evening: Evening, who: str, desk: str, office: Office = Office.SCRUTINEER, **more: object) -> None:
    with evening.county.acting(who) as act:
        appoint_officer(act, evening.meetings["u1"], person(evening, desk), office, **more)  # type: ignore[arg-type]


@pytest.fixture
def closed(evening: Evening) -> Evening:
    balloted(evening)
    evening.count("u1", {"农民": [24, 20, 5], "其他基层": [20, 8]})
    with evening.county.acting("u1") as act:
        close_meeting(act, evening.meetings["u1"])
    evening.county.sit("another", Role.SCRUTINEER)
    return evening


# After the closing


def test_after_the_closing_the_chair_neither_names_a_scrutineer_nor_dismisses_one(closed: Evening) -> None:
    with refused("meeting.officers_after_closing"):
        named(closed, "u1", "another", voted=True)
    with refused("meeting.officers_after_closing"), closed.county.acting("u1") as act:
        dismiss_officer(act, officer(closed, CHIEF), "另有工作")


def test_after_the_closing_the_county_office_replaces_a_scrutineer_with_its_reason(closed: Evening) -> None:
    with refused("meeting.appointment_reason_missing"):
        named(closed, "office", "another")
    named(closed, "office", "another", reason="原监票人出国")
    with refused("meeting.dismissal_reason_missing"), closed.county.acting("office") as act:
        dismiss_officer(act, officer(closed, OTHER))
    with closed.county.acting("office") as act:
        dismiss_officer(act, officer(closed, OTHER), "出国")
    with closed.county.reading() as session:
        page = meeting_page(session, closed.meetings["u1"])
        assert {one.person_id for one in page.scrutineers} == {person(closed, CHIEF), person(closed, "another")}
        assert named_by_office(session, page.meeting) == {person(closed, "another")}
        recorded = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "officer.appointed").order_by(AuditEvent.position.desc())
        ).first()
        assert recorded is not None
        assert (recorded.details["by_office"], recorded.details["reason"]) == (True, "原监票人出国")


def test_nobody_of_the_office_names_themselves_and_no_one_else_replaces_a_scrutineer(closed: Evening) -> None:
    with pytest.raises(Forbidden, match=r"^meeting\.appoints_oneself$"):
        named(closed, "office", "office", reason="无人")
    for who in ("u2", CHIEF, TELLERS[0]):
        with pytest.raises(Forbidden):
            named(closed, who, "another", reason="无人")


def test_before_the_closing_the_office_names_nobody(evening: Evening) -> None:
    planned(evening, scrutineer=False)
    with pytest.raises(Forbidden):
        named(evening, "office", CHIEF, reason="无人")


def test_the_report_says_whom_the_office_named(closed: Evening) -> None:
    named(closed, "office", "another", reason="原监票人出国")
    with closed.county.reading() as session:
        congress = session.get_one(Congress, closed.county.congress_id)
        unit = session.get_one(Unit, closed.county.units["u1"])
        before = report_facts(session, congress, unit, closed.meetings["u1"])["scrutineers"]
    # The result was recorded before: who watched over it stands there, and nobody else.
    assert all("县委组织部指定" not in name for name in before)


# Between the offices, and who is not expected


def test_who_was_a_scrutineer_since_the_opening_never_counts(meeting: Evening) -> None:
    county = meeting.county
    kept = county.people[OTHER]
    county.sit("stays", Role.TELLER)
    with county.acting("u1") as act:
        dismiss_officer(act, officer(meeting, OTHER), "另有工作")
    with county.acting(ROOT) as act:
        grant_role(act, act.session.get_one(Person, kept.person_id), Role.TELLER, congress_id=county.congress_id)
    with refused("meeting.scrutineer_before"):
        named(meeting, "u1", OTHER, Office.TELLER)
    named(meeting, "u1", "stays", Office.TELLER)


def test_who_was_named_a_scrutineer_and_withdrawn_before_the_opening_may_count(evening: Evening) -> None:
    planned(evening)
    member = evening.county.person_of(evening.county.members("u1-b1")[-1]).id
    with evening.county.acting("u1") as act:
        row = appoint_officer(act, evening.meetings["u1"], member, Office.SCRUTINEER).id
    with evening.county.acting("u1") as act:
        dismiss_officer(act, row)
        appoint_officer(act, evening.meetings["u1"], member, Office.TELLER)


def test_who_is_not_expected_holds_no_office_and_who_holds_one_is_expected(evening: Evening) -> None:
    planned(evening)
    away, works = evening.county.members("u1-b1")[-2:]
    with evening.county.acting("u1") as act:
        add_exclusion(act, evening.meetings["u1"], away, ExclusionReason.FRAIL)
        appoint_officer(act, evening.meetings["u1"], evening.county.person_of(works).id, Office.TELLER)
    for office in Office:
        with refused("meeting.officer_excused"), evening.county.acting("u1") as act:
            appoint_officer(act, evening.meetings["u1"], evening.county.person_of(away).id, office)
    with refused("meeting.excused_officer"), evening.county.acting("u1") as act:
        add_exclusion(act, evening.meetings["u1"], works, ExclusionReason.FRAIL)
