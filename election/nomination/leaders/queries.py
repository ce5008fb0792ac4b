"""Reads the assigned leaders unit by unit against the uncontested seats of the approved scheme. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Unit
from election.nomination.queries_hanging import announced
from election.nomination.slates.margins import Totals
from election.nomination.slates.queries_board import SlateBoard
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.roster.models import Member


@dataclass(frozen=True, slots=True)
class LeaderPlaces:
    """A unit's assigned leaders and the uncontested seats that the approved scheme gives it.

    `over`: leaders without a seat; `under`: uncontested seats without a leader. Either means that the scheme was made from
    other assignments and has to be computed and approved anew. `contested`: the unit's margin, which leaders never enter.
    """

    unit_id: int
    unit_code: str
    unit_name: str
    leaders: int
    seats: int
    contested: Totals | None = None

    @property
    def over(self) -> int:
        return max(0, self.leaders - self.seats)

    @property
    def under(self) -> int:
        return max(0, self.seats - self.leaders)


def noticed_persons(session: Session, congress_id: int) -> frozenset[int]:
    """The persons whom the notices of candidates show: what happens to them makes these untrue."""
    return frozenset(posted.person for posted in announced(session, congress_id).hanging)


def noticed_leaders(session: Session, congress_id: int) -> frozenset[int]:
    """The assignments of those who are on the latest notice of candidates."""
    persons = noticed_persons(session, congress_id)
    if not persons:
        return persons
    rows = session.scalars(
        select(AssignedLeader.id)
        .join(Member, Member.id == AssignedLeader.member_id)
        .where(AssignedLeader.congress_id == congress_id, Member.person_id.in_(persons))
    )
    return frozenset(rows)


def leader_places(
    session: Session, congress_id: int, board: SlateBoard, only: Collection[str] | None = None
) -> list[LeaderPlaces]:
    """Every unit that has assigned leaders or uncontested seats, in order: one statement beside the board's; `only`: the
    units of these codes, whatever they have. Empty while no scheme is approved.
    """
    if not board.rows:
        return []
    assigned = (
        select(AssignedLeader.unit_id, func.count().label("leaders"))
        .where(AssignedLeader.congress_id == congress_id)
        .group_by(AssignedLeader.unit_id)
        .subquery()
    )
    seats = (
        select(SchemeCell.unit_id, func.sum(SchemeCell.assigned).label("seats"))
        .join(Scheme, Scheme.id == SchemeCell.scheme_id)
        .where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED)
        .group_by(SchemeCell.unit_id)
        .subquery()
    )
    rows = session.execute(
        select(Unit.id, Unit.code, Unit.name, func.coalesce(assigned.c.leaders, 0), func.coalesce(seats.c.seats, 0))
        .outerjoin(assigned, assigned.c.unit_id == Unit.id)
        .outerjoin(seats, seats.c.unit_id == Unit.id)
        .where(Unit.congress_id == congress_id)
        .order_by(Unit.position)
    )
    margins = {row.unit_id: row.totals for row in board.rows}
    return [
        LeaderPlaces(unit_id, code, name, int(leaders), int(number), margins.get(unit_id))
        for unit_id, code, name, leaders, number in rows
        if (code in only if only is not None else leaders or number)
    ]
