"""Shaped reading of those who are no longer on the roster. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.people.models import Person, Sex
from election.roster.models import Departure, Member


@dataclass(frozen=True, slots=True)
class DepartureLine:
    member_id: int
    name: str
    sex: Sex | None
    born_on: date | None
    left_on: date
    because: Departure
    note: str


def departures(session: Session) -> list[DepartureLine]:
    """Everyone who left the roster, the latest first: one statement."""
    rows = session.execute(
        select(
            Member.id, Person.name, Person.sex, Person.born_on, Member.left_on, Member.left_because, Member.left_note
        )
        .join(Person, Person.id == Member.person_id)
        .where(Member.left_because.is_not(None))
        .order_by(Member.left_on.desc(), Member.id)
    )
    return [
        DepartureLine(member_id, name, sex, born_on, left_on, because, note)
        for member_id, name, sex, born_on, left_on, because, note in rows
        if left_on is not None and because is not None
    ]
