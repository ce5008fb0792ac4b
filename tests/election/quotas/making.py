"""What the tests of schemes do over and over: acts at the desks of the county, schemes on their way to approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from election.congress.models import Congress
from election.congress.queries import congress_by_code
from election.errors import Invalid, Refused
from election.people.actor import Role
from election.people.models import RoleGrant
from election.people.queries import actor_of, person_by_id
from election.quotas.hand import Change
from election.quotas.models import ChangeKind, Scheme
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_hand import change_seats
from election.quotas.queries import HandLine, hand_changes, is_settled, mark, scheme_by_number
from election.roster.models import Member, Standing
from election.roster.operations import set_voting_right
from election.roster.queries import member_line, member_token
from election.store.models import AuditEvent
from election.texts import sentence
from tests.support.county import County

T = TypeVar("T")


def run(county: County, who: str, operation: Callable[..., Any], *given: Any, **named: Any) -> Any:
    with county.acting(who) as act:
        return operation(act, county.congress_id, *given, **named)


def refused(county: County, who: str, operation: Callable[..., Any], *given: Any, **named: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        run(county, who, operation, *given, **named)
    assert said(caught.value)
    return caught.value


def invalid(county: County, who: str, operation: Callable[..., Any], *given: Any, **named: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        run(county, who, operation, *given, **named)
    assert all(said(each) for each in caught.value.refusals)
    return caught.value


def said(refusal: Refused) -> str:
    """Its sentence in Chinese; there is one in English too."""
    words = sentence(refusal.code, refusal.params)
    assert words.en
    return words.zh


def read(county: County, number: int, how: Callable[[Congress, Scheme], T]) -> T:
    """What a query says of a scheme as it is stored."""
    with county.reading() as session:
        return how(congress_by_code(session, "xian-14"), scheme_by_number(session, county.congress_id, number))


def seen(county: County, number: int) -> str:
    return read(county, number, lambda _, scheme: mark(scheme))


def cell(unit: str, category: str, seats: int, *, locked: bool = False) -> Change:
    return Change(ChangeKind.CELL, unit, category, "", seats, locked)


def change(county: County, who: str, number: int, made: Change, reason: str = "照顾小村", **named: Any) -> Any:
    """As a page does it: the scheme is as it was when the page was made."""
    return run(county, who, change_seats, number, made, reason, **{"seen": seen(county, number)} | named)


def seats_of(county: County, number: int) -> list[list[int]]:
    return read(county, number, lambda _, scheme: scheme.allocation["seats"])


def settled(county: County, number: int) -> bool:
    return read(county, number, is_settled)


def lines(county: County, number: int) -> tuple[HandLine, ...]:
    return read(county, number, hand_changes)


def submitted(county: County) -> Scheme:
    scheme: Scheme = run(county, "office", compute_scheme, "第一稿")
    run(county, "office2", submit_scheme, scheme.number)
    return scheme


def approved(county: County) -> Scheme:
    scheme = submitted(county)
    run(county, "approver", approve_scheme, scheme.number)
    return scheme


def leaders(county: County, branch: str = "u1-b1") -> list[int]:
    with county.reading() as session:
        return [each for each in county.members(branch) if session.get_one(Member, each).category == "leader"]


def suspend(county: County, place: int = 0) -> None:
    """A member of the first branch becomes one without a vote."""
    member = county.members("u1-b1")[place]
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, member)
        set_voting_right(
            act, county.congress_id, member, Standing.PROBATIONARY, None, reason="预备期延长", seen=member_token(line)
        )


def everything(county: County, *desks: str) -> None:
    """These persons may do anything in the congress: what stops them then is who they are."""
    for desk in desks:
        with county.database.writing() as session:
            person = person_by_id(session, county.people[desk].person_id or 0)
            for role in (Role.OFFICE, Role.APPROVER):
                if role not in county.people[desk].roles_in(county.congress_id):
                    session.add(
                        RoleGrant(person_id=person.id, role=role, congress_id=county.congress_id, granted_at=county.now)
                    )
            session.flush()
            county.people[desk] = actor_of(session, person)


def last_event(county: County, action: str) -> dict[str, Any]:
    """What the chain tells of the latest act of this kind."""
    with county.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id.desc()))
        return dict(event.first().details)  # type: ignore[union-attr]
