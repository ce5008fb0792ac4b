"""Reading about single members: by name, by person, the masked identity number, whose time without a vote has run out.
Changes nothing.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.errors import Refused
from election.people.identity import IdentityKeys, mask
from election.people.models import Person
from election.people.queries import person_by_identity
from election.roster.models import Member, UnitBranch
from election.roster.queries import MemberLine, members_page, time_over

# More people of one name are in no county.
MOST_NAMESAKES = 500


def namesakes(session: Session, congress_id: int, name: str) -> list[MemberLine]:
    """The members of exactly this name, by branch."""
    wanted = name.strip()
    page = members_page(session, congress_id, name=wanted, size=MOST_NAMESAKES)
    return [line for line in page.lines if line.name == wanted]


def member_with_identity(session: Session, congress_id: int, number: str, keys: IdentityKeys) -> int:
    """The member of the congress who has this identity number. Raises Refused at `text`."""
    person = person_by_identity(session, number, keys, "text")
    member = session.scalar(
        select(Member.id)
        .join(UnitBranch, UnitBranch.branch_id == Member.branch_id)
        .where(UnitBranch.congress_id == congress_id, Member.person_id == person.id)
    )
    if member is None:
        raise Refused("roster.not_on_this_roster", field="text", name=person.name)
    return member


def masked_identity(session: Session, person_id: int, keys: IdentityKeys) -> str:
    """The identity number with its middle hidden; empty where none is recorded."""
    sealed = session.scalar(select(Person.identity_sealed).where(Person.id == person_id))
    return "" if sealed is None else mask(keys.open(sealed))


def member_of_person(session: Session, person_id: int) -> int | None:
    """The member that a person is; None for who is none."""
    return session.scalar(select(Member.id).where(Member.person_id == person_id))


def rights_due(session: Session, congress_id: int, today: date) -> int:
    """How many members of the congress have no vote for a time that has run out (期满待办)."""
    wanted = (
        select(func.count())
        .select_from(Member)
        .join(UnitBranch, UnitBranch.branch_id == Member.branch_id)
        .where(UnitBranch.congress_id == congress_id, time_over(today))
    )
    return session.scalar(wanted) or 0
