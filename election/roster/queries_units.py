"""The roster of each unit as it stands, held against what its clerk verified. Changes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, case, select, type_coerce
from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.errors import NotFound
from election.people.models import Person
from election.roster.models import Member, Organisation, RosterVerification, UnitBranch
from election.roster.queries import VOTES
from election.store.audit import digest
from election.store.remembered import Remembered


@dataclass(frozen=True, slots=True)
class RosterState:
    """A unit's roster as it stands: what a verification is compared with."""

    members: int
    expected: int
    hash: str


@dataclass(frozen=True, slots=True)
class UnitRoster:
    """A unit's roster and its verification. `stale`: verified, and changed since."""

    unit_id: int
    unit_code: str
    unit_name: str
    state: RosterState
    verification: RosterVerification | None
    verified_by: str

    @property
    def stale(self) -> bool:
        return self.verification is not None and self.verification.electors_hash != self.state.hash

    @property
    def verified(self) -> bool:
        return self.verification is not None and not self.stale


def confirmed_facts(
    session: Session, congress_id: int, unit_id: int | None = None
) -> Iterator[tuple[int, int, list[Any]]]:
    """Of every member (of one unit), by member: the unit, how many votes (one or none), and what its clerk confirms of the
    member, in the order in which that is hashed: number, name, branch, standing, suspension, primary category.
    """
    places = (
        select(UnitBranch.branch_id, UnitBranch.unit_id, Organisation.code)
        .join(Organisation, Organisation.id == UnitBranch.branch_id)
        .where(UnitBranch.congress_id == congress_id)
    )
    members = (
        select(
            Member.branch_id,
            case((VOTES, 1), else_=0),
            Member.id,
            Person.name,
            type_coerce(Member.standing, String),
            type_coerce(Member.suspension, String),
            Member.category,
        )
        .join(Person, Person.id == Member.person_id)
        .where(Member.branch_id.is_not(None))
        .order_by(Member.id)
    )
    if unit_id is not None:
        places = places.where(UnitBranch.unit_id == unit_id)
        members = members.where(Member.branch_id.in_(places.with_only_columns(UnitBranch.branch_id)))
    session.flush()
    # Rows as the database gives them, their branches looked up here: for a whole county the mapper's and joins cost more.
    plain = session.connection()
    here = {branch: (unit, code) for branch, unit, code in plain.execute(places)}
    for branch, votes, member, name, standing, suspension, category in plain.execute(members):
        if branch in here:
            unit, code = here[branch]
            yield unit, votes, [member, name, code, standing, suspension, category]


def unit_rosters(session: Session, congress_id: int, unit_id: int | None = None) -> list[UnitRoster]:
    """Every unit (or one) with the state of its roster, by position: three statements."""
    units = (
        select(Unit, RosterVerification, Person.name)
        .outerjoin(RosterVerification, RosterVerification.unit_id == Unit.id)
        .outerjoin(Person, Person.id == RosterVerification.person_id)
        .where(Unit.congress_id == congress_id)
        .order_by(Unit.position)
    )
    if unit_id is not None:
        units = units.where(Unit.id == unit_id)
    facts: dict[int, list[list[Any]]] = defaultdict(list)
    voters: Counter[int] = Counter()
    for place, votes, confirmed in confirmed_facts(session, congress_id, unit_id):
        facts[place].append(confirmed)
        voters[place] += votes
    return [
        UnitRoster(
            unit.id,
            unit.code,
            unit.name,
            RosterState(len(facts[unit.id]), voters[unit.id], digest(facts[unit.id])),
            verification,
            name or "",
        )
        for unit, verification, name in session.execute(units)
    ]


_rosters: Remembered[list[UnitRoster]] = Remembered()


def rosters_at(session: Session, congress: Congress) -> list[UnitRoster]:
    """As `unit_rosters`, for pages: hashing every member of a county is done once per revision, not once per page."""
    return _rosters.get(session, congress.id, congress.revision, lambda: unit_rosters(session, congress.id))


def unit_roster(session: Session, unit_id: int) -> UnitRoster:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    return unit_rosters(session, unit.congress_id, unit_id)[0]
