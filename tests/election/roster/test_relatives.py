"""The office declares close relatives among its congress's members, as the administrator does among all persons."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.errors import Forbidden, Refused
from election.people.operations import declare_relatives
from election.people.queries import person_by_id, relatives_named
from election.store.audit import congress_chain
from election.store.models import AuditEvent
from tests.support.county import County


def declare(county: County, who: str, *, congress_id: int | None) -> None:
    one, other = (county.person_of(member).id for member in county.members("u1-b1")[:2])
    with county.acting(who) as act:
        pair = [person_by_id(act.session, person) for person in (one, other)]
        declare_relatives(act, pair[0], pair[1], "夫妻", congress_id=congress_id)


def test_each_of_the_two_is_shown_with_the_other(county: County) -> None:
    declare(county, "office", congress_id=county.congress_id)
    one, other = (county.person_of(member) for member in county.members("u1-b1")[:2])
    with county.reading() as session:
        assert relatives_named(session, one.id) == [(other.name, "夫妻")]
        assert relatives_named(session, other.id) == [(one.name, "夫妻")]
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
        declare(county, "office", congress_id=None)
    with pytest.raises(Forbidden):
        declare(county, "office", congress_id=county.congress_id + 1)
