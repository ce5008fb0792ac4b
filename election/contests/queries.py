"""Shaped reading of contests and their rounds. Changes nothing."""

from __future__ import annotations

from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from election.congress.models import Category, Unit
from election.contests.models import NOT_NEEDED, SEATS_MOVED, Contest, ContestKind, Round, RoundKind

# In a category the assigned seats (等额) stand before the contested ones, on paper and on screen.
UNCONTESTED_FIRST = case((Contest.kind == ContestKind.UNCONTESTED, 0), else_=1)
# Rounds and contests that still have seats; a new scheme may have taken them away after a slate was frozen.
WITH_SEATS = func.coalesce(Round.void_reason, "").not_in((SEATS_MOVED, NOT_NEEDED))
# Rounds that are decided by ballots: a lot has none, and no paper of its own.
BY_BALLOT = Round.kind != RoundKind.LOT
STANDS = ~exists().where(Round.contest_id == Contest.id, Round.void_reason == SEATS_MOVED)


def _in_order() -> Select[Contest]:
    return (
        select(Contest)
        .join(Contest.unit)
        .join(Contest.category)
        .where(STANDS)
        .order_by(Unit.position, Category.position, UNCONTESTED_FIRST)
        .options(contains_eager(Contest.unit), contains_eager(Contest.category), selectinload(Contest.rounds))
    )


def contests_of_congress(session: Session, congress_id: int) -> list[Contest]:
    """Every contest that has seats, with unit, category and rounds, by unit and category: two statements."""
    return list(session.scalars(_in_order().where(Contest.congress_id == congress_id)))


def contests_of_unit(session: Session, unit_id: int) -> list[Contest]:
    """The unit's contests with category and rounds, in the order of the ballots: two statements."""
    return list(session.scalars(_in_order().where(Contest.unit_id == unit_id)))
