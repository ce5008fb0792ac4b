"""Whose candidacy ended because the person died, moved away or lost the vote, while the roster still says otherwise.

Changes nothing: a candidacy and the roster are each mended at their own desk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.nomination.lifecycle import ApplicationEnd, ApplicationState
from election.nomination.models import Application
from election.people.models import Person
from election.roster.models import Departure, Member, UnitBranch
from election.roster.queries import VOTES

# Who ended so is no elector of the unit any more; None: stays on the roster, without a vote.
LEAVES: Mapping[ApplicationEnd, Departure | None] = {
    ApplicationEnd.DEATH: Departure.DIED,
    ApplicationEnd.TRANSFER: Departure.TRANSFERRED,
    ApplicationEnd.RIGHTS_SUSPENDED: None,
}


@dataclass(frozen=True, slots=True)
class StillOnRoster:
    member_id: int
    name: str
    unit_name: str
    because: str
    end: ApplicationEnd

    @property
    def departure(self) -> Departure | None:
        return LEAVES[self.end]


def still_on_roster(session: Session, congress_id: int) -> list[StillOnRoster]:
    """By unit: one statement."""
    ends = case(*((Application.ended_because.startswith(end.zh), end.value) for end in LEAVES), else_="")
    unmended = [
        (ends == end.value) if departure is not None else (ends == end.value) & VOTES
        for end, departure in LEAVES.items()
    ]
    rows = session.execute(
        select(Member.id, Person.name, Unit.name, Application.ended_because, ends)
        .join(Application, Application.member_id == Member.id)
        .join(Person, Person.id == Member.person_id)
        .join(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == congress_id))
        .join(Unit, Unit.id == UnitBranch.unit_id)
        .where(Application.congress_id == congress_id, Application.state == ApplicationState.ENDED, or_(*unmended))
        .order_by(Unit.position, Member.id)
    )
    return [
        StillOnRoster(member, name, unit, because, ApplicationEnd(end)) for member, name, unit, because, end in rows
    ]
