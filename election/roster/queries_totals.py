"""The figures per unit from which seats are divided: members, organisations, voters by category and overlay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, union_all
from sqlalchemy.orm import Session, aliased

from election.congress.models import Congress, Overlay, OverlayFact, Unit
from election.congress.rules_in_force import rules_in_force
from election.errors import NotFound
from election.people.models import Person, Sex
from election.roster.facts import MAJORITY_OR_UNKNOWN, born_after
from election.roster.models import Member, Organisation, UnitBranch
from election.roster.queries import VOTES


@dataclass(frozen=True, slots=True)
class UnitTotals:
    """A unit in figures. `by_category`: category code → members with a vote whose recorded category it is.

    `organisations`: its branches, and every organisation above them whose branches all vote here; one that is
    spread over several units counts in none. `overlays`: overlay code → members with a vote who match it.
    """

    unit_id: int
    unit_code: str
    unit_name: str
    members: int
    organisations: int
    voters: int
    by_category: dict[str, int]
    overlays: dict[str, int]


def overlay_condition(congress: Congress, overlay: Overlay, included: bool) -> ColumnElement[bool]:
    """The database's own words for `facts.matches_overlay`."""
    if overlay.fact is OverlayFact.WOMEN:
        return Person.sex == Sex.FEMALE
    if overlay.fact is OverlayFact.ETHNIC_MINORITY:
        return Person.ethnicity.not_in(MAJORITY_OR_UNKNOWN)
    return Person.born_on > born_after(overlay.age or 0, included, congress.reference_date)


def unit_totals(session: Session, congress_id: int) -> list[UnitTotals]:
    """Every unit by position. One statement counts everything; the congress with its overlays and rule come before."""
    congress = session.get(Congress, congress_id)
    if congress is None:
        raise NotFound("congress.none")
    included = rules_in_force(session, congress_id)["age_reference"] == "included"
    overlays = {
        overlay.code: func.sum(case((and_(VOTES, overlay_condition(congress, overlay, included)), 1), else_=0))
        for overlay in congress.overlays
    }
    people = (
        select(
            UnitBranch.unit_id,
            Member.category,
            func.count().label("members"),
            func.sum(case((VOTES, 1), else_=0)).label("voters"),
            *(column.label(f"overlay_{place}") for place, column in enumerate(overlays.values())),
        )
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .join(Person, Person.id == Member.person_id)
        .where(UnitBranch.congress_id == congress_id)
        .group_by(UnitBranch.unit_id, Member.category)
        .subquery()
    )
    organisations = _organisations_per_unit(congress_id)
    rows = session.execute(
        select(Unit.id, Unit.code, Unit.name, func.coalesce(organisations.c.number, 0), people)
        .outerjoin(organisations, organisations.c.unit_id == Unit.id)
        .outerjoin(people, people.c.unit_id == Unit.id)
        .where(Unit.congress_id == congress_id)
        .order_by(Unit.position, people.c.category)
    )
    totals: dict[int, UnitTotals] = {}
    for unit_id, code, name, number, _, category, members, voters, *matching in rows:
        before = totals.get(unit_id) or UnitTotals(
            unit_id, code, name, 0, int(number), 0, {}, dict.fromkeys(overlays, 0)
        )
        if category is not None:
            before = UnitTotals(
                unit_id,
                code,
                name,
                before.members + int(members),
                before.organisations,
                before.voters + int(voters),
                {**before.by_category, category: int(voters)},
                {key: before.overlays[key] + int(more) for key, more in zip(overlays, matching, strict=True)},
            )
        totals[unit_id] = before
    return list(totals.values())


def _organisations_per_unit(congress_id: int) -> Any:
    """unit → how many organisations are its own; three levels, so two steps up from the branch."""
    middle, top = aliased(Organisation), aliased(Organisation)
    up = (
        select(UnitBranch.unit_id, Organisation.id.label("one"), middle.id.label("two"), top.id.label("three"))
        .join(Organisation, Organisation.id == UnitBranch.branch_id)
        .outerjoin(middle, middle.id == Organisation.parent_id)
        .outerjoin(top, top.id == middle.parent_id)
        .where(UnitBranch.congress_id == congress_id)
        .cte("up")
    )
    every = union_all(
        select(up.c.unit_id, up.c.one.label("organisation_id")),
        select(up.c.unit_id, up.c.two).where(up.c.two.is_not(None)),
        select(up.c.unit_id, up.c.three).where(up.c.three.is_not(None)),
    ).subquery()
    own = (
        select(every.c.organisation_id, func.min(every.c.unit_id).label("unit_id"))
        .group_by(every.c.organisation_id)
        .having(func.min(every.c.unit_id) == func.max(every.c.unit_id))
        .subquery()
    )
    return select(own.c.unit_id, func.count().label("number")).group_by(own.c.unit_id).subquery()
