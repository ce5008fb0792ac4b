"""Shaped reading of contests and their rounds. Changes nothing."""

from __future__ import annotations

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from election.congress.models import Category, Unit
from election.contests.models import Contest, ContestKind

# In a category the assigned seats (等额) stand before the contested ones, on paper and on screen.
UNCONTESTED_FIRST = case((Contest.kind == ContestKind.UNCONTESTED, 0), else_=1)


def _in_order() -> Select[Contest]:
    return (
        select(Contest)
        .join(Contest.unit)
        .join(Contest.category)
        .order_by(Unit.position, Category.position, UNCONTESTED_FIRST)
        .options(contains_eager(Contest.unit), contains_eager(Contest.category), selectinload(Contest.rounds))
    )


def contests_of_congress(session: Session, congress_id: int) -> list[Contest]:
    """Every contest with unit, category and rounds, by unit and category: two statements."""
    return list(session.scalars(_in_order().where(Contest.congress_id == congress_id)))


def contests_of_unit(session: Session, unit_id: int) -> list[Contest]:
    """The unit's contests with category and rounds, in the order of the ballots: two statements."""
    return list(session.scalars(_in_order().where(Contest.unit_id == unit_id)))
