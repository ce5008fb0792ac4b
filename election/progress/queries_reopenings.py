"""Reads in which categories the branches of a clerk may still take applications, because nomination was opened again there.

Changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from election.congress.models import Category
from election.nomination.models_margin import Reopening
from election.roster.models import UnitBranch


@dataclass(frozen=True, slots=True)
class OpenAgain:
    """A category in which people apply anew up to the end of a day, and in how many of the clerk's branches."""

    category: str
    until: date
    branches: int


def open_again(session: Session, congress_id: int, branch_ids: Collection[int], today: date) -> list[OpenAgain]:
    """What is open again for these branches, by category: one statement."""
    rows = session.execute(
        select(Category.name, func.max(Reopening.until), func.count(UnitBranch.branch_id.distinct()))
        .join(Category, Category.id == Reopening.category_id)
        .join(UnitBranch, (UnitBranch.unit_id == Reopening.unit_id) & (UnitBranch.congress_id == Reopening.congress_id))
        .where(Reopening.congress_id == congress_id, Reopening.until >= today, UnitBranch.branch_id.in_(branch_ids))
        .group_by(Category.id, Category.name, Category.position)
        .order_by(Category.position)
    )
    return [OpenAgain(*row) for row in rows]
