"""What a scheme is computed from, as it stands now: the roster's figures, assignments, rules and groups. Changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.quotas.hand_limits import Assigned
from election.quotas.models import AssignedLeader, QuotaGroup
from election.quotas.weights import CategoryFigures, GroupFigures, OverlayFigures, UnitFigures, problem
from election.roster.models import Member, UnitBranch
from election.roster.queries_totals import UnitTotals, unit_totals
from election.store.audit import digest
from election.store.remembered import Remembered


@dataclass(frozen=True, slots=True)
class Basis:
    """What a scheme is computed from: the figures of roster and assignments, and the problem made of them."""

    figures: dict[str, Any]
    problem: dict[str, Any]

    @property
    def hash(self) -> str:
        return digest(self.figures)


def assigned_by_unit(session: Session, congress_id: int) -> Counter[int]:
    """unit → how many leaders are assigned there."""
    return Counter(session.scalars(select(AssignedLeader.unit_id).where(AssignedLeader.congress_id == congress_id)))


def _own_assigned(session: Session, congress_id: int) -> dict[int, Counter[str]]:
    """unit in which a leader votes → category → how many of its own voters are assigned somewhere."""
    found: dict[int, Counter[str]] = {}
    rows = session.execute(
        select(UnitBranch.unit_id, Member.category)
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .join(AssignedLeader, AssignedLeader.member_id == Member.id)
        .where(UnitBranch.congress_id == congress_id, AssignedLeader.congress_id == congress_id)
    )
    for unit_id, category in rows:
        found.setdefault(unit_id, Counter())[category] += 1
    return found


def current_basis(session: Session, congress: Congress) -> Basis:
    """The problem as the roster, the assignments and the rules stand now."""
    totals = unit_totals(session, congress.id)
    assigned = assigned_by_unit(session, congress.id)
    own = _own_assigned(session, congress.id)
    rows = {unit.id: unit for unit in congress.units}
    units = [
        UnitFigures(
            one.unit_code,
            one.unit_name,
            one.members,
            one.organisations,
            rows[one.unit_id].factor,
            one.by_category,
            one.overlays,
            assigned[one.unit_id],
            own.get(one.unit_id, Counter()),
        )
        for one in totals
    ]
    categories = [CategoryFigures(row.code, row.name, row.share, row.takes_assigned) for row in congress.categories]
    overlays = [OverlayFigures(row.code, row.share) for row in congress.overlays]
    made = problem(
        total=congress.total_seats,
        units=units,
        categories=categories,
        overlays=overlays,
        rules=rules_in_force(session, congress.id),
        groups=[
            GroupFigures(
                row.code,
                row.name,
                tuple(unit.code for unit in row.units),
                tuple(category.code for category in row.categories),
                row.least,
                row.most,
            )
            for row in groups(session, congress.id)
        ],
    )
    figures = [_figures(one, rows[one.unit_id], assigned[one.unit_id]) for one in totals]
    return Basis({"units": figures, "problem": made}, made)


def groups(session: Session, congress_id: int) -> list[QuotaGroup]:
    """Every group with its units and categories, by code: three statements at most."""
    return list(
        session.scalars(
            select(QuotaGroup)
            .where(QuotaGroup.congress_id == congress_id)
            .options(selectinload(QuotaGroup.units), selectinload(QuotaGroup.categories))
            .order_by(QuotaGroup.code)
        )
    )


def assigned_leaders_of(session: Session, congress: Congress) -> Assigned:
    """The assigned leaders as a change by hand meets them."""
    by_unit = assigned_by_unit(session, congress.id)
    return Assigned(
        {unit.code: by_unit[unit.id] for unit in congress.units if by_unit[unit.id]},
        next((category.code for category in congress.categories if category.takes_assigned), None),
    )


_bases: Remembered[Basis] = Remembered()


def basis_at(session: Session, congress: Congress) -> Basis:
    """As `current_basis`, for pages: the whole roster is counted once per revision, not once per page."""
    return _bases.get(session, congress.id, congress.revision, lambda: current_basis(session, congress))


def _figures(one: UnitTotals, unit: Unit, assigned: int) -> dict[str, Any]:
    """What the documents of a scheme say of a unit for ever, also where the congress has another factor since."""
    return {
        "unit": one.unit_code,
        "members": one.members,
        "organisations": one.organisations,
        "voters": one.voters,
        "by_category": one.by_category,
        "overlays": one.overlays,
        "assigned": assigned,
        "factor": str(unit.factor),
        "factor_reason": unit.factor_reason,
    }
