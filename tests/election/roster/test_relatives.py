"""The office declares close relatives among its congress's members, as the administrator does among all persons."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.errors import Forbidden, NotFound, Refused
from election.people.queries import relatives_named
from election.roster.operations_relatives import declare_member_relatives, take_back_relatives
from election.store.audit import congress_chain
from election.store.models import AuditEvent
from tests.support.county import County


def declare(county: County, who: str, *, congress_id: int) -> None:
    one, other = county.members("u1-b1")[:2]
    with county.acting(who) as act:
        declare_member_relatives(act, congress_id, one, other, "夫妻")


def test_each_of_the_two_is_shown_with_the_other(county: County) -> None:
    declare(county, "office", congress_id=county.congress_id)
    one, other = (county.person_of(member) for member in county.members("u1-b1")[:2])
    with county.reading() as session:
        (told,) = relatives_named(session, one.id)
        assert (told.name, told.relation) == (other.name, "夫妻")
        assert [each.name for each in relatives_named(session, other.id)] == [one.name]
        chain = session.scalars(select(AuditEvent.chain).where(AuditEvent.action == "relatives.declared")).one()
    assert chain == congress_chain(county.congress_id)
    with pytest.raises(Refused) as refusal:
        declare(county, "office", congress_id=county.congress_id)
    assert refusal.value.code == "people.relatives_known"


@pytest.mark.parametrize("who", ["u1", "approver"])
def test_nobody_else_declares_them(county: County, who: str) -> None:
    with pytest.raises(Forbidden):
        declare(county, who, congress_id=county.congress_id)


def test_the_office_declares_none_outside_its_congress(county: County) -> None:
    with pytest.raises(Forbidden):
        declare(county, "office", congress_id=county.congress_id + 1)


def declared_id(county: County) -> int:
    with county.reading() as session:
        return relatives_named(session, county.person_of(county.members("u1-b1")[0]).id)[0].id


def take_back(county: County, member: int, who: str = "office", reason: str = "重名，登记错了人") -> None:
    with county.acting(who) as act:
        take_back_relatives(act, county.congress_id, member, declared_id(county), reason)


def test_what_was_declared_by_mistake_is_taken_back_with_a_reason(county: County) -> None:
    declare(county, "office", congress_id=county.congress_id)
    one, other, third = county.members("u1-b1")[:3]
    for wrong, expected in (
        ({"reason": " "}, Refused),
        ({"reason": "因" * 201}, Refused),
        ({"who": "u1"}, Forbidden),
        ({"member": third}, NotFound),
    ):
        with pytest.raises(expected):
            take_back(county, **{"member": one, **wrong})
    take_back(county, other)
    with county.reading() as session:
        assert relatives_named(session, county.person_of(one).id) == []
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "relatives.taken_back")).one()
    assert event.details["reason"] == "重名，登记错了人" and event.details["relation"] == "夫妻"
    assert event.chain == congress_chain(county.congress_id)


def test_once_the_results_are_out_nobody_s_relatives_change(county: County) -> None:
    declare(county, "office", congress_id=county.congress_id)
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = Phase.ANNOUNCEMENT
    with pytest.raises(Refused) as refusal:
        take_back(county, county.members("u1-b1")[0])
    assert refusal.value.code == "roster.closed"
