"""An identity number is shown whole to the office only, for a stated purpose, on the record; else it is masked."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from election.errors import Forbidden, NotFound, Refused
from election.people.models import Person
from election.roster.operations_identity import find_by_identity, reveal_identity
from election.roster.queries_member import masked_identity, member_of_person, namesakes
from election.store.models import AuditEvent
from tests.support.county import KEYS, County, identity_number


def reveal(county: County, member_id: int, purpose: str = "核对身份", who: str = "office") -> str:
    with county.acting(who) as act:
        return reveal_identity(act, county.congress_id, member_id, purpose, KEYS)


def test_the_number_is_shown_for_a_purpose_and_the_chain_says_who_saw_it_without_the_number(county: County) -> None:
    member_id = county.members("u1-b1")[0]
    number = reveal(county, member_id)
    assert number == identity_number(0, woman=True)
    with county.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "identity.revealed")).one()
        assert (event.subject, event.person_name, event.details) == (
            f"member:{member_id}", "经办office", {"member": member_id, "purpose": "核对身份"}
        )  # fmt: skip
        everything = json.dumps([one.details for one in session.scalars(select(AuditEvent))], ensure_ascii=False)
    assert number not in everything


def test_whose_a_number_is_is_told_the_office_on_the_record(county: County) -> None:
    number = identity_number(0, woman=True)
    with pytest.raises(Forbidden), county.acting("approver") as act:
        find_by_identity(act, county.congress_id, number, KEYS)
    with county.acting("office") as act:
        member_id = find_by_identity(act, county.congress_id, number, KEYS)
    assert member_id == county.members("u1-b1")[0]
    with county.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "identity.searched")).one()
        assert (event.subject, event.details) == (f"member:{member_id}", {"member": member_id})


def test_everywhere_else_it_is_masked(county: County) -> None:
    person = county.person_of(county.members("u1-b1")[0])
    with county.reading() as session:
        shown = masked_identity(session, person.id, KEYS)
        assert member_of_person(session, person.id) == county.members("u1-b1")[0]
    assert shown == f"{identity_number(0, woman=True)[:6]}********{identity_number(0, woman=True)[-4:]}"


@pytest.mark.parametrize("who", ["u1", "approver", "u1-b1"])
def test_nobody_but_the_office_sees_it(county: County, who: str) -> None:
    with pytest.raises(Forbidden):
        reveal(county, county.members("u1-b1")[0], who=who)


@pytest.mark.parametrize(("purpose", "code"), [(" ", "identity.purpose_missing"), ("用" * 201, "roster.cell_too_long")])
def test_without_a_purpose_it_stays_masked(county: County, purpose: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        reveal(county, county.members("u1-b1")[0], purpose)
    assert (refusal.value.code, refusal.value.field) == (code, "purpose")


def test_of_nobody_and_of_someone_without_a_number_there_is_nothing_to_see(county: County) -> None:
    with pytest.raises(NotFound):
        reveal(county, 9999)
    member_id = county.members("u1-b1")[0]
    with county.database.writing() as session:
        row = session.get_one(Person, county.person_of(member_id).id)
        row.identity_key = row.identity_sealed = None
    with pytest.raises(Refused) as refusal:
        reveal(county, member_id)
    assert refusal.value.code == "identity.none"
    with county.reading() as session:
        assert masked_identity(session, county.person_of(member_id).id, KEYS) == ""


def test_namesakes_are_those_of_exactly_this_name(county: County) -> None:
    name = county.person_of(county.members("u1-b1")[0]).name
    with county.reading() as session:
        found = namesakes(session, county.congress_id, f" {name} ")
        assert found and {line.name for line in found} == {name}
        assert namesakes(session, county.congress_id, name[:1]) == []
