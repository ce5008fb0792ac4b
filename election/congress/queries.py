"""Shaped reading of congresses. Changes nothing."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from election.congress.models import Congress, Unit
from election.errors import NotFound


def congress_by_code(session: Session, code: str) -> Congress:
    """The congress with its units (and their previous seats), categories and overlays. Raises NotFound."""
    congress = session.scalar(
        select(Congress)
        .where(Congress.code == code)
        .options(
            selectinload(Congress.units).selectinload(Unit.previous),
            selectinload(Congress.categories),
            selectinload(Congress.overlays),
        )
    )
    if congress is None:
        raise NotFound("congress.none")
    return congress


def units_with_previous(session: Session, congress_id: int) -> list[Unit]:
    """The units by position, each with its seats in the previous congress at hand: two statements."""
    wanted = select(Unit).where(Unit.congress_id == congress_id).order_by(Unit.position)
    return list(session.scalars(wanted.options(selectinload(Unit.previous))))


def congresses(session: Session) -> list[Congress]:
    return list(session.scalars(select(Congress).order_by(Congress.created_at, Congress.id)))


def unit_by_code(session: Session, congress_id: int, code: str) -> Unit:
    unit = session.scalar(select(Unit).where(Unit.congress_id == congress_id, Unit.code == code))
    if unit is None:
        raise NotFound("congress.no_such_unit")
    return unit


def congress_by_id(session: Session, congress_id: int, *, for_update: bool = False) -> Congress:
    """The congress, locked until the act ends when it is going to be changed. Raises NotFound."""
    congress = session.get(Congress, congress_id, with_for_update=for_update or None)
    if congress is None:
        raise NotFound("congress.none")
    return congress
