"""What moved on a unit's roster since its clerk verified it: who came, who left, what of whom changed, and by whom."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from election.congress.models import Unit
from election.people.actor import Role
from election.roster.models import Departure, RosterVerification
from election.roster.operations import change_member
from election.roster.operations_departure import remove_member
from election.roster.queries import member_token
from election.roster.queries_units import unit_roster
from election.roster.queries_verified import VerifiedChange, changes_since_verified
from election.roster.verified import Move
from tests.election.roster.test_operations import as_it_is, line_of, suspend, verify
from tests.support.county import CATEGORIES, County


def moved_since(county: County, unit: str) -> list[VerifiedChange] | None:
    names = {category.code: category.name for category in CATEGORIES}
    with county.reading() as session:
        state = unit_roster(session, county.units[unit])
        assert state.verification is not None
        return changes_since_verified(session, session.get_one(Unit, county.units[unit]), state.verification, names)


def test_what_moved_since_a_verification_is_told_by_member_and_by_whom(county: County) -> None:
    corrected, elsewhere, gone, came = *county.members("u1-b1")[:3], county.members("u2-b1")[0]
    verify(county, "u1")
    assert moved_since(county, "u1") == []
    office = county.people["office"].name
    line = line_of(county, corrected)
    with county.acting("office") as act:
        change = replace(as_it_is(line), category="other", post="校长")
        change_member(act, county.congress_id, corrected, change, seen=member_token(line))
    for member, branch in ((elsewhere, "u2-b2"), (came, "u1-b2")):
        line = line_of(county, member)
        with county.acting("office") as act:
            change = replace(as_it_is(line), branch_id=county.branches[branch])
            change_member(act, county.congress_id, member, change, seen=member_token(line))
    line = line_of(county, gone)
    with county.acting("office") as act:
        remove_member(
            act, county.congress_id, gone, Departure.DIED, act.today, "", seen=member_token(line)
        )  # fmt: skip
    found = {one.change.member_id: one for one in moved_since(county, "u1") or ()}
    assert set(found) == {corrected, elsewhere, gone, came}
    assert {member: one.change.move for member, one in found.items()} == {
        corrected: Move.CHANGED, elsewhere: Move.LEFT, gone: Move.LEFT, came: Move.CAME,
    }  # fmt: skip
    # The post is nothing that a clerk confirms.
    told = [(one.field.zh, one.before, one.after) for one in found[corrected].change.differences]
    assert told == [("主要类别", "领导干部", "其他基层")]
    left, died = found[elsewhere].gone, found[gone].gone
    assert left is not None and (left.unit, left.branch) == ("第2镇", "第2镇2村党支部")
    assert died is not None and died.because is Departure.DIED
    assert {one.edit and one.edit.name for one in found.values()} == {office}


def test_an_import_after_a_correction_leaves_open_whose_change_it_was(county: County) -> None:
    verify(county, "u1")
    suspend(county, county.members("u1-b1")[0])
    clerk = county.sit("second", Role.OFFICE)
    for who, named in (("office", True), (clerk, False)):
        with county.acting(who) as act:
            act.record("roster.imported", "roster_import:1", congress_id=county.congress_id)
        assert [one.edit is not None for one in moved_since(county, "u1") or ()] == [named]


def test_a_verification_of_an_older_version_keeps_nothing_to_compare_with(county: County) -> None:
    verify(county, "u1")
    with county.database.writing() as session:
        session.scalars(select(RosterVerification)).one().content = None
    suspend(county, county.members("u1-b1")[0])
    assert moved_since(county, "u1") is None
