"""Who leaves the roster is in no list and no count any more, stays on record, and can come back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit, UnitKind
from election.errors import Forbidden, NotFound, Refused, Stale
from election.people.actor import Role
from election.people.models import Person, RoleGrant
from election.people.queries import actor_of
from election.roster.importing.operations import export_roster, import_roster, preview_roster
from election.roster.models import Departure, Member, Organisation, UnitBranch
from election.roster.operations_departure import readmit_member, remove_member
from election.roster.queries import member_line, member_token, members_page
from election.roster.queries_departure import departures
from election.roster.queries_units import unit_rosters
from election.store.models import AuditEvent
from tests.support.county import KEYS, County, county_from, registered
from tests.support.stores import Stores

DAY = date(2031, 3, 1)


@pytest.fixture
def county(stores: Stores):
    made = county_from(stores, "registered", registered)
    yield made
    made.database.close()


def someone(county: County) -> tuple[int, str, str]:
    """A member, the token of the page that shows the member, and the number of the branch."""
    with county.reading() as session:
        line = members_page(session, county.congress_id).lines[0]
        return line.member_id, member_token(line), line.branch_code


def members(county: County) -> int:
    with county.reading() as session:
        return sum(one.state.members for one in unit_rosters(session, county.congress_id))


def leave(county: County, who: str = "office", **change) -> int:
    member, seen, _ = someone(county)
    given = {"because": Departure.TRANSFERRED, "on": DAY, "note": "转往邻县", "seen": seen} | change
    with county.acting(who) as act:
        remove_member(act, county.congress_id, member, given["because"], given["on"], given["note"], seen=given["seen"])
    return member


def test_who_left_is_in_no_list_and_no_count_but_on_record(county: County) -> None:
    before = members(county)
    member = leave(county)
    assert members(county) == before - 1
    with county.reading() as session:
        assert members_page(session, county.congress_id).total == before - 1
        with pytest.raises(NotFound):
            member_line(session, county.congress_id, member)
        (line,) = departures(session)
        assert (line.member_id, line.because, line.left_on, line.note) == (
            member, Departure.TRANSFERRED, DAY, "转往邻县",
        )  # fmt: skip
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "member.left")).one()
        assert event.details["departure"] == "transferred" and event.details["on"] == DAY.isoformat()


def test_a_unit_that_lost_a_member_has_to_be_verified_again(county: County) -> None:
    leave(county)
    with county.reading() as session:
        assert sum(one.stale for one in unit_rosters(session, county.congress_id)) == 1


def test_who_left_comes_back_to_a_branch(county: County) -> None:
    before = members(county)
    branch = someone(county)[2]
    member = leave(county)
    with county.acting("office") as act, pytest.raises(Refused, match="branch_not_found"):
        readmit_member(act, county.congress_id, member, "no such branch", "")
    with county.acting("office") as act:
        readmit_member(act, county.congress_id, member, f" {branch} ", "")
    assert members(county) == before
    with county.reading() as session:
        assert member_line(session, county.congress_id, member).branch_code == branch
        assert departures(session) == []
    with county.acting("office") as act, pytest.raises(NotFound):
        readmit_member(act, county.congress_id, member, branch, "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"because": None}, "roster.departure_unnamed"),
        ({"on": None}, "roster.departure_undated"),
        ({"on": DAY + timedelta(days=400)}, "roster.departure_to_come"),
    ],
)
def test_nobody_leaves_without_a_reason_and_a_day(county: County, change, code: str) -> None:
    before = members(county)
    with pytest.raises(Refused) as caught:
        leave(county, **change)
    assert caught.value.code == code
    assert members(county) == before


def test_only_the_office_takes_members_off_and_only_as_they_were_seen(county: County) -> None:
    with pytest.raises(Forbidden):
        leave(county, who="u1")
    with pytest.raises(Stale):
        leave(county, seen="{}")


@pytest.mark.parametrize(
    "change",
    [{"branch_id": None}, {"left_on": DAY}, {"left_because": Departure.DIED}, {"branch_id": None, "left_on": DAY}],
)
def test_the_database_keeps_a_departure_whole(county: County, change) -> None:
    member = someone(county)[0]
    with pytest.raises(DBAPIError), county.database.writing() as session:
        session.execute(update(Member).where(Member.id == member).values(**change))


def test_the_branches_themselves_stay(county: County) -> None:
    with county.reading() as session:
        before = session.scalars(select(Organisation.id)).all()
    leave(county)
    with county.reading() as session:
        assert session.scalars(select(Organisation.id)).all() == before


def test_an_older_workbook_does_not_put_back_who_left(county: County) -> None:
    with county.acting("office") as act:
        book = export_roster(act, county.congress_id, KEYS)
    member = leave(county)
    before = members(county)
    with county.acting("office") as act:
        (fault,) = preview_roster(act, county.congress_id, book, KEYS).faults
        assert fault.refusal.code == "roster.row_of_departed"
        assert import_roster(act, county.congress_id, "花名册.xlsx", book, KEYS, partial=True).rows_left_out == 1
    assert members(county) == before
    with county.reading() as session:
        assert [line.member_id for line in departures(session)] == [member]


def test_who_comes_back_into_a_branch_of_another_congress_comes_only_where_its_roster_is_open(county: County) -> None:
    member = leave(county)
    with county.database.writing() as session:
        here = session.get_one(Congress, county.congress_id)
        later = Congress(
            code="later", name="下一届", total_seats=3, reference_date=here.reference_date, phase=Phase.ANNOUNCEMENT,
            created_at=county.now,
        )  # fmt: skip
        session.add(later)
        session.flush()
        unit = Unit(congress_id=later.id, code="v1", name="某镇", kind=UnitKind.TOWNSHIP, position=1)
        session.add(unit)
        session.flush()
        session.add(UnitBranch(congress_id=later.id, unit_id=unit.id, branch_id=county.branches["u2-b1"]))
        later_id = later.id
    with pytest.raises(Forbidden), county.acting("office") as act:
        readmit_member(act, county.congress_id, member, "u2-b1", "")
    with county.database.writing() as session:
        person = session.get_one(Person, county.people["office"].person_id)
        session.add(RoleGrant(person_id=person.id, role=Role.OFFICE, congress_id=later_id, granted_at=county.now))
        session.flush()
        session.refresh(person)
        county.people["office"] = actor_of(session, person)
    with pytest.raises(Refused, match="closed_elsewhere"), county.acting("office") as act:
        readmit_member(act, county.congress_id, member, "u2-b1", "")
