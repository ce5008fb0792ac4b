"""The electors of a whole congress at once, as notice 1 lists them. Changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.people.models import Person, Sex
from election.roster.models import Member, Organisation, Standing, Suspension, UnitBranch
from election.roster.queries import VOTES


@dataclass(frozen=True, slots=True)
class Elector:
    """A member with a vote and the branch in which it is cast."""

    unit_code: str
    branch_code: str
    branch_name: str
    person_id: int
    name: str
    sex: Sex | None


def electors(session: Session, congress_id: int, unit_id: int | None = None) -> list[Elector]:
    """Every elector (of one unit) by unit and branch, in the order of the roster: one statement."""
    wanted = (
        select(Unit.code, Organisation.code, Organisation.name, Person.id, Person.name, Person.sex)
        .join(UnitBranch, UnitBranch.unit_id == Unit.id)
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .where(Unit.congress_id == congress_id, VOTES)
        .order_by(Unit.position, Organisation.code, Member.id)
    )
    if unit_id is not None:
        wanted = wanted.where(Unit.id == unit_id)
    session.flush()
    # Rows as the database gives them: for every elector of a county the mapper's own way costs twice as much again.
    return [Elector(*row) for row in session.connection().execute(wanted)]


def without_vote(session: Session, congress_id: int) -> dict[int, dict[str, int]]:
    """unit → why (`probationary` or a suspension's code) → how many members have no vote for it: one statement."""
    rows = session.execute(
        select(UnitBranch.unit_id, Member.standing, Member.suspension, func.count())
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .where(UnitBranch.congress_id == congress_id, ~VOTES)
        .group_by(UnitBranch.unit_id, Member.standing, Member.suspension)
    )
    found: dict[int, Counter[str]] = {}
    for unit_id, standing, suspension, number in rows:
        found.setdefault(unit_id, Counter())[_why(standing, suspension)] += number
    return {unit_id: dict(sorted(counts.items())) for unit_id, counts in found.items()}


def _why(standing: Standing, suspension: Suspension | None) -> str:
    return suspension.value if suspension is not None else standing.value
